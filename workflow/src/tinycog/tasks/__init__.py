"""Tasks: how many actions and states there are, what a network is fed, and how trials are told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Task:
    """One-stage task: the chosen action is the state reached (core.md 1.4).

    Attributes:
        name: the task's name in the config.
        n_actions, n_states: numbers of actions and of second-stage states.
        common: probability with which action i leads to state i; 1 in one-stage tasks.
        good: reward probability of the better state, as assumed by the Bayesian models (cognitive-models.md 4).
        cognitive: task whose cognitive models apply; None if none is written yet.
    """

    name: str
    n_actions: int
    n_states: int
    common: float
    good: float
    cognitive: str | None

    @property
    def n_inputs(self) -> int:
        return 3 if self.n_actions == 2 else self.n_actions + 1

    @property
    def conditions(self) -> list[str]:
        """Labels of the input conditions, in the order of their codes (analysis.md 0.3)."""
        return [f"A{a + 1}R{r}" for a in range(self.n_actions) for r in (0, 1)]

    def condition(self, action: np.ndarray, reward: np.ndarray) -> np.ndarray:
        """Code of each trial's input condition, 2a + r; the same shape as `action`."""
        return 2 * action + (reward > 0.5)

    def encode(self, action: np.ndarray, state: np.ndarray, reward: np.ndarray) -> np.ndarray:
        """What a network is fed after each trial, shape (..., n_inputs): [a, s, r], or one-hot(a) and r."""
        import numpy as np

        if self.n_actions == 2:
            return np.stack([action, state, reward], axis=-1).astype(np.float64)
        one_hot = action[..., None] == np.arange(self.n_actions)
        return np.concatenate([one_hot, reward[..., None]], axis=-1).astype(np.float64)


TASKS = ("bandit", "reversal")


def task_of(name: str, n_actions: int = 2) -> Task:
    """The task called `name`; `n_actions` matters for `bandit` only, which has as many states as actions."""
    if name == "reversal":
        return Task("reversal", n_actions=2, n_states=2, common=1.0, good=0.7, cognitive="reversal")
    if name == "bandit":
        models = "reversal" if n_actions == 2 else None  # with two arms the models of reversal learning apply
        return Task("bandit", n_actions, n_actions, common=1.0, good=0.7, cognitive=models)
    raise ValueError(f"task: found {name!r}; allowed: {', '.join(TASKS)}")
