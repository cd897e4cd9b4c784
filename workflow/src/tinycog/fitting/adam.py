"""Training a whole stack of replicas at once as in the paper, and faster (methods: training of networks).

With a small step, the path of full-batch Adam hardly depends on the step's length: theta moves at the rate -mean /
sqrt(square), and each of the two moving averages has a time constant. Steps `stride` times as long, with time constants
of `stride` times fewer steps, follow the same path at less cost. A longer step alone, or a method that goes straight to
the minimum, takes another path, and fits that stop early on another path predict held-out choices less well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from tinycog.fitting.gradient import Gradient

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
FAST_STRIDE = 4
FAST_PATIENCE = 0.5  # of the epochs given: twice as far along the path, where the validation NLL is noisier


@dataclass
class Trained:
    """What training leaves behind.

    Attributes:
        theta: (replica, parameter) parameters at the best epoch (the epoch of lowest validation NLL).
        epochs: (replica,) epochs run; best_epoch: the best one, counted from 0.
        ended: (replica,) why training ended: `patience`, `max_epochs`, or `failed`.
        reason: why a replica failed; empty where it did not.
    """

    theta: np.ndarray
    epochs: np.ndarray
    best_epoch: np.ndarray
    ended: np.ndarray
    reason: list[str]

    def __getitem__(self, rows: slice) -> Trained:
        return Trained(*(getattr(self, field.name)[rows] for field in fields(self)))


def options(optimizer: str, *, learning_rate: float, max_epochs: int, patience: int) -> dict[str, Any]:
    """Options of `train` for an optimiser of the config; `fast` takes the same numbers as `adam`."""
    if optimizer == "fast":
        max_epochs, patience = -(-max_epochs // FAST_STRIDE), round(FAST_PATIENCE * patience)
    stride = FAST_STRIDE if optimizer == "fast" else 1
    return {"learning_rate": learning_rate, "max_epochs": max_epochs, "patience": patience, "stride": stride}


def train(
    gradient: Gradient,
    initial: np.ndarray,
    penalty: np.ndarray,
    *,
    learning_rate: float,
    max_epochs: int,
    patience: int,
    stride: int = 1,
    batches: Callable[[int], Iterable[Gradient]] | None = None,
) -> Trained:
    """Minimise training NLL + L1 by Adam; stop each replica by its validation NLL.

    In each epoch the NLLs of both roles are measured at the same parameters, and then one step is taken on all training
    blocks; or that of validation alone, and then one step on each of the epoch's `batches` of training blocks. A
    replica ends at the first epoch beyond `patience` without a strictly lower validation NLL, or after epoch
    `max_epochs` (epochs count from 0), or when a loss is not finite, which is a failure. Finished replicas leave the
    stack; no replica's result depends on the others.

    Args:
        gradient: NLL of training and validation and gradient of the former; finished replicas are dropped from it.
        initial: (replica, parameter) float64.
        penalty: (replica, parameter) weight of each parameter's absolute value in the loss.
        stride: length of a step in steps of Adam.
        batches: the gradients of an epoch's batches, one after the other.
    """
    n = len(initial)
    theta, best = initial.copy(), initial.copy()
    mean, square = np.zeros_like(theta), np.zeros_like(theta)
    best_val = np.full(n, np.inf)
    best_epoch, epochs, without_gain = np.zeros(n, int), np.zeros(n, int), np.zeros(n, int)
    reason, ended = [""] * n, np.full(n, "max_epochs")
    running = np.arange(n)  # replica of each row of the stack
    step = 0

    for epoch in range(max_epochs + 1):
        nll, slope = gradient(theta) if batches is None else (gradient.nll(theta)[1:], None)
        gain = nll[-1] < best_val[running]
        improved = running[gain]
        best_val[improved] = nll[-1, gain]
        best_epoch[improved] = epoch
        without_gain[running] += 1
        without_gain[improved] = 0
        epochs[running] = epoch + 1
        best[improved] = theta[gain]

        for own in [slope] if batches is None else (batch(theta)[1] for batch in batches(epoch)):
            step += 1
            _step(theta, own + penalty * np.sign(theta), mean, square, step, learning_rate, stride)

        finite = np.isfinite(nll).all(axis=0)
        for replica in running[~finite]:
            reason[replica] = f"loss not finite at epoch {epoch}"
        keep = finite & (without_gain[running] <= patience)
        ended[running[~keep]] = np.where(finite[~keep], "patience", "failed")
        if not keep.any():
            break
        if not keep.all():
            running, penalty = running[keep], penalty[keep]
            theta, mean, square = theta[keep], mean[keep], square[keep]
            gradient.keep(keep)

    return Trained(best, epochs, best_epoch, ended, reason)


def _step(
    theta: np.ndarray,
    slope: np.ndarray,
    mean: np.ndarray,
    square: np.ndarray,
    step: int,
    learning_rate: float,
    stride: int,
) -> None:
    """One step of Adam in place, in the order of operations of torch.optim.Adam; `step` counts from 1."""
    beta_1, beta_2 = BETA_1**stride, BETA_2**stride
    mean += (slope - mean) * (1 - beta_1)
    square *= beta_2
    square += (1 - beta_2) * slope * slope
    scale = np.sqrt(square) / (1 - beta_2**step) ** 0.5 + EPSILON
    theta += -stride * learning_rate / (1 - beta_1**step) * mean / scale
