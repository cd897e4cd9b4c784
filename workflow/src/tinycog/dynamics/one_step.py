"""One trial of a fitted model as a map of its state: F, the logits, and dF/dh (methods: one-step maps).

They are computed by the model's own update and policy; nothing is fitted to trials.
"""

from __future__ import annotations

import numpy as np
import torch

from tinycog.models.interface import Array, Model, Parameters
from tinycog.tasks import Task
from tinycog.trials import sequences
from tinycog.trials.tensors import to_torch

Codes = int | np.ndarray  # of input conditions, see `Task.condition`


class OneStep:
    """F and the logits of one fitted model (a stack of one), as functions of n states' dynamical variables, (n, D).

    A condition is a code for all states, or one for each, (n,). Columns of a state that only remember the last trial
    follow from that trial: `after` is its condition, by default the one that is applied, as when trials of one
    condition follow one another.
    """

    def __init__(self, task: Task, model: Model, params: Parameters):
        self.task, self.model = task, model
        self.params = {name: torch.as_tensor(value) for name, value in params.items()}
        self.n_variables = model.n_dynamical
        self._drives: dict[bytes, list] = {}

    def step(self, state: Array, condition: Codes, after: Codes | None = None) -> Array:
        """F(h), (n, D), for a trial of the condition."""
        codes = np.broadcast_to(condition, len(state))
        before = self._with_memory(state, codes if after is None else after)
        return self._apply(before, codes)[:, : self.n_variables]

    def logits(self, state: Array, after: Codes = 0) -> Array:
        """Logits (n, action) of the choice that follows a trial of the condition `after`."""
        return self.model.policy(self.params, self._with_memory(state, after)[None])[0]

    def logit(self, state: Array, after: Codes = 0) -> Array:
        """Logit of the first action against the second, (n,), or against the mean of the others."""
        logits = self.logits(state, after)[:, : self.task.n_actions]
        return logits[:, 0] - logits[:, 1:].mean(1)

    def jacobian(self, state: Array, condition: Codes, after: Codes | None = None) -> Array:
        """dF_i/dh_j at each state, (n, i, j), by automatic differentiation."""
        state = state.detach().clone().requires_grad_()
        with torch.enable_grad():
            new = self.step(state, condition, after)
            rows = [_gradient(new[:, i].sum(), state) for i in range(self.n_variables)]
        return torch.stack(rows, dim=1)

    def _with_memory(self, state: Array, after: Codes) -> Array:
        if self.model.n_state == self.n_variables:
            return state
        codes = np.broadcast_to(after, len(state))
        with torch.no_grad():
            start = self.model.initial_state(self.params, len(codes))[0]
            return torch.cat([state, self._apply(start, codes)[:, self.n_variables :]], dim=1)

    def _apply(self, state: Array, codes: np.ndarray) -> Array:
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
        return list(self.model.drive(self.params, to_torch(sequences.from_columns({**columns, **place}, self.task))))


def _gradient(total: Array, state: Array) -> Array:
    """Slopes of a sum by the state; 0 where it does not depend on it."""
    if not total.requires_grad:
        return torch.zeros_like(state)
    (slopes,) = torch.autograd.grad(total, state, retain_graph=True, allow_unused=True)
    return torch.zeros_like(state) if slopes is None else slopes
