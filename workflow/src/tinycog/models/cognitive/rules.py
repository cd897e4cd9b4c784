"""Rules that many cognitive models share; arrays are (replica, ..., column) as in `declaration`."""

from __future__ import annotations

import numpy as np

from tinycog.arrays import namespace
from tinycog.models.interface import Array, Trial


def one_hot(index: Array, size: int, like: Array) -> Array:
    """1 at `index` (..., block), 0 elsewhere, as floats (..., block, size)."""
    xp = namespace(like)
    return xp.astype(index[..., None] == xp.arange(size), like.dtype)


def sign(index: Array) -> Array:
    """+1 for 0 and -1 for 1, (..., block, 1): what the first of two opposite values moves towards."""
    return (1 - 2 * index)[..., None]


def reward(trial: Trial) -> Array:
    """(..., block, 1)."""
    return trial.reward[..., None]


def rewarded(trial: Trial) -> Array:
    """1 where the trial was rewarded, (..., block, 1); graded rewards are above a half, as in `Task.condition`."""
    xp = namespace(trial.reward)
    return xp.astype(trial.reward > 0.5, trial.reward.dtype)[..., None]


def moved(value: Array, rate: Array, target: Array, where: Array | float = 1.0) -> Array:
    """The delta rule, value <-[rate] target, `where` this is 1; elsewhere the value stays (methods: notation)."""
    return value + rate * where * (target - value)


def forgotten(value: Array, retained: Array, kept: Array) -> Array:
    """Values multiplied by `retained` unless `kept` is 1."""
    return value * (kept + (1 - kept) * retained)


def eligible(value: Array, weight: Array, trial: Trial) -> Array:
    """G = (1 - lambda) V + lambda r, what a first-stage value moves to (methods: transition-reversal models)."""
    return (1 - weight) * value + weight * reward(trial)


def at(value: Array, where: Array) -> Array:
    """The one column that `where` marks, (..., 1)."""
    return namespace(value).sum(value * where, axis=-1, keepdims=True)


def opposites(value: Array) -> Array:
    """Both members of an anti-correlated pair, from the first one (..., 1)."""
    return namespace(value).concat([value, -value], axis=-1)


def model_based(value: Array, common: float) -> Array:
    """M_i = p V_i + (1 - p) V_other: values of actions from those of states (methods: notation)."""
    return common * value + (1 - common) * namespace(value).flip(value, axis=-1)


def larger(left: Array, right: Array) -> Array:
    """The maximum, by arithmetic alone, as `tinycog.fitting.tracing` needs it."""
    difference = left - right
    return right + (difference + magnitude(difference)) / 2


def magnitude(value: Array) -> Array:
    """|x|, whose slope is the sign of x; so also along the imaginary axis, where `tinycog.dynamics` takes slopes."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "c":
        return np.where(value.real < 0, -value, value)
    return abs(value)
