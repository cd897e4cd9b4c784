"""Drift to the other value, or decay to 0, in trials without a reward (methods: drift to the other).

Sums over trials are kept by block, so that a resample of blocks is a weighted sum of them; the sample itself is the
first row of the weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinycog.analyses.fields.compute import square
from tinycog.results.resampling import interval
from tinycog.results.scores import Scores
from tinycog.tasks import Task

FEWEST_TRIALS = 10
ROUNDING = 1e-9  # a rate or a change below this in size is rounding, and counts as 0
SINGULAR = 1e-10  # smallest eigenvalue of the correlations of predictors that still tells them apart
BINS = 8  # on either axis of the plane of values
FEWEST_IN_BIN = 3  # trials of an arrow
# its predictors: other - own value, -own value, a constant
EQUATIONS = {"drift": [0], "decay": [1], "both": [0, 1], "level": [0, 1, 2]}
RATES = ("delta", "phi")  # coefficients of the first two


@dataclass(frozen=True)
class Unrewarded:
    """Scored trials without a reward, block after block.

    Attributes:
        before, change: (trial, 2) values of the chosen action and of the other one, the mean of the others where
            there are several: logits, in nats.
        action: (trial,) that was chosen.
        block: (trial,) from 0.
    """

    before: np.ndarray
    change: np.ndarray
    action: np.ndarray
    block: np.ndarray


def unrewarded(task: Task, scores: Scores) -> Unrewarded:
    """The trials of a task with one choice."""
    action, _, reward = task.trial_of(scores.condition)
    used = (scores.mask == 1) & (reward == 0)
    action, lengths = action[used], np.diff(scores.trial_start)

    def of_chosen_and_others(values: np.ndarray) -> np.ndarray:
        chosen = values[np.arange(len(values)), action]
        return np.column_stack([chosen, (values.sum(axis=1) - chosen) / (task.n_actions - 1)])

    before, after = (rows(scores.logits)[used] for rows in (scores.before, scores.after))
    block = np.repeat(np.arange(len(lengths)), lengths)[used]
    return Unrewarded(of_chosen_and_others(before), of_chosen_and_others(after - before), action, block)


@dataclass(frozen=True)
class Regression:
    """What a value moves to by one equation.

    Attributes:
        rates: by their names, each (1 + resample,); empty where there is no regression.
        r2: of the sample; NaN for a change that is always the same.
        level: to which it decays, where that is fitted and the value does decay.
        note: why there is no regression.
    """

    rates: dict[str, np.ndarray]
    r2: float = np.nan
    level: float | None = None
    note: str | None = None

    def ends(self, n_blocks: int) -> dict[str, tuple[float, float]]:
        """95% bootstrap interval over blocks of each rate."""
        return {name: tuple(map(float, interval(values, n_blocks))) for name, values in self.rates.items()}


def regressions(data: Unrewarded, place: int, weights: np.ndarray) -> dict[str, Regression]:
    """What one of the two values moves to, by each equation.

    Args:
        place: 0, the value of the chosen action, or 1, the other one.
        weights: how often each block is drawn, (1 + resample, block), the sample first.
    """
    own, other = data.before[:, place], data.before[:, 1 - place]
    predictors, change = np.column_stack([other - own, -own, np.ones(len(own))]), data.change[:, place]
    if len(own) < FEWEST_TRIALS:
        note = f"{len(own)} trials without a reward, fewer than {FEWEST_TRIALS}"
        return {name: Regression({}, note=note) for name in EQUATIONS}
    present, starts = np.unique(data.block, return_index=True)
    columns = np.column_stack([predictors, change])
    of_blocks = np.stack([part.T @ part for part in np.split(columns, starts[1:])])
    sums = np.tensordot(weights[:, present], of_blocks, axes=1)
    return {name: _regression(kept, sums, predictors, change) for name, kept in EQUATIONS.items()}


def _regression(kept: list[int], sums: np.ndarray, predictors: np.ndarray, change: np.ndarray) -> Regression:
    """Least squares of the change on these predictors.

    Args:
        sums: (1 + resample, 4, 4) cross-products of all predictors and the change.
    """
    gram, cross = sums[:, kept][:, :, kept], sums[:, kept, 3]
    size = np.sqrt(np.diagonal(gram, axis1=1, axis2=2))
    with np.errstate(invalid="ignore", divide="ignore"):
        alike = gram / (size[:, :, None] * size[:, None, :])
    good = np.isfinite(alike).all(axis=(1, 2))
    good[good] = np.linalg.eigvalsh(alike[good])[:, 0] > SINGULAR
    if not good[0]:
        reason = "its predictor is always 0" if len(kept) == 1 else "its predictors are linearly dependent"
        return Regression({}, note=f"singular: {reason}")
    found = np.full((len(sums), len(kept)), np.nan)
    found[good] = np.linalg.solve(gram[good], cross[good][..., None])[..., 0]
    found = np.where(np.abs(found) < ROUNDING, 0.0, found)
    residual = change - predictors[:, kept] @ found[0]
    varies = change.std() > ROUNDING
    r2 = 1 - (residual @ residual) / (change.var() * len(change)) if varies else np.nan
    rates = {RATES[k]: found[:, i] for i, k in enumerate(kept) if k < len(RATES)}
    level = float(found[0, 2] / found[0, 1]) if len(kept) > len(RATES) and found[0, 1] else None
    return Regression(rates, float(r2), level)


def remains(ends: dict[str, tuple[float, float]]) -> str | None:
    """Whose interval lies above 0, of both rates; None where one is not asked or has no interval."""
    if len(ends) < len(RATES) or not np.isfinite(list(ends.values())).all():
        return None
    drift, decay = (ends[name][0] > 0 for name in RATES)
    return {(True, True): "both", (True, False): "drift", (False, True): "decay"}.get((drift, decay), "neither")


@dataclass(frozen=True)
class Region:
    """Mean change of the chosen value and share of trials in which it rises, each (1 + resample,)."""

    mean: np.ndarray
    rising: np.ndarray
    n_trials: int
    n_blocks: int


def regions(data: Unrewarded, weights: np.ndarray) -> dict[str, Region]:
    """The changes of the chosen value where it is the larger one, or the smaller one; `weights` as above."""
    chosen, other = data.before.T
    change = data.change[:, 0]
    where = {"agree": chosen > other, "disagree": chosen < other, "disagree_positive": (chosen > 0) & (chosen < other)}
    return {name: _region(change[here], data.block[here], weights) for name, here in where.items()}


def _region(change: np.ndarray, block: np.ndarray, weights: np.ndarray) -> Region:
    def of_blocks(values: np.ndarray) -> np.ndarray:
        return weights @ np.bincount(block, values, weights.shape[1])

    with np.errstate(invalid="ignore"):
        mean, rising = (of_blocks(values) / of_blocks(np.ones(len(block))) for values in (change, change > ROUNDING))
    return Region(mean, rising, len(block), len(np.unique(block)))


def arrows(data: Unrewarded, action: int) -> tuple[np.ndarray, tuple[float, float]]:
    """Mean trials by bin of both values before trials of this action, and the limits of both axes.

    Returns:
        (bin, 5) means of both values and of their changes, and the number of trials; bins with a few of these.
    """
    here = data.action == action
    before, change = data.before[here], data.change[here]
    if not len(before):
        return np.empty((0, 5)), (-1.0, 1.0)
    low, high = square(before)
    place = np.floor((before - low) / (high - low) * BINS).astype(int)
    inside = ((place >= 0) & (place < BINS)).all(axis=1)
    cell = (place @ [1, BINS])[inside]
    n = np.bincount(cell, minlength=BINS**2)
    columns = np.column_stack([before, change])[inside]
    sums = np.stack([np.bincount(cell, column, BINS**2) for column in columns.T], axis=1)
    enough = n >= FEWEST_IN_BIN
    return np.column_stack([sums[enough] / n[enough, None], n[enough]]), (low, high)
