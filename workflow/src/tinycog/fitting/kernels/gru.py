"""The gated recurrent unit (core.md 4.1) as a kernel; `tinycog.models.cells.gru` is its oracle."""

from __future__ import annotations

from typing import NamedTuple

from tinycog.fitting.kernels import cell as interface
from tinycog.fitting.kernels.cell import for_cell
from tinycog.fitting.kernels.lanes import WIDTH, load, sigmoid, store, tanh


class Cell(NamedTuple):
    """Sizes of a GRU. Parameters in the order W_ih (3d, I), W_hh (3d, d), b_ih (3d), b_hh (3d); gates reset, update,
    candidate. A table row has the three gates' share of the input and of its bias. A slot of the tape has the state,
    the two gates, the candidate and its recurrent part.
    """

    units: tuple[int, ...]
    n_inputs: int


TABLE_WIDTH = 3  # quantities per unit
SLOT_WIDTH = 5


@for_cell(interface.tabulate, Cell)
def tabulate(cell, theta, inputs, table):
    n_units = len(cell.units)
    n_gates = 3 * n_units
    biases = n_gates * (cell.n_inputs + n_units) * WIDTH
    for k in range(inputs.shape[0]):
        for i in range(n_gates):
            value = load(theta, biases + i * WIDTH)
            if i < 2 * n_units:  # the two biases of a gate act as one, those of the candidate do not
                value = value + load(theta, biases + (n_gates + i) * WIDTH)
            for j in range(cell.n_inputs):
                value = value + inputs[k, j] * load(theta, (i * cell.n_inputs + j) * WIDTH)
            store(table, (k * n_gates + i) * WIDTH, value)


@for_cell(interface.pull_back, Cell)
def pull_back(cell, inputs, table_gradient, gradient):
    n_units = len(cell.units)
    n_gates = 3 * n_units
    biases = n_gates * (cell.n_inputs + n_units) * WIDTH
    for k in range(inputs.shape[0]):
        for i in range(n_gates):
            slope = load(table_gradient, (k * n_gates + i) * WIDTH)
            for j in range(cell.n_inputs):
                place = (i * cell.n_inputs + j) * WIDTH
                store(gradient, place, load(gradient, place) + inputs[k, j] * slope)
            store(gradient, biases + i * WIDTH, load(gradient, biases + i * WIDTH) + slope)
            if i < 2 * n_units:
                place = biases + (n_gates + i) * WIDTH
                store(gradient, place, load(gradient, place) + slope)


@for_cell(interface.advance, Cell)
def advance(cell, theta, table, row, tape, slot, following):
    n_units = len(cell.units)
    weights = 3 * n_units * cell.n_inputs * WIDTH
    candidate_biases = weights + (3 * n_units * n_units + 5 * n_units) * WIDTH
    for i in range(n_units):
        reset = load(table, row + i * WIDTH)
        keep = load(table, row + (n_units + i) * WIDTH)
        recurrent = load(theta, candidate_biases + i * WIDTH)
        for j in range(n_units):
            state = load(tape, slot + j * WIDTH)
            reset = reset + load(theta, weights + (i * n_units + j) * WIDTH) * state
            keep = keep + load(theta, weights + ((n_units + i) * n_units + j) * WIDTH) * state
            recurrent = recurrent + load(theta, weights + ((2 * n_units + i) * n_units + j) * WIDTH) * state
        reset = sigmoid(reset)
        keep = sigmoid(keep)
        candidate = tanh(load(table, row + (2 * n_units + i) * WIDTH) + reset * recurrent)
        state = load(tape, slot + i * WIDTH)
        store(tape, following + i * WIDTH, candidate + keep * (state - candidate))
        store(tape, slot + (n_units + i) * WIDTH, reset)
        store(tape, slot + (2 * n_units + i) * WIDTH, keep)
        store(tape, slot + (3 * n_units + i) * WIDTH, candidate)
        store(tape, slot + (4 * n_units + i) * WIDTH, recurrent)


@for_cell(interface.retreat, Cell)
def retreat(cell, theta, gradient, table_gradient, row, tape, slot, slope):
    n_units = len(cell.units)
    weights = 3 * n_units * cell.n_inputs * WIDTH
    candidate_biases = weights + (3 * n_units * n_units + 5 * n_units) * WIDTH
    for i in range(n_units):
        state = load(tape, slot + i * WIDTH)
        reset = load(tape, slot + (n_units + i) * WIDTH)
        keep = load(tape, slot + (2 * n_units + i) * WIDTH)
        candidate = load(tape, slot + (3 * n_units + i) * WIDTH)
        recurrent = load(tape, slot + (4 * n_units + i) * WIDTH)
        after = load(tape, slope + i * WIDTH)
        of_candidate = after * (1.0 - keep) * (1.0 - candidate * candidate)
        of_keep = after * (state - candidate) * keep * (1.0 - keep)
        of_reset = of_candidate * recurrent * reset * (1.0 - reset)
        store(tape, slope + i * WIDTH, after * keep)
        # the candidate's and the gates' slopes take the place of what is no longer needed
        store(tape, slot + (n_units + i) * WIDTH, of_reset)
        store(tape, slot + (2 * n_units + i) * WIDTH, of_keep)
        store(tape, slot + (3 * n_units + i) * WIDTH, of_candidate * reset)
        for gate, part in enumerate((of_reset, of_keep, of_candidate)):
            place = row + (gate * n_units + i) * WIDTH
            store(table_gradient, place, load(table_gradient, place) + part)
        place = candidate_biases + i * WIDTH
        store(gradient, place, load(gradient, place) + of_candidate * reset)
    for j in range(n_units):
        state = load(tape, slot + j * WIDTH)
        before = load(tape, slope + j * WIDTH)
        for i in range(3 * n_units):
            part = load(tape, slot + (n_units + i) * WIDTH)
            place = weights + (i * n_units + j) * WIDTH
            before = before + load(theta, place) * part
            store(gradient, place, load(gradient, place) + part * state)
        store(tape, slope + j * WIDTH, before)
