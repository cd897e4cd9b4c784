"""A GRU whose recurrent weights and biases depend on the input condition (methods: switching GRU)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinycog.generators import generator
from tinycog.models.cells.gru import gated
from tinycog.models.cells.network import Network, Shapes
from tinycog.models.interface import Array, Parameters


class SwitchingGRU(Network):
    """For each of K conditions W_hh (3d, d), b_ih (3d) and b_hh (3d), gates as in the GRU; there is no input matrix."""

    cell = "switching_gru"
    penalised = ("W_hh",)
    by_condition = True
    takes = ()
    state_bounds = (-1.0, 1.0)

    def layer(self) -> Shapes:
        d, k = self.n_units, self.n_conditions
        return {"W_hh": (k, 3 * d, d), "b_ih": (k, 3 * d), "b_hh": (k, 3 * d)}

    def initial_layer(self, stream: Callable, seed: int) -> dict[str, np.ndarray]:
        """Standard normal numbers."""
        rng = generator("initial", self.cell, self.n_units, self.n_conditions, seed)
        return {name: rng.standard_normal(shape) for name, shape in self.recurrent.items()}

    def drive(self, params: Parameters, sequences: Any) -> Sequence[dict[str, Array]]:
        """The parameters of each trial's condition."""
        return [{name: params[name][:, now] for name in self.recurrent} for now in sequences.condition]

    def update(self, params: Parameters, state: Array, trial: dict[str, Array]) -> Array:
        recurrent = (trial["W_hh"] @ state[..., None])[..., 0] + trial["b_hh"]
        return gated(state, trial["b_ih"], recurrent)
