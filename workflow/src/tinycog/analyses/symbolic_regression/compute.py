"""From candidates to one rule: constants, complexity, front, choice (methods: symbolic regression)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import least_squares

from tinycog.analyses.symbolic_regression.writing import complexity
from tinycog.models.cognitive.rational import Rational

MOST_CONSTANTS = 24  # of a candidate whose constants are refitted
HURTS = 1.02  # a constant is dropped if the loss without it is at most this times as large
CLOSE = 1.5  # losses up to this times the lowest compete (PySR's rule)
STILL = 1e-12  # variance of a change, relative to that of the variables, below which nothing changes
NEAR_POLE = 1e-3  # smallest denominator in the visited range, relative to its largest there
HUGE = 1e100  # what stands for an error that is no number while constants are fitted
PRECISE = {"xtol": 1e-14, "ftol": 1e-14, "gtol": 1e-14, "max_nfev": 300}
LINE, SQUARE = 401, 61  # points in each direction on which denominators are looked at


@dataclass(frozen=True)
class Found:
    """A rule with its constants.

    Attributes:
        engine: that found it.
        loss: mean squared error.
        counted: the loss as it counts in comparisons, no less than what is tolerated.
        reason: why it cannot be selected, or empty.
    """

    engine: str
    rule: Rational
    constants: np.ndarray
    loss: float
    counted: float
    complexity: int
    reason: str = ""


def is_still(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether the trials do not change the variable."""
    return bool((y**2).mean() <= STILL * max((x**2).mean(), 1.0))


def fitted(rule: Rational, start: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    """Constants of the smallest mean squared error, and that; infinite where a value is.

    For given constants below, those above are a linear regression, which they start from; then all are fitted together.

    Args:
        x, y: (trial, variable) and (trial,).
    """
    n, ones = len(rule.numerator), np.ones(len(y))
    above = _columns(rule.above(x.T), len(y))
    base, columns = rule.below(x.T)[0] * ones, _columns(rule.below(x.T)[1:], len(y))

    def divided(c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Columns whose sum, weighted by the constants above, is the value, and that value."""
        scaled = above / (base + columns @ c[n:])[:, None]
        return scaled, scaled @ c[:n]

    def residual(c: np.ndarray) -> np.ndarray:
        return np.nan_to_num(divided(c)[1] - y, nan=HUGE, posinf=HUGE, neginf=-HUGE)

    def slopes(c: np.ndarray) -> np.ndarray:
        scaled, value = divided(c)
        found = np.hstack([scaled, -(value / (base + columns @ c[n:]))[:, None] * columns])
        return np.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0)

    with np.errstate(all="ignore"):
        scaled, _ = divided(start)
        if not np.isfinite(scaled).all():
            return start, np.inf
        constants = np.concatenate([np.linalg.lstsq(scaled, y, rcond=None)[0], start[n:]])
        if rule.denominator:
            constants = least_squares(residual, constants, jac=slopes, method="lm", x_scale="jac", **PRECISE).x
        loss = float(((divided(constants)[1] - y) ** 2).mean())
    return constants, loss if np.isfinite(loss) else np.inf


def _columns(arrays: list[np.ndarray], n: int) -> np.ndarray:
    return np.column_stack([array * np.ones(n) for array in arrays]) if arrays else np.empty((n, 0))


def pruned(
    rule: Rational, constants: np.ndarray, x: np.ndarray, y: np.ndarray, rounding: float
) -> tuple[Rational, np.ndarray, float]:
    """The rule, its constants and loss, after the constants have been dropped that it does not need, one at a time.

    Args:
        rounding: loss below which all are equally good.
    """
    constants, loss = fitted(rule, constants, x, y)
    while rule.n_constants and np.isfinite(loss):
        fewer = []
        for k in range(rule.n_constants):
            without = rule.without(k)
            start = np.delete(constants, k) if without.numerator else np.empty(0)
            fewer.append((without, *fitted(without, start, x, y)))
        best = min(fewer, key=lambda one: one[2])
        if best[2] > max(HURTS * loss, rounding):
            break
        rule, constants, loss = best
    return rule.cancelled(), constants, loss


def candidates(
    engine: str,
    found: Sequence[tuple[Rational, np.ndarray]],
    x: np.ndarray,
    y: np.ndarray,
    *,
    tolerance: float,
    max_complexity: int,
) -> list[Found]:
    """The rules that an engine has found, fitted to trials, and each once.

    Args:
        tolerance: share of the variance that may stay unexplained.
    """
    rounding, best = STILL * float((y**2).mean()), {}
    tolerated = max(tolerance * float(y.var()), rounding)
    for rule, start in found:
        if rule.n_constants > min(MOST_CONSTANTS, len(y)):
            continue
        rule, constants, loss = pruned(rule, start, x, y, rounding)
        size = complexity(rule)
        if size > max_complexity or not np.isfinite(loss) or (rule in best and best[rule].loss <= loss):
            continue
        reason = "a pole in the visited range" if has_pole(rule, constants, x) else ""
        best[rule] = Found(engine, rule, constants, loss, max(loss, tolerated), size, reason)
    return list(best.values())


def has_pole(rule: Rational, constants: np.ndarray, x: np.ndarray) -> bool:
    """Whether the denominator comes near 0 somewhere between the smallest and largest values of all variables."""
    if not rule.divides:
        return False
    points = LINE if x.shape[1] == 1 else SQUARE
    axes = [np.linspace(own.min(), own.max(), points) for own in x.T]
    below = rule.divisor(constants, [grid.ravel() for grid in np.meshgrid(*axes, indexing="ij")])
    return bool(below.min() * below.max() <= 0 or np.abs(below).min() < NEAR_POLE * np.abs(below).max())


def front(found: Sequence[Found]) -> list[Found]:
    """Rules to which none is simpler and as good, by complexity; where two are alike the first."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda one: (one.complexity, one.counted)):
        if not kept or one.counted < kept[-1].counted:
            kept.append(one)
    return kept


def selected(of_front: Sequence[Found]) -> int | None:
    """Which rule of a front is selected: of those whose loss is close to the lowest, the one at which the logarithm of
    the loss has fallen most for each unit of complexity since the rule before it.
    """
    if not of_front:
        return None
    lowest = min(one.counted for one in of_front)
    score = [np.inf if lowest == of_front[0].counted else 0.0]
    for before, one in pairwise(of_front):
        score.append(np.log(before.counted / max(one.counted, 1e-300)) / (one.complexity - before.complexity))
    close = [i for i, one in enumerate(of_front) if one.counted <= CLOSE * lowest]
    return max(close, key=lambda i: score[i])


def chosen(found: Sequence[Found]) -> tuple[list[Found], Found | None]:
    """The front of rules that can be selected, with those that would be on it without their pole, by complexity; and
    the rule that is selected.
    """
    usable = front([one for one in found if not one.reason])
    place = selected(usable)
    shown = [one for one in front(found) if one.reason] + usable
    return sorted(shown, key=lambda one: one.complexity), None if place is None else usable[place]


def r2(rule: Rational, constants: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    """Share of the variance of trials that a rule explains; NaN where they are fewer than two, or all alike."""
    if len(y) < 2 or is_still(np.zeros(1), y - y.mean()):
        return np.nan
    with np.errstate(all="ignore"):
        error = rule.value(constants, list(x.T)) - y
    return float(1 - (error**2).sum() / ((y - y.mean()) ** 2).sum())
