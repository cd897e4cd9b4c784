"""Read a fold file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tinycog.errors import InputError
from tinycog.storage import read_columns
from tinycog.tasks import Task
from tinycog.trials.sequences import Sequences, TrialTable, read_table
from tinycog.trials.splits import ROLES

Splits = dict[int, list[dict[str, np.ndarray]]]  # outer fold: weights by role of each inner fold


def of_blocks(splits: list[dict[str, np.ndarray]], blocks: np.ndarray) -> list[dict[str, np.ndarray]]:
    """The weights of some blocks, for `Sequences.subset`."""
    return [{role: values[:, blocks] for role, values in split.items()} for split in splits]


def read(path: Path, sequences: Sequences) -> tuple[int, list[dict[str, np.ndarray]]]:
    """The outer fold's number, and for each inner fold the weights of each role.

    Weights are (1, block) where roles belong to blocks, (time point, block) where they belong to trials; 1 where the
    choice has the role, 0 elsewhere.

    Raises:
        InputError: an inner fold does not list each block, or each trial, once.
    """
    return _read(read_columns(path), sequences, str(path))


def read_each(
    trials: list[Path], path: Path, task: Task
) -> Iterator[tuple[TrialTable, int, list[dict[str, np.ndarray]]]]:
    """The trial table of each subject of a job, with its folds as `read` gives them.

    Args:
        trials: tables of the subjects of a chunk, or one table.
        path: the fold file that was made of the same tables.

    Raises:
        InputError: see `read`.
    """
    columns = read_columns(path)
    for file in trials:
        table = read_table(file, task)
        own = columns["subject"] == table.subject if "subject" in columns else slice(None)
        of_subject = {name: values[own] for name, values in columns.items()}
        yield table, *_read(of_subject, table.sequences, f"{path}, subject {table.subject!r}")


def of_every_fold(trials: list[Path], paths: list[Path], task: Task) -> dict[str, tuple[TrialTable, Splits]]:
    """Of each subject of a job the trial table, and its weights in every outer fold without relabelled copies.

    Args:
        trials: see `read_each`.
        paths: the fold file of each outer fold.
    """
    found: dict[str, tuple[TrialTable, Splits]] = {}
    for path in paths:
        for table, outer, own in read_each(trials, path, task):
            _, splits = found.setdefault(table.subject, (table, {}))
            splits[outer] = of_blocks(own, table.own)
    return found


def _read(columns: dict[str, np.ndarray], sequences: Sequences, where: str) -> tuple[int, list[dict[str, np.ndarray]]]:
    if not len(columns["inner"]):
        raise InputError(f"{where}: there is no fold")
    by_trial = "trial" in columns
    splits = []
    for inner in range(int(columns["inner"].max()) + 1):
        rows = columns["inner"] == inner
        block, role = columns["block"][rows], columns["role"][rows]
        trial = columns["trial"][rows] if by_trial else np.zeros(len(block), dtype=int)
        lengths = sequences.lengths // sequences.stages if by_trial else np.ones(sequences.n_blocks, dtype=int)
        listed = sorted(zip(block.tolist(), trial.tolist(), strict=True))
        if listed != [(number, t) for number, n in enumerate(lengths) for t in range(n)]:
            what = f"trial of the {lengths.sum()}" if by_trial else f"of the {sequences.n_blocks} blocks"
            raise InputError(f"{where}: inner fold {inner} does not list each {what} of the trials once")
        weights = {}
        for name in ROLES:
            grid = np.zeros((int(lengths.max()), sequences.n_blocks))
            grid[trial, block] = role == name
            weights[name] = np.repeat(grid, sequences.stages, axis=0) if by_trial else grid
        splits.append(weights)
    return int(columns["outer"][0]), splits
