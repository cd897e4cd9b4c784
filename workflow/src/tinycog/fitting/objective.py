"""Negative log-likelihood of every replica on its training, validation and test choices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tinycog.models.interface import Array, Model, Parameters, run
from tinycog.trials.sequences import Sequences, expected_log_likelihood
from tinycog.trials.splits import ROLES

FOLLOWED = ("train", "val")  # roles whose NLL training follows


@dataclass(frozen=True)
class Replicas:
    """The fits of one job: every combination of inner fold, seed and L1, in that order.

    Attributes:
        inner, seed: (replica,) integers.
        l1: (replica,) float64.
        weights: role: (replica, 1 or time point, block) float64, 1 where a choice has that role; one time point
            stands for all of a block's.
    """

    inner: np.ndarray
    seed: np.ndarray
    l1: np.ndarray
    weights: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.inner)

    def __getitem__(self, index: slice | np.ndarray) -> Replicas:
        weights = {role: value[index] for role, value in self.weights.items()}
        return Replicas(self.inner[index], self.seed[index], self.l1[index], weights)

    def of_blocks(self, blocks: np.ndarray, n_times: int) -> Replicas:
        """The weights of some blocks and of the first time points, as in `Sequences.subset`."""
        weights = {role: value[:, :n_times, blocks] for role, value in self.weights.items()}
        return replace(self, weights=weights)

    def n_scored(self, sequences: Sequences, blocks: Any = slice(None)) -> dict[str, np.ndarray]:
        """Scored choices of every role, (replica,), in all blocks or in some."""
        mask = sequences.mask[:, blocks]
        return {role: (value[..., blocks] * mask).sum((1, 2)).astype(int) for role, value in self.weights.items()}


def replicas(splits: list[dict[str, np.ndarray]], seeds: range, l1: list[float]) -> Replicas:
    """Every combination of the inner splits (weights by role, see `folds.read`), seeds and L1 weights."""
    grid = np.array([(i, s, w) for i in range(len(splits)) for s in seeds for w in l1], dtype=np.float64)
    inner, seed = grid[:, 0].astype(int), grid[:, 1].astype(int)
    weights = {role: np.stack([splits[i][role] for i in inner]) for role in ROLES}
    return Replicas(inner, seed, grid[:, 2], weights)


def choice_nll(model: Model, params: Parameters, sequences: Sequences, by_block: bool) -> Array:
    """What training minimises, the negative log-likelihood of scored choices (or of the shares given as targets), nats:
    (replica, time point, block), or its sum over the time points (replica, 1, block).
    """
    _, logits = run(model, params, sequences, n_updates=sequences.n_trials - 1)
    nll = -expected_log_likelihood(logits, sequences, model.log_floor)
    return nll.sum(1)[:, None] if by_block else nll
