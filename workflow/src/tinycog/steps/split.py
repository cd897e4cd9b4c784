"""Make the fold file of one outer fold."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tinycog.storage import read_columns, write_columns
from tinycog.trials.splits import WITHIN_BLOCKS, nested, within

UNUSED = "unused"


def split(
    trials: list[Path], output: Path, *, protocol: str, outer: int, n_outer: int, n_inner: int, inner: int, seed: int
) -> None:
    """Write the role of each block, or of each trial, in the first `inner` inner folds of outer fold `outer`.

    A relabelled copy of a block trains where its original trains, and is unused elsewhere.

    Args:
        trials: tables of the subjects of a chunk, each of which is divided as if it were alone, or one table. The file
            of a chunk has a further column, `subject`.
    """
    parts = []
    for path in trials:
        table = read_columns(path, ["subject", "session", "block", "trial", "aug_of"])
        if protocol in WITHIN_BLOCKS:
            part = _of_trials(table, protocol, seed)
        else:
            part = _of_blocks(table, protocol, inner, outer=outer, n_outer=n_outer, n_inner=n_inner, seed=seed)
        n_rows = len(part["role"])
        of_chunk = {"subject": np.repeat(table["subject"][:1], n_rows)} if len(trials) > 1 else {}
        parts.append({**of_chunk, "outer": np.full(n_rows, outer), **part})
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    text = ("subject", "role")
    write_columns(
        output, {name: values if name in text else values.astype(np.int32) for name, values in columns.items()}
    )


def _of_trials(table: dict[str, np.ndarray], protocol: str, seed: int) -> dict[str, np.ndarray]:
    """The fold file's columns of one trial table, where roles belong to trials: a single inner fold."""
    block = table["block"]
    role = np.concatenate([within(int(n), protocol, seed).roles(np.arange(n)) for n in np.bincount(block)])
    role[(table.get("aug_of", block) != block) & (role != "train")] = UNUSED
    return {"inner": np.zeros(len(block)), "block": block, "trial": table["trial"], "role": role}


def _of_blocks(table: dict[str, np.ndarray], protocol: str, inner: int, **numbers: int) -> dict[str, np.ndarray]:
    """The fold file's columns of one trial table, where roles belong to blocks, sessions or subjects.

    Args:
        inner: inner folds to write, from the first.
        numbers: see `splits.nested`.
    """
    first = table["trial"] == 0
    block = table["block"][first]
    origin = unit = table.get("aug_of", table["block"])[first]
    if protocol in ("session", "cross_subject"):
        names = table["session" if protocol == "session" else "subject"][first]
        unit = np.unique(names, return_inverse=True)[1]
        unit = np.unique(unit, return_index=True)[1].argsort().argsort()[unit]  # numbered in the order of the data
    folds = nested(int(unit.max()) + 1, **numbers)[:inner]
    role = np.stack([fold.roles(unit) for fold in folds])
    role[(origin != block) & (role != "train")] = UNUSED
    inner_fold = np.repeat(np.arange(len(folds)), len(block))
    return {"inner": inner_fold, "block": np.tile(block, len(folds)), "role": role.ravel()}
