"""Long short-term memory (methods: long short-term memory)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinycog.arrays import namespace
from tinycog.models.cells.network import Network, Shapes, sigmoid, times, unstacked
from tinycog.models.interface import Array, Parameters


class LSTM(Network):
    """An LSTM layer: 2d dynamical variables, the outputs h and then the memory c.

    Gates are stacked in the order input, forget, candidate, output: W_ih (4d, I), W_hh (4d, d), b_ih, b_hh.
    c' = f c + i g and h' = o tanh(c'); the readout sees h.
    """

    cell = "lstm"
    penalised = ("W_ih", "W_hh")
    state_bounds = (-np.inf, np.inf)  # the memory has none
    states_per_unit = 2

    def layer(self) -> Shapes:
        d = self.n_units
        return {"W_ih": (4 * d, self.n_inputs), "W_hh": (4 * d, d), "b_ih": (4 * d,), "b_hh": (4 * d,)}

    def drive(self, params: Parameters, sequences: Any) -> Sequence[Array]:
        """What each trial's input contributes to the gates: T arrays (replica, block, 4d)."""
        return unstacked(self.gate_inputs(params, sequences))

    def update(self, params: Parameters, state: Array, trial: Array) -> Array:
        xp, d = namespace(state), self.n_units
        gates = trial + times(params["W_hh"], state[..., :d]) + params["b_hh"][:, None]
        write, keep, candidate, show = (gates[..., i * d : (i + 1) * d] for i in range(4))
        memory = sigmoid(keep) * state[..., d:] + sigmoid(write) * xp.tanh(candidate)
        return xp.concat([sigmoid(show) * xp.tanh(memory), memory], axis=-1)
