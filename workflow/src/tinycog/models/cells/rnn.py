"""Elman network (extensions.md 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from array_api_compat import array_namespace

from tinycog.models.cells.network import Network, Shapes, times, unstacked
from tinycog.models.interface import Array, Parameters


class RNN(Network):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh)."""

    cell = "rnn"
    penalised = ("W_ih", "W_hh")
    state_bounds = (-1.0, 1.0)

    def layer(self) -> Shapes:
        d = self.n_units
        return {"W_ih": (d, self.n_inputs), "W_hh": (d, d), "b_ih": (d,), "b_hh": (d,)}

    def drive(self, params: Parameters, sequences: Any) -> Sequence[Array]:
        """What each trial's input contributes: T arrays (replica, block, d)."""
        return unstacked(self.gate_inputs(params, sequences))

    def update(self, params: Parameters, state: Array, trial: Array) -> Array:
        recurrent = times(params["W_hh"], state) + params["b_hh"][:, None]
        return array_namespace(state).tanh(trial + recurrent)
