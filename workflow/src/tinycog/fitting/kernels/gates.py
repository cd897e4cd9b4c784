"""The gates that the GRU and the switching GRU share (methods: gated recurrent unit; switching GRU)."""

from __future__ import annotations

from numba import njit

from tinycog.fitting.kernels.cell import first_lanes
from tinycog.fitting.kernels.lanes import WIDTH, add, further, load, sigmoids, store, tanh

TABLE_WIDTH = 3  # quantities per unit: what a row brings to the reset gate, the update gate and the candidate
SLOT_WIDTH = 5  # the state, the two gates, the candidate and its recurrent part


@njit(forceinline=True)
def gated(n_units, theta, weights, biases, table, rows, tape, slot, following):
    """Update the state in `slot` by recurrent weights (3d, d) and the table's rows.

    Args:
        weights, biases: places in `theta` of the weights, and of the candidate's recurrent biases (d); the two biases
            of a gate act as one, and both are in the table.
    """
    start = first_lanes(rows, TABLE_WIDTH * n_units)
    for i in range(n_units):
        reset = load(table, further(start, i * WIDTH))
        keep = load(table, further(start, (n_units + i) * WIDTH))
        recurrent = load(theta, further(biases, i * WIDTH))
        for j in range(n_units):
            state = load(tape, slot + j * WIDTH)
            reset = reset + load(theta, further(weights, (i * n_units + j) * WIDTH)) * state
            keep = keep + load(theta, further(weights, ((n_units + i) * n_units + j) * WIDTH)) * state
            recurrent = recurrent + load(theta, further(weights, ((2 * n_units + i) * n_units + j) * WIDTH)) * state
        reset, keep = sigmoids(reset, keep)
        candidate = tanh(load(table, further(start, (2 * n_units + i) * WIDTH)) + reset * recurrent)
        state = load(tape, slot + i * WIDTH)
        store(tape, following + i * WIDTH, candidate + keep * (state - candidate))
        for place, value in enumerate((reset, keep, candidate, recurrent)):
            store(tape, slot + ((place + 1) * n_units + i) * WIDTH, value)


@njit(forceinline=True)
def gated_back(n_units, theta, gradient, weights, biases, table_gradient, rows, tape, slot, slope):
    """Turn the slope of the state after `gated`, in the tape at `slope`, into that of the state before it."""
    start = first_lanes(rows, TABLE_WIDTH * n_units)
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
        of_recurrent = of_candidate * reset
        store(tape, slope + i * WIDTH, after * keep)
        for gate, part in enumerate((of_reset, of_keep, of_candidate)):
            add(table_gradient, further(start, (gate * n_units + i) * WIDTH), part)
        add(gradient, further(biases, i * WIDTH), of_recurrent)
        for gate, part in enumerate((of_reset, of_keep, of_recurrent)):
            store(tape, slot + ((gate + 1) * n_units + i) * WIDTH, part)  # in the place of what is no longer needed
    for j in range(n_units):
        state = load(tape, slot + j * WIDTH)
        before = load(tape, slope + j * WIDTH)
        for i in range(3 * n_units):
            part = load(tape, slot + (n_units + i) * WIDTH)
            place = further(weights, (i * n_units + j) * WIDTH)
            before = before + load(theta, place) * part
            add(gradient, place, part * state)
        store(tape, slope + j * WIDTH, before)
