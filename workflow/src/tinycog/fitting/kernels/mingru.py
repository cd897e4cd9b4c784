"""The minimal GRU (methods: minimal cells) as a kernel; `tinycog.models.cells.minimal` is its oracle."""

from __future__ import annotations

from typing import Any, NamedTuple

from tinycog.fitting.kernels import cell as interface
from tinycog.fitting.kernels import layer
from tinycog.fitting.kernels.affine import pull_back_affine, tabulate_affine
from tinycog.fitting.kernels.cell import count, first_lanes, for_cell
from tinycog.fitting.kernels.lanes import WIDTH, add, further, load, sigmoid, store


class MinGruSizes(NamedTuple):
    """Sizes of a minimal GRU. Parameters in the order W_ih (2d, I), b_ih (2d); gates update, candidate.

    In the update h' = (1 - z) h + z n, z and n depend on the input alone: a table row has both for every unit.
    """

    units: tuple[int, ...]
    n_inputs: int


def sizes(model: Any) -> MinGruSizes:
    return MinGruSizes((0,) * model.n_units, model.n_inputs)


TABLE_WIDTH = 2  # quantities per unit
SLOT_WIDTH = 1


@for_cell(interface.tabulate, MinGruSizes)
def tabulate(cell, theta, inputs, table):
    n_units = count(cell.units)
    tabulate_affine(theta, 2 * n_units * cell.n_inputs * WIDTH, 2 * n_units, 0, inputs, table)
    for k in range(inputs.shape[0]):
        for i in range(n_units):
            place = (k * 2 * n_units + i) * WIDTH
            store(table, place, sigmoid(load(table, place)))


@for_cell(interface.pull_back, MinGruSizes)
def pull_back(cell, inputs, table, table_gradient, gradient):
    n_units = count(cell.units)
    for k in range(inputs.shape[0]):
        for i in range(n_units):
            place = (k * 2 * n_units + i) * WIDTH
            update = load(table, place)
            store(table_gradient, place, load(table_gradient, place) * update * (1.0 - update))
    pull_back_affine(gradient, 2 * n_units * cell.n_inputs * WIDTH, 2 * n_units, 0, inputs, table_gradient)


@for_cell(interface.advance, MinGruSizes)
def advance(cell, theta, table, rows, tape, slot, following):
    n_units = count(cell.units)
    start = first_lanes(rows, 2 * n_units)
    for i in range(n_units):
        update = load(table, further(start, i * WIDTH))
        candidate = load(table, further(start, (n_units + i) * WIDTH))
        state = load(tape, slot + i * WIDTH)
        store(tape, following + i * WIDTH, state + update * (candidate - state))


@for_cell(interface.retreat, MinGruSizes)
def retreat(cell, theta, gradient, table, table_gradient, rows, tape, slot, slope):
    n_units = count(cell.units)
    start = first_lanes(rows, 2 * n_units)
    for i in range(n_units):
        update_place, candidate_place = further(start, i * WIDTH), further(start, (n_units + i) * WIDTH)
        update, candidate = load(table, update_place), load(table, candidate_place)
        after, state = load(tape, slope + i * WIDTH), load(tape, slot + i * WIDTH)
        add(table_gradient, update_place, after * (candidate - state))
        add(table_gradient, candidate_place, after * update)
        store(tape, slope + i * WIDTH, after * (1.0 - update))


MinGruLayer = layer.kind("MinGruLayer", __name__)


def layer_sizes(model: Any) -> Any:
    """Kept: the update gate and the candidate."""
    return layer.sizes(MinGruLayer, model, gates=2, of_input=(0, 1), kept=2, recurrent=())


for_cell(layer.pack, MinGruLayer)(layer.pack_affine)
for_cell(layer.unpack, MinGruLayer)(layer.unpack_affine)


@for_cell(layer.respond, MinGruLayer)
def respond(cell, theta, unit, units, u, v, states):
    update = sigmoid(u[0])
    return (states[0] + update * (u[1] - states[0]),), (update, u[1])


@for_cell(layer.reflect, MinGruLayer)
def reflect(cell, theta, gradient, unit, units, kept, states, after):
    update, candidate = kept
    of_update = after[0] * (candidate - states[0]) * update * (1.0 - update)
    return (of_update, after[0] * update), (after[0] * (1.0 - update),)
