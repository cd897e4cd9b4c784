"""The gated recurrent unit (methods: gated recurrent unit) as a kernel; `tinycog.models.cells.gru` is its oracle."""

from __future__ import annotations

from typing import Any, NamedTuple

from tinycog.fitting.kernels import cell as interface
from tinycog.fitting.kernels import gates, layer
from tinycog.fitting.kernels.affine import pull_back_affine, tabulate_affine
from tinycog.fitting.kernels.cell import count, for_cell
from tinycog.fitting.kernels.gates import gated, gated_back
from tinycog.fitting.kernels.lanes import WIDTH, sigmoids, tanh


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
    n_units = count(cell.units)
    biases = 3 * n_units * (cell.n_inputs + n_units) * WIDTH
    tabulate_affine(theta, biases, 3 * n_units, 2 * n_units, inputs, table)


@for_cell(interface.pull_back, GruSizes)
def pull_back(cell, inputs, table, table_gradient, gradient):
    n_units = count(cell.units)
    biases = 3 * n_units * (cell.n_inputs + n_units) * WIDTH
    pull_back_affine(gradient, biases, 3 * n_units, 2 * n_units, inputs, table_gradient)


@for_cell(interface.advance, GruSizes)
def advance(cell, theta, table, rows, tape, slot, following):
    n_units = count(cell.units)
    weights = 3 * n_units * cell.n_inputs * WIDTH
    biases = weights + (3 * n_units * n_units + 5 * n_units) * WIDTH
    gated(n_units, theta, weights, biases, table, rows, tape, slot, following)


@for_cell(interface.retreat, GruSizes)
def retreat(cell, theta, gradient, table, table_gradient, rows, tape, slot, slope):
    n_units = count(cell.units)
    weights = 3 * n_units * cell.n_inputs * WIDTH
    biases = weights + (3 * n_units * n_units + 5 * n_units) * WIDTH
    gated_back(n_units, theta, gradient, weights, biases, table_gradient, rows, tape, slot, slope)


GruLayer = layer.kind("GruLayer", __name__)


def layer_sizes(model: Any) -> Any:
    """Kept: both gates, the candidate and its recurrent part. Slopes: by v of each gate, and by u of the candidate."""
    return layer.sizes(GruLayer, model, gates=3, of_input=(0, 1, 3), kept=4)


for_cell(layer.pack, GruLayer)(layer.pack_affine)
for_cell(layer.unpack, GruLayer)(layer.unpack_affine)


@for_cell(layer.respond, GruLayer)
def respond(cell, theta, unit, units, u, v, states):
    reset, keep = sigmoids(u[0] + v[0], u[1] + v[1])
    candidate = tanh(u[2] + reset * v[2])
    return (candidate + keep * (states[0] - candidate),), (reset, keep, candidate, v[2])


@for_cell(layer.reflect, GruLayer)
def reflect(cell, theta, gradient, unit, units, kept, states, after):
    reset, keep, candidate, recurrent = kept
    of_candidate = after[0] * (1.0 - keep) * (1.0 - candidate * candidate)
    of_keep = after[0] * (states[0] - candidate) * keep * (1.0 - keep)
    of_reset = of_candidate * recurrent * reset * (1.0 - reset)
    return (of_reset, of_keep, of_candidate * reset, of_candidate), (after[0] * keep,)
