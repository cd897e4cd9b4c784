"""The training gradient of `tinycog.fitting.gradient` by the compiled sweep."""

from __future__ import annotations

import importlib
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from queue import SimpleQueue
from typing import Any, NamedTuple

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

CHOICES_OF_CHUNK, MOST_CHUNKS = 10_000, 16  # see `chunks`
FEW = 4  # rows of a table, or conditions of a switching cell, up to which eight blocks at once cost no more than four


def has_kernel(model: Any) -> bool:
    """Whether `Fused` can compute the gradient of `model`, on a CPU."""
    return registry.kernel(model.cell) is not None


def is_layer(model: Any) -> bool:
    """Whether the kernel of `model` is a layer, and not code that is unrolled, or that reads weights by condition."""
    kernel = importlib.import_module(registry.kernel(model.cell))
    unrolled = hasattr(kernel, "sizes") and model.n_units <= UNROLLED_UNITS and not model.embeddings
    return hasattr(kernel, "layer_sizes") and not unrolled


class Sweeps:
    """NLL of training and validation, nats per choice, and gradient of the former, for stacks of replicas.

    Attributes:
        coded: the blocks.
        tasks: what is swept, replica by replica.
        n_scored: (role, replica) scored choices.
        rooms: scratch arrays, one for each thread, for tables of up to `n_rows` inputs.

    Raises:
        NumbaError, RuntimeError: the kernel cannot be compiled here.
    """

    coded: Coded
    tasks: list[Task]
    n_scored: np.ndarray
    rooms: SimpleQueue
    n_rows = -1

    def __init__(self, model: Any, threads: int):
        self.model, self.threads = model, threads
        self.kernel = importlib.import_module(registry.kernel(model.cell))
        self.as_layer = is_layer(model)
        self.cell = self.kernel.layer_sizes(model) if self.as_layer else self.kernel.sizes(model)
        start = sum(int(np.prod(shape)) for shape in model.recurrent.values())
        actions = sized(model.n_actions, 2 if self.as_layer else UNROLLED_ACTIONS)
        self.readout = Readout(actions, start, model.n_groups)
        self.pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def __call__(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nll, gradient = self._sums(theta, True)
        return nll / self.n_scored, gradient / self.n_scored[0][:, None]

    def nll(self, theta: np.ndarray) -> np.ndarray:
        """The likelihood alone."""
        nll, _ = self._sums(theta, False)
        return nll / self.n_scored

    def _compile(self) -> None:
        compiled(self._sweep, self.tasks[0].of_none(), np.empty((0, self.model.n_parameters)), True)

    def _make_rooms(self, n_rows: int) -> None:
        """Scratch arrays for so many inputs, unless those at hand suffice; a layer's depend on the length alone."""
        n_rows = 0 if self.as_layer else n_rows
        if n_rows > self.n_rows:
            self.n_rows, self.rooms = n_rows, SimpleQueue()
            for _ in range(self.threads):
                self.rooms.put(self._room())

    def _room(self) -> LayerRoom | Room:
        model, n_times, n_rows = self.model, self.coded.row.shape[1], self.n_rows
        matrix = model.n_actions * (model.n_units + 1)
        if not self.as_layer:
            table = n_rows * self.kernel.TABLE_WIDTH * model.n_units
            slot = self.kernel.SLOT_WIDTH * model.n_units + model.n_actions
            tape = TOGETHER * (n_times + 1) * slot
            sizes = (model.n_parameters, model.n_parameters, len(FOLLOWED), table, table, tape, matrix, matrix)
            return Room(*map(_aligned, sizes))
        cell, d = self.cell, model.n_units
        n_rows, width = len(cell.gates) * d, slot_width.py_func(cell, model.n_actions) // WIDTH
        weights = n_rows * (1 + model.n_inputs + (2 * d + 1 if cell.recurrent else 0))
        plain = n_rows * (1 + cell.n_plain)
        sizes = (model.n_parameters, model.n_parameters, len(FOLLOWED), weights, weights, plain)
        sizes += (n_times * width, 2 * n_rows, len(cell.states) * d)
        sizes += (model.n_inputs - cell.n_plain, n_rows, matrix, matrix, matrix)
        room = LayerRoom(*map(_aligned, sizes))
        room.tape.reshape(n_times, width, WIDTH)[:, d] = 1.0
        return room

    def _sums(self, theta: np.ndarray, train: bool) -> tuple[np.ndarray, np.ndarray]:
        """Sums over choices, task after task."""
        results = (self.pool.map if self.pool else map)(lambda task: self._sweep(task, theta, train), self.tasks)
        nll, gradient = np.zeros(self.n_scored.shape), np.zeros(theta.shape)
        for task, (of_nll, of_gradient) in zip(self.tasks, results, strict=True):
            nll[:, task.rows] += of_nll
            gradient[task.rows] += of_gradient
        return nll, gradient

    def _sweep(self, task: Task, theta: np.ndarray, train: bool) -> tuple[np.ndarray, np.ndarray]:
        own, trained = theta[task.rows], task.trained if train else np.zeros_like(task.trained)
        nll, gradient = np.empty((len(FOLLOWED), len(own))), np.empty(own.shape)
        room = self.rooms.get()
        try:
            arguments = (task.choices, task.weights, trained, room, own, nll, gradient)
            (sweep_layer if self.as_layer else sweep)(self.cell, self.readout, *arguments)
        finally:
            self.rooms.put(room)
        return nll, gradient


class Fused(Sweeps):
    """The gradient of replicas of one subject, which share its blocks.

    How blocks are divided among parts of the lanes, and into chunks whose sums are added up in order, depends on the
    data alone, so that a replica's result does not depend, to the last bit, on how many others there are, nor on the
    number of threads.
    """

    def __init__(self, model: Any, sequences: Sequences, replicas: Replicas, threads: int = 1):
        super().__init__(model, threads)
        self.coded = coded_of(sequences, model)
        self._arrange(np.arange(len(self.coded.lengths)), np.stack([replicas.weights[role] for role in FOLLOWED]))
        self._compile()

    def of(self, blocks: np.ndarray) -> Fused:
        """The same for some of the blocks."""
        own = copy(self)
        own._arrange(blocks, self.weights[..., blocks])
        return own

    def keep(self, rows: np.ndarray) -> None:
        """Go on with some of the replicas; `rows` is boolean."""
        self.weights, self.n_scored = self.weights[:, rows], self.n_scored[:, rows]
        self._stack()

    def _arrange(self, own: np.ndarray, weights: np.ndarray) -> None:
        """Take these blocks, with the weights (role, replica, time point or 1, block)."""
        lengths = self.coded.lengths[own]
        self.weights, self.n_scored = weights, (weights * self.coded.scored[own].T).sum((2, 3))
        self.sets = sets(self.model, lengths)
        self.chunks = chunks(lengths[self.sets])
        blocks, size = own[self.sets], WIDTH // self.sets.shape[1]
        self.choices = [choices_of(self.coded, self.model, blocks[chunk], size, self.as_layer) for chunk in self.chunks]
        self._make_rooms(max(len(own.inputs) for own in self.choices))
        self._stack()

    def _stack(self) -> None:
        """Divide the replicas and chunks into tasks: replicas too, where chunks are few for the threads."""
        n, size = self.weights.shape[1], WIDTH // self.sets.shape[1]
        n_stacks = -(-n // size)
        replica = np.minimum(np.arange(n_stacks * size), n - 1)
        weights = self.weights[:, replica].reshape(len(FOLLOWED), -1, size, *self.weights.shape[2:])
        weights = weights[..., self.sets] * ~repeated(self.sets)
        weights = weights.transpose(1, 4, 3, 0, 5, 2)  # stack, set, time point, role, part, lane
        n_ranges = min(n_stacks, -(-2 * self.threads // len(self.chunks))) if self.pool else 1
        bounds = n_stacks * np.arange(n_ranges + 1) // n_ranges
        self.tasks = []
        for chunk, choices in zip(self.chunks, self.choices, strict=True):
            own = np.ascontiguousarray(weights[:, chunk])
            for first, last in pairwise(bounds.tolist()):
                self.tasks.append(Task.of(slice(first * size, last * size), choices, own[first:last]))


class Task(NamedTuple):
    """One call of the sweep: some of the replicas, in stacks, over one chunk; arrays as in `sweep`."""

    rows: slice | np.ndarray
    choices: Choices
    weights: np.ndarray
    trained: np.ndarray

    @classmethod
    def of(cls, rows: slice | np.ndarray, choices: Choices, weights: np.ndarray) -> Task:
        """Of weights (stack, set, time point or 1, role, part, replica of the part)."""
        trained = (weights[:, :, :, 0] > 0).any((2, 3, 4))
        return cls(rows, choices, weights.reshape(*weights.shape[:3], -1), trained)

    def of_none(self) -> Task:
        """The same types without a replica, for which code is compiled or loaded and nothing is computed."""
        return self._replace(rows=slice(0), weights=self.weights[:0], trained=self.trained[:0])


def sets(model: Any, lengths: np.ndarray) -> np.ndarray:
    """Blocks that are run at once, (set, part), of similar lengths, the longest first.

    A set has as many parts as possible, since few replicas may remain at the end of training, but no more than an
    eighth of the lanes may be filled by repeated blocks. Where blocks do not fill the last set, its first block is
    repeated, see `repeated`.
    """
    n = len(lengths)
    most = 4 if model.by_condition and model.n_conditions > FEW else WIDTH  # each part of the lanes reads its own
    parts = next(parts for parts in (8, 4, 2, 1) if parts <= most and -n % parts <= (n + -n % parts) / 8)
    order = np.argsort(-np.asarray(lengths), kind="stable")
    missing = -n % parts
    return np.append(order, np.repeat(order[n + missing - parts], missing)).reshape(-1, parts)


def repeated(blocks: np.ndarray) -> np.ndarray:
    """Where a block is a repetition that fills its set, booleans of the shape of `blocks`."""
    first = np.arange(blocks.shape[1]) == 0
    return (blocks == blocks[:, :1]) & ~first


def chunks(lengths: np.ndarray) -> list[slice]:
    """Ranges of sets of about as many choices each, from the time points of each set's blocks, (set, part).

    Chunks are as small as is worth a call, so that few replicas of large data leave work for many threads.
    """
    upto = np.append(0, np.cumsum(lengths.sum(1)))
    n = min(max(int(upto[-1]) // CHOICES_OF_CHUNK, 1), MOST_CHUNKS)
    if n == 1:
        return [slice(0, len(lengths))]  # of a batch, say, of which there are thousands
    bounds = np.unique(np.searchsorted(upto, np.linspace(0, upto[-1], n + 1)))
    return [slice(*pair) for pair in pairwise(bounds)]


@dataclass(frozen=True)
class Coded:
    """Sequences as a kernel reads them; blocks come first, so that some of them are quickly taken.

    Attributes:
        inputs: (row, input), the distinct inputs, or for a switching cell the conditions without any.
        row: (block, time point), what is fed after each choice.
        scored: (block, time point) float64.
        target, closed: (block, time point, action); no action where every one is always offered.
        lengths: (block,).
        codes: (table of embeddings, block), row of each block.
    """

    inputs: np.ndarray
    row: np.ndarray
    scored: np.ndarray
    target: np.ndarray
    closed: np.ndarray
    lengths: np.ndarray
    codes: np.ndarray

    @cached_property
    def of_lanes(self) -> np.ndarray:
        """The inputs, each number on all lanes."""
        return np.repeat(self.inputs.ravel(), WIDTH)


def coded_of(sequences: Sequences, model: Any) -> Coded:
    n_times, n_blocks, n_inputs = sequences.x.shape
    if model.by_condition:
        inputs, row = np.zeros((model.n_conditions, 0)), np.asarray(sequences.condition)
    else:
        fed = np.arange(n_times)[:, None] < sequences.lengths - 1  # only a later choice depends on an input
        x = np.where(fed[..., None], sequences.x, sequences.x[:1])
        inputs, row = distinct(x.reshape(-1, n_inputs))
    row = row.reshape(n_times, n_blocks).astype(np.int64)  # as the sweep reads it
    target = shares(sequences, model.n_actions) * sequences.mask[..., None]
    closed = np.zeros((n_times, n_blocks, 0)) if sequences.closed is None else sequences.closed
    codes = np.zeros((len(model.embeddings), n_blocks), dtype=np.int64)
    for table, name in enumerate(model.embeddings):
        if (own := getattr(sequences, ROWS[name])) is None:
            raise ValueError(f"a network with {name} needs sequences with `{ROWS[name]}`, the row of each block")
        codes[table] = own
    of_blocks = (np.ascontiguousarray(array.swapaxes(0, 1)) for array in (row, sequences.mask, target, closed))
    return Coded(inputs, *of_blocks, np.asarray(sequences.lengths, dtype=np.int64), codes)


def distinct(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct rows of a matrix, sorted, and the place of each row among them: `np.unique`, but fast for many rows."""
    place = np.zeros(len(x), dtype=np.int64)
    for column in x.T:
        values, own = np.unique(column, return_inverse=True)
        _, first, place = np.unique(place * len(values) + own, return_index=True, return_inverse=True)
    return x[first], place


def choices_of(coded: Coded, model: Any, blocks: np.ndarray, size: int, as_layer: bool) -> Choices:
    """The choices of sets of blocks, for stacks of so many replicas."""

    def flat(array: np.ndarray) -> np.ndarray:
        """(block, time point, ...) as (set, time point, ..., part), one after the other."""
        return np.moveaxis(array[blocks], 1, -1).ravel()

    row, target, closed = (flat(array) for array in (coded.row, coded.target, coded.closed))
    inputs, lengths = coded.inputs, coded.lengths[blocks]
    few = not as_layer and blocks.shape[1] == WIDTH and len(inputs) <= FEW
    if not model.by_condition and few:  # the compiler knows how many rows there are, and compiles for one number
        inputs = np.pad(inputs, ((0, FEW - len(inputs)), (0, 0)))
    elif not model.by_condition and not as_layer:  # a sweep multiplies every input once: those of these blocks
        used = np.zeros(len(inputs), dtype=bool)
        used[row] = True
        inputs, row = inputs[used], (np.cumsum(used) - 1)[row]
    if as_layer:  # every lane reads its own
        inputs = coded.of_lanes
    sizes = [int(np.prod(shape)) for shape in model.embeddings.values()]
    starts = model.n_parameters - np.cumsum(sizes[::-1], dtype=np.int64)[::-1]  # these tables stand last
    widths = np.array([width for _, width in model.embeddings.values()], dtype=np.int64)
    codes = coded.codes[:, blocks].swapaxes(0, 1).ravel()
    parts, replicas, ends = (0,) * blocks.shape[1], (0,) * size, lengths.ravel().astype(np.float64)
    longest, shortest = lengths.max(1), lengths.min(1)
    few_rows = (0,) * len(inputs) if few else ()
    of_blocks = (row, inputs, target, closed, longest, shortest, ends)
    return Choices(parts, replicas, few_rows, *of_blocks, starts.copy(), widths, codes)


def _aligned(n: int) -> np.ndarray:
    """Room for n times all lanes, which begins where a line of the cache does: lanes across two lines are slow."""
    array = np.empty((n + 1) * WIDTH)
    start = -array.ctypes.data % (8 * WIDTH) // 8
    return array[start : start + n * WIDTH]
