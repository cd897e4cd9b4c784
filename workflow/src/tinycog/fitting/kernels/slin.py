"""The switching linear network (methods: switching linear network) as a kernel; its oracle is in `models.cells`."""

from __future__ import annotations

from typing import Any, NamedTuple

from tinycog.fitting.kernels import cell as interface
from tinycog.fitting.kernels.cell import UNROLLED_UNITS, count, first_lanes, for_cell, sized
from tinycog.fitting.kernels.lanes import WIDTH, add, further, load, store


class SlinSizes(NamedTuple):
    """Sizes of a switching linear network. Parameters in the order V (K, d, d), b (K, d).

    A slot of the tape has the state, and room for the slopes of the next one.
    """

    units: tuple[int, ...] | int
    n_conditions: int


def sizes(model: Any) -> SlinSizes:
    return SlinSizes(sized(model.n_units, UNROLLED_UNITS), model.n_conditions)


TABLE_WIDTH = 0  # quantities per unit
SLOT_WIDTH = 2


@for_cell(interface.tabulate, SlinSizes)
def tabulate(cell, theta, inputs, table):
    pass


@for_cell(interface.pull_back, SlinSizes)
def pull_back(cell, inputs, table, table_gradient, gradient):
    pass


@for_cell(interface.advance, SlinSizes)
def advance(cell, theta, table, rows, tape, slot, following):
    n_units = count(cell.units)
    matrix = first_lanes(rows, n_units * n_units)
    shift = further(first_lanes(rows, n_units), cell.n_conditions * n_units * n_units * WIDTH)
    for i in range(n_units):
        value = load(tape, slot + i * WIDTH) + load(theta, further(shift, i * WIDTH))
        for j in range(n_units):
            value = value + load(theta, further(matrix, (i * n_units + j) * WIDTH)) * load(tape, slot + j * WIDTH)
        store(tape, following + i * WIDTH, value)


@for_cell(interface.retreat, SlinSizes)
def retreat(cell, theta, gradient, table, table_gradient, rows, tape, slot, slope):
    n_units = count(cell.units)
    matrix = first_lanes(rows, n_units * n_units)
    shift = further(first_lanes(rows, n_units), cell.n_conditions * n_units * n_units * WIDTH)
    for i in range(n_units):
        after = load(tape, slope + i * WIDTH)
        store(tape, slot + (n_units + i) * WIDTH, after)
        add(gradient, further(shift, i * WIDTH), after)
    for j in range(n_units):
        state = load(tape, slot + j * WIDTH)
        before = load(tape, slot + (n_units + j) * WIDTH)
        for i in range(n_units):
            after = load(tape, slot + (n_units + i) * WIDTH)
            place = further(matrix, (i * n_units + j) * WIDTH)
            before = before + load(theta, place) * after
            add(gradient, place, after * state)
        store(tape, slope + j * WIDTH, before)
