"""The paper's training of networks, for a whole stack of replicas at once (core.md 5.1 to 5.3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinycog.fitting.gradient import Gradient

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


@dataclass
class Trained:
    """What training leaves behind.

    Attributes:
        theta: (replica, parameter) parameters at the best epoch (the epoch of lowest validation NLL).
        epochs: (replica,) epochs run; best_epoch: the best one, counted from 0.
        reason: why a replica failed; empty where it did not.
    """

    theta: np.ndarray
    epochs: np.ndarray
    best_epoch: np.ndarray
    reason: list[str]


def train(
    gradient: Gradient,
    initial: np.ndarray,
    penalty: np.ndarray,
    *,
    learning_rate: float,
    max_epochs: int,
    patience: int,
) -> Trained:
    """Minimise training NLL + L1 by full-batch Adam; stop each replica by its validation NLL.

    In each epoch the NLLs of both roles are measured at the same parameters, and then one step is taken. A replica
    ends at the first epoch beyond `patience` without a strictly lower validation NLL, or after epoch `max_epochs`
    (epochs count from 0), or when a loss is not finite, which is a failure. Finished replicas leave the stack; no
    replica's result depends on the others.

    Args:
        gradient: NLL of training and validation and gradient of the former; finished replicas are dropped from it.
        initial: (replica, parameter) float64.
        penalty: (replica, parameter) weight of each parameter's absolute value in the loss.
    """
    n = len(initial)
    theta, best = initial.copy(), initial.copy()
    mean, square = np.zeros_like(theta), np.zeros_like(theta)
    best_val = np.full(n, np.inf)
    best_epoch, epochs, without_gain = np.zeros(n, int), np.zeros(n, int), np.zeros(n, int)
    reason = [""] * n
    running = np.arange(n)  # replica of each row of the stack

    for epoch in range(max_epochs + 1):
        nll, slope = gradient(theta)
        gain = nll[1] < best_val[running]
        improved = running[gain]
        best_val[improved] = nll[1, gain]
        best_epoch[improved] = epoch
        without_gain[running] += 1
        without_gain[improved] = 0
        epochs[running] = epoch + 1
        best[improved] = theta[gain]

        _step(theta, slope + penalty * np.sign(theta), mean, square, epoch + 1, learning_rate)

        finite = np.isfinite(nll).all(axis=0)
        for replica in running[~finite]:
            reason[replica] = f"loss not finite at epoch {epoch}"
        keep = finite & (without_gain[running] <= patience)
        if not keep.any():
            break
        if not keep.all():
            running, penalty = running[keep], penalty[keep]
            theta, mean, square = theta[keep], mean[keep], square[keep]
            gradient.keep(keep)

    return Trained(best, epochs, best_epoch, reason)


def _step(
    theta: np.ndarray, slope: np.ndarray, mean: np.ndarray, square: np.ndarray, step: int, learning_rate: float
) -> None:
    """One step of Adam in place, in the order of operations of torch.optim.Adam; `step` counts from 1."""
    mean += (slope - mean) * (1 - BETA_1)
    square *= BETA_2
    square += (1 - BETA_2) * slope * slope
    scale = np.sqrt(square) / (1 - BETA_2**step) ** 0.5 + EPSILON
    theta += -learning_rate / (1 - BETA_1**step) * mean / scale
