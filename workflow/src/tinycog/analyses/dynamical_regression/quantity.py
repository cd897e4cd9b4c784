"""Which quantity of a model is regressed. It is decided here alone (methods: dynamical regression)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinycog.generators import generator
from tinycog.models.interface import Model
from tinycog.results.scores import relative
from tinycog.tasks import Task

LOGIT = "logit"
LOGITS = "logits"
CENTRED = "centred logits"
CHOICE_STATES = "logits of choice states"

PROBES = 16  # states at which a model's logits are looked at
FLAT = 1e-9  # nats


def of(task: Task, model: Model) -> str:
    """What is regressed of a model of a task.

    Where a trial has two choices, the logit in each choice state. Else the logits of all actions, if their common part
    is the model's own. If it is not, only their differences have a meaning: of two actions the logit, of more actions
    the logits minus their mean.
    """
    if task.stages == 2:
        return CHOICE_STATES
    if _has_values(model):
        return LOGITS
    return LOGIT if task.n_actions == 2 else CENTRED


def _has_values(model: Model) -> bool:
    """Whether each action has a value of its own: a unit, or a value that is not the opposite of the other's.

    A full readout has none: training leaves what it adds to all logits as it was. A cognitive model is asked for the
    logits of random states.
    """
    if model.family == "rnn":
        return model.readout == "diagonal"
    params = {name: np.array([value]) for name, value in model.defaults.items()}
    states = generator("dynamical_regression", "probe").random((1, PROBES, model.n_state))
    return bool(np.ptp(model.policy(params, states)[0].mean(axis=-1)) > FLAT)


def variables(quantity: str, task: Task) -> list[str]:
    """Names of the regressed variables: L, L_S1, L_S2 are logits of the first choice and of those in each state."""
    if quantity == LOGIT:
        return ["L"]
    if quantity == CHOICE_STATES:
        return ["L", *(f"L_S{state + 1}" for state in range(task.n_states))]
    return [f"A{action + 1}" for action in range(task.n_actions)]


def values(quantity: str, logits: np.ndarray) -> np.ndarray:
    """The regressed variables, (row, variable), of logits (row, action)."""
    if quantity == CHOICE_STATES:  # actions come in pairs
        return logits[:, ::2] - logits[:, 1::2]
    return logits if quantity == LOGITS else relative(logits)


def is_common(quantity: str) -> bool:
    """Whether the policy is the same if one number is added to all variables."""
    return quantity in (LOGITS, CENTRED)


def reduced(quantity: str, n: int, target: int) -> list[int]:
    """The variables that the reduced regression of a target keeps, of `n`.

    With a variable for each action it is the target's own, and in two choices the reference drops the first logit for
    every target, the first logit included.
    """
    if quantity == CHOICE_STATES:
        return list(range(1, n))
    return [target]


def conditions(task: Task, graded: bool) -> list[str]:
    """Labels of the conditions; where rewards are graded, a predictor stands for them and labels do not name them."""
    return [label.rpartition("R")[0] for label in task.conditions[::2]] if graded else task.conditions


@dataclass(frozen=True)
class Roles:
    """What a relabelling of actions leaves alone in a condition (methods: dynamical regression).

    Attributes:
        outcome: conditions that are the same but for labels have the same.
        names: of each variable.
        signs: of each variable, -1 where it is a logit that prefers the other action.
    """

    outcome: str
    names: Sequence[str]
    signs: np.ndarray


def roles(quantity: str, task: Task, code: int, graded: bool) -> Roles:
    """Roles in the condition with this code, its place among `conditions`."""
    trial = task.trial_of(2 * code if graded else code)
    action, state, reward = trial[0], trial[1], trial[-1]
    where = [] if task.one_stage else ["same" if state == action else "other"]
    outcome = " ".join([*where, *([] if graded else [f"R{reward}"])]) or "any"
    if quantity == LOGIT:
        return Roles(outcome, ["logit"], np.array([1 - 2 * action]))
    if quantity == CHOICE_STATES:
        second = 1 - 2 * trial[2]
        of_states = ["reached" if other == state else "other" for other in range(task.n_states)]
        return Roles(outcome, ["first", *of_states], np.array([1 - 2 * action, *[second] * task.n_states]))
    names: Any = ["chosen" if other == action else "unchosen" for other in range(task.n_actions)]
    return Roles(outcome, names, np.ones(task.n_actions, int))
