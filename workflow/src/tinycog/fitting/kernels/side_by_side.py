"""The training gradient of small data by the compiled sweep: several subjects side by side in the lanes."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np

from tinycog.fitting.kernels.fused import (
    FEW,
    Coded,
    Sweeps,
    Task,
    choices_of,
    chunks,
    coded_of,
    distinct,
    repeated,
    sets,
)
from tinycog.fitting.kernels.lanes import WIDTH
from tinycog.fitting.objective import FOLLOWED, Replicas
from tinycog.trials.sequences import Sequences


def leaves_lanes_empty(model: Any, sequences: Sequences, n_replicas: int) -> bool:
    """Whether a subject's blocks and replicas are too few for the lanes, so that others can use these, too."""
    blocks = sets(model, sequences.lengths)
    return n_replicas * blocks.shape[1] < WIDTH and len(chunks(sequences.lengths[blocks])) == 1


class SideBySide(Sweeps):
    """The gradient of replicas of several subjects, each of which alone would leave lanes empty.

    Each replica has blocks of its own, on as many lanes as `Fused` would divide them among; roles are of blocks, or of
    trials, in all of them. Replicas of similar data share a stack; which they are changes no result, to the last bit:
    what others have more of adds zeros.
    """

    def __init__(self, model: Any, subjects: list[tuple[Sequences, Replicas]], threads: int = 1):
        super().__init__(model, threads)
        coded = [coded_of(sequences, model) for sequences, _ in subjects]
        starts = np.cumsum([0, *(len(own.lengths) for own in coded)])
        self.coded, self.none = _joined(coded, model), starts[-1]
        self.blocks: list[np.ndarray] = []  # of each replica (set, part)
        self.weights: list[np.ndarray] = []  # of each replica (set, time point or 1, role, part)
        n_scored = []
        for own, start, (_, replicas) in zip(coded, starts, subjects, strict=False):
            weights = np.stack([replicas.weights[role] for role in FOLLOWED], axis=1)
            n_scored.append((weights * own.scored.T).sum((2, 3)))
            blocks = sets(model, own.lengths)
            self.blocks += [start + blocks] * len(replicas)
            self.weights += list((weights[..., blocks] * ~repeated(blocks)).transpose(0, 3, 2, 1, 4))
        self.n_scored = np.concatenate(n_scored).T
        self._make_rooms(max(len(self.coded.inputs), FEW))
        self._stack()
        self._compile()

    def keep(self, rows: np.ndarray) -> None:
        """Go on with some of the replicas; `rows` is boolean."""
        kept = np.flatnonzero(rows)
        self.blocks, self.weights = [self.blocks[row] for row in kept], [self.weights[row] for row in kept]
        self.n_scored = self.n_scored[:, rows]
        self._stack()

    def _stack(self) -> None:
        """One task for each stack of replicas of similar data."""
        sizes = [(blocks.shape[1], len(blocks), self.coded.lengths[blocks].max()) for blocks in self.blocks]
        order = sorted(range(len(sizes)), key=sizes.__getitem__)
        self.tasks = []
        for parts, rows in groupby(order, lambda row: sizes[row][0]):
            same, size = np.fromiter(rows, int), WIDTH // parts
            self.tasks += [self._task(same[start : start + size], size) for start in range(0, len(same), size)]

    def _task(self, rows: np.ndarray, size: int) -> Task:
        own = [self.weights[row] for row in rows]
        n_sets, n_times = (max(weights.shape[axis] for weights in own) for axis in (0, 1))
        blocks = np.full((n_sets, WIDTH // size, size), self.none)
        weights = np.zeros((1, n_sets, n_times, len(FOLLOWED), WIDTH // size, size))
        for lane, (row, of_row) in enumerate(zip(rows, own, strict=True)):
            blocks[: len(of_row), :, lane] = self.blocks[row]
            weights[0, : len(of_row), : of_row.shape[1], :, :, lane] = of_row
        choices = choices_of(self.coded, self.model, blocks.reshape(n_sets, WIDTH), size, self.as_layer)
        return Task.of(rows, choices, weights)


def _joined(coded: list[Coded], model: Any) -> Coded:
    """All blocks one after another, padded to the longest, and last one without choices."""
    n_times = max(own.row.shape[1] for own in coded)
    inputs, place = coded[0].inputs, [np.arange(len(own.inputs)) for own in coded]
    if not model.by_condition:
        inputs, of_all = distinct(np.concatenate([own.inputs for own in coded]))
        place = np.split(of_all, np.cumsum([len(own.inputs) for own in coded])[:-1])

    def padded(arrays: list[np.ndarray]) -> np.ndarray:
        arrays = [*arrays, np.zeros((1, n_times, *arrays[0].shape[2:]), arrays[0].dtype)]
        missing = ((0, n_times - array.shape[1]) for array in arrays)
        others = ((0, 0),) * (arrays[0].ndim - 2)
        return np.concatenate(
            [np.pad(array, ((0, 0), own, *others)) for array, own in zip(arrays, missing, strict=True)]
        )

    rows = [own[each.row] for own, each in zip(place, coded, strict=True)]
    return Coded(
        inputs,
        padded(rows),
        *(padded([getattr(own, name) for own in coded]) for name in ("scored", "target", "closed")),
        np.append(np.concatenate([own.lengths for own in coded]), 0),
        np.pad(np.concatenate([own.codes for own in coded], axis=1), ((0, 0), (0, 1))),
    )
