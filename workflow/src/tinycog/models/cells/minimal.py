"""Minimal recurrent cells, whose gates do not see the state (methods: minimal cells)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinycog.arrays import namespace
from tinycog.models.cells.network import Network, Shapes, sigmoid, unstacked
from tinycog.models.interface import Array, Parameters


class Minimal(Network):
    """h' = a h + b elementwise, with a and b functions of the input alone: a linear scan."""

    penalised = ("W_ih",)
    state_bounds = (-np.inf, np.inf)
    gates: int  # per unit, the candidate included

    def layer(self) -> Shapes:
        rows = self.gates * self.n_units
        return {"W_ih": (rows, self.n_inputs), "b_ih": (rows,)}

    def initial_layer(self, stream: Callable, seed: int) -> dict[str, np.ndarray]:
        """U(-1/sqrt(I), 1/sqrt(I))."""
        scale = np.sqrt(self.n_units / self.n_inputs)  # the stream's numbers reach to 1/sqrt(d)
        return {name: stream(shape) * scale for name, shape in self.recurrent.items()}

    def coefficients(self, gates: Array) -> tuple[Array, Array]:
        """a and b of the update from the gates' inputs (..., gates * d)."""
        raise NotImplementedError

    def drive(self, params: Parameters, sequences: Any) -> Sequence[tuple[Array, Array]]:
        """a and b of each trial, (replica, block, d) each."""
        a, b = self.coefficients(self.gate_inputs(params, sequences))
        return list(zip(unstacked(a), unstacked(b), strict=True))

    def update(self, params: Parameters, state: Array, trial: tuple[Array, Array]) -> Array:
        a, b = trial
        return a * state + b


class MinGRU(Minimal):
    """z = sigmoid(W_z x + b_z), n = W_n x + b_n, h' = (1 - z) h + z n; gates in the order z, n."""

    cell = "mingru"
    gates = 2

    def coefficients(self, gates: Array) -> tuple[Array, Array]:
        update = sigmoid(gates[..., : self.n_units])
        return 1 - update, update * gates[..., self.n_units :]


class MinLSTM(Minimal):
    """f and i = sigmoid(W x + b), n = W_n x + b_n, h' = (f h + i n) / (f + i); gates in the order f, i, n."""

    cell = "minlstm"
    gates = 3

    def coefficients(self, gates: Array) -> tuple[Array, Array]:
        xp, d = namespace(gates), self.n_units
        forget, write, candidate = (gates[..., i * d : (i + 1) * d] for i in range(3))
        # f / (f + i), stable for any size of its terms: 1 / (1 + i / f), i / f = (1 + e^-k_f) / (1 + e^-k_i)
        zero = xp.zeros_like(write)
        share = sigmoid(xp.logaddexp(zero, -write) - xp.logaddexp(zero, -forget))
        return share, (1 - share) * candidate
