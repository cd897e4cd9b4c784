"""Trials of one subject as arrays: what models consume."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import array_api_compat
import numpy as np
import pyarrow.parquet as pq

from tinycog.models.interface import Array, Trial
from tinycog.tasks import Task

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Sequences:
    """All blocks of one subject, time-major, padded at the end with masked trials.

    Attributes:
        action, state: (trial, block) integers from 0; 0 where masked (core.md 1.6).
        reward: (trial, block) float64; 0 where masked.
        mask: (trial, block) float64, 1 where the choice is scored.
        x: (trial, block, input) float64, what a network is fed after each trial.
        lengths: trials of each block.
    """

    action: Array
    state: Array
    reward: Array
    mask: Array
    x: Array
    lengths: np.ndarray = field(repr=False)

    @property
    def n_trials(self) -> int:
        return self.action.shape[0]

    @property
    def n_blocks(self) -> int:
        return self.action.shape[1]

    @cached_property
    def _trials(self) -> list[Trial]:
        return [Trial(self.action[t], self.state[t], self.reward[t]) for t in range(self.n_trials)]

    def trials(self) -> list[Trial]:
        """The trials in order, each of every block."""
        return self._trials

    def subset(self, blocks: np.ndarray) -> Sequences:
        """The given blocks alone, cut to the longest of them."""
        n_trials = int(self.lengths[blocks].max())
        arrays = {name: getattr(self, name)[:n_trials, blocks] for name in ("action", "state", "reward", "mask", "x")}
        return Sequences(**arrays, lengths=self.lengths[blocks])

    def to_torch(self, device: str = "cpu") -> Sequences:
        import torch

        def move(array: np.ndarray) -> torch.Tensor:
            return torch.as_tensor(array, device=device)

        arrays: dict[str, Any] = {
            name: move(getattr(self, name)) for name in ("action", "state", "reward", "mask", "x")
        }
        return replace(self, **arrays)


def from_columns(columns: dict[str, np.ndarray], task: Task) -> Sequences:
    """Arrays from the columns of one subject's trial table, rows in order of block and trial."""
    block, trial = columns["block"], columns["trial"]
    n_blocks, n_trials = int(block.max()) + 1, int(trial.max()) + 1

    def grid(values: np.ndarray, dtype: type) -> np.ndarray:
        full = np.zeros((n_trials, n_blocks), dtype=dtype)
        full[trial, block] = np.where(columns["mask"] == 1, values, 0)
        return full

    action, state = grid(columns["action"], np.int64), grid(columns["state"], np.int64)
    reward, mask = grid(columns["reward"], np.float64), grid(columns["mask"], np.float64)
    return Sequences(
        action,
        state,
        reward,
        mask,
        x=task.encode(action, state, reward),
        lengths=np.bincount(block, minlength=n_blocks),
    )


def read(path: Path, task: Task) -> Sequences:
    """Read one subject's trial table."""
    names = ["block", "trial", "action", "state", "reward", "mask"]
    table = pq.read_table(path, columns=names)
    return from_columns({name: table[name].to_numpy() for name in names}, task)


def log_likelihood(logits: Array, sequences: Sequences) -> Array:
    """Log-likelihood of each choice, (replica, trial, block), nats; 0 where masked.

    Args:
        logits: (replica, trial, block, action).
    """
    action = sequences.action[None, :, :, None]
    if array_api_compat.is_torch_array(logits):
        log_policy = logits.log_softmax(-1)
        chosen = log_policy.gather(-1, action.expand(logits.shape[0], -1, -1, -1))
    else:
        from scipy.special import log_softmax

        chosen = np.take_along_axis(log_softmax(logits, axis=-1), action, axis=-1)
    return chosen[..., 0] * sequences.mask


def is_predicted(logits: Array, sequences: Sequences) -> Array:
    """1 where the most probable action (ties to the lowest) was chosen and is scored, (replica, trial, block)."""
    return (logits.argmax(-1) == sequences.action) * sequences.mask
