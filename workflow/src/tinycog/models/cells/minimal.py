"""Minimal recurrent cells, whose gates do not see the state (Feng et al. 2024; extensions.md 5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tinycog.models.cells.network import Network, Shapes, affine
from tinycog.models.interface import Parameters


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

    def coefficients(self, gates: Tensor) -> tuple[Tensor, Tensor]:
        """a and b of the update from the gates' inputs (..., gates * d)."""
        raise NotImplementedError

    def drive(self, params: Parameters, sequences: Any) -> Sequence[tuple[Tensor, Tensor]]:
        """a and b of each trial, (replica, block, d) each."""
        a, b = self.coefficients(affine(params, "W_ih", "b_ih", sequences.x))
        return list(zip(a.unbind(1), b.unbind(1), strict=True))

    def update(self, params: Parameters, state: Tensor, trial: tuple[Tensor, Tensor]) -> Tensor:
        a, b = trial
        return a * state + b


class MinGRU(Minimal):
    """z = sigmoid(W_z x + b_z), n = W_n x + b_n, h' = (1 - z) h + z n; gates in the order z, n."""

    cell = "mingru"
    gates = 2

    def coefficients(self, gates: Tensor) -> tuple[Tensor, Tensor]:
        update, candidate = gates.split(self.n_units, dim=-1)
        update = torch.sigmoid(update)
        return 1 - update, update * candidate


class MinLSTM(Minimal):
    """f and i = sigmoid(W x + b), n = W_n x + b_n, h' = (f h + i n) / (f + i); gates in the order f, i, n."""

    cell = "minlstm"
    gates = 3

    def coefficients(self, gates: Tensor) -> tuple[Tensor, Tensor]:
        forget, write, candidate = gates.split(self.n_units, dim=-1)
        # f / (f + i), stable for any size of its terms: 1 / (1 + i / f), i / f = (1 + e^-k_f) / (1 + e^-k_i)
        share = torch.sigmoid(torch.nn.functional.softplus(-write) - torch.nn.functional.softplus(-forget))
        return share, (1 - share) * candidate
