"""The low-rank Elman network (methods: Elman and low-rank networks) as a kernel; its oracle: `models.cells.rnn`."""

from __future__ import annotations

from typing import Any

from tinycog.fitting.kernels import layer, rnn
from tinycog.fitting.kernels.cell import for_cell
from tinycog.fitting.kernels.lanes import WIDTH, add, load

LowRankLayer = layer.kind("LowRankLayer", __name__)


def layer_sizes(model: Any) -> Any:
    """Parameters in the order W_ih (d, I), M (d, rank), N (d, rank), b_ih (d), b_hh (d). Kept: the state afterwards."""
    return layer.sizes(LowRankLayer, model, gates=1, of_input=(0,), kept=1)


@for_cell(layer.pack, LowRankLayer)
def pack(cell, replicas, theta, weights):
    """W_hh = M N^T is written out: what it costs a sweep is little beside its products with every trial's state."""
    d, rank, size = cell.n_units, cell.rank, len(replicas)
    left = d * cell.n_inputs
    right, biases = left + d * rank, left + 2 * d * rank
    forwards, backwards = d * (1 + cell.n_inputs), d * (2 + cell.n_inputs + d)
    for i in range(d):
        layer.put(replicas, weights, i, theta, biases + i)
        layer.put(replicas, weights, forwards + d * d + i, theta, biases + d + i)
        for k in range(cell.n_inputs):
            layer.put(replicas, weights, (1 + k) * d + i, theta, i * cell.n_inputs + k)
        for j in range(d):
            for lane in range(size):
                total = 0.0
                for r in range(rank):
                    total += theta[(left + i * rank + r) * WIDTH + lane] * theta[(right + j * rank + r) * WIDTH + lane]
                weights[(forwards + j * d + i) * size + lane] = total
                weights[(backwards + i * d + j) * size + lane] = total


@for_cell(layer.unpack, LowRankLayer)
def unpack(cell, theta, weights_gradient, gradient):
    d, rank = cell.n_units, cell.rank
    wide, deep, left = 1 + cell.n_inputs, d + 1, d * cell.n_inputs
    right, biases = left + d * rank, left + 2 * d * rank
    for i in range(d):
        add(gradient, (biases + i) * WIDTH, load(weights_gradient, i * wide * WIDTH))
        for k in range(cell.n_inputs):
            add(gradient, (i * cell.n_inputs + k) * WIDTH, load(weights_gradient, (i * wide + 1 + k) * WIDTH))
        for j in range(d):
            slope = load(weights_gradient, (d * wide + i * deep + j) * WIDTH)
            for r in range(rank):
                of_left, of_right = (left + i * rank + r) * WIDTH, (right + j * rank + r) * WIDTH
                add(gradient, of_left, slope * load(theta, of_right))
                add(gradient, of_right, slope * load(theta, of_left))
        add(gradient, (biases + d + i) * WIDTH, load(weights_gradient, (d * wide + i * deep + d) * WIDTH))


for_cell(layer.respond, LowRankLayer)(rnn.respond)
for_cell(layer.reflect, LowRankLayer)(rnn.reflect)
