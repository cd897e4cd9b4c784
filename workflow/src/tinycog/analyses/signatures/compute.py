"""Curves of one fit over the logit, from its exact map (methods: curves over the logit).

Two conditions mirror each other if exchanging the labels of the actions, and of the states where a task has its own,
turns one into the other. `g` is the logit change of a condition as a function of the logit before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from tinycog.analyses.portraits.compute import Map
from tinycog.dynamics.one_step import OneStep, slopes
from tinycog.tasks import Task

STEP = 0.1  # nats between the logits of the grid, the middles of bins
FARTHEST = 10.0  # nats: further logits are choices that are certain
SLOW = 0.01  # learning rates up to this have no target


class Pair(NamedTuple):
    """Codes of conditions that belong together, and their reward.

    Attributes:
        first: a condition of the first action.
        mirror: the one that mirrors it.
        other: the same outcome of the second action.
    """

    first: int
    mirror: int
    other: int
    reward: int


def pairs(task: Task) -> list[Pair]:
    """One pair for each condition of the first action, in the order of the codes."""
    outcomes = [(code, *task.trial_of(code)) for code in range(len(task.conditions))]
    return [
        Pair(code, task.condition(1, 1 - state, reward), task.condition(1, state, reward), reward)
        for code, action, state, reward in outcomes
        if action == 0
    ]


@dataclass(frozen=True)
class Curves:
    """The exact map on a grid of logits.

    Attributes:
        logit: (node,) symmetric about 0; empty where no logit and its negative can be reached.
        change, slope: (condition, node) g and its derivative by the logit.
    """

    logit: np.ndarray
    change: np.ndarray
    slope: np.ndarray


def curves(one_step: OneStep, the_map: Map, visited: np.ndarray) -> Curves:
    """The map on logits that trials reached, on either side of 0.

    Args:
        the_map: of the same model. The logit is a straight line over the state, as with every readout.
        visited: logits before trials.
    """
    bounded = np.isfinite(one_step.model.state_bounds).all()
    reach = min(the_map.logit.max(), -the_map.logit.min()) if bounded else np.inf
    n = int(max(0, min(np.ceil(np.abs(visited).max() / STEP), np.floor(reach / STEP + 0.5), FARTHEST / STEP)))
    if not n:
        return Curves(np.empty(0), *np.empty((2, len(one_step.task.conditions), 0)))
    logit = np.round((np.arange(-n, n) + 0.5) * STEP, 2)
    (low, high), (at_low, at_high) = the_map.state[[0, -1]], the_map.logit[[0, -1]]
    state = (low + (logit - at_low) * (high - low) / (at_high - at_low))[:, None]
    before, by_state = one_step.logit(state), slopes(lambda moved, _: one_step.logit(moved), state)[:, 0, 0]
    change, slope = np.empty((2, len(one_step.task.conditions), 2 * n))
    for code in range(len(change)):
        after = partial(_next_logit, one_step, code)
        change[code], slope[code] = after(state) - before, slopes(after, state)[:, 0, 0]
    return Curves(logit, change, slope / by_state - 1)


def _next_logit(one_step: OneStep, code: int, state: np.ndarray, _: object = None) -> np.ndarray:
    return one_step.logit(one_step.step(state, code))


@dataclass(frozen=True)
class PairCurves:
    """What a pair of mirrored conditions does, each (node,), over the grid of logits.

    Attributes:
        symmetric, bias: half the difference and half the sum of g of the first condition at L and g of its mirror at
            -L: what does not depend on labels, and what favours the first action.
        rate: effective learning rate, minus the derivative of `symmetric`.
        target: where the logit is headed, as far as one step tells; NaN up to a rate of `SLOW`.
        gap: g of the first condition minus g of the same outcome of the second action, both at L.
    """

    symmetric: np.ndarray
    bias: np.ndarray
    rate: np.ndarray
    target: np.ndarray
    gap: np.ndarray


def of_pair(of: Curves, pair: Pair) -> PairCurves:
    first, mirror = of.change[pair.first], of.change[pair.mirror][::-1]
    symmetric = (first - mirror) / 2
    rate = -(of.slope[pair.first] + of.slope[pair.mirror][::-1]) / 2
    learns = rate > SLOW
    target = np.where(learns, of.logit + symmetric / np.where(learns, rate, 1), np.nan)
    return PairCurves(symmetric, (first + mirror) / 2, rate, target, first - of.change[pair.other])
