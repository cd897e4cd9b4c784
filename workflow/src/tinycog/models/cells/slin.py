"""Switching linear network (methods: switching linear network)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinycog.models.cells.network import Network, Shapes
from tinycog.models.interface import Array, Parameters


class SLIN(Network):
    """h' = h + V_k h + b_k: for each of K conditions V (d, d) and b (d), initially 0; W = I + V is the paper's form."""

    cell = "slin"
    penalised = ("V",)
    by_condition = True
    takes = ()
    state_bounds = (-np.inf, np.inf)

    def layer(self) -> Shapes:
        d, k = self.n_units, self.n_conditions
        return {"V": (k, d, d), "b": (k, d)}

    def initial_layer(self, stream: Callable, seed: int) -> dict[str, np.ndarray]:
        return {name: np.zeros(shape) for name, shape in self.recurrent.items()}

    def drive(self, params: Parameters, sequences: Any) -> Sequence[tuple[Array, Array]]:
        """The matrix and the vector of each trial's condition."""
        return [(params["V"][:, now], params["b"][:, now]) for now in sequences.condition]

    def update(self, params: Parameters, state: Array, trial: tuple[Array, Array]) -> Array:
        matrix, shift = trial
        return state + (matrix @ state[..., None])[..., 0] + shift


def transition(params: Parameters) -> np.ndarray:
    """W = I + V of every condition, (replica, condition, unit, unit)."""
    return params["V"] + np.eye(params["V"].shape[-1])
