"""Where tests find real data, and small data made for them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.splits import ROLES, nested

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real data sets, named by TINYCOG_DATA."""
    return _folder("TINYCOG_DATA", "")


@pytest.fixture(scope="session")
def reference_folder() -> Path:
    """The reference code's fits, beside the real data sets."""
    return _folder("TINYCOG_DATA", "../reference")


def _folder(variable: str, below: str) -> Path:
    if variable not in os.environ:
        pytest.skip(f"{variable} does not name a folder of real data")
    folder = Path(os.environ[variable], below).resolve()
    if not folder.is_dir():
        pytest.skip(f"{folder} does not exist")
    return folder


def block_weights(n_blocks: int, **fold: int) -> list[dict[str, np.ndarray]]:
    """Weights by role of each inner fold of an outer fold over blocks."""
    splits = nested(n_blocks, seed=1, **fold)
    unit = np.arange(n_blocks)
    return [{role: (split.roles(unit) == role)[None].astype(float) for role in ROLES} for split in splits]


def random_sequences(
    n_blocks: int = 7, n_trials: int = 11, *, seed: int = 0, masked: float = 0.0, ragged: bool = False
) -> sequences.Sequences:
    """Random choices and rewards of a two-armed bandit."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(n_trials // 2, n_trials + 1, n_blocks) if ragged else np.full(n_blocks, n_trials)
    block = np.repeat(np.arange(n_blocks), lengths)
    trial = np.concatenate([np.arange(n) for n in lengths])
    mask = (rng.random(len(block)) >= masked).astype(np.int8)
    action = np.where(mask == 1, rng.integers(0, 2, len(block)), -1)
    reward = np.where(mask == 1, rng.integers(0, 2, len(block)), np.nan)
    columns = {"block": block, "trial": trial, "action": action, "state": np.maximum(action, 0)}
    return sequences.from_columns({**columns, "reward": reward, "mask": mask}, task_of("bandit"))
