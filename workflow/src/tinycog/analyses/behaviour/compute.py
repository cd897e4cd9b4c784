"""Behaviour of a subject, of models along its choices, and of models that play (methods: behaviour).

All three are sums over choices, by unit and cell: how often, or how probably, the action in question was chosen, and
how many choices there were. A unit is what is drawn for intervals: a block, or a part of one where blocks are few.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from tinycog.analyses.behaviour.measures import FEWEST, Measure

LEVEL = 0.95
FEWEST_UNITS = 10  # blocks; fewer are cut into parts
PENALTY = 1.0  # of squared coefficients, halved; the intercept has none
NEWTON_STEPS, TOLERANCE, LONGEST_STEP, HALVINGS = 50, 1e-9, 4.0, 20  # the longest is of a coefficient, in log odds
EQUAL = 1e-12  # a standard error below this is none: every unit is the same


def units(lengths: np.ndarray) -> tuple[np.ndarray, int]:
    """Number of each choice's unit, (trial, block), and how many there are: blocks, or equal parts of them.

    Args:
        lengths: trials of each block.
    """
    n_parts = -(-FEWEST_UNITS // len(lengths))  # one if there are enough
    part = np.arange(lengths.max())[:, None] * n_parts // lengths
    return np.minimum(part, n_parts - 1) + n_parts * np.arange(len(lengths)), n_parts * len(lengths)


@dataclass(frozen=True)
class Sums:
    """What a measure needs of one source.

    Attributes:
        hits: (fold, unit, cell) sums of the probability of the action in question.
        counts: (fold, unit, cell) numbers of choices; of one fold where all have the same.
        spread: (cell,) sums of p (1 - p) of the mean probability over folds: the variance that a model expects of the
            number of hits; 0 of choices that were made.
    """

    hits: np.ndarray
    counts: np.ndarray
    spread: np.ndarray

    @classmethod
    def of_folds(cls, parts: Sequence[Sums]) -> Sums:
        """Of folds that made choices of their own."""
        hits, counts = (np.concatenate([getattr(part, name) for part in parts]) for name in ("hits", "counts"))
        return cls(hits, counts, sum(part.spread for part in parts))


def sums(measure: Measure, policy: np.ndarray, unit: np.ndarray, n_units: int) -> Sums:
    """Sums of one source.

    Args:
        policy: (fold, trial, block, action) probabilities; 0 and 1 for choices that were made.
        unit: (trial, block).
    """
    shape = n_units, measure.n_cells
    place = unit[measure.trial, measure.block] * measure.n_cells + measure.cell
    asked = policy[:, measure.trial, measure.block, measure.target]
    hits = [np.bincount(place, weights, n_units * measure.n_cells).reshape(shape) for weights in asked]
    counts = np.bincount(place, minlength=n_units * measure.n_cells).reshape(1, *shape)
    mean = asked.mean(axis=0)
    spread = np.bincount(measure.cell, mean * (1 - mean), measure.n_cells)
    return Sums(np.stack(hits), counts.astype(np.float64), spread)


def estimate(measure: Measure, hits: np.ndarray, counts: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
    """Values of a measure, (..., row), from sums over units, (..., cell); NaN without a choice.

    Args:
        start: coefficients near those of the history regression, from which it sets out.
    """
    if measure.design is not None:
        return regression(measure.design, hits, counts, start) @ measure.combine.T
    with np.errstate(invalid="ignore"):
        share = hits / counts
    return 1 - share if measure.switch else share


def regression(design: np.ndarray, hits: np.ndarray, counts: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
    """Coefficients (..., coefficient) of L2-penalised logistic regressions on the same cells, by Newton's method.

    Minimised is the negative log-likelihood of `hits` of `counts` choices, which may be fractions, plus half the
    squared coefficients apart from the intercept, which comes first: scikit-learn's default with C = 1.

    Args:
        design: (cell, coefficient).
        hits, counts: (..., cell).
    """
    n = design.shape[1]
    penalty = np.full(n, PENALTY)
    penalty[0] = 0.0
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), n * n)
    ridge = np.diag(np.where(penalty > 0, penalty, EQUAL))  # without a choice the intercept stays where it is
    coefficients = np.broadcast_to(np.zeros(n) if start is None else start, (*hits.shape[:-1], n)).copy()
    loss = _loss(design, hits, counts, penalty, coefficients)
    for _ in range(NEWTON_STEPS):
        p = expit(coefficients @ design.T)
        slope = (counts * p - hits) @ design + penalty * coefficients
        curvature = ((counts * p * (1 - p)) @ products).reshape(*slope.shape, n) + ridge
        step = np.linalg.solve(curvature, slope[..., None])[..., 0]
        step = step * np.minimum(1, LONGEST_STEP / np.maximum(np.abs(step).max(axis=-1, keepdims=True), EQUAL))
        for _ in range(HALVINGS):  # until the loss does not rise
            new = coefficients - step
            new_loss = _loss(design, hits, counts, penalty, new)
            worse = new_loss > loss + 1e-9 * np.abs(loss)
            if not worse.any():
                break
            step = np.where(worse[..., None], step / 2, step)
        coefficients, loss = new, new_loss
        if np.abs(step).max(initial=0.0) < TOLERANCE:
            break
    return coefficients


def _loss(
    design: np.ndarray, hits: np.ndarray, counts: np.ndarray, penalty: np.ndarray, coefficients: np.ndarray
) -> np.ndarray:
    logit = coefficients @ design.T
    return (counts * np.logaddexp(0, logit) - hits * logit).sum(-1) + (penalty * coefficients**2).sum(-1) / 2


def resamples(rng: np.random.Generator, n: int, n_folds: int, n_units: int) -> np.ndarray:
    """How often each unit of each fold is drawn, (resample, fold * unit): folds first, then units of each drawn fold.

    Both with replacement, as many as there are.
    """
    fold = rng.integers(n_folds, size=(n, n_folds, 1))
    unit = rng.integers(n_units, size=(n, n_folds, n_units))
    place = (fold * n_units + unit).reshape(n, -1) + np.arange(n)[:, None] * n_folds * n_units
    return np.bincount(place.ravel(), minlength=n * n_folds * n_units).reshape(n, -1).astype(np.float64)


@dataclass(frozen=True)
class Estimate:
    """A measure of one source.

    Attributes:
        value: (row,).
        drawn: (resample, row) the same of each resample.
        n: (row,) choices behind it.
        expected: (row,) variance that the model expects of the data's value, if its choices are independent of each
            other; 0 of the history regression.
        sd_folds: (row,) standard deviation over outer folds; NaN with fewer than two.
    """

    value: np.ndarray
    drawn: np.ndarray
    n: np.ndarray
    expected: np.ndarray
    sd_folds: np.ndarray

    @property
    def interval(self) -> np.ndarray:
        """Ends of the interval, (2, row): quantiles of the resamples that have a choice there."""
        return _ignoring_empty(np.nanquantile, self.drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])


def _variance(drawn: np.ndarray) -> np.ndarray:
    return _ignoring_empty(np.nanvar, drawn)


def _ignoring_empty(function: Any, drawn: np.ndarray, *arguments: Any) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # no resample has a choice there: NaN
        return function(drawn, *arguments, axis=0)


def along(measure: Measure, found: Sums, weights: np.ndarray) -> Estimate:
    """Of choices that were made once: the data (a single fold), or models along them, as the mean over folds.

    Args:
        weights: (resample, unit), the same for the data and for models, so that they can be compared draw by draw.
    """
    hits, counts = found.hits.mean(axis=0), found.counts[0]
    with np.errstate(invalid="ignore"):
        expected = found.spread / counts.sum(axis=0) ** 2
    return _estimated(measure, hits, counts, weights, found.hits.sum(axis=1), counts.sum(axis=0), expected)


def playing(measure: Measure, found: Sums, weights: np.ndarray, n_data: np.ndarray) -> Estimate:
    """Of models that made choices of their own, those of all folds together.

    Args:
        weights: (resample, fold * unit).
        n_data: (row,) choices of the data.
    """
    hits, counts = (values.reshape(-1, measure.n_cells) for values in (found.hits, found.counts))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = hits.sum(axis=0) / counts.sum(axis=0)
        expected = share * (1 - share) / (n_data if measure.design is None else 1)
    return _estimated(measure, hits, counts, weights, found.hits.sum(axis=1), found.counts.sum(axis=1), expected)


def _estimated(
    measure: Measure,
    hits: np.ndarray,
    counts: np.ndarray,
    weights: np.ndarray,
    fold_hits: np.ndarray,
    fold_counts: np.ndarray,
    expected: np.ndarray,
) -> Estimate:
    """Args: (unit, cell) hits and counts; (fold, cell) those of each fold; (cell,) expected variances."""
    total = hits.sum(axis=0), counts.sum(axis=0)
    start, n = None, total[1]
    if measure.design is not None:
        start, n = regression(measure.design, *total), np.full(len(measure.rows), counts.sum())
        expected = np.zeros(len(measure.rows))
    of_folds = estimate(measure, fold_hits, fold_counts, start)
    sd = of_folds.std(axis=0, ddof=1) if len(of_folds) > 1 else np.full(len(n), np.nan)
    drawn = estimate(measure, weights @ hits, weights @ counts, start)
    return Estimate(estimate(measure, *total, start), drawn, n.astype(int), expected, sd)


def z_scores(measure: Measure, model: Estimate, data: Estimate, paired: bool) -> np.ndarray:
    """Differences of a model from the data in standard errors of the difference, (row,).

    The standard error is that of the draws, but no smaller than what the model expects: ten choices that are all the
    same do not vary between blocks, and say little. NaN where the data or the model has fewer than `FEWEST` choices,
    where nothing varies, and along the data where cells depend on the choices that are asked about.

    Args:
        paired: whether both are of the same choices, drawn together.
    """
    variance = _variance(model.drawn - data.drawn) if paired else _variance(model.drawn) + _variance(data.drawn)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.maximum(variance, model.expected)
        z = (model.value - data.value) / np.sqrt(variance)
    compared = (np.minimum(model.n, data.n) >= FEWEST) & (variance > EQUAL**2)
    if paired and measure.by_choices:
        compared = np.zeros_like(compared)
    return np.where(compared, z, np.nan)


def largest(measure: Measure, z: np.ndarray) -> dict[str, Any]:
    """The value of a measure that differs most, in standard errors, and how many differ by more than two."""
    known = np.isfinite(z)
    if not known.any():
        return {"z": np.nan, "cell": "", "n_cells": 0, "share_above_2": np.nan}
    worst = int(np.nanargmax(np.abs(z)))
    return {
        "z": z[worst],
        "cell": in_words(measure.rows[worst]),
        "n_cells": int(known.sum()),
        "share_above_2": float((np.abs(z[known]) > 2).mean()),
    }


def in_words(row: dict[str, Any]) -> str:
    """A row of a measure as one text."""
    return " ".join(str(value) for name, value in row.items() if value is not None and name != "measure")
