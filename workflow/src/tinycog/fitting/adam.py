"""The paper's training of networks, for a whole stack of replicas at once (core.md 5.1 to 5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tinycog.fitting.objective import Replicas, choice_nll
from tinycog.sequences import Sequences
from tinycog.splits import ROLES

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


@dataclass
class Trained:
    """What training leaves behind; all arrays have the replica first.

    Attributes:
        params: parameters at the best epoch (the epoch of lowest validation NLL).
        epochs: epochs run; best_epoch: the best one, counted from 0.
        reason: why a replica failed; empty where it did not.
    """

    params: dict[str, np.ndarray]
    epochs: np.ndarray
    best_epoch: np.ndarray
    reason: list[str]


def train(
    model: Any,
    initial: Mapping[str, np.ndarray],
    sequences: Sequences,
    replicas: Replicas,
    *,
    learning_rate: float,
    max_epochs: int,
    patience: int,
    device: str = "cpu",
) -> Trained:
    """Minimise training NLL + L1 by full-batch Adam; stop each replica by its validation NLL.

    In each epoch the NLLs of all three roles are measured at the same parameters, and then one step is taken. A replica
    ends at the first epoch beyond `patience` without a strictly lower validation NLL, or after epoch `max_epochs`
    (epochs count from 0), or when a loss is not finite, which is a failure. Finished replicas leave the stack; no
    replica's result depends on the others.

    Args:
        model: a network of `tinycog.models.cells`.
        initial: name: (replica, ...) float64 initial parameters.
        sequences: the subject's trials.
        replicas: choices of each role and L1 weight of every replica.
    """
    n = len(replicas)
    sequences = sequences.to_torch(device)
    params = {name: torch.tensor(initial[name], device=device, requires_grad=True) for name in model.parameters}
    mean = {name: torch.zeros_like(value) for name, value in params.items()}
    square = {name: torch.zeros_like(value) for name, value in params.items()}
    weights = torch.stack([torch.tensor(replicas.weights[role], device=device) for role in ROLES])
    by_block = weights.shape[2] == 1
    n_scored = (weights * sequences.mask).sum((2, 3))
    l1 = torch.tensor(replicas.l1, device=device)

    best = {name: np.array(value, dtype=np.float64) for name, value in initial.items()}
    best_val = np.full(n, np.inf)
    best_epoch, epochs, without_gain = np.zeros(n, int), np.zeros(n, int), np.zeros(n, int)
    reason = [""] * n
    running = np.arange(n)  # replica of each row of the stack

    for epoch in range(max_epochs + 1):
        nll = (choice_nll(model, params, sequences, by_block) * weights).sum((2, 3)) / n_scored
        penalty = sum(params[name].abs().sum((1, 2)) for name in model.penalised)
        gradients = torch.autograd.grad((nll[0] + l1 * penalty).sum(), list(params.values()))

        now = nll.detach().cpu().numpy()
        gain = now[1] < best_val[running]
        improved = running[gain]
        best_val[improved] = now[1, gain]
        best_epoch[improved] = epoch
        without_gain[running] += 1
        without_gain[improved] = 0
        epochs[running] = epoch + 1
        if gain.any():
            for name, value in params.items():
                best[name][improved] = value.detach().cpu().numpy()[gain]

        _step(params, gradients, mean, square, epoch + 1, learning_rate)

        finite = np.isfinite(now).all(axis=0)
        for replica in running[~finite]:
            reason[replica] = f"loss not finite at epoch {epoch}"
        keep = finite & (without_gain[running] <= patience)
        if not keep.any():
            break
        if not keep.all():
            running = running[keep]
            rows = torch.as_tensor(keep, device=device)
            params = {name: value.detach()[rows].requires_grad_() for name, value in params.items()}
            mean = {name: value[rows] for name, value in mean.items()}
            square = {name: value[rows] for name, value in square.items()}
            weights, n_scored, l1 = weights[:, rows], n_scored[:, rows], l1[rows]

    return Trained(best, epochs, best_epoch, reason)


@torch.no_grad()
def _step(
    params: dict[str, Tensor],
    gradients: tuple[Tensor, ...],
    mean: dict[str, Tensor],
    square: dict[str, Tensor],
    step: int,
    learning_rate: float,
) -> None:
    """One step of Adam in place, in the order of operations of torch.optim.Adam; `step` counts from 1."""
    for (name, value), gradient in zip(params.items(), gradients, strict=True):
        mean[name].lerp_(gradient, 1 - BETA_1)
        square[name].mul_(BETA_2).addcmul_(gradient, gradient, value=1 - BETA_2)
        scale = (square[name].sqrt() / (1 - BETA_2**step) ** 0.5).add_(EPSILON)
        value.addcdiv_(mean[name], scale, value=-learning_rate / (1 - BETA_1**step))
