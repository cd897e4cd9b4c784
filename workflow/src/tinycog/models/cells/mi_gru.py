"""GRU with multiplicative integration of input and state (methods: multiplicative-integration GRU)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinycog.models.cells.gru import gated
from tinycog.models.cells.network import Network, Shapes, times, unstacked
from tinycog.models.interface import Array, Parameters


class MIGRU(Network):
    """A GRU whose gates see the product of u = W_ih x and v = W_hh h as well, elementwise.

    With gates in the order reset, update, candidate, and alpha, beta_i, beta_h (3d) learned, the input contributes
    beta_i u + b_ih and the state alpha u v + beta_h v + b_hh to the gates of a GRU: the reset gate multiplies the
    product too. The two biases of the reset gate act as one, so do those of the update gate; those of the candidate
    do not, because b_hh is inside the reset product. The L1 acts on the weight matrices alone, as in the GRU.
    """

    cell = "mi_gru"
    penalised = ("W_ih", "W_hh")
    state_bounds = (-1.0, 1.0)

    def layer(self) -> Shapes:
        rows = 3 * self.n_units
        vectors = dict.fromkeys(("b_ih", "b_hh", "alpha", "beta_i", "beta_h"), (rows,))
        return {"W_ih": (rows, self.n_inputs), "W_hh": (rows, self.n_units), **vectors}

    def initial_layer(self, stream: Callable, seed: int) -> dict[str, np.ndarray]:
        """The GRU's weights; alpha = 0 and beta = 1, which make it a GRU; biases exactly 0, our choice."""
        start = {"b_ih": 0.0, "b_hh": 0.0, "alpha": 0.0, "beta_i": 1.0, "beta_h": 1.0}
        weights = {name: stream(self.recurrent[name]) for name in ("W_ih", "W_hh")}
        return weights | {name: np.full(self.recurrent[name], value) for name, value in start.items()}

    def drive(self, params: Parameters, sequences: Any) -> Sequence[tuple[Array, Array]]:
        """beta_i u + b_ih, and alpha u + beta_h, which multiplies v, of each trial: (replica, block, 3d) each."""
        u = self.weighted_inputs(params, sequences)
        alpha, beta_i, beta_h, bias = (params[name][:, None, None] for name in ("alpha", "beta_i", "beta_h", "b_ih"))
        return list(zip(unstacked(beta_i * u + bias), unstacked(alpha * u + beta_h), strict=True))

    def update(self, params: Parameters, state: Array, trial: tuple[Array, Array]) -> Array:
        from_input, gain = trial
        return gated(state, from_input, gain * times(params["W_hh"], state) + params["b_hh"][:, None])
