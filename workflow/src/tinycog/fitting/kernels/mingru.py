"""The minimal GRU (extensions.md 5) as a kernel; `tinycog.models.cells.minimal` is its oracle."""

from __future__ import annotations

from typing import Any, NamedTuple

from tinycog.fitting.kernels import cell as interface
from tinycog.fitting.kernels.cell import for_cell
from tinycog.fitting.kernels.lanes import WIDTH, load, sigmoid, store


class MinGruSizes(NamedTuple):
    """Sizes of a minimal GRU. Parameters in the order W_ih (2d, I), b_ih (2d); gates update, candidate.

    Nothing but the input decides the update h' = (1 - z) h + z n: a table row has z and n of every unit.
    """

    units: tuple[int, ...]
    n_inputs: int


def sizes(model: Any) -> MinGruSizes:
    return MinGruSizes((0,) * model.n_units, model.n_inputs)


TABLE_WIDTH = 2  # quantities per unit
SLOT_WIDTH = 1


@for_cell(interface.tabulate, MinGruSizes)
def tabulate(cell, theta, inputs, table):
    n_gates = 2 * len(cell.units)
    biases = n_gates * cell.n_inputs * WIDTH
    for k in range(inputs.shape[0]):
        for i in range(n_gates):
            value = load(theta, biases + i * WIDTH)
            for j in range(cell.n_inputs):
                value = value + inputs[k, j] * load(theta, (i * cell.n_inputs + j) * WIDTH)
            if i < len(cell.units):
                value = sigmoid(value)
            store(table, (k * n_gates + i) * WIDTH, value)


@for_cell(interface.pull_back, MinGruSizes)
def pull_back(cell, inputs, table, table_gradient, gradient):
    n_gates = 2 * len(cell.units)
    biases = n_gates * cell.n_inputs * WIDTH
    for k in range(inputs.shape[0]):
        for i in range(n_gates):
            slope = load(table_gradient, (k * n_gates + i) * WIDTH)
            if i < len(cell.units):
                update = load(table, (k * n_gates + i) * WIDTH)
                slope = slope * update * (1.0 - update)
            for j in range(cell.n_inputs):
                place = (i * cell.n_inputs + j) * WIDTH
                store(gradient, place, load(gradient, place) + inputs[k, j] * slope)
            store(gradient, biases + i * WIDTH, load(gradient, biases + i * WIDTH) + slope)


@for_cell(interface.advance, MinGruSizes)
def advance(cell, theta, table, row, tape, slot, following):
    n_units = len(cell.units)
    for i in range(n_units):
        update = load(table, (row * 2 * n_units + i) * WIDTH)
        candidate = load(table, ((row * 2 + 1) * n_units + i) * WIDTH)
        state = load(tape, slot + i * WIDTH)
        store(tape, following + i * WIDTH, state + update * (candidate - state))


@for_cell(interface.retreat, MinGruSizes)
def retreat(cell, theta, gradient, table, table_gradient, row, tape, slot, slope):
    n_units = len(cell.units)
    for i in range(n_units):
        update_place = (row * 2 * n_units + i) * WIDTH
        candidate_place = update_place + n_units * WIDTH
        update, candidate = load(table, update_place), load(table, candidate_place)
        after, state = load(tape, slope + i * WIDTH), load(tape, slot + i * WIDTH)
        store(table_gradient, update_place, load(table_gradient, update_place) + after * (candidate - state))
        store(table_gradient, candidate_place, load(table_gradient, candidate_place) + after * update)
        store(tape, slope + i * WIDTH, after * (1.0 - update))
