"""Make the fold file of one outer fold."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tinycog.storage import read_columns, write_columns
from tinycog.trials.splits import WITHIN_BLOCKS, nested, within

UNUSED = "unused"


def split(
    trials: Path, output: Path, *, protocol: str, outer: int, n_outer: int, n_inner: int, inner: int, seed: int
) -> None:
    """Write the role of each block, or of each trial, in the first `inner` inner folds of outer fold `outer`.

    A relabelled copy of a block trains where its original trains, and is unused elsewhere.
    """
    columns = read_columns(trials, ["subject", "session", "block", "trial", "aug_of"])
    block, trial = columns["block"], columns["trial"]
    origin = columns.get("aug_of", block)
    n_blocks = int(block.max()) + 1
    if protocol in WITHIN_BLOCKS:
        lengths = np.bincount(block)
        role = np.concatenate([within(int(n), protocol, seed).roles(np.arange(n)) for n in lengths])
        role[(origin != block) & (role != "train")] = UNUSED
        columns = {"inner": np.zeros(len(block), int), "block": block, "trial": trial, "role": role}
    else:
        first = np.flatnonzero(trial == 0)
        unit = origin[first]
        if protocol in ("session", "cross_subject"):
            names = columns["session" if protocol == "session" else "subject"][first]
            unit = np.unique(names, return_inverse=True)[1]
            unit = np.unique(unit, return_index=True)[1].argsort().argsort()[unit]  # numbered in the order of the data
        folds = nested(int(unit.max()) + 1, outer=outer, n_outer=n_outer, n_inner=n_inner, seed=seed)[:inner]
        role = np.stack([fold.roles(unit) for fold in folds])
        role[(origin[first] != np.arange(n_blocks)) & (role != "train")] = UNUSED
        columns = {
            "inner": np.repeat(np.arange(len(folds)), n_blocks),
            "block": np.tile(np.arange(n_blocks), len(folds)),
            "role": role.ravel(),
        }
    columns = {"outer": np.full(len(columns["inner"]), outer), **columns}
    write_columns(
        output, {name: values if name == "role" else values.astype(np.int32) for name, values in columns.items()}
    )
