"""Tasks: how many actions and states there are, what a network is fed, and how trials are told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Task:
    """What a task asks of its data and of its models (methods: tasks; network inputs; input conditions).

    Attributes:
        name: the task's name in the config.
        n_actions: actions of a choice; of the first one where a trial has two.
        n_states: second-stage states; in a one-stage task the chosen action is the state reached.
        stages: choices in a trial.
        common: probability that action i leads to state i, as assumed by model-based models; 1 in one-stage tasks.
        good: reward probability of the better state, as assumed by the Bayesian models.
        cognitive: task whose cognitive models apply; None if none is written yet.
        stimulus: whether something is shown before each choice: the trial table's columns `stim_*`.
    """

    name: str
    n_actions: int
    n_states: int
    stages: int = 1
    common: float = 1.0
    good: float = 0.7
    cognitive: str | None = None
    stimulus: bool = False

    @property
    def one_stage(self) -> bool:
        """Whether the chosen action is the state reached."""
        return self.stages == 1 and self.common == 1.0

    @property
    def n_outputs(self) -> int:
        """Logits of a network: one for each action, in two stages also one for each action of each state."""
        return self.n_actions if self.stages == 1 else self.n_actions + 2 * self.n_states

    @property
    def n_inputs(self) -> int:
        """Width of a network's input."""
        if self.stages == 2:
            return 1 + self.n_states + self.n_outputs + 1
        return 3 if self.n_actions == 2 else self.n_actions + 1

    @property
    def conditions(self) -> list[str]:
        """Labels of the input conditions, in the order of their codes."""
        actions, rewards = range(self.n_actions), (0, 1)
        if self.one_stage:
            return [f"A{a + 1}R{r}" for a in actions for r in rewards]
        states = range(self.n_states)
        if self.stages == 1:
            return [f"A{a + 1}S{s + 1}R{r}" for a in actions for s in states for r in rewards]
        return [f"A{a + 1}S{s + 1}B{b + 1}R{r}" for a in actions for s in states for b in (0, 1) for r in rewards]

    def condition(
        self, action: np.ndarray, state: np.ndarray, reward: np.ndarray, action2: np.ndarray | None = None
    ) -> np.ndarray:
        """Code of each trial's input condition: 2a + r; 4a + 2s + r with states of their own; with a second action b in
        the state reached, 8a + 4s + 2b + r. A graded reward counts as 1 above a half.
        """
        rewarded = reward > 0.5
        if self.one_stage:
            return 2 * action + rewarded
        reached = self.n_states * action + state
        return 2 * (reached if self.stages == 1 else 2 * reached + action2) + rewarded

    def trial_of(self, code: Any) -> tuple[Any, ...]:
        """Action, state and reward of an input condition, or of an array of them; the inverse of `condition`.

        Where a trial has two choices, the second action, in the state reached, comes before the reward.
        """
        outcome, reward = divmod(code, 2)
        if self.one_stage:
            return outcome, outcome, reward
        if self.stages == 1:
            return *divmod(outcome, self.n_states), reward
        reached, action2 = divmod(outcome, 2)
        return *divmod(reached, self.n_states), action2, reward

    def encode(self, action: np.ndarray, state: np.ndarray, reward: np.ndarray) -> np.ndarray:
        """What a network is fed after each trial with one choice, (..., n_inputs): [a, s, r], or one-hot(a) and r."""
        import numpy as np

        if self.n_actions == 2:
            return np.stack([action, state, reward], axis=-1).astype(np.float64)
        one_hot = action[..., None] == np.arange(self.n_actions)
        return np.concatenate([one_hot, reward[..., None]], axis=-1).astype(np.float64)


TASKS = {
    "reversal": Task("reversal", 2, 2, cognitive="reversal"),
    "two_stage": Task("two_stage", 2, 2, common=0.8, good=0.8, cognitive="two_stage"),
    "transition_reversal": Task("transition_reversal", 2, 2, common=0.8, good=0.8, cognitive="transition_reversal"),
    "three_armed_reversal": Task("three_armed_reversal", 3, 3, cognitive="three_armed_reversal"),
    "four_armed_bandit": Task("four_armed_bandit", 4, 4, cognitive="four_armed_bandit"),
    "original_two_stage": Task("original_two_stage", 2, 2, stages=2, common=0.7, cognitive="original_two_stage"),
    "perceptual": Task("perceptual", 2, 2, stimulus=True),
}


def task_of(name: str, n_actions: int | None = None) -> Task:
    """The task called `name`; a `bandit` has `n_actions` actions, two by default, and as many states.

    Raises:
        ValueError: there is no such task, or it has another number of actions.
    """
    if name == "bandit":  # with two arms the models of reversal learning apply
        n_actions = n_actions or 2
        return Task("bandit", n_actions, n_actions, cognitive="reversal" if n_actions == 2 else "bandit")
    if name not in TASKS:
        raise ValueError(f"task: found {name!r}; allowed: {', '.join(['bandit', *TASKS])}")
    task = TASKS[name]
    if n_actions not in (None, task.n_actions):
        raise ValueError(f"n_actions: found {n_actions}; task {name!r} has {task.n_actions}, only `bandit` takes more")
    return task
