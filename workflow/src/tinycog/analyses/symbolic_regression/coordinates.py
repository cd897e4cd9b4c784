"""States of a fitted model in units of the logit, and what trials do to them (methods: symbolic regression)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tinycog.results.scores import Scores
from tinycog.tasks import Task

EXACT = 1e-9  # largest deviation of logits from the state times a number, relative to the largest logit

ROOM = 0.5  # on either side of the visited range, relative to its width


class Coordinates(NamedTuple):
    """Names of the variables, and their values before each choice and after a block's last, (row, variable)."""

    names: tuple[str, ...]
    x: np.ndarray


class Change(NamedTuple):
    """What trials of an input condition do to a variable.

    Attributes:
        x, y: variables before, (trial, variable), and change of the target, (trial,), in scored training and validation
            trials.
        x_test, y_test: in scored test trials.
    """

    condition: str
    target: str
    x: np.ndarray
    y: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def coordinates(scores: Scores, n_variables: int) -> Coordinates:
    """L alone; the logits y1 and y2 of both actions where each variable is one, up to a common factor; else L and N,
    the state along the direction that leaves L as it is, in the same units.
    """
    logit = scores.logits[:, 0] - scores.logits[:, 1]
    if n_variables == 1:
        return Coordinates(("L",), logit[:, None])
    state, logits = scores.states[:, :2], scores.logits
    scale = (state * logits).sum() / max((state**2).sum(), 1e-300)
    if scale and np.abs(scale * state - logits).max() <= EXACT * np.abs(logits).max():
        return Coordinates(("y1", "y2"), logits)
    columns = np.column_stack([state, np.ones(len(state))])
    (first, second, _), *_ = np.linalg.lstsq(columns, logit, rcond=None)
    return Coordinates(("L", "N"), np.column_stack([logit, state @ [-second, first]]))


def changes(task: Task, scores: Scores, of: Coordinates) -> Iterator[Change]:
    """One for each condition and variable, in order."""
    before = scores.before(of.x)
    after = scores.after(of.x) - before
    for code, label in enumerate(task.conditions):
        own = (scores.condition == code) & (scores.mask == 1)
        fitted, tested = own & (scores.split != "test"), own & (scores.split == "test")
        for i, name in enumerate(of.names):
            yield Change(label, name, before[fitted], after[fitted, i], before[tested], after[tested, i])


def of_range(scores: Scores, of: Coordinates) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the range in which each variable is held: where scored training and validation trials come, and half as
    far again on either side.
    """
    before = scores.before(of.x)[(scores.mask == 1) & (scores.split != "test")]
    low, high = before.min(0), before.max(0)
    return low - ROOM * (high - low), high + ROOM * (high - low)
