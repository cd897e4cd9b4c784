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
from tinycog.fitting.objective import Replicas
from tinycog.models import registry
from tinycog.sequences import Sequences
from tinycog.splits import ROLES

MOST_UNITS, MOST_ACTIONS = 5, 6  # beyond, kernels gain less and take long to compile


def has_kernel(model: Any) -> bool:
    """Whether `Fused` can compute the gradient of `model`, on a CPU."""
    small = model.n_units <= MOST_UNITS and model.n_actions <= MOST_ACTIONS
    return small and not model.embeddings and registry.kernel(model.cell) is not None


class Fused:
    """NLL of every role, nats per choice, and gradient of the training one, for replicas in stacks of eight."""

    def __init__(self, model: Any, sequences: Sequences, replicas: Replicas):
        kernel = importlib.import_module(registry.kernel(model.cell))
        start = sum(int(np.prod(shape)) for shape in model.recurrent.values())
        self.cell = kernel.sizes(model)
        self.readout = Readout((0,) * model.n_actions, start, model.n_groups)
        self.choices = _choices(sequences, model)
        self.room = _room(self.choices, kernel, model)
        self.compiled = False
        self.weights = np.stack([replicas.weights[role] for role in ROLES])
        self.n_scored = (self.weights * sequences.mask).sum((2, 3))
        self._stack()

    def keep(self, rows: np.ndarray) -> None:
        """Go on with some of the replicas; `rows` is boolean."""
        self.weights, self.n_scored = self.weights[:, rows], self.n_scored[:, rows]
        self._stack()

    def _stack(self) -> None:
        n = self.weights.shape[1]
        self.replica = np.minimum(np.arange(-(-n // WIDTH) * WIDTH), n - 1)  # the last one fills what lanes are left
        weights = self.weights[:, self.replica].reshape(len(ROLES), -1, WIDTH, *self.weights.shape[2:])
        weights = np.ascontiguousarray(weights.transpose(1, 4, 3, 0, 2))  # stack, block, time point, role, lane
        self.trained = (weights[:, :, :, 0] > 0).any((2, 3))
        self.packed = weights.reshape(*weights.shape[:3], -1)

    def __call__(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        stacks, n_parameters = len(self.packed), theta.shape[1]
        nll = np.empty((stacks, len(ROLES), WIDTH))
        gradient = np.empty((stacks, n_parameters, WIDTH))
        lanes = np.ascontiguousarray(theta[self.replica].reshape(stacks, WIDTH, n_parameters).transpose(0, 2, 1))
        flat = [array.reshape(stacks, -1) for array in (lanes, nll, gradient)]
        data = (self.choices, self.packed, self.trained)
        with nullcontext() if self.compiled else compiling():
            sweep(self.cell, self.readout, *data, self.room, *flat)
        self.compiled = True
        nll = nll.transpose(1, 0, 2).reshape(len(ROLES), -1)[:, : len(theta)]
        gradient = gradient.transpose(0, 2, 1).reshape(-1, n_parameters)[: len(theta)]
        return nll / self.n_scored, gradient / self.n_scored[0][:, None]


def _choices(sequences: Sequences, model: Any) -> Choices:
    """The sequences block by block; rows are the distinct inputs, or for a switching cell the conditions."""
    n_times, n_blocks, n_inputs = sequences.x.shape
    if model.cell in registry.SWITCHING:
        inputs, row = np.zeros((model.n_conditions, 0)), np.asarray(sequences.condition)
    else:
        inputs, row = np.unique(sequences.x.reshape(-1, n_inputs), axis=0, return_inverse=True)
    target = (sequences.action[..., None] == np.arange(model.n_actions)) * sequences.mask[..., None]
    closed = np.zeros((1, 1, 0)) if sequences.closed is None else sequences.closed
    row, target, closed = (
        np.ascontiguousarray(np.swapaxes(array, 0, 1)) for array in (row.reshape(n_times, n_blocks), target, closed)
    )
    return Choices(row, inputs, target, closed, np.asarray(sequences.lengths, dtype=np.int64))


def _room(choices: Choices, kernel: ModuleType, model: Any) -> Room:
    table = len(choices.inputs) * kernel.TABLE_WIDTH * model.n_units
    slot = kernel.SLOT_WIDTH * model.n_units + model.n_actions
    tape = TOGETHER * (choices.row.shape[1] + 1) * slot
    matrix = model.n_actions * (model.n_units + 1)
    return Room(*(np.empty(size * WIDTH) for size in (table, table, tape, matrix, matrix)))
