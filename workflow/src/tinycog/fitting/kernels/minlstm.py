"""The minimal LSTM (methods: minimal cells) as a kernel; `tinycog.models.cells.minimal` is its oracle."""

from __future__ import annotations

from typing import Any

from tinycog.fitting.kernels import layer
from tinycog.fitting.kernels.cell import for_cell
from tinycog.fitting.kernels.lanes import exp

MinLstmLayer = layer.kind("MinLstmLayer", __name__)


def layer_sizes(model: Any) -> Any:
    """Kept: the share of the state, the candidate, and what the gates forget and write leave of 1."""
    return layer.sizes(MinLstmLayer, model, gates=3, of_input=(0, 1, 2), kept=4, recurrent=())


for_cell(layer.pack, MinLstmLayer)(layer.pack_affine)
for_cell(layer.unpack, MinLstmLayer)(layer.unpack_affine)


@for_cell(layer.respond, MinLstmLayer)
def respond(cell, theta, unit, units, u, v, states):
    of_forget, of_write = exp(0.0 - u[0]), exp(0.0 - u[1])
    forget, write = 1.0 + of_forget, 1.0 + of_write  # 1 / f and 1 / i
    share = write / (forget + write)  # f / (f + i)
    inverse = 1.0 / (forget * write)
    after = u[2] + share * (states[0] - u[2])
    return (after,), (share, u[2], of_forget * write * inverse, of_write * forget * inverse)


@for_cell(layer.reflect, MinLstmLayer)
def reflect(cell, theta, gradient, unit, units, kept, states, after):
    share, candidate, not_forget, not_write = kept
    of_share = after[0] * (states[0] - candidate) * share * (1.0 - share)
    return (of_share * not_forget, 0.0 - of_share * not_write, after[0] * (1.0 - share)), (after[0] * share,)
