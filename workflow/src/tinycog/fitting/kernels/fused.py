"""The training gradient of `tinycog.fitting.gradient` by the compiled sweep."""

from __future__ import annotations

import importlib
from contextlib import nullcontext
from types import ModuleType
from typing import Any

import numpy as np

from tinycog.fitting.kernels import compiling
from tinycog.fitting.kernels.lanes import WIDTH
from tinycog.fitting.kernels.sweep import TOGETHER, Choices, Readout, Room, sweep
from tinycog.fitting.objective import FOLLOWED, Replicas
from tinycog.models import registry
from tinycog.trials.sequences import Sequences, shares

MOST_UNITS, MOST_ACTIONS = 5, 6  # beyond, kernels gain less and take long to compile


def has_kernel(model: Any) -> bool:
    """Whether `Fused` can compute the gradient of `model`, on a CPU."""
    small = model.n_units <= MOST_UNITS and model.n_actions <= MOST_ACTIONS
    return small and not model.embeddings and registry.kernel(model.cell) is not None


class Fused:
    """NLL of training and validation, nats per choice, and gradient of the former, for stacks of replicas.

    How blocks are divided among parts of the lanes depends on the data alone, so that a replica's result does not
    depend, to the last bit, on how many others there are.
    """

    def __init__(self, model: Any, sequences: Sequences, replicas: Replicas):
        kernel = importlib.import_module(registry.kernel(model.cell))
        start = sum(int(np.prod(shape)) for shape in model.recurrent.values())
        self.cell = kernel.sizes(model)
        self.readout = Readout((0,) * model.n_actions, start, model.n_groups)
        self.blocks = _sets(sequences.lengths)
        self.choices = _choices(sequences, model, self.blocks)
        self.room = _room(self.choices, kernel, model)
        self.compiled = False
        self.weights = np.stack([replicas.weights[role] for role in FOLLOWED])
        self.n_scored = (self.weights * sequences.mask).sum((2, 3))
        self._stack()

    def keep(self, rows: np.ndarray) -> None:
        """Go on with some of the replicas; `rows` is boolean."""
        self.weights, self.n_scored = self.weights[:, rows], self.n_scored[:, rows]
        self._stack()

    def _stack(self) -> None:
        n, size = self.weights.shape[1], WIDTH // self.blocks.shape[1]
        replica = np.minimum(np.arange(-(-n // size) * size), n - 1)
        weights = self.weights[:, replica].reshape(len(FOLLOWED), -1, size, *self.weights.shape[2:])
        weights = weights[..., self.blocks] * ~_repeated(self.blocks)
        weights = np.ascontiguousarray(weights.transpose(1, 4, 3, 0, 5, 2))  # stack, set, time point, role, part, lane
        self.trained = (weights[:, :, :, 0] > 0).any((2, 3, 4))
        self.packed = weights.reshape(*weights.shape[:3], -1)

    def __call__(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nll, gradient = np.empty(self.n_scored.shape), np.empty(theta.shape)
        data = (self.choices, self.packed, self.trained)
        with nullcontext() if self.compiled else compiling():
            sweep(self.cell, self.readout, *data, self.room, theta, nll, gradient)
        self.compiled = True
        return nll / self.n_scored, gradient / self.n_scored[0][:, None]


def _sets(lengths: np.ndarray) -> np.ndarray:
    """Blocks that are run at once, (set, part), of similar lengths.

    A set has as many parts as possible, since few replicas may remain at the end of training, but no more than an
    eighth of the lanes may be filled by repeated blocks. Where blocks do not fill the last set, its first block is
    repeated, see `_repeated`.
    """
    n = len(lengths)
    parts = next(parts for parts in (4, 2, 1) if -n % parts <= (n + -n % parts) / 8)
    order = np.argsort(-np.asarray(lengths), kind="stable")
    missing = -n % parts
    return np.append(order, np.repeat(order[n + missing - parts], missing)).reshape(-1, parts)


def _repeated(blocks: np.ndarray) -> np.ndarray:
    """Where a block is a repetition that fills its set, booleans of the shape of `blocks`."""
    first = np.arange(blocks.shape[1]) == 0
    return (blocks == blocks[:, :1]) & ~first


def _choices(sequences: Sequences, model: Any, blocks: np.ndarray) -> Choices:
    """The sequences by sets of blocks; rows are the distinct inputs, or for a switching cell the conditions."""
    n_times, n_blocks, n_inputs = sequences.x.shape
    if model.by_condition:
        inputs, row = np.zeros((model.n_conditions, 0)), np.asarray(sequences.condition)
    else:
        inputs, row = np.unique(sequences.x.reshape(-1, n_inputs), axis=0, return_inverse=True)
    target = shares(sequences, model.n_actions) * sequences.mask[..., None]
    closed = np.zeros((n_times, n_blocks, 0)) if sequences.closed is None else sequences.closed

    def flat(array: np.ndarray) -> np.ndarray:
        """(time point, block, ...) as (set, time point, ..., part), one after the other."""
        return np.moveaxis(array[:, blocks], (1, 2), (0, -1)).ravel()

    row = row.reshape(n_times, n_blocks).astype(np.int64)  # as the sweep reads it
    row, target, closed = (flat(array) for array in (row, target, closed))
    lengths = np.asarray(sequences.lengths, dtype=np.int64)[blocks]
    ends = lengths.ravel().astype(np.float64)
    return Choices((0,) * blocks.shape[1], row, inputs, target, closed, lengths.max(1), lengths.min(1), ends)


def _room(choices: Choices, kernel: ModuleType, model: Any) -> Room:
    table = len(choices.inputs) * kernel.TABLE_WIDTH * model.n_units
    slot = kernel.SLOT_WIDTH * model.n_units + model.n_actions
    n_times = choices.row.size // (len(choices.lengths) * len(choices.parts))
    tape = TOGETHER * (n_times + 1) * slot
    matrix = model.n_actions * (model.n_units + 1)
    sizes = (model.n_parameters, model.n_parameters, len(FOLLOWED), table, table, tape, matrix, matrix)
    return Room(*(np.empty(size * WIDTH) for size in sizes))
