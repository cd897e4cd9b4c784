"""Phase portraits: the exact map of the logit and its fixed points (methods: one-step maps; fixed points; setpoints).

For a model with one dynamical variable h and two actions, the logit L = y_0 - y_1 is a function of h, and each input
condition maps h to F(h), so that the logit change L(F(h)) - L(h) is a curve over L. Both are computed by the model's
own update and policy; no curve is fitted to trials.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinycog.dynamics.one_step import OneStep
from tinycog.results.scores import Scores

GRID_SIZE = 2001
FLAT = 1e-6  # a logit that varies less than this over all states does not depend on the state
NEAREST = 10  # trials of the reference's setpoint estimate
BISECTIONS = 60


@dataclass(frozen=True)
class Map:
    """The exact one-step map of one model, on a grid of states.

    Attributes:
        state, logit: (grid,) states between the model's bounds, and their logits.
        next_state, next_logit: (condition, grid) after one trial of each condition.
    """

    state: np.ndarray
    logit: np.ndarray
    next_state: np.ndarray
    next_logit: np.ndarray


def exact_map(one_step: OneStep, visited: np.ndarray) -> Map:
    """The map on a grid over the states that the model can reach.

    Args:
        visited: states along trials; where the model's states have no bounds, the grid extends beyond these by their
            range on either side.
    """
    low, high = one_step.model.state_bounds
    if not np.isfinite([low, high]).all():
        spread = max(float(np.ptp(visited)), FLAT)
        low, high = float(visited.min()) - spread, float(visited.max()) + spread
    state = np.linspace(low, high, GRID_SIZE)[:, None]
    nexts = np.stack([one_step.step(state, k) for k in range(len(one_step.task.conditions))])
    next_logit = np.stack([one_step.logit(row) for row in nexts])
    return Map(state[:, 0], one_step.logit(state), nexts[..., 0], next_logit)


def ignores_state(the_map: Map) -> bool:
    """Whether the policy does not depend on the state, so that a portrait says nothing."""
    return float(np.ptp(the_map.logit)) < FLAT


@dataclass(frozen=True)
class FixedPoints:
    """Roots of F(h) = h for one condition, in ascending order of the state; |multiplier| < 1 attracts."""

    state: np.ndarray
    logit: np.ndarray
    multiplier: np.ndarray

    @property
    def attracts(self) -> np.ndarray:
        return np.abs(self.multiplier) < 1


def fixed_points(one_step: OneStep, the_map: Map, condition: int) -> FixedPoints:
    """Every root that the grid brackets by a change of sign, refined by bisection to machine precision."""
    change = the_map.next_state[condition] - the_map.state
    crossing = np.flatnonzero(change[:-1] * change[1:] < 0)
    low, high = the_map.state[crossing], the_map.state[crossing + 1]
    sign = np.sign(change[crossing])
    for _ in range(BISECTIONS if len(crossing) else 0):
        middle = (low + high) / 2
        left = (one_step.step(middle[:, None], condition)[:, 0] - middle) * sign > 0
        low, high = np.where(left, middle, low), np.where(left, high, middle)
    root = np.sort(np.concatenate([(low + high) / 2, the_map.state[change == 0]]))
    if not len(root):
        return FixedPoints(*np.empty((3, 0)))
    multiplier = one_step.jacobian(root[:, None], condition)[:, 0, 0]
    return FixedPoints(root, one_step.logit(root[:, None]), multiplier)


@dataclass(frozen=True)
class Visited:
    """Scored trials of one condition: logit before, logit change, role of the block, and where it was.

    Blocks are numbered as in the trial table, and trials from 0 within a block.
    """

    logit: np.ndarray
    change: np.ndarray
    split: np.ndarray
    block: np.ndarray
    trial: np.ndarray


def visited(scores: Scores, condition: int) -> Visited:
    """The trials of one condition, in the order of the data, of a task with one choice in a trial."""
    logit = scores.logits[:, 0] - scores.logits[:, 1]
    before, after = scores.before(logit), scores.after(logit)
    chosen = (scores.condition == condition) & (scores.mask == 1)
    lengths = np.diff(scores.trial_start)
    block = np.repeat(np.arange(len(lengths)), lengths)
    trial = np.arange(len(block)) - scores.trial_start[block]
    return Visited(before[chosen], (after - before)[chosen], scores.split[chosen], block[chosen], trial[chosen])


def reference_setpoint(trials: Visited) -> float:
    """Median logit of the ten trials with the smallest |logit change|, the reference's estimate for networks."""
    if not len(trials.logit):
        return np.nan
    nearest = np.argsort(np.abs(trials.change), kind="stable")[:NEAREST]
    return float(np.median(trials.logit[nearest]))


def slope(trials: Visited) -> float:
    """Least-squares slope of the logit change over the logit; minus this is the reference's learning rate."""
    if len(trials.logit) < 2 or np.ptp(trials.logit) < FLAT:
        return np.nan
    return float(np.polyfit(trials.logit, trials.change, 1)[0])


def setpoint(points: FixedPoints, near: float) -> int | None:
    """Index of the condition's setpoint: the attracting root whose logit is nearest to `near`; None without one."""
    attracting = np.flatnonzero(points.attracts)
    if not len(attracting):
        return None
    distance = np.abs(points.logit[attracting] - near) if np.isfinite(near) else np.abs(points.logit[attracting])
    return int(attracting[distance.argmin()])
