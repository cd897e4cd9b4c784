"""The switching GRU (methods: switching GRU) as a kernel; `tinycog.models.cells.switching_gru` is its oracle."""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from tinycog.fitting.kernels import cell as interface
from tinycog.fitting.kernels import gates
from tinycog.fitting.kernels.cell import UNROLLED_UNITS, count, first_lanes, for_cell, sized
from tinycog.fitting.kernels.gates import gated, gated_back
from tinycog.fitting.kernels.lanes import WIDTH, add, further, load, store


class SwitchingGruSizes(NamedTuple):
    """Sizes of a switching GRU. Parameters in the order W_hh (K, 3d, d), b_ih (K, 3d), b_hh (K, 3d)."""

    units: tuple[int, ...] | int
    n_conditions: int


def sizes(model: Any) -> SwitchingGruSizes:
    return SwitchingGruSizes(sized(model.n_units, UNROLLED_UNITS), model.n_conditions)


SLOT_WIDTH = gates.SLOT_WIDTH
TABLE_WIDTH = gates.TABLE_WIDTH


@njit(forceinline=True)
def _places(cell, conditions):
    """Places of the W_hh, b_ih and b_hh of conditions, one or a tuple."""
    n_gates = 3 * count(cell.units)
    weights, biases = first_lanes(conditions, n_gates * count(cell.units)), first_lanes(conditions, n_gates)
    before = cell.n_conditions * n_gates * count(cell.units) * WIDTH
    return weights, further(biases, before), further(biases, before + cell.n_conditions * n_gates * WIDTH)


@for_cell(interface.tabulate, SwitchingGruSizes)
def tabulate(cell, theta, inputs, table):
    n_gates = 3 * count(cell.units)
    for k in range(cell.n_conditions):
        _, input_biases, recurrent_biases = _places(cell, k)
        for i in range(n_gates):
            value = load(theta, input_biases + i * WIDTH)
            if i < 2 * count(cell.units):
                value = value + load(theta, recurrent_biases + i * WIDTH)
            store(table, (k * n_gates + i) * WIDTH, value)


@for_cell(interface.pull_back, SwitchingGruSizes)
def pull_back(cell, inputs, table, table_gradient, gradient):
    n_gates = 3 * count(cell.units)
    for k in range(cell.n_conditions):
        _, input_biases, recurrent_biases = _places(cell, k)
        for i in range(n_gates):
            slope = load(table_gradient, (k * n_gates + i) * WIDTH)
            add(gradient, input_biases + i * WIDTH, slope)
            if i < 2 * count(cell.units):
                add(gradient, recurrent_biases + i * WIDTH, slope)


@for_cell(interface.advance, SwitchingGruSizes)
def advance(cell, theta, table, rows, tape, slot, following):
    n_units = count(cell.units)
    weights, _, biases = _places(cell, rows)
    gated(n_units, theta, weights, further(biases, 2 * n_units * WIDTH), table, rows, tape, slot, following)


@for_cell(interface.retreat, SwitchingGruSizes)
def retreat(cell, theta, gradient, table, table_gradient, rows, tape, slot, slope):
    n_units = count(cell.units)
    weights, _, biases = _places(cell, rows)
    biases = further(biases, 2 * n_units * WIDTH)
    gated_back(n_units, theta, gradient, weights, biases, table_gradient, rows, tape, slot, slope)
