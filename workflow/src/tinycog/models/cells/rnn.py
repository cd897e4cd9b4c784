"""Elman network, and one whose recurrent matrix has a fixed rank (methods: Elman and low-rank networks)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tinycog.arrays import namespace
from tinycog.models.cells.network import Network, Shapes, times, unstacked
from tinycog.models.interface import Array, Parameters

if TYPE_CHECKING:
    from tinycog.tasks import Task


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
        return namespace(state).tanh(trial + recurrent)


class LowRankRNN(RNN):
    """An Elman network with W_hh = M N^T, M and N (d, rank): its recurrence reads and writes `rank` directions.

    The L1 acts on the weight matrices W_ih, M and N.
    """

    cell = "low_rank_rnn"
    penalised = ("W_ih", "M", "N")
    takes = ("rank", *RNN.takes)

    def __init__(self, *, rank: int = 1, **sizes: Any):
        if not 1 <= rank <= sizes["n_units"]:
            raise ValueError(f"rank: found {rank}; allowed with {sizes['n_units']} units: 1 to {sizes['n_units']}")
        self.rank = rank
        super().__init__(**sizes)

    @classmethod
    def arguments(cls, task: Task, spec: dict[str, Any], dim: int, n_subjects: int) -> dict[str, Any]:
        rank = {"rank": spec["rank"]} if spec.get("rank") else {}  # null is the default
        return super().arguments(task, spec, dim, n_subjects) | rank

    def layer(self) -> Shapes:
        d, rank = self.n_units, self.rank
        return {"W_ih": (d, self.n_inputs), "M": (d, rank), "N": (d, rank), "b_ih": (d,), "b_hh": (d,)}

    def initial_layer(self, stream: Callable, seed: int) -> dict[str, np.ndarray]:
        """The Elman network's, but for M and N: U(-b, b) with b = (3 / (d rank))^(1/4).

        An entry of their product then has the variance 1 / (3d) of an entry of the Elman network's W_hh. This choice
        is ours.
        """
        values = super().initial_layer(stream, seed)
        scale = (3 / (self.n_units * self.rank)) ** 0.25 * np.sqrt(self.n_units)  # the stream's reach to 1/sqrt(d)
        return values | {name: values[name] * scale for name in ("M", "N")}

    def update(self, params: Parameters, state: Array, trial: Array) -> Array:
        recurrent = times(params["M"], state @ params["N"]) + params["b_hh"][:, None]
        return namespace(state).tanh(trial + recurrent)
