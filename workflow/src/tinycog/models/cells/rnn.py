"""Elman network (extensions.md 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from tinycog.models.cells.network import Network, Shapes, affine
from tinycog.models.interface import Parameters


class RNN(Network):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh)."""

    cell = "rnn"
    penalised = ("W_ih", "W_hh")
    state_bounds = (-1.0, 1.0)

    def layer(self) -> Shapes:
        d = self.n_units
        return {"W_ih": (d, self.n_inputs), "W_hh": (d, d), "b_ih": (d,), "b_hh": (d,)}

    def drive(self, params: Parameters, sequences: Any) -> Sequence[Tensor]:
        """What each trial's input contributes: T arrays (replica, block, d)."""
        return affine(params, "W_ih", "b_ih", sequences.x).unbind(1)

    def update(self, params: Parameters, state: Tensor, trial: Tensor) -> Tensor:
        return torch.tanh(trial + torch.baddbmm(params["b_hh"][:, None], state, params["W_hh"].transpose(1, 2)))
