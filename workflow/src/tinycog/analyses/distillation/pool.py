"""Read the trials of a pool, or of a target with its copies, with their split."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tinycog.analyses.distillation import design
from tinycog.storage import read_columns
from tinycog.tasks import Task
from tinycog.trials.sequences import Sequences, read_table


@dataclass(frozen=True)
class OfTarget:
    """A target's trials.

    Attributes:
        subject: its id.
        sequences: its blocks and, after these, their relabelled copies.
        original: (block,) the block of which each is a copy, or its own number.
        split: `part` and `place` of its own blocks, see `design.parts`.
        row: its row in the table of subjects of a teacher.
    """

    dataset: str
    subject: str
    sequences: Sequences
    original: np.ndarray
    split: dict[str, np.ndarray]
    row: int

    @property
    def own(self) -> np.ndarray:
        """Blocks that are no copies."""
        return np.arange(len(self.split["part"]))

    def roles(self, n: int) -> dict[str, np.ndarray]:
        """Weights by role of all blocks; copies train and validate with their originals, and never test."""
        weights = {role: values[:, self.original] for role, values in design.roles(self.split, n, others=False).items()}
        weights["test"][:, len(self.own) :] = 0.0
        return weights

    def n_trials(self, n: int) -> int:
        """Scored choices of a subset of n blocks, training and validation, without copies."""
        weights = design.roles(self.split, n, others=False)
        return int(((weights["train"] + weights["val"]) * self.sequences.mask[:, self.own]).sum())


def of_targets(trials: Sequence[Path], splits: Sequence[Path], task: Task) -> Iterator[OfTarget]:
    """Read what `splits.split` wrote of each target."""
    for paths in zip(trials, splits, strict=True):
        yield of_target(*paths, task)


def of_target(trials: Path, split: Path, task: Task) -> OfTarget:
    """Of one target."""
    table, columns = read_table(trials, task), read_columns(split)
    own = (columns["subject"] == table.subject) & (columns["part"] != design.COPY)
    row = int(np.searchsorted(np.unique(columns["subject"]), table.subject))
    blocks = read_columns(trials, ["block", "trial", "aug_of"])
    first = blocks["trial"] == 0
    original = blocks.get("aug_of", blocks["block"])[first]
    code = np.full(table.sequences.n_blocks, row)
    sequences = replace(table.sequences, subject_code=code)
    split_of = {name: columns[name][own] for name in ("part", "place")}
    return OfTarget(table.dataset, table.subject, sequences, original, split_of, row)
