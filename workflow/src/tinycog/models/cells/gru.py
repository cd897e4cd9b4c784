"""Gated recurrent unit with a full or a diagonal readout (core.md 4.1, 4.2), for stacks of networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tinycog.models.cells.initialisation import uniform_stream
from tinycog.models.interface import Parameters


class GRU:
    """A GRU layer and its readout; parameter arrays have the replica as their first dimension.

    Gates are stacked in the order reset, update, candidate. With I inputs, d units, O actions:
    W_ih (3d, I), W_hh (3d, d), b_ih (3d), b_hh (3d), and W_out (O, d), b_out (O) for the full readout,
    c () for the diagonal one.
    """

    family = "rnn"
    cell = "gru"
    penalised = ("W_ih", "W_hh")  # what the L1 acts on: every weight matrix of the recurrent layer (core.md 5.1)
    state_bounds = (-1.0, 1.0)

    def __init__(self, *, n_inputs: int, n_units: int, n_actions: int, readout: str = "full"):
        if readout == "diagonal" and n_units != n_actions:
            raise ValueError(f"a diagonal readout needs as many units as actions ({n_actions}), found {n_units} units")
        self.n_inputs, self.n_units, self.n_actions, self.readout = n_inputs, n_units, n_actions, readout
        self.n_dynamical = n_units
        d = n_units
        self.shapes = {"W_ih": (3 * d, n_inputs), "W_hh": (3 * d, d), "b_ih": (3 * d,), "b_hh": (3 * d,)}
        if readout == "full":
            self.shapes |= {"W_out": (n_actions, d), "b_out": (n_actions,)}
        else:
            self.shapes |= {"c": ()}
        self.parameters = tuple(self.shapes)
        self.n_parameters = sum(int(np.prod(shape)) for shape in self.shapes.values())

    def initialise(self, seed: int) -> dict[str, np.ndarray]:
        """Initial parameters of one network, float64; U(-1/sqrt(d), 1/sqrt(d)), the diagonal scalar 1."""
        stream = uniform_stream(seed, bound=1 / np.sqrt(self.n_units))
        return {name: np.ones(()) if name == "c" else stream(shape) for name, shape in self.shapes.items()}

    def initial_state(self, params: Parameters, n_blocks: int) -> Tensor:
        weights = params["W_hh"]
        return weights.new_zeros(weights.shape[0], n_blocks, self.n_units)

    def drive(self, params: Parameters, sequences: Any) -> Sequence[Tensor]:
        """What each trial's input contributes to the gates: T arrays (replica, block, 3d)."""
        x = torch.as_tensor(sequences.x)
        n_trials, n_blocks, _ = x.shape
        flat = x.reshape(1, n_trials * n_blocks, -1).expand(params["W_ih"].shape[0], -1, -1)
        gates = torch.baddbmm(params["b_ih"][:, None], flat, params["W_ih"].transpose(1, 2))
        return gates.reshape(-1, n_trials, n_blocks, 3 * self.n_units).unbind(1)

    def update(self, params: Parameters, state: Tensor, trial: Tensor) -> Tensor:
        d = self.n_units
        recurrent = torch.baddbmm(params["b_hh"][:, None], state, params["W_hh"].transpose(1, 2))
        gates = torch.sigmoid(trial[..., : 2 * d] + recurrent[..., : 2 * d])
        reset, keep = gates[..., :d], gates[..., d:]
        candidate = torch.tanh(trial[..., 2 * d :] + reset * recurrent[..., 2 * d :])
        return candidate + keep * (state - candidate)

    def policy(self, params: Parameters, state: Tensor) -> Tensor:
        if self.readout == "diagonal":
            return params["c"].reshape(-1, *[1] * (state.ndim - 1)) * state
        flat = state.reshape(state.shape[0], -1, self.n_units)
        logits = torch.baddbmm(params["b_out"][:, None], flat, params["W_out"].transpose(1, 2))
        return logits.reshape(*state.shape[:-1], self.n_actions)
