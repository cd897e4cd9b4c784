"""Trials of several subjects side by side, with the roles that they have in each subject's own folds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace

import numpy as np

from tinycog.trials.sequences import OF_BLOCKS, Sequences, TrialTable
from tinycog.trials.splits import ROLES

Splits = list[dict[str, np.ndarray]]


def together(subjects: Iterable[tuple[TrialTable, Splits]]) -> tuple[Sequences, Splits, np.ndarray, list[str]]:
    """One set of blocks of all subjects, their roles in each inner fold, which are no copies, and the subjects' ids.

    A block's `subject_code` is its subject's place in the sorted ids. There are as many inner folds as each has.

    Args:
        subjects: the trial table of each, with the inner folds of the same outer fold, see `folds.read_each`.
    """
    tables, splits = zip(*subjects, strict=True)
    ids = sorted(table.subject for table in tables)
    parts = [
        replace(table.sequences, subject_code=np.full(table.sequences.n_blocks, ids.index(table.subject)))
        for table in tables
    ]
    n_times = max(part.n_trials for part in parts)
    found = {}
    for name in (field.name for field in fields(Sequences)):
        arrays = [getattr(part, name) for part in parts]
        if arrays[0] is not None:
            of_blocks = name == "lengths" or name in OF_BLOCKS
            found[name] = np.concatenate(arrays) if of_blocks else _side_by_side(arrays, n_times)
    longest = max(len(split["train"]) for of_subject in splits for split in of_subject)  # 1 where blocks have roles
    roles = [
        {role: _side_by_side([split[role] for split in of_inner], longest) for role in ROLES}
        for of_inner in zip(*splits, strict=True)
    ]
    starts = np.cumsum([0, *(part.n_blocks for part in parts[:-1])])
    own = np.concatenate([start + table.own for start, table in zip(starts, tables, strict=True)])
    return Sequences(**found), roles, own, ids


def _side_by_side(arrays: list[np.ndarray], n_times: int) -> np.ndarray:
    """Arrays (time point, block, ...), padded with zeros to the same number of time points."""
    padded = [np.pad(array, [(0, n_times - len(array)), *[(0, 0)] * (array.ndim - 1)]) for array in arrays]
    return np.concatenate(padded, axis=1)
