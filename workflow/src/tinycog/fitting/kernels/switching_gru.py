"""The switching GRU (core.md 4.3) as a kernel; `tinycog.models.cells.switching_gru` is its oracle."""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from tinycog.fitting.kernels import cell as interface
from tinycog.fitting.kernels import gates
from tinycog.fitting.kernels.cell import for_cell
from tinycog.fitting.kernels.gates import gated, gated_back
from tinycog.fitting.kernels.lanes import WIDTH, load, store


class SwitchingGruSizes(NamedTuple):
    """Sizes of a switching GRU. Parameters in the order W_hh (K, 3d, d), b_ih (K, 3d), b_hh (K, 3d)."""

    units: tuple[int, ...]
    n_conditions: int


def sizes(model: Any) -> SwitchingGruSizes:
    return SwitchingGruSizes((0,) * model.n_units, model.n_conditions)


SLOT_WIDTH = gates.SLOT_WIDTH
TABLE_WIDTH = gates.TABLE_WIDTH


@njit(forceinline=True)
def _offsets(cell, condition):
    """Offsets of a condition's W_hh, b_ih and b_hh."""
    n_gates = 3 * len(cell.units)
    input_biases = cell.n_conditions * n_gates * len(cell.units) + condition * n_gates
    recurrent_biases = input_biases + cell.n_conditions * n_gates
    return condition * n_gates * len(cell.units) * WIDTH, input_biases * WIDTH, recurrent_biases * WIDTH


@for_cell(interface.tabulate, SwitchingGruSizes)
def tabulate(cell, theta, inputs, table):
    n_gates = 3 * len(cell.units)
    for k in range(cell.n_conditions):
        _, input_biases, recurrent_biases = _offsets(cell, k)
        for i in range(n_gates):
            value = load(theta, input_biases + i * WIDTH)
            if i < 2 * len(cell.units):
                value = value + load(theta, recurrent_biases + i * WIDTH)
            store(table, (k * n_gates + i) * WIDTH, value)


@for_cell(interface.pull_back, SwitchingGruSizes)
def pull_back(cell, inputs, table, table_gradient, gradient):
    n_gates = 3 * len(cell.units)
    for k in range(cell.n_conditions):
        _, input_biases, recurrent_biases = _offsets(cell, k)
        for i in range(n_gates):
            slope = load(table_gradient, (k * n_gates + i) * WIDTH)
            store(gradient, input_biases + i * WIDTH, load(gradient, input_biases + i * WIDTH) + slope)
            if i < 2 * len(cell.units):
                place = recurrent_biases + i * WIDTH
                store(gradient, place, load(gradient, place) + slope)


@for_cell(interface.advance, SwitchingGruSizes)
def advance(cell, theta, table, row, tape, slot, following):
    n_units = len(cell.units)
    weights, _, biases = _offsets(cell, row)
    gated(n_units, theta, weights, biases + 2 * n_units * WIDTH, table, row, tape, slot, following)


@for_cell(interface.retreat, SwitchingGruSizes)
def retreat(cell, theta, gradient, table, table_gradient, row, tape, slot, slope):
    n_units = len(cell.units)
    weights, _, biases = _offsets(cell, row)
    biases = biases + 2 * n_units * WIDTH
    gated_back(n_units, theta, gradient, weights, biases, table_gradient, row, tape, slot, slope)
