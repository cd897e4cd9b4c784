"""Logit changes of models with several dynamical variables, and vector fields (methods: clouds and vector fields)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinycog.dynamics.fixed_points import FixedPoints
from tinycog.dynamics.one_step import OneStep
from tinycog.models.interface import Model, Parameters

BINS = 20  # of logits, with about as many trials each
GRID = 50  # states on either axis of a field
INNER, MARGIN = 0.99, 0.08  # quantile at which a field ends, and how much further it goes
MOST_STEPS = 200  # trials of a condition that are drawn
AFFINE = 1e-6  # residual of the logit as a linear function of the state, relative to its spread


def spread(logit: np.ndarray, change: np.ndarray) -> float:
    """E[Var(change | bin of the logit)] / Var(change); NaN for too few trials, or changes that are all the same."""
    if len(logit) < 2 * BINS or change.var() < 1e-20:
        return np.nan
    bins = np.array_split(change[np.argsort(logit, kind="stable")], BINS)
    return float(sum(own.var() * len(own) for own in bins) / len(change) / change.var())


@dataclass(frozen=True)
class Axes:
    """What a figure's axes are, for a model with two dynamical variables.

    Attributes:
        names: of both.
        scale: by which the variables are multiplied, (2,).
        slope, offset: L = slope · scaled state + offset.
        exact: whether that holds.
    """

    names: tuple[str, str]
    scale: np.ndarray
    slope: np.ndarray
    offset: float
    exact: bool


def axes(model: Model, params: Parameters, state: np.ndarray, logit: np.ndarray) -> Axes:
    """Logits of both actions where each unit is one (diagonal readout), values of a cognitive model, or units.

    Args:
        state, logit: (row, 2) and (row,), along trials.
    """
    scale = np.ones(2)
    names = model.state_names[:2]
    if model.family == "rnn" and model.readout == "diagonal":
        names, scale = ("logit of {0}", "logit of {1}"), np.full(2, float(params["c"][0]))
    return Axes(tuple(names), scale, *readout(state * scale, logit))


def readout(state: np.ndarray, logit: np.ndarray) -> tuple[np.ndarray, float, bool]:
    """Slope (variable,) and offset of the logit as a linear function of the state, and whether it is one.

    Args:
        state, logit: (row, variable) and (row,), along trials.
    """
    columns = np.column_stack([state, np.ones(len(state))])
    solution, *_ = np.linalg.lstsq(columns, logit, rcond=None)
    error = np.abs(columns @ solution - logit).max()
    return solution[:-1], float(solution[-1]), bool(error <= AFFINE * max(np.ptp(logit), 1e-12))


def square(state: np.ndarray) -> tuple[float, float]:
    """Limits of both axes: where both variables are in 98 % of trials, and a little more; symmetric around 0 if within.

    A linear network may run away in a few trials, and the others would be one point.
    """
    ends = np.quantile(state, [1 - INNER, INNER], axis=0)
    low, high = float(ends[0].min()), float(ends[1].max())
    if low < 0 < high:
        low, high = -max(-low, high), max(-low, high)
    more = MARGIN * (high - low) if high - low > 1e-9 else 1.0
    return low - more, high + more


def field(one_step: OneStep, code: int, limits: tuple[float, float], scale: np.ndarray) -> np.ndarray:
    """Points of a grid and the length of the step from there, (point, 3); x varies fastest."""
    x, y = np.meshgrid(*[np.linspace(*limits, GRID)] * 2)
    point = np.column_stack([x.ravel(), y.ravel()])
    state = point / scale
    step = (one_step.step(state, code) - state) * scale
    return np.column_stack([point, np.linalg.norm(step, axis=1)])


def attracting(points: FixedPoints, scale: np.ndarray) -> list[tuple[bool, float | None]]:
    """Of each fixed point whether it attracts, and the angle of the line of fixed points that it lies on, if on one.

    A line attracts if states beside it come nearer: if all eigenvalues but that along the line are below 1 in size.
    """
    found = []
    for values, vectors, free in zip(points.eigenvalues, points.vectors, points.free, strict=True):
        along = int(np.abs(values - 1).argmin())
        across = np.delete(values, along) if free == 1 else values
        x, y = vectors[:, along].real * scale
        found.append((bool((np.abs(across) < 1).all()), float(np.arctan2(y, x)) if free == 1 else None))
    return found


def eigenlines(points: FixedPoints, scale: np.ndarray) -> list[list[tuple[float, float]]]:
    """Of each fixed point, angle and eigenvalue of its real eigenvectors, along which a linear map only stretches."""
    return [
        [
            (float(np.arctan2(*(vector.real * scale)[::-1])), float(value.real))
            for value, vector in zip(values, vectors.T, strict=True)
            if value.imag == 0
        ]
        for values, vectors in zip(points.eigenvalues, points.vectors, strict=True)
    ]


def sample(n: int, rng: np.random.Generator, most: int = MOST_STEPS) -> np.ndarray:
    """Which of n trials are drawn, in their order."""
    return np.sort(rng.permutation(n)[:most])
