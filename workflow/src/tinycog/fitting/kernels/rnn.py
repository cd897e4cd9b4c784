"""The Elman network (methods: Elman and low-rank networks) as a kernel; `tinycog.models.cells.rnn` is its oracle."""

from __future__ import annotations

from typing import Any, NamedTuple

from tinycog.fitting.kernels import cell as interface
from tinycog.fitting.kernels import layer
from tinycog.fitting.kernels.affine import pull_back_affine, tabulate_affine
from tinycog.fitting.kernels.cell import count, first_lanes, for_cell
from tinycog.fitting.kernels.lanes import WIDTH, add, further, load, store, tanh


class RnnSizes(NamedTuple):
    """Sizes of an Elman network. Parameters in the order W_ih (d, I), W_hh (d, d), b_ih (d), b_hh (d).

    A table row has the input's share with both biases; a slot of the tape has the state before and after the update.
    """

    units: tuple[int, ...]
    n_inputs: int


def sizes(model: Any) -> RnnSizes:
    return RnnSizes((0,) * model.n_units, model.n_inputs)


TABLE_WIDTH = 1  # quantities per unit
SLOT_WIDTH = 2


@for_cell(interface.tabulate, RnnSizes)
def tabulate(cell, theta, inputs, table):
    n_units = count(cell.units)
    biases = n_units * (cell.n_inputs + n_units) * WIDTH
    tabulate_affine(theta, biases, n_units, n_units, inputs, table)


@for_cell(interface.pull_back, RnnSizes)
def pull_back(cell, inputs, table, table_gradient, gradient):
    n_units = count(cell.units)
    biases = n_units * (cell.n_inputs + n_units) * WIDTH
    pull_back_affine(gradient, biases, n_units, n_units, inputs, table_gradient)


@for_cell(interface.advance, RnnSizes)
def advance(cell, theta, table, rows, tape, slot, following):
    n_units = count(cell.units)
    weights = n_units * cell.n_inputs * WIDTH
    start = first_lanes(rows, n_units)
    for i in range(n_units):
        value = load(table, further(start, i * WIDTH))
        for j in range(n_units):
            value = value + load(theta, weights + (i * n_units + j) * WIDTH) * load(tape, slot + j * WIDTH)
        value = tanh(value)
        store(tape, following + i * WIDTH, value)
        store(tape, slot + (n_units + i) * WIDTH, value)


@for_cell(interface.retreat, RnnSizes)
def retreat(cell, theta, gradient, table, table_gradient, rows, tape, slot, slope):
    n_units = count(cell.units)
    weights = n_units * cell.n_inputs * WIDTH
    start = first_lanes(rows, n_units)
    for i in range(n_units):
        after = load(tape, slot + (n_units + i) * WIDTH)
        part = load(tape, slope + i * WIDTH) * (1.0 - after * after)
        store(tape, slot + (n_units + i) * WIDTH, part)
        add(table_gradient, further(start, i * WIDTH), part)
    for j in range(n_units):
        state = load(tape, slot + j * WIDTH)
        before = 0.0 * state
        for i in range(n_units):
            part = load(tape, slot + (n_units + i) * WIDTH)
            place = weights + (i * n_units + j) * WIDTH
            before = before + load(theta, place) * part
            add(gradient, place, part * state)
        store(tape, slope + j * WIDTH, before)


RnnLayer = layer.kind("RnnLayer", __name__)


def layer_sizes(model: Any) -> Any:
    """Kept: the state after the update."""
    return layer.sizes(RnnLayer, model, gates=1, of_input=(0,), kept=1)


for_cell(layer.pack, RnnLayer)(layer.pack_affine)
for_cell(layer.unpack, RnnLayer)(layer.unpack_affine)


@for_cell(layer.respond, RnnLayer)
def respond(cell, theta, unit, units, u, v, states):
    after = tanh(u[0] + v[0])
    return (after,), (after,)


@for_cell(layer.reflect, RnnLayer)
def reflect(cell, theta, gradient, unit, units, kept, states, after):
    return (after[0] * (1.0 - kept[0] * kept[0]),), (0.0 * after[0],)
