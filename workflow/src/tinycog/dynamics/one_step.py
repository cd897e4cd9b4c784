"""One trial of a fitted model as a map of its state: F, the logits, and dF/dh (methods: one-step maps).

They are computed by the model's own update and policy; nothing is fitted to trials. Slopes are exact: rules of models
are analytic functions, and of such a function f the imaginary part of f(h + i e), over a tiny e, is f'(h) without any
difference of nearby numbers.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tinycog.models.interface import Model, Parameters
from tinycog.tasks import Task
from tinycog.trials import sequences

Codes = int | np.ndarray  # of input conditions, see `Task.condition`
TINY = 1e-30  # imaginary part of a state whose slope is asked for; its square is nothing beside it


class OneStep:
    """F and the logits of one fitted model (a stack of one), as functions of n states' dynamical variables, (n, D).

    A condition is a code for all states, or one for each, (n,). Columns of a state that only remember the last trial
    follow from that trial: `after` is its condition, by default the one that is applied, as when trials of one
    condition follow one another.
    """

    def __init__(self, task: Task, model: Model, params: Parameters):
        self.task, self.model = task, model
        self.params = params
        self.n_variables = model.n_dynamical
        self._drives: dict[bytes, list] = {}

    def step(self, state: np.ndarray, condition: Codes, after: Codes | None = None) -> np.ndarray:
        """F(h), (n, D), for a trial of the condition."""
        codes = np.broadcast_to(condition, len(state))
        before = self._with_memory(state, codes if after is None else after)
        return self._apply(before, codes)[:, : self.n_variables]

    def logits(self, state: np.ndarray, after: Codes = 0) -> np.ndarray:
        """Logits (n, action) of the choice that follows a trial of the condition `after`."""
        return self.model.policy(self.params, self._with_memory(state, after)[None])[0]

    def logit(self, state: np.ndarray, after: Codes = 0) -> np.ndarray:
        """Logit of the first action against the second, (n,), or against the mean of the others."""
        logits = self.logits(state, after)[:, : self.task.n_actions]
        return logits[:, 0] - logits[:, 1:].mean(1)

    def jacobian(self, state: np.ndarray, condition: Codes, after: Codes | None = None) -> np.ndarray:
        """dF_i/dh_j at each state, (n, i, j)."""
        codes = np.broadcast_to(condition, len(state))
        last = codes if after is None else np.broadcast_to(after, len(state))
        return slopes(lambda moved, row: self.step(moved, codes[row], last[row]), state)

    def _with_memory(self, state: np.ndarray, after: Codes) -> np.ndarray:
        if self.model.n_state == self.n_variables:
            return state
        codes = np.broadcast_to(after, len(state))
        start = self.model.initial_state(self.params, len(codes))[0]
        return np.concatenate([state, self._apply(start, codes)[:, self.n_variables :]], axis=1)

    def _apply(self, state: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """The whole states, (n, n_state), after a trial of each one's condition."""
        key = codes.tobytes()
        if key not in self._drives:
            self._drives[key] = self._drive(codes)
        state = state[None]
        for moment in self._drives[key]:
            state = self.model.update(self.params, state, moment)
        return state[0]

    def _drive(self, codes: np.ndarray) -> list:
        """What the conditions' trials bring to the update, at each choice of a trial."""
        names = ("action", "state", "reward") if self.task.stages == 1 else ("action", "state", "action2", "reward")
        columns = dict(zip(names, self.task.trial_of(codes), strict=True))
        ones = np.ones(len(codes), dtype=np.int8)
        place = {"block": np.arange(len(codes)), "trial": 0 * codes, "mask": ones, "mask2": ones}
        return list(self.model.drive(self.params, sequences.from_columns({**columns, **place}, self.task)))


def slopes(function: Callable[[np.ndarray, np.ndarray], np.ndarray], state: np.ndarray) -> np.ndarray:
    """Derivatives (n, output, variable) of an analytic function of states (n, variable).

    Args:
        function: of states, and of which of the n rows each of them is, to (state, output).
    """
    n, width = state.shape
    row = np.repeat(np.arange(n), width)
    moved = state[row] + 1j * TINY * np.tile(np.eye(width), (n, 1))
    return (function(moved, row).imag / TINY).reshape(n, width, -1).swapaxes(1, 2)
