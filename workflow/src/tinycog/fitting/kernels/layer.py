"""A layer of any number of units that is fed vectors: products with input and state, then gates unit by unit.

    u = W_ih x + b_ih        and, in a recurrent layer,        v = W_hh h + b_hh

are the same in every such cell; a cell brings what its gates make of them: `respond`, and `reflect`, its gradient.
Lanes are divided among blocks and replicas as in `sweep`: with eight blocks of one replica a weight is one number for
all lanes, and weights stay in the processor's nearest cache.

A slot of the tape has, for a choice, `WIDTH` lanes each of

    h (unit), 1, x (input), further states (unit), work (kept values, later slopes), slopes of the logits (action)

so that W_hh and b_hh multiply the first columns, b_ih and W_ih those from the 1 on. An embedding is the same at all
choices of a block: what W_ih makes of it, and its share of the gradient, are computed once for each block. Gradients of
weights are not added up choice by choice but over `CHUNK` choices of a block, whose slots are still in a near cache,
with the sums in registers. Memory is that of one set of blocks at a time, whatever the number of blocks and replicas.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from tinycog.fitting.kernels import kept
from tinycog.fitting.kernels.cell import count
from tinycog.fitting.kernels.lanes import (
    WIDTH,
    add,
    further,
    load,
    several,
    spread,
    store,
    store_several,
    times,
    whole_parts,
)
from tinycog.fitting.kernels.products import add_outer, add_product, address
from tinycog.fitting.kernels.sweep import _fold, _score, _stop, _unfold, empty_lanes, fill_lanes

CHUNK = 32  # choices of a block over which the gradient of weights is added up together

FIELDS = (
    "n_units",
    "n_inputs",
    "n_plain",
    "rank",
    "recurrent",
    "gates",
    "of_input",
    "states",
    "kept",
    "work",
)


def kind(name: str, module: str) -> type:
    """A type of layers, which the functions of a cell in `module` are overloaded for.

    Fields, of which tuples matter by their length, so that the compiler knows it: `n_units`; `n_inputs`, of which the
    first `n_plain` are the trial's and the rest the block's embeddings; `rank` of W_hh, or 0; `recurrent`, empty where
    the gates do not see the state; `gates`; `of_input`, the place among the slopes of each gate's slope by u, while
    those by v come first; `states` (h, then others); `kept` values of a unit; `work`, the number of those, or of the
    slopes that replace them if they are more.
    """
    return namedtuple(name, FIELDS, module=module)  # compiled code is found again by the type's full name


def sizes(
    of: type,
    model: Any,
    *,
    gates: int,
    of_input: tuple[int, ...],
    kept: int,
    states: int = 1,
    recurrent: tuple[int, ...] = (0,),
) -> Any:
    """The sizes of a layer of this kind; arguments as in `kind`, tuples by their length."""
    slopes = max(gates, max(of_input) + 1)
    n_plain = model.n_inputs - sum(width for _, width in model.embeddings.values())
    lengths = {"gates": gates, "states": states, "kept": kept}
    tuples = {name: (0,) * n for name, n in lengths.items()} | {"recurrent": recurrent, "of_input": of_input}
    numbers = {"n_units": model.n_units, "n_inputs": model.n_inputs, "n_plain": n_plain}
    return of(**numbers, **tuples, rank=getattr(model, "rank", 0), work=max(kept, slopes))


def respond(cell, theta, unit, units, u, v, states):
    """States after the update, and what the gradient needs of it, from what input and state bring.

    Args:
        unit, units: the first unit, and a tuple as long as there are: their lanes stand side by side.
        u, v: lanes for each gate; without recurrence v is u again.
        states: lanes for each state before the update.
    """
    raise NotImplementedError


def reflect(cell, theta, gradient, unit, units, kept, states, after):
    """Slopes by v and u (those that differ, see `of_input`), and by the states where they act directly.

    Args:
        kept: what `respond` gave.
        after: slopes by the states after the update.
    """
    raise NotImplementedError


def pack(cell, replicas, theta, weights):
    """Write weights, compact: those of u (1 and input, row), of v (unit and 1, row), and of v again (row, unit).

    A row is a gate's unit.
    """
    raise NotImplementedError


def unpack(cell, theta, weights_gradient, gradient):
    """Add the gradients of weights of u (row, 1 and input) and of v (row, unit and 1), to those of the parameters."""
    raise NotImplementedError


@njit(forceinline=True)
def put(replicas, weights, place, theta, own):
    """Write one weight, compact: the first lanes have every replica."""
    size = len(replicas)
    for lane in range(size):
        weights[place * size + lane] = theta[own * WIDTH + lane]


def pack_affine(cell, replicas, theta, weights):
    """For parameters in the order W_ih, W_hh, b_ih, b_hh."""
    n_units, n_inputs, n_rows = cell.n_units, cell.n_inputs, len(cell.gates) * cell.n_units
    of_state = n_rows * n_inputs
    biases = of_state + n_rows * n_units * len(cell.recurrent)
    for row in range(n_rows):
        put(replicas, weights, row, theta, biases + row)
        for k in range(n_inputs):
            put(replicas, weights, (1 + k) * n_rows + row, theta, row * n_inputs + k)
    if len(cell.recurrent):
        forwards = n_rows * (1 + n_inputs)
        backwards = forwards + n_rows * (n_units + 1)
        for row in range(n_rows):
            for j in range(n_units):
                own = of_state + row * n_units + j
                put(replicas, weights, forwards + j * n_rows + row, theta, own)
                put(replicas, weights, backwards + row * n_units + j, theta, own)
            put(replicas, weights, forwards + n_units * n_rows + row, theta, biases + n_rows + row)


def unpack_affine(cell, theta, weights_gradient, gradient):
    n_units, n_inputs, n_rows = cell.n_units, cell.n_inputs, len(cell.gates) * cell.n_units
    of_state = n_rows * n_inputs
    biases = of_state + n_rows * n_units * len(cell.recurrent)
    for row in range(n_rows):
        start = row * (1 + n_inputs)
        add(gradient, (biases + row) * WIDTH, load(weights_gradient, start * WIDTH))
        for k in range(n_inputs):
            add(gradient, (row * n_inputs + k) * WIDTH, load(weights_gradient, (start + 1 + k) * WIDTH))
    if len(cell.recurrent):
        for row in range(n_rows):
            start = n_rows * (1 + n_inputs) + row * (n_units + 1)
            for j in range(n_units):
                add(gradient, (of_state + row * n_units + j) * WIDTH, load(weights_gradient, (start + j) * WIDTH))
            add(gradient, (biases + n_rows + row) * WIDTH, load(weights_gradient, (start + n_units) * WIDTH))


class LayerRoom(NamedTuple):
    """Flat scratch arrays of a sweep, for one stack. `tape` holds 1 in the column of that name, once for all.

    A set's are `plain_gradient`, of the weights of 1 and the trial's input (row, 1 and input), `embedded`, its
    embeddings, and `of_block`, what these and the bias bring to u (row).
    """

    theta: np.ndarray
    gradient: np.ndarray
    nll: np.ndarray
    weights: np.ndarray
    weights_gradient: np.ndarray
    plain_gradient: np.ndarray
    tape: np.ndarray
    products: np.ndarray
    slope: np.ndarray
    embedded: np.ndarray
    of_block: np.ndarray
    readout: np.ndarray
    readout_gradient: np.ndarray
    collected: np.ndarray


@njit(forceinline=True)
def slot_width(cell, n_actions):
    """Numbers in a slot of the tape."""
    return ((len(cell.states) + cell.work) * cell.n_units + 1 + cell.n_plain + n_actions) * WIDTH


@njit(forceinline=True)
def _places(cell):
    """Places in a slot of 1, of the second state and of the work."""
    one, rest = cell.n_units * WIDTH, (cell.n_units + 1 + cell.n_plain) * WIDTH
    return one, rest, rest + (len(cell.states) - 1) * cell.n_units * WIDTH


_FRESH = (0,)  # see `add_product`
_TWO, _ONE = ((0,) * n for n in (2, 1))  # units whose gates are computed together


@njit(forceinline=True)
def _respond(cell, theta, unit, units, tape, slot, following, products):
    """The gates of as many units as `units` is long, from `unit` on."""
    step, of_state = cell.n_units * WIDTH, len(cell.gates) * cell.n_units * WIDTH * len(cell.recurrent)
    _, rest, work = _places(cell)
    u = several(products, unit * WIDTH, step, cell.gates, units)
    v = several(products, of_state + unit * WIDTH, step, cell.gates, units)
    states = several(tape, slot + unit * WIDTH, rest, cell.states, units)
    after, kept = respond(cell, theta, unit, units, u, v, states)
    store_several(tape, following + unit * WIDTH, rest, after)
    store_several(tape, slot + work + unit * WIDTH, step, kept)


@njit(forceinline=True)
def _reflect(cell, theta, gradient, unit, units, tape, slot, slope):
    """The slopes of as many units as `units` is long, from `unit` on."""
    step = cell.n_units * WIDTH
    _, rest, work = _places(cell)
    kept = several(tape, slot + work + unit * WIDTH, step, cell.kept, units)
    after = several(slope, unit * WIDTH, step, cell.states, units)
    states = several(tape, slot + unit * WIDTH, rest, cell.states, units)
    by_gates, before = reflect(cell, theta, gradient, unit, units, kept, states, after)
    store_several(tape, slot + work + unit * WIDTH, step, by_gates)
    store_several(slope, unit * WIDTH, step, before)


@njit(forceinline=True)
def _update(cell, replicas, theta, weights, of_block, tape, slot, following, products):
    """States of the next slot from those and the input of this one, and from what its block brings."""
    n_units, n_rows = cell.n_units, len(cell.gates) * cell.n_units
    one, _, _ = _places(cell)
    size, of_state = len(replicas), n_rows * WIDTH * len(cell.recurrent)
    own, inputs = address(weights, size * n_rows), address(tape, slot + one + WIDTH)
    add_product(replicas, (), own, n_rows, inputs, cell.n_plain, address(of_block, 0), address(products, 0))
    if len(cell.recurrent):
        forwards, to = address(weights, size * n_rows * (1 + cell.n_inputs)), address(products, of_state)
        add_product(replicas, _FRESH, forwards, n_rows, address(tape, slot), n_units + 1, to, to)
    unit = 0
    while unit + 2 <= n_units:
        _respond(cell, theta, unit, _TWO, tape, slot, following, products)
        unit += 2
    if unit < n_units:
        _respond(cell, theta, unit, _ONE, tape, slot, following, products)


@njit(forceinline=True)
def _pull_back(cell, replicas, theta, gradient, weights, tape, slot, slope):
    """Turn the slopes by the states after an update into those by the states before it; leave those by u and v."""
    n_units, n_rows = cell.n_units, len(cell.gates) * cell.n_units
    _, _, work = _places(cell)
    unit = 0
    while unit + 2 <= n_units:
        _reflect(cell, theta, gradient, unit, _TWO, tape, slot, slope)
        unit += 2
    if unit < n_units:
        _reflect(cell, theta, gradient, unit, _ONE, tape, slot, slope)
    if len(cell.recurrent):
        backwards = address(weights, len(replicas) * n_rows * (2 + cell.n_inputs + n_units))
        to = address(slope, 0)
        add_product(replicas, (), backwards, n_units, address(tape, slot + work), n_rows, to, to)


@njit(forceinline=True)
def _slope(n_units, readout, matrix, tape, errors, slope):
    """Add what a choice's logits say to the slopes by the state before it."""
    for unit in range(n_units):
        total = load(slope, unit * WIDTH)
        for o in range(count(readout.actions)):
            total = total + load(tape, errors + o * WIDTH) * load(matrix, (o * n_units + unit) * WIDTH)
        store(slope, unit * WIDTH, total)


@njit(forceinline=True)
def _transposed(n_units, n_actions, collected, matrix_gradient):
    """From (action, unit and 1) to the order of `_unfold`."""
    for o in range(n_actions):
        for unit in range(n_units):
            value = load(collected, (o * (n_units + 1) + unit) * WIDTH)
            store(matrix_gradient, (o * n_units + unit) * WIDTH, value)
        value = load(collected, (o * (n_units + 1) + n_units) * WIDTH)
        store(matrix_gradient, (n_actions * n_units + o) * WIDTH, value)


@njit(forceinline=True)
def _collect(cell, tape, slot, width, n, weights_gradient, plain_gradient):
    """Add to the gradients of the weights what n slots from this one on say, `width` numbers apart."""
    n_units, n_rows, wide = cell.n_units, len(cell.gates) * cell.n_units, 1 + cell.n_plain
    one, _, work = _places(cell)
    for gate in range(len(cell.gates)):
        of_gate = address(tape, slot + work + cell.of_input[gate] * n_units * WIDTH)
        to = address(plain_gradient, gate * n_units * wide * WIDTH)
        add_outer(of_gate, n_units, address(tape, slot + one), wide, width, n, to)
    if len(cell.recurrent):
        of_state, to = address(tape, slot + work), address(weights_gradient, n_rows * (1 + cell.n_inputs) * WIDTH)
        add_outer(of_state, n_rows, address(tape, slot), n_units + 1, width, n, to)


@njit(forceinline=True)
def _add_plain(cell, plain_gradient, weights_gradient):
    """Add a set's gradient of the weights of 1 and the trial's input to that of the weights of all inputs."""
    wide = 1 + cell.n_plain
    for row in range(len(cell.gates) * cell.n_units):
        for k in range(wide):
            value = load(plain_gradient, (row * wide + k) * WIDTH)
            add(weights_gradient, (row * (1 + cell.n_inputs) + k) * WIDTH, value)


@njit(forceinline=True)
def _embed(cell, choices, group, theta, weights, tape, embedded, of_block):
    """Read the embeddings of a set's blocks, and compute what they and the bias bring to u."""
    parts, column, n_rows, size = choices.parts, 0, len(cell.gates) * cell.n_units, len(choices.replicas)
    for table in range(len(choices.starts)):
        first = (group * len(choices.starts) + table) * len(parts)
        rows = times(whole_parts(choices.codes, first, parts), choices.widths[table] * WIDTH)
        for k in range(choices.widths[table]):
            value = load(theta, further(rows, (choices.starts[table] + k) * WIDTH))
            store(embedded, column * WIDTH, value)
            column += 1
    one, to = address(tape, _places(cell)[0]), address(of_block, 0)
    add_product(choices.replicas, _FRESH, address(weights, 0), n_rows, one, 1, to, to)
    own = address(weights, size * n_rows * (1 + cell.n_plain))
    add_product(choices.replicas, (), own, n_rows, address(embedded, 0), column, to, to)


@njit(forceinline=True)
def _embed_back(cell, choices, group, theta, embedded, plain_gradient, weights_gradient, gradient):
    """Add the slopes by a set's embeddings and by their weights; W_ih stands first in `theta`.

    They follow from the sums of slopes by u, which are the gradient of the weights of 1.
    """
    parts, column = choices.parts, cell.n_plain
    for table in range(len(choices.starts)):
        first = (group * len(choices.starts) + table) * len(parts)
        rows = times(whole_parts(choices.codes, first, parts), choices.widths[table] * WIDTH)
        for k in range(choices.widths[table]):
            total, value = spread(0.0), load(embedded, (column - cell.n_plain) * WIDTH)
            for row in range(len(cell.gates) * cell.n_units):
                slope = load(plain_gradient, row * (1 + cell.n_plain) * WIDTH)
                total = total + load(theta, (row * cell.n_inputs + column) * WIDTH) * slope
                add(weights_gradient, (row * (1 + cell.n_inputs) + 1 + column) * WIDTH, slope * value)
            add(gradient, further(rows, (choices.starts[table] + k) * WIDTH), total)
            column += 1


@kept
def sweep_layer(cell, readout, choices, weights, trained, room, theta, nll, gradient):
    """As `tinycog.fitting.kernels.sweep.sweep`, for a layer."""
    n_units, parts, replicas, n_actions = cell.n_units, choices.parts, choices.replicas, count(readout.actions)
    n_sets, n_states, n_plain = len(choices.lengths), len(cell.states), cell.n_plain
    n_times = choices.row.size // (n_sets * len(parts))
    width = slot_width(cell, n_actions)
    _, rest, _ = _places(cell)
    tape, matrix = room.tape, room.readout
    slope, embedded, of_block, plain = room.slope, room.embedded, room.of_block, room.plain_gradient
    for stack in range(len(weights)):
        fill_lanes(theta, stack, replicas, room.theta)
        room.weights_gradient[:] = 0.0
        room.collected[:] = 0.0
        room.nll[:] = 0.0
        room.gradient[:] = 0.0
        pack(cell, replicas, room.theta, room.weights)
        _unfold(readout, n_units, room.theta, matrix)
        for group in range(n_sets):
            length = choices.lengths[group]
            for state in range(n_states):
                for unit in range(n_units):
                    store(tape, (rest * min(state, 1)) + unit * WIDTH, spread(0.0))
            _embed(cell, choices, group, room.theta, room.weights, tape, embedded, of_block)
            for time in range(length):
                slot, choice = time * width, group * n_times + time
                if time >= choices.shortest[group]:
                    for state in range(n_states):
                        _stop(n_units, choices, group, time, tape, slot + rest * state)
                weight = weights[stack, group, time if weights.shape[2] > 1 else 0]
                _score(
                    n_units,
                    readout,
                    choices,
                    choice,
                    matrix,
                    tape,
                    slot,
                    slot + width - n_actions * WIDTH,
                    weight,
                    room.nll,
                )
                if time + 1 < length:
                    rows = times(whole_parts(choices.row, choice * len(parts), parts), n_plain * WIDTH)
                    for k in range(n_plain):
                        value = load(choices.inputs, further(rows, k * WIDTH))
                        store(tape, slot + (n_units + 1 + k) * WIDTH, value)
                    following, products = slot + width, room.products
                    _update(cell, replicas, room.theta, room.weights, of_block, tape, slot, following, products)
            if not trained[stack, group]:
                continue
            slope[:] = 0.0
            plain[:] = 0.0
            last, end = length - 1, length  # the last slot has a choice, and no update
            for time in range(length - 1, -1, -1):
                slot = time * width
                errors = slot + width - n_actions * WIDTH
                if time + 1 < length:
                    _pull_back(cell, replicas, room.theta, room.gradient, room.weights, tape, slot, slope)
                _slope(n_units, readout, matrix, tape, errors, slope)
                if last - time == CHUNK or time == 0:
                    _collect(cell, tape, slot, width, last - time, room.weights_gradient, plain)
                    of_logits, to = address(tape, errors), address(room.collected, 0)
                    add_outer(of_logits, n_actions, address(tape, slot), n_units + 1, width, end - time, to)
                    last = end = time
            _embed_back(cell, choices, group, room.theta, embedded, plain, room.weights_gradient, room.gradient)
            _add_plain(cell, plain, room.weights_gradient)
        unpack(cell, room.theta, room.weights_gradient, room.gradient)
        _transposed(n_units, n_actions, room.collected, room.readout_gradient)
        _fold(readout, n_units, room.readout_gradient, room.gradient)
        empty_lanes(room, stack, replicas, nll, gradient)
