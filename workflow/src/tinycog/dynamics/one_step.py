"""One trial of a fitted model as a map of its state: F, the logit L, and dF/dh (methods: one-step maps).

They are computed by the model's own update and policy; no curve is fitted to trials.
"""

from __future__ import annotations

import numpy as np
import torch

from tinycog.models.interface import Array, Model, Parameters
from tinycog.tasks import Task
from tinycog.trials.sequences import Sequences
from tinycog.trials.tensors import to_torch


class OneStep:
    """F and L of one fitted model (a stack of one), as functions of arrays of states."""

    def __init__(self, task: Task, model: Model, params: Parameters):
        self.task, self.model = task, model
        self.params = {name: torch.as_tensor(value) for name, value in params.items()}

    def logit(self, state: Array) -> Array:
        """L = y_0 - y_1 at states (n,)."""
        logits = self.model.policy(self.params, state.reshape(1, -1, 1))[0]
        return logits[:, 0] - logits[:, 1]

    def step(self, state: Array, condition: int) -> Array:
        """F(h) of states (n,) for one trial of the condition."""
        drive = self.model.drive(self.params, _one_trial(self.task, condition, len(state)))[0]
        return self.model.update(self.params, state.reshape(1, -1, 1), drive)[0, :, 0]

    def multiplier(self, state: Array, condition: int) -> Array:
        """dF/dh at states (n,), by automatic differentiation."""
        state = state.clone().requires_grad_()
        return torch.autograd.grad(self.step(state, condition).sum(), state)[0]


def _one_trial(task: Task, condition: int, n: int) -> Sequences:
    """One trial of the condition in n blocks."""
    action, state, reward = (np.full((1, n), value) for value in task.trial_of(condition))
    reward = reward.astype(np.float64)
    x, codes = task.encode(action, state, reward), task.condition(action, state, reward)
    return to_torch(Sequences(action, state, reward, np.ones((1, n)), x, np.ones(n, int), codes))
