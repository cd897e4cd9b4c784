"""Training gradients of stacks of networks: what an optimiser of networks asks for.

A stack's parameters are one array theta (replica, parameter), the arrays of `model.shapes` flattened one after another.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any, Protocol

import numpy as np

from tinycog.fitting.objective import FOLLOWED, Replicas, choice_nll
from tinycog.models.interface import run_states
from tinycog.trials.sequences import Sequences


class Gradient(Protocol):
    """NLL of training and validation (2, replica), nats per choice; gradient (replica, parameter) of the former."""

    def __call__(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]: ...

    def nll(self, theta: np.ndarray) -> np.ndarray:
        """The likelihoods alone."""

    def of(self, blocks: np.ndarray) -> Gradient:
        """The same over some of the blocks."""

    def keep(self, rows: np.ndarray) -> None:
        """Go on with some of the replicas; `rows` is boolean."""


class Autograd:
    """The gradient by torch, for any cell, on any device; where the sequences have a guide, of a loss that has it too.

    Args:
        align: weight of the states' dissimilarity to the guide, 1 - CKA, in what the gradient is of.
    """

    def __init__(self, model: Any, sequences: Sequences, replicas: Replicas, device: str = "cpu", align: float = 0.0):
        import torch

        from tinycog.trials.tensors import to_torch

        torch.set_num_threads(1)  # a machine's cores are filled with jobs; results do not depend on their number
        self.model, self.device, self.align = model, device, align
        self.sequences = to_torch(sequences, device)
        self.weights = torch.stack([torch.tensor(replicas.weights[role], device=device) for role in FOLLOWED])
        self.n_scored = (self.weights * self.sequences.mask).sum((2, 3))

    def of(self, blocks: np.ndarray) -> Autograd:
        own = copy(self)
        own.sequences = self.sequences.subset(blocks)
        own.weights = self.weights[:, :, : own.sequences.n_trials, blocks]
        own.n_scored = (own.weights * own.sequences.mask).sum((2, 3))
        return own

    def keep(self, rows: np.ndarray) -> None:
        self.weights, self.n_scored = self.weights[:, rows], self.n_scored[:, rows]

    def __call__(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        import torch

        flat = torch.tensor(theta, device=self.device, requires_grad=True)
        sums = self._sums(flat)
        loss = (sums[0] / self.n_scored[0]).sum()
        if self.sequences.guide is not None:
            loss = loss + self.align * (1 - self._similarity(flat)).sum()
        (slope,) = torch.autograd.grad(loss, flat)
        return (sums.detach() / self.n_scored).cpu().numpy(), slope.cpu().numpy()

    def nll(self, theta: np.ndarray) -> np.ndarray:
        import torch

        with torch.no_grad():
            return (self._sums(torch.tensor(theta, device=self.device)) / self.n_scored).cpu().numpy()

    def _sums(self, theta: Any) -> Any:
        by_block = self.weights.shape[2] == 1
        nll = choice_nll(self.model, unflatten(theta, self.model.shapes), self.sequences, by_block)
        return (nll * self.weights).sum((2, 3))

    def _similarity(self, theta: Any) -> Any:
        """Of the states before training choices to the guide, (replica,)."""
        params = unflatten(theta, self.model.shapes)
        states = run_states(self.model, params, self.sequences, self.sequences.n_trials - 1)
        return alignment(states, self.sequences.guide, self.weights[0] * self.sequences.mask)


def alignment(states: Any, guide: Any, weights: Any) -> Any:
    """Linear CKA of two sets of states, (replica,): |X'Y|^2 / (|X'X| |Y'Y|) of centred states (methods: distillation).

    Args:
        states: torch's (replica, time point, block, unit).
        guide: (time point, block, unit of another network).
        weights: (replica, time point, block), 1 where a state counts and 0 elsewhere.
    """
    counts = (weights / weights.sum((1, 2), keepdim=True)).flatten(1)[..., None]
    centred = []
    for values in (guide.expand(len(states), *guide.shape), states):
        flat = values.flatten(1, 2)
        centred.append((flat - (counts * flat).sum(1, keepdim=True)) * counts.sqrt())
    x, y = centred
    cross, of_x, of_y = ((a.mT @ b).square().sum((1, 2)) for a, b in ((x, y), (x, x), (y, y)))
    return cross / (of_x * of_y).sqrt()


class Partial:
    """A gradient in some parameters alone: the slope of the others is 0, so that Adam leaves them as they are."""

    def __init__(self, gradient: Gradient, free: np.ndarray):
        """`free` (parameter,) is true where a parameter may change."""
        self.gradient, self.free = gradient, free

    def __call__(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nll, slope = self.gradient(theta)
        return nll, np.where(self.free, slope, 0.0)

    def nll(self, theta: np.ndarray) -> np.ndarray:
        return self.gradient.nll(theta)

    def of(self, blocks: np.ndarray) -> Partial:
        return Partial(self.gradient.of(blocks), self.free)

    def keep(self, rows: np.ndarray) -> None:
        self.gradient.keep(rows)


def starting_point(model: Any, replicas: Replicas) -> tuple[np.ndarray, np.ndarray]:
    """Initial theta of a stack, and, of the same shape, the weight of each parameter's absolute value in the loss."""
    initial = {seed: model.initialise(int(seed)) for seed in np.unique(replicas.seed)}
    flat = {seed: np.concatenate([params[name].ravel() for name in model.shapes]) for seed, params in initial.items()}
    penalised = [np.full(int(np.prod(shape)), name in model.penalised) for name, shape in model.shapes.items()]
    return np.stack([flat[seed] for seed in replicas.seed]), replicas.l1[:, None] * np.concatenate(penalised)


def unflatten(theta: Any, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    """Views of theta (NumPy's or torch's) by name, each (replica, ...)."""
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes.values()])
    starts = [0, *ends[:-1]]
    return {
        name: theta[:, start:end].reshape(len(theta), *shape)
        for (name, shape), start, end in zip(shapes.items(), starts, ends, strict=True)
    }
