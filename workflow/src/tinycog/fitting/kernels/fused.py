"""The training gradient of `tinycog.fitting.gradient` by the compiled sweep."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

import numpy as np

from tinycog.fitting.kernels import compiled
from tinycog.fitting.kernels.cell import UNROLLED_ACTIONS, UNROLLED_UNITS, sized
from tinycog.fitting.kernels.lanes import WIDTH
from tinycog.fitting.kernels.layer import LayerRoom, slot_width, sweep_layer
from tinycog.fitting.kernels.sweep import TOGETHER, Choices, Readout, Room, sweep
from tinycog.fitting.objective import FOLLOWED, Replicas
from tinycog.models import registry
from tinycog.models.cells.network import ROWS
from tinycog.trials.sequences import Sequences, shares


def has_kernel(model: Any) -> bool:
    """Whether `Fused` can compute the gradient of `model`, on a CPU."""
    return registry.kernel(model.cell) is not None


def is_layer(model: Any) -> bool:
    """Whether the kernel of `model` is a layer, and not code that is unrolled, or that reads weights by condition."""
    kernel = importlib.import_module(registry.kernel(model.cell))
    unrolled = hasattr(kernel, "sizes") and model.n_units <= UNROLLED_UNITS and not model.embeddings
    return hasattr(kernel, "layer_sizes") and not unrolled


class Fused:
    """NLL of training and validation, nats per choice, and gradient of the former, for stacks of replicas.

    How blocks are divided among parts of the lanes depends on the data alone, so that a replica's result does not
    depend, to the last bit, on how many others there are.
    """

    def __init__(self, model: Any, sequences: Sequences, replicas: Replicas):
        kernel = importlib.import_module(registry.kernel(model.cell))
        start = sum(int(np.prod(shape)) for shape in model.recurrent.values())
        as_layer = is_layer(model)
        self.cell = kernel.layer_sizes(model) if as_layer else kernel.sizes(model)
        self.sweep = sweep_layer if as_layer else sweep
        actions = sized(model.n_actions, 2 if as_layer else UNROLLED_ACTIONS)
        self.readout = Readout(actions, start, model.n_groups)
        self.blocks = _sets(sequences.lengths, 8 if as_layer else 4)
        self.choices = _choices(sequences, model, self.blocks, as_layer)
        self.room = (_layer_room if as_layer else _room)(self.choices, kernel, model, self.cell)
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
        arguments = (self.cell, self.readout, *data, self.room, theta, nll, gradient)
        self.sweep(*arguments) if self.compiled else compiled(self.sweep, *arguments)
        self.compiled = True
        return nll / self.n_scored, gradient / self.n_scored[0][:, None]


def _sets(lengths: np.ndarray, most: int) -> np.ndarray:
    """Blocks that are run at once, (set, part), of similar lengths.

    A set has as many parts as possible, since few replicas may remain at the end of training, but no more than an
    eighth of the lanes may be filled by repeated blocks. Where blocks do not fill the last set, its first block is
    repeated, see `_repeated`.
    """
    n = len(lengths)
    parts = next(parts for parts in (8, 4, 2, 1) if parts <= most and -n % parts <= (n + -n % parts) / 8)
    order = np.argsort(-np.asarray(lengths), kind="stable")
    missing = -n % parts
    return np.append(order, np.repeat(order[n + missing - parts], missing)).reshape(-1, parts)


def _repeated(blocks: np.ndarray) -> np.ndarray:
    """Where a block is a repetition that fills its set, booleans of the shape of `blocks`."""
    first = np.arange(blocks.shape[1]) == 0
    return (blocks == blocks[:, :1]) & ~first


def _choices(sequences: Sequences, model: Any, blocks: np.ndarray, as_layer: bool) -> Choices:
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
    if as_layer:  # every lane reads its own
        inputs = np.repeat(inputs.ravel(), WIDTH)
    tables = _embeddings(model, sequences, blocks)
    return Choices((0,) * blocks.shape[1], row, inputs, target, closed, lengths.max(1), lengths.min(1), ends, *tables)


def _embeddings(model: Any, sequences: Sequences, blocks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Place, width and rows of the tables of embeddings, see `Choices`."""
    starts, widths, codes, place = [], [], [], 0
    for name, shape in model.shapes.items():
        if name in model.embeddings:
            if (row := getattr(sequences, ROWS[name])) is None:
                raise ValueError(f"a network with {name} needs sequences with `{ROWS[name]}`, the row of each block")
            starts.append(place)
            widths.append(shape[1])
            codes.append(np.asarray(row)[blocks])
        place += int(np.prod(shape))
    flat = np.stack(codes, axis=1).ravel() if codes else np.zeros(0)  # (set, table, part)
    return tuple(np.asarray(values, dtype=np.int64) for values in (starts, widths, flat))


def _layer_room(choices: Choices, kernel: ModuleType, model: Any, cell: Any) -> LayerRoom:
    d, n_times = model.n_units, choices.row.size // (len(choices.lengths) * len(choices.parts))
    n_rows, states = len(cell.gates) * d, len(cell.states) * d
    weights = n_rows * (1 + model.n_inputs + (2 * d + 1 if cell.recurrent else 0))
    width = slot_width.py_func(cell, model.n_actions) // WIDTH
    matrix = model.n_actions * (d + 1)
    sizes = (model.n_parameters, model.n_parameters, len(FOLLOWED), weights, weights, n_times * width, 2 * n_rows)
    sizes += (states, n_rows if model.embeddings else 0, matrix, matrix, matrix)
    room = LayerRoom(*map(_aligned, sizes))
    room.tape.reshape(n_times, width, WIDTH)[:, d] = 1.0
    return room


def _room(choices: Choices, kernel: ModuleType, model: Any, cell: Any) -> Room:
    table = len(choices.inputs) * kernel.TABLE_WIDTH * model.n_units
    slot = kernel.SLOT_WIDTH * model.n_units + model.n_actions
    n_times = choices.row.size // (len(choices.lengths) * len(choices.parts))
    tape = TOGETHER * (n_times + 1) * slot
    matrix = model.n_actions * (model.n_units + 1)
    sizes = (model.n_parameters, model.n_parameters, len(FOLLOWED), table, table, tape, matrix, matrix)
    return Room(*map(_aligned, sizes))


def _aligned(n: int) -> np.ndarray:
    """Room for n times all lanes, which begins where a line of the cache does: lanes across two lines are slow."""
    array = np.empty((n + 1) * WIDTH)
    start = -array.ctypes.data % (8 * WIDTH) // 8
    return array[start : start + n * WIDTH]
