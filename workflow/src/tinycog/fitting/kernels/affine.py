"""The table of cells whose gates see the input as W x + b, with one row for each distinct input."""

from __future__ import annotations

from numba import njit

from tinycog.fitting.kernels.lanes import WIDTH, add, load, store


@njit(forceinline=True)
def tabulate_affine(theta, biases, n_gates, n_doubled, inputs, table):
    """Write W x + b of every input to the table; W (gate, input) stands first in `theta`.

    Args:
        biases: offset of the biases; the first `n_doubled` gates have a second one, `n_gates` further on.
    """
    n_inputs = inputs.shape[1]
    for k in range(inputs.shape[0]):
        for i in range(n_gates):
            value = load(theta, biases + i * WIDTH)
            if i < n_doubled:
                value = value + load(theta, biases + (n_gates + i) * WIDTH)
            for j in range(n_inputs):
                value = value + inputs[k, j] * load(theta, (i * n_inputs + j) * WIDTH)
            store(table, (k * n_gates + i) * WIDTH, value)


@njit(forceinline=True)
def pull_back_affine(gradient, biases, n_gates, n_doubled, inputs, table_gradient):
    """Propagate the gradient of the table that `tabulate_affine` wrote to W and b; add it to `gradient`."""
    n_inputs = inputs.shape[1]
    for k in range(inputs.shape[0]):
        for i in range(n_gates):
            slope = load(table_gradient, (k * n_gates + i) * WIDTH)
            for j in range(n_inputs):
                add(gradient, (i * n_inputs + j) * WIDTH, inputs[k, j] * slope)
            add(gradient, biases + i * WIDTH, slope)
            if i < n_doubled:
                add(gradient, biases + (n_gates + i) * WIDTH, slope)
