"""Minima of many smooth functions at once: BFGS, every replica with its own matrix, line search and end."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

LONGEST = 4.0  # change of a coordinate that a first step of a line search may make at most
DECREASE, CURVATURE = 1e-4, 0.9  # of the weak Wolfe conditions
Function = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


class Minima(NamedTuple):
    """x (replica, parameter), value (replica,), evaluations (replica,) of the function."""

    x: np.ndarray
    value: np.ndarray
    evaluations: np.ndarray


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
    x, inverse = start.copy(), np.zeros((n, size, size))
    value, slope = function(x, np.arange(n))
    evaluations = np.ones(n, dtype=int)
    scaled = np.zeros(n, dtype=bool)  # whether the matrix has seen a step
    inverse[:] = np.eye(size)
    direction, low, high, step = -slope, np.zeros(n), np.full(n, np.inf), np.zeros(n)
    expected = (slope**2).sum(1)  # decrease along the direction, at first order
    step[:] = _first(direction)
    running = np.flatnonzero(np.isfinite(value) & (expected > 0))
    while len(running):
        at = x[running] + step[running, None] * direction[running]
        new_value, new_slope = function(at, running)
        evaluations[running] += 1
        along = (new_slope * direction[running]).sum(1)
        too_long = ~(new_value <= value[running] - DECREASE * step[running] * expected[running])
        too_short = ~too_long & (along < -CURVATURE * expected[running])
        high[running[too_long]] = step[running[too_long]]
        low[running[too_short]] = step[running[too_short]]
        moved = ~(too_long | too_short)
        ends = np.zeros(len(running), dtype=bool)

        going = running[~moved]
        step[going] = np.where(np.isinf(high[going]), 2 * low[going], (low[going] + high[going]) / 2)
        ends[~moved] = high[going] - low[going] < 1e-12 * high[going]

        rows = running[moved]
        if len(rows):
            change, bend = at[moved] - x[rows], new_slope[moved] - slope[rows]
            x[rows], value[rows], slope[rows] = at[moved], new_value[moved], new_slope[moved]
            first = rows[~scaled[rows]]
            curvature = (change * bend).sum(1)
            good = curvature > 0
            ratio = curvature / np.maximum((bend**2).sum(1), 1e-300)
            fresh = ~scaled[rows] & good
            inverse[rows[fresh]] = ratio[fresh, None, None] * np.eye(size)
            scaled[first] = True
            inverse[rows[good]] = _updated(inverse[rows[good]], change[good], bend[good], curvature[good])
            direction[rows] = -_product(inverse[rows], slope[rows])
            expected[rows] = -(direction[rows] * slope[rows]).sum(1)
            low[rows], high[rows] = 0.0, np.inf
            step[rows] = _first(direction[rows])
            ends[moved] = ~(expected[rows] / 2 > tolerance)
        ends |= evaluations[running] >= max_evaluations
        running = running[~ends]
    return Minima(x, value, evaluations)


def _first(direction: np.ndarray) -> np.ndarray:
    """First step of a line search: the whole direction, unless that is far."""
    return np.minimum(1.0, LONGEST / np.maximum(np.abs(direction).max(1), 1e-300))


def _product(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Each matrix times its vector, (replica, row), summed in an order that does not depend on how many there are."""
    return (matrix * vector[:, None, :]).sum(2)


def _updated(inverse: np.ndarray, change: np.ndarray, bend: np.ndarray, curvature: np.ndarray) -> np.ndarray:
    """The BFGS update of inverse Hessians."""
    scaled = _product(inverse, bend)
    weight = (curvature + (bend * scaled).sum(1)) / curvature**2
    crossed = scaled[:, :, None] * change[:, None, :] / curvature[:, None, None]
    return inverse + weight[:, None, None] * change[:, :, None] * change[:, None, :] - crossed - crossed.swapaxes(1, 2)
