"""Long short-term memory (extensions.md 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tinycog.models.cells.network import Network, Shapes, affine
from tinycog.models.interface import Parameters


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

    def drive(self, params: Parameters, sequences: Any) -> Sequence[Tensor]:
        """What each trial's input contributes to the gates: T arrays (replica, block, 4d)."""
        return affine(params, "W_ih", "b_ih", sequences.x).unbind(1)

    def update(self, params: Parameters, state: Tensor, trial: Tensor) -> Tensor:
        output, memory = state.split(self.n_units, dim=-1)
        gates = trial + torch.baddbmm(params["b_hh"][:, None], output, params["W_hh"].transpose(1, 2))
        write, keep, candidate, show = gates.split(self.n_units, dim=-1)
        memory = torch.sigmoid(keep) * memory + torch.sigmoid(write) * torch.tanh(candidate)
        return torch.cat([torch.sigmoid(show) * torch.tanh(memory), memory], dim=-1)
