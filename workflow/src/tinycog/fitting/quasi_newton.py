"""Minima of many smooth functions at once: BFGS, each replica with its own matrix, line search and stopping."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

LONGEST = 4.0  # change of a coordinate that a first step of a line search may make at most
DECREASE, CURVATURE = 1e-4, 0.9  # of the weak Wolfe conditions
NARROW = 1e-12  # relative width of the interval of steps in which a search ends
Function = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


class Minima(NamedTuple):
    """x (replica, parameter), value (replica,), evaluations (replica,) of the function, and whether it converged."""

    x: np.ndarray
    value: np.ndarray
    evaluations: np.ndarray
    converged: np.ndarray


def minimise(function: Function, start: np.ndarray, *, tolerance: float, max_evaluations: int) -> Minima:
    """Minimise a function of each replica, from its `start`.

    A step is found by bisection between steps that do not lower the value enough and steps that do not flatten it
    enough (Lewis & Overton 2013), which also serves where the slope jumps. A replica ends when a full step can be
    expected to lower the value by less than `tolerance`, when no step lowers it, or after `max_evaluations`. No
    replica's result depends on the others.

    Args:
        function: of x (row, parameter) and the replica of each row; value (row,) and slope (row, parameter).
    """
    n, size = start.shape
    x, everyone = start.copy(), np.arange(n)
    value, slope = function(x, everyone)
    evaluations, converged = np.ones(n, dtype=int), np.ones(n, dtype=bool)
    inverse, fresh = np.tile(np.eye(size), (n, 1, 1)), np.ones(n, dtype=bool)  # fresh: has seen no step yet
    direction, expected = -slope, (slope**2).sum(1)  # expected: decrease along the direction, at first order
    low, high, step = np.zeros(n), np.full(n, np.inf), _first(direction)
    running = everyone[np.isfinite(value) & (expected > 0)]
    while len(running):
        at = x[running] + step[running, None] * direction[running]
        new_value, new_slope = function(at, running)
        evaluations[running] += 1
        decrease = DECREASE * step[running] * expected[running]
        too_long = ~(new_value <= value[running] - decrease)  # or no number
        along = (new_slope * direction[running]).sum(1)
        too_short = ~too_long & (along < -CURVATURE * expected[running])
        moved = ~(too_long | too_short)
        high[running[too_long]] = step[running[too_long]]
        low[running[too_short]] = step[running[too_short]]
        ends = np.zeros(len(running), dtype=bool)

        stays = running[~moved]
        step[stays] = np.where(np.isinf(high[stays]), 2 * low[stays], (low[stays] + high[stays]) / 2)
        ends[~moved] = high[stays] - low[stays] < NARROW * high[stays]

        moves, change, bend = running[moved], at[moved] - x[running[moved]], new_slope[moved] - slope[running[moved]]
        x[moves], value[moves], slope[moves] = at[moved], new_value[moved], new_slope[moved]
        inverse[moves] = _updated(inverse[moves], change, bend, fresh[moves])
        fresh[moves] = False
        direction[moves] = -_product(inverse[moves], slope[moves])
        expected[moves] = -(direction[moves] * slope[moves]).sum(1)
        low[moves], high[moves], step[moves] = 0.0, np.inf, _first(direction[moves])
        ends[moved] = ~(expected[moves] / 2 > tolerance)  # or no number, where rounding made the step useless
        spent = evaluations[running] >= max_evaluations
        converged[running[spent & ~ends]] = False
        running = running[~(ends | spent)]
    return Minima(x, value, evaluations, converged)


def _first(direction: np.ndarray) -> np.ndarray:
    """First step of a line search: the whole direction, unless that is far."""
    return np.minimum(1.0, LONGEST / np.maximum(np.abs(direction).max(1), LONGEST))


def _product(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Each matrix times its vector, (replica, row), summed in an order that does not depend on other replicas."""
    return (matrix * vector[:, None, :]).sum(2)


def _updated(inverse: np.ndarray, change: np.ndarray, bend: np.ndarray, fresh: np.ndarray) -> np.ndarray:
    """The BFGS update of inverse Hessians; one that has seen no step is first scaled to this one."""
    with np.errstate(divide="ignore", invalid="ignore"):
        curvature = (change * bend).sum(1)
        scale = np.where(fresh, curvature / (bend**2).sum(1), 1.0)
        inverse = scale[:, None, None] * inverse
        bent = _product(inverse, bend)
        weight = (curvature + (bend * bent).sum(1)) / curvature**2
        crossed = bent[:, :, None] * change[:, None, :] / curvature[:, None, None]
        squared = change[:, :, None] * change[:, None, :]
        return inverse + weight[:, None, None] * squared - crossed - crossed.swapaxes(1, 2)
