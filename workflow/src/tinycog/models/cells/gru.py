"""Gated recurrent unit (methods: gated recurrent unit)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinycog.arrays import namespace
from tinycog.models.cells.network import Network, Shapes, sigmoid, times, unstacked
from tinycog.models.interface import Array, Parameters


class GRU(Network):
    """A GRU layer. Gates are stacked in the order reset, update, candidate: W_ih (3d, I), W_hh (3d, d), b_ih, b_hh."""

    cell = "gru"
    penalised = ("W_ih", "W_hh")
    state_bounds = (-1.0, 1.0)

    def layer(self) -> Shapes:
        d = self.n_units
        return {"W_ih": (3 * d, self.n_inputs), "W_hh": (3 * d, d), "b_ih": (3 * d,), "b_hh": (3 * d,)}

    def drive(self, params: Parameters, sequences: Any) -> Sequence[Array]:
        """What each trial's input contributes to the gates: T arrays (replica, block, 3d)."""
        return unstacked(self.gate_inputs(params, sequences))

    def update(self, params: Parameters, state: Array, trial: Array) -> Array:
        return gated(state, trial, times(params["W_hh"], state) + params["b_hh"][:, None])


def gated(state: Array, drive: Array, recurrent: Array) -> Array:
    """The GRU's next state from what the input and the state contribute to its gates, each (..., 3d)."""
    d = state.shape[-1]
    gates = sigmoid(drive[..., : 2 * d] + recurrent[..., : 2 * d])
    reset, keep = gates[..., :d], gates[..., d:]
    candidate = namespace(state).tanh(drive[..., 2 * d :] + reset * recurrent[..., 2 * d :])
    return candidate + keep * (state - candidate)
