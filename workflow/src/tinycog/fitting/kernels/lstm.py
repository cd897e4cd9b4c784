"""Long short-term memory (methods: long short-term memory) as a kernel; `tinycog.models.cells.lstm` is its oracle."""

from __future__ import annotations

from typing import Any

from tinycog.fitting.kernels import layer
from tinycog.fitting.kernels.cell import for_cell
from tinycog.fitting.kernels.lanes import sigmoids, tanh

LstmLayer = layer.kind("LstmLayer", __name__)


def layer_sizes(model: Any) -> Any:
    """States: the output h, which is read, and the memory. Kept: the four gates, and tanh of the memory."""
    return layer.sizes(LstmLayer, model, gates=4, of_input=(0, 1, 2, 3), kept=5, states=2)


for_cell(layer.pack, LstmLayer)(layer.pack_affine)
for_cell(layer.unpack, LstmLayer)(layer.unpack_affine)


@for_cell(layer.respond, LstmLayer)
def respond(cell, theta, unit, units, u, v, states):
    write, keep = sigmoids(u[0] + v[0], u[1] + v[1])
    doubled = u[2] + v[2]
    half, show = sigmoids(doubled + doubled, u[3] + v[3])
    candidate = half + half - 1.0  # the hyperbolic tangent
    memory = keep * states[1] + write * candidate
    seen = tanh(memory)
    return (show * seen, memory), (write, keep, candidate, show, seen)


@for_cell(layer.reflect, LstmLayer)
def reflect(cell, theta, gradient, unit, units, kept, states, after):
    write, keep, candidate, show, seen = kept
    of_memory = after[1] + after[0] * show * (1.0 - seen * seen)
    of_write = of_memory * candidate * write * (1.0 - write)
    of_keep = of_memory * states[1] * keep * (1.0 - keep)
    of_candidate = of_memory * write * (1.0 - candidate * candidate)
    of_show = after[0] * seen * show * (1.0 - show)
    return (of_write, of_keep, of_candidate, of_show), (0.0 * after[0], of_memory * keep)
