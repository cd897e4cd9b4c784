"""Which blocks train, validate and test, and which subsets a target has (methods: distillation).

The order of a target's blocks and the validation blocks of the others are drawn once. What a subset's blocks do follows
from their places in that order, so that a further subset changes no other one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinycog.generators import generator

TEST, OWN, TRAIN, VAL, COPY = "test", "own", "train", "val", "copy"  # what a block of the pool is to one target
ONE_IN = 10  # blocks validates
FEWEST = 2  # blocks of a subset: one trains, one validates
ALL = "all"
CHOICES = "choices"  # what is learnt without a teacher


def n_test(n_blocks: int, share: float) -> int:
    """Number of a target's test blocks."""
    return math.ceil(share * n_blocks)


def parts(subjects: np.ndarray, own: np.ndarray, target: str, share: float, dataset: str) -> dict[str, np.ndarray]:
    """What each block of a pool is to a target: columns `part` and `place`.

    Args:
        subjects: (block,) ids.
        own: (block,) whether it is no relabelled copy of another; copies in a data set play no part.
        share: of the target's blocks that are test.

    Returns:
        `part`: of the target `test` or `own`, of the others `train` or `val`; `copy`. `place`: of an own block its
        place in the random order of which subsets take the first so many, of others -1.
    """
    part, place = np.full(len(subjects), COPY, dtype=object), np.full(len(subjects), -1)
    for subject in dict.fromkeys(subjects):
        blocks = np.flatnonzero((subjects == subject) & own)
        order = generator("distillation", dataset, subject).permutation(blocks)
        if subject == target:
            first = n_test(len(blocks), share)
            part[order[:first]], part[order[first:]] = TEST, OWN
            place[order[first:]] = np.arange(len(blocks) - first)
        else:
            first = len(blocks) // ONE_IN if len(blocks) >= ONE_IN else int(len(blocks) > 1)
            part[order[:first]], part[order[first:]] = VAL, TRAIN
    return {"part": part, "place": place}


def subject_of(split: Mapping[str, np.ndarray]) -> str:
    """The subject whose split this is."""
    return split["subject"][split["part"] == TEST][0]


def validates(place: np.ndarray, n: int) -> np.ndarray:
    """Which places validate in a subset of n blocks: every tenth, of fewer than ten the last."""
    if n < ONE_IN:
        return place == n - 1
    return (place % ONE_IN == ONE_IN - 1) & (place < n)


def roles(split: Mapping[str, np.ndarray], n: int, *, others: bool) -> dict[str, np.ndarray]:
    """Weights by role, (1, block) of 0 and 1, with a subset of n blocks of the target.

    Args:
        split: columns `part` and `place` of `parts`.
        others: whether the other subjects' blocks train and validate, too.
    """
    part, place = split["part"], split["place"]
    subset = (part == OWN) & (place < n)
    own_val = subset & validates(place, n)
    found = {"train": subset & ~own_val, "val": own_val, "test": part == TEST}
    if others:
        found |= {"train": found["train"] | (part == TRAIN), "val": found["val"] | (part == VAL)}
    return {role: blocks[None].astype(np.float64) for role, blocks in found.items()}


@dataclass(frozen=True)
class Target:
    """A subject that is a target.

    Attributes:
        sizes: label of a subset (its number of blocks, or `all`): how many blocks it has, for those it can have.
        problems: label of a subset, empty for all of them: why it is not there.
    """

    subject: str
    sizes: Mapping[str, int]
    problems: Mapping[str, str]


@dataclass(frozen=True)
class Pool:
    """The targets of a data set, and the widths that its teachers can have; others with the reason."""

    dataset: str
    targets: Sequence[Target]
    widths: Sequence[int]
    problems: Mapping[int, str]


def pool(meta: Mapping[str, Any], section: Mapping[str, Any]) -> Pool:
    """What a data set with this `meta.json` has of what the section asks for."""
    subjects = meta["subjects"]
    asked = section["targets"]
    if asked == ALL or isinstance(asked, int):
        asked = subjects if asked == ALL else subjects[:asked]
    targets = []
    for subject in asked:
        if subject not in subjects:
            known = ", ".join(subjects[:20]) + (f" and {len(subjects) - 20} more" if len(subjects) > 20 else "")
            targets.append(Target(subject, {}, {"": f"not among the subjects of the data set, which has: {known}"}))
        elif len(subjects) < 2:
            targets.append(Target(subject, {}, {"": "the only subject of the data set: a teacher needs others"}))
        else:
            targets.append(_target(subject, meta["counts_analysed"][subject]["blocks"], section))
    widths = section["teacher"]["embeddings"]
    wide = f"wider than the data set has subjects, {len(subjects)}"
    problems = {width: f"a vector of {width} is {wide}" for width in widths if width > len(subjects)}
    return Pool(meta["dataset"], targets, [width for width in widths if width not in problems], problems)


def _target(subject: str, n_blocks: int, section: Mapping[str, Any]) -> Target:
    left = n_blocks - n_test(n_blocks, section["test"])
    sizes: dict[str, int] = {}
    problems: dict[str, str] = {}
    for size in section["subsets"]:
        n = left if size == ALL else size
        if FEWEST <= n <= left:
            if n not in sizes.values():
                sizes[str(size)] = n
            continue
        problems[str(size)] = (
            f"the target has {n_blocks} blocks, of which {n_blocks - left} are test: {left} are left for "
            f"{'training and validation' if size == ALL else f'a subset of {size}'}"
        )
    return Target(subject, sizes, problems)
