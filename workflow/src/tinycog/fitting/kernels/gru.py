"""The gated recurrent unit (core.md 4.1) as a kernel; `tinycog.models.cells.gru` is its oracle."""

from __future__ import annotations

from typing import Any, NamedTuple

from tinycog.fitting.kernels import cell as interface
from tinycog.fitting.kernels import gates
from tinycog.fitting.kernels.cell import for_cell
from tinycog.fitting.kernels.gates import gated, gated_back
from tinycog.fitting.kernels.lanes import WIDTH, load, store


class GruSizes(NamedTuple):
    """Sizes of a GRU. Parameters in the order W_ih (3d, I), W_hh (3d, d), b_ih (3d), b_hh (3d); gates reset, update,
    candidate.
    """

    units: tuple[int, ...]
    n_inputs: int


def sizes(model: Any) -> GruSizes:
    return GruSizes((0,) * model.n_units, model.n_inputs)


SLOT_WIDTH = gates.SLOT_WIDTH
TABLE_WIDTH = gates.TABLE_WIDTH


@for_cell(interface.tabulate, GruSizes)
def tabulate(cell, theta, inputs, table):
    n_gates = 3 * len(cell.units)
    biases = n_gates * (cell.n_inputs + len(cell.units)) * WIDTH
    for k in range(inputs.shape[0]):
        for i in range(n_gates):
            value = load(theta, biases + i * WIDTH)
            if i < 2 * len(cell.units):
                value = value + load(theta, biases + (n_gates + i) * WIDTH)
            for j in range(cell.n_inputs):
                value = value + inputs[k, j] * load(theta, (i * cell.n_inputs + j) * WIDTH)
            store(table, (k * n_gates + i) * WIDTH, value)


@for_cell(interface.pull_back, GruSizes)
def pull_back(cell, inputs, table, table_gradient, gradient):
    n_gates = 3 * len(cell.units)
    biases = n_gates * (cell.n_inputs + len(cell.units)) * WIDTH
    for k in range(inputs.shape[0]):
        for i in range(n_gates):
            slope = load(table_gradient, (k * n_gates + i) * WIDTH)
            for j in range(cell.n_inputs):
                place = (i * cell.n_inputs + j) * WIDTH
                store(gradient, place, load(gradient, place) + inputs[k, j] * slope)
            store(gradient, biases + i * WIDTH, load(gradient, biases + i * WIDTH) + slope)
            if i < 2 * len(cell.units):
                place = biases + (n_gates + i) * WIDTH
                store(gradient, place, load(gradient, place) + slope)


@for_cell(interface.advance, GruSizes)
def advance(cell, theta, table, row, tape, slot, following):
    n_units = len(cell.units)
    weights = 3 * n_units * cell.n_inputs * WIDTH
    biases = weights + (3 * n_units * n_units + 5 * n_units) * WIDTH
    gated(n_units, theta, weights, biases, table, row, tape, slot, following)


@for_cell(interface.retreat, GruSizes)
def retreat(cell, theta, gradient, table, table_gradient, row, tape, slot, slope):
    n_units = len(cell.units)
    weights = 3 * n_units * cell.n_inputs * WIDTH
    biases = weights + (3 * n_units * n_units + 5 * n_units) * WIDTH
    gated_back(n_units, theta, gradient, weights, biases, table_gradient, row, tape, slot, slope)
