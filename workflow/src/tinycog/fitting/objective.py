"""Negative log-likelihood of every replica on its training, validation and test blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinycog.models.interface import Array, Model, Parameters, run_states
from tinycog.sequences import Sequences, log_likelihood
from tinycog.splits import Split

ROLES = ("train", "val", "test")


@dataclass(frozen=True)
class Replicas:
    """The fits of one job: every combination of inner fold, seed and L1, in that order.

    Attributes:
        inner, seed: (replica,) integers.
        l1: (replica,) float64.
        blocks: role: (replica, block) float64, 1 where the block has that role.
    """

    inner: np.ndarray
    seed: np.ndarray
    l1: np.ndarray
    blocks: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.inner)

    def __getitem__(self, index: slice) -> Replicas:
        blocks = {role: mask[index] for role, mask in self.blocks.items()}
        return Replicas(self.inner[index], self.seed[index], self.l1[index], blocks)


def replicas(splits: list[Split], seeds: range, l1: list[float], n_blocks: int) -> Replicas:
    """Every combination of the inner splits, seeds and L1 weights."""
    grid = np.array([(i, s, w) for i in range(len(splits)) for s in seeds for w in l1], dtype=np.float64)
    inner, seed = grid[:, 0].astype(int), grid[:, 1].astype(int)
    blocks = {role: np.zeros((len(grid), n_blocks)) for role in ROLES}
    for row, i in enumerate(inner):
        for role in ROLES:
            blocks[role][row, getattr(splits[i], role)] = 1.0
    return Replicas(inner, seed, grid[:, 2], blocks)


def block_nll(model: Model, params: Parameters, sequences: Sequences) -> Array:
    """Summed negative log-likelihood of each block's scored choices, (replica, block), nats."""
    states = run_states(model, params, sequences, n_updates=sequences.n_trials - 1)
    return -log_likelihood(model.policy(params, states), sequences).sum(1)
