"""Paths of states after reversals and under repeated trials (methods: trajectories)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinycog.analyses.behaviour.choices import UNKNOWN
from tinycog.analyses.behaviour.measures import around
from tinycog.analyses.fields import compute as fields
from tinycog.dynamics.one_step import OneStep
from tinycog.models.interface import Model, Parameters

AFTER = 20  # trials after a reversal
ENOUGH = 0.5  # share of the reversals that must have a trial for its mean
STREAMS, STEPS = 12, 30  # starts, and trials of one condition after each
INNER, MARGIN = 0.99, 0.05  # quantile of states along trials that a plane shows, and how much further it goes


@dataclass(frozen=True)
class Plane:
    """Where states (..., variable) are drawn: at `states @ matrix.T + shift`, (..., 2).

    Attributes:
        names: of both axes.
        slope, offset: L = slope · place + offset.
        exact: whether that holds.
    """

    names: tuple[str, str]
    matrix: np.ndarray
    shift: np.ndarray
    slope: np.ndarray
    offset: float
    exact: bool

    def of(self, states: np.ndarray) -> np.ndarray:
        return states @ self.matrix.T + self.shift


def plane(model: Model, params: Parameters, state: np.ndarray, logit: np.ndarray) -> Plane:
    """Both variables, as a vector field has them; of three the logit and the first other direction.

    The latter is the direction of the largest variance of states among those along which the logit stays.

    Args:
        state, logit: (row, variable) and (row,), along trials.
    """
    if state.shape[1] == 2:
        axes = fields.axes(model, params, state, logit)
        return Plane(axes.names, np.diag(axes.scale), np.zeros(2), axes.slope, axes.offset, axes.exact)
    slope, offset, exact = fields.readout(state, logit)
    away = state - state.mean(axis=0)
    if size := np.linalg.norm(slope):
        away = away - np.outer(away @ slope, slope) / size**2
    other = np.linalg.svd(away, full_matrices=False)[2][0]
    other = other * np.sign(other[np.abs(other).argmax()])
    names = "logit L (nats)", "first other direction of the state"
    return Plane(names, np.stack([slope, other]), np.array([offset, 0.0]), np.array([1.0, 0.0]), 0.0, exact)


def after_reversals(places: np.ndarray, best: np.ndarray, aligned: bool) -> list[dict[str, float | None]]:
    """Mean places by trials since the reversal, of those that at least half of the reversals have.

    Args:
        places: (trial, block, 2) before each trial.
        best: (trial, block) action that the schedule pays best.
        aligned: whether both axes are values, so that they change places where the second action was better before;
            otherwise means are of reversals from one action.
    """
    offset, number, better = around(best, AFTER)
    since, event = offset[1], number[1]
    trial, block = np.nonzero(since >= 0)
    since, event, place = since[trial, block], event[trial, block], places[trial, block]
    before = better[event]
    if aligned:
        place = np.where(before[:, None] == 1, place[:, ::-1], place)
    groups = [(None, before != UNKNOWN)] if aligned else [(action, before == action) for action in np.unique(before)]
    rows = []
    for action, own in groups:
        n = np.bincount(since[own], minlength=AFTER)
        mean = np.stack([np.bincount(since[own], column, AFTER) for column in place[own].T], axis=1)
        for by in np.flatnonzero(n >= max(1, ENOUGH * n[0])):
            x, y = mean[by] / n[by]
            named = None if action is None else int(action)
            rows.append({"better_before": named, "offset": int(by), "x": x, "y": y, "n": int(n[by])})
    return rows


def starts(state: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """States (start, variable) along trials at which streams begin, drawn at random, in their order."""
    return state[np.sort(rng.permutation(len(state))[:STREAMS])]


def streams(one_step: OneStep, begin: np.ndarray, code: int) -> np.ndarray:
    """States (step, start, variable) where trials of one condition follow one another, the start first."""
    states = [begin]
    for _ in range(STEPS):
        states.append(one_step.step(states[-1], code))
    return np.stack(states)


def limits(visited: np.ndarray, drawn: np.ndarray, equal: bool) -> np.ndarray:
    """Ends of both axes, (2, axis): of 98 % of trials, and of the streams, at most by that width beyond.

    Streams of a linear network may run away.

    Args:
        visited, drawn: (row, 2) places along trials and of streams.
        equal: whether both axes have the same ends.
    """
    low, high = np.quantile(visited, [1 - INNER, INNER], axis=0)
    width = np.maximum(high - low, 1e-9)
    low = np.maximum(np.minimum(low, drawn.min(axis=0)), low - width)
    high = np.minimum(np.maximum(high, drawn.max(axis=0)), high + width)
    if equal:
        low, high = np.full(2, low.min()), np.full(2, high.max())
    return np.stack([low - MARGIN * (high - low), high + MARGIN * (high - low)])
