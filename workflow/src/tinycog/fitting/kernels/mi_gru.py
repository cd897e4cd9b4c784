"""The GRU with multiplicative integration (methods: multiplicative-integration GRU) as a kernel.

`tinycog.models.cells.mi_gru` is its oracle.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from tinycog.fitting.kernels import layer
from tinycog.fitting.kernels.cell import for_cell
from tinycog.fitting.kernels.lanes import WIDTH, add, load, several, sigmoids, tanh

MiGruLayer = layer.kind("MiGruLayer", __name__)


def layer_sizes(model: Any) -> Any:
    """Parameters in the order W_ih (3d, I), W_hh (3d, d), b_ih, b_hh, alpha, beta_i, beta_h (3d).

    Kept: both gates, the candidate and its recurrent part, and u and v of the three. Slopes: by v, then by u.
    """
    return layer.sizes(MiGruLayer, model, gates=3, of_input=(3, 4, 5), kept=10)


@njit(forceinline=True)
def _vectors(cell, unit):
    """Place of the first gate's b_ih, and steps to the next gate and to the next vector."""
    d = cell.n_units
    return (3 * d * (cell.n_inputs + d) + unit) * WIDTH, d * WIDTH, 3 * d * WIDTH


@for_cell(layer.pack, MiGruLayer)
def pack(cell, replicas, theta, weights):
    """u and v are products without biases, which the products of the two do not have."""
    d, n_rows, size = cell.n_units, 3 * cell.n_units, len(replicas)
    forwards, backwards = n_rows * (1 + cell.n_inputs), n_rows * (2 + cell.n_inputs + d)
    for row in range(n_rows):
        for lane in range(size):
            weights[row * size + lane] = 0.0
            weights[(forwards + d * n_rows + row) * size + lane] = 0.0
        for k in range(cell.n_inputs):
            layer.put(replicas, weights, (1 + k) * n_rows + row, theta, row * cell.n_inputs + k)
        for j in range(d):
            own = n_rows * cell.n_inputs + row * d + j
            layer.put(replicas, weights, forwards + j * n_rows + row, theta, own)
            layer.put(replicas, weights, backwards + row * d + j, theta, own)


@for_cell(layer.unpack, MiGruLayer)
def unpack(cell, theta, weights_gradient, gradient):
    d = cell.n_units
    wide, deep = 1 + cell.n_inputs, d + 1
    for i in range(3 * d):
        for k in range(cell.n_inputs):
            add(gradient, (i * cell.n_inputs + k) * WIDTH, load(weights_gradient, (i * wide + 1 + k) * WIDTH))
        for j in range(d):
            slope = load(weights_gradient, (3 * d * wide + i * deep + j) * WIDTH)
            add(gradient, (3 * d * cell.n_inputs + i * d + j) * WIDTH, slope)


@njit(forceinline=True)
def _recurrent(bias, alpha, beta, u, v):
    return (alpha * u + beta) * v + bias


@for_cell(layer.respond, MiGruLayer)
def respond(cell, theta, unit, units, u, v, states):
    start, gate, vector = _vectors(cell, unit)
    b_i = several(theta, start, gate, cell.gates, units)
    b_h = several(theta, start + vector, gate, cell.gates, units)
    alpha = several(theta, start + 2 * vector, gate, cell.gates, units)
    beta_i = several(theta, start + 3 * vector, gate, cell.gates, units)
    beta_h = several(theta, start + 4 * vector, gate, cell.gates, units)
    of_reset = _recurrent(b_h[0], alpha[0], beta_h[0], u[0], v[0])
    of_keep = _recurrent(b_h[1], alpha[1], beta_h[1], u[1], v[1])
    recurrent = _recurrent(b_h[2], alpha[2], beta_h[2], u[2], v[2])
    reset, keep = sigmoids(beta_i[0] * u[0] + b_i[0] + of_reset, beta_i[1] * u[1] + b_i[1] + of_keep)
    candidate = tanh(beta_i[2] * u[2] + b_i[2] + reset * recurrent)
    after = candidate + keep * (states[0] - candidate)
    return (after,), (reset, keep, candidate, recurrent, u[0], u[1], u[2], v[0], v[1], v[2])


@for_cell(layer.reflect, MiGruLayer)
def reflect(cell, theta, gradient, unit, units, kept, states, after):
    reset, keep, candidate, recurrent = kept[0], kept[1], kept[2], kept[3]
    of_candidate = after[0] * (1.0 - keep) * (1.0 - candidate * candidate)
    of_keep = after[0] * (states[0] - candidate) * keep * (1.0 - keep)
    of_reset = of_candidate * recurrent * reset * (1.0 - reset)
    first = _products_back(cell, theta, gradient, unit, units, 0, kept[4], kept[7], of_reset, of_reset)
    second = _products_back(cell, theta, gradient, unit, units, 1, kept[5], kept[8], of_keep, of_keep)
    third = _products_back(cell, theta, gradient, unit, units, 2, kept[6], kept[9], of_candidate, of_candidate * reset)
    return (first[0], second[0], third[0], first[1], second[1], third[1]), (after[0] * keep,)


@njit(forceinline=True)
def _products_back(cell, theta, gradient, unit, units, gate, u, v, of_input, of_state):
    """Slopes by v and u of a gate, from those by what input and state contribute; adds those by its five numbers."""
    start, step, vector = _vectors(cell, unit)
    start += gate * step
    alpha, beta_i, beta_h = several(theta, start + 2 * vector, vector, (0, 0, 0), units)
    add(gradient, start, of_input)
    add(gradient, start + vector, of_state)
    add(gradient, start + 2 * vector, of_state * u * v)
    add(gradient, start + 3 * vector, of_input * u)
    add(gradient, start + 4 * vector, of_state * v)
    return of_state * (alpha * u + beta_h), of_input * beta_i + of_state * v * alpha
