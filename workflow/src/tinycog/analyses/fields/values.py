"""Fields of the values of three or more actions, and of logits of choice states (methods: fields of several logits)."""

from __future__ import annotations

import numpy as np

from tinycog.analyses.dynamical_regression import compute as regression
from tinycog.analyses.dynamical_regression import quantity as quantities
from tinycog.analyses.fields.compute import INNER
from tinycog.dynamics.one_step import OneStep
from tinycog.results.scores import Scores, relative
from tinycog.tasks import Task

GRID = 13  # states on either axis
MOST_TRIALS = 60  # of a condition that are drawn
FEWEST_TRIALS = 10  # of a condition that has a field
SAME = 1e-6  # difference of numbers that are the same, of values relative to their size


def limits(values: np.ndarray) -> tuple[float, float]:
    """Ends of all axes: where each of the values (trial, action) is in 98 % of trials."""
    ends = np.quantile(values, [1 - INNER, INNER], axis=0)
    low, high = float(ends[0].min()), float(ends[1].max())
    return (low, high) if high - low > 1e-9 else (low - 1.0, high + 1.0)


def mean_states(states: np.ndarray, values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Mean state (point, variable) where two values are `at` (point, 2), as a linear function of these.

    By least squares over trials. Values that are linear in the state are those that are asked for.

    Args:
        states, values: (trial, variable) and (trial, 2).
    """
    columns = np.column_stack([values, np.ones(len(values))])
    slopes, *_ = np.linalg.lstsq(columns, states, rcond=None)
    return np.column_stack([at, np.ones(len(at))]) @ slopes


def field(
    one_step: OneStep, code: int, other: int, states: np.ndarray, values: np.ndarray, limits: tuple[float, float]
) -> np.ndarray:
    """Points of a grid of the values of the chosen and of another action, and what a trial changes there, (point, 4).

    Values are logits minus their mean over actions. All else about the state is its mean given these two; where that
    would leave the bounds of the state, or has other values, the changes are NaN.

    Args:
        other: the action that was not chosen.
        states, values: (trial, variable) and (trial, action) before trials of the condition.
    """
    pair = [one_step.task.trial_of(code)[0], other]
    at = np.stack(np.meshgrid(*[np.linspace(*limits, GRID)] * 2), axis=-1).reshape(-1, 2)
    begin = mean_states(states, values[:, pair], at)
    low, high = one_step.model.state_bounds
    inside = ((begin >= low - SAME) & (begin <= high + SAME)).all(axis=1)
    before, after = (relative(one_step.logits(now, code)) for now in (begin, one_step.step(begin, code)))
    found = inside & (np.abs(before[:, pair] - at) < SAME * (1 + np.abs(at))).all(axis=1)
    change = np.where(found[:, None], (after - before)[:, pair], np.nan)
    return np.column_stack([at, change])


def of_choice_states(task: Task, scores: Scores) -> tuple[np.ndarray, np.ndarray]:
    """Logits before trials with two choices and their changes, (trial, 6), and the trials' conditions.

    The logits are of the first choice, of the choice in the state that was reached, and of that in the other state.
    """
    data = regression.trials(scores, quantities.CHOICE_STATES, task.stages, None)
    reached = np.array(task.trial_of(data.condition)[1])
    order = np.stack([np.zeros_like(reached), 1 + reached, 2 - reached], axis=1)
    of_all = [np.take_along_axis(values, order, axis=1) for values in (data.x, data.change)]
    return np.hstack(of_all), data.condition
