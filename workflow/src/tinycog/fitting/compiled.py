"""Likelihoods of a cognitive model, and their slopes in unconstrained coordinates, by the compiled machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinycog.fitting.kernels import compiled
from tinycog.fitting.kernels.lanes import WIDTH
from tinycog.fitting.kernels.machine import Choices, Room, gradients, likelihood, likelihoods
from tinycog.fitting.tracing import trace
from tinycog.models.cognitive.declaration import CognitiveModel
from tinycog.trials.sequences import Sequences

WIDEST = 32  # replicas that are run at once
_LOADED: set[Callable] = set()  # kernels that need not be compiled any more


class Compiled:
    """A cognitive model on given trials; its torch or NumPy counterpart is `tinycog.fitting.objective.choice_nll`.

    Coordinates x (point, parameter) are unconstrained. A point's results do not depend on the others, to the last bit.
    """

    def __init__(self, model: CognitiveModel, sequences: Sequences):
        self.programs, *by_trial = trace(model, sequences)
        self.model, self.sequences = model, sequences
        lengths = np.asarray(sequences.lengths, dtype=np.int64)
        by_block = (np.ascontiguousarray(np.swapaxes(array, 0, 1)) for array in by_trial)
        self.choices = Choices(*by_block, lengths, -model.log_floor)

    def nll_alone(self, x: np.ndarray, by_block: bool) -> np.ndarray:
        """As `nll`, for one point (parameter,), with other rounding: (time point or 1, block)."""
        nll = np.empty((1 if by_block else self.sequences.n_trials, self.sequences.n_blocks))
        self._run(likelihood, np.empty(self.programs.n_registers), self._natural(x[None])[0], nll)
        return nll

    def nll(self, x: np.ndarray, by_block: bool) -> np.ndarray:
        """NLL of every choice, nats, 0 where not scored: (point, time point, block), or (point, 1, block) its sums."""
        nll = np.zeros((len(x), 1 if by_block else self.sequences.n_trials, self.sequences.n_blocks))
        self._run(likelihoods, self._room(len(x)), self._natural(x), nll)
        return nll

    def training(self, x: np.ndarray, weights: np.ndarray, owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weighted sum of NLL over choices, (point,), nats, and its slopes, (point, parameter).

        Args:
            weights: (replica, time point or 1, block).
            owner: (point,) the replica whose weights apply.
        """
        nll, slopes = np.empty(len(x)), np.empty(x.shape)
        self._run(gradients, self._room(len(x)), self._natural(x), weights, owner, nll, slopes)
        return nll, slopes * self.model.slopes(x)

    def _run(self, kernel: Callable, *arguments: Any) -> None:
        arguments = (self.programs, self.choices, *arguments)
        kernel(*arguments) if kernel in _LOADED else compiled(kernel, *arguments)
        _LOADED.add(kernel)

    def _natural(self, x: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(np.stack(list(self.model.from_real(x).values()), axis=1))

    def _room(self, n_points: int) -> Room:
        width = min(-(-n_points // WIDTH) * WIDTH, WIDEST)
        n_choices, n_columns = self.programs.logits.shape[1], len(self.programs.initial)
        states = (self.sequences.n_trials + 1) * n_columns
        sizes = (self.programs.n_registers, self.programs.n_registers, states, 2 * n_choices, 1, 1)
        return Room(*(np.empty(size * width) for size in sizes))
