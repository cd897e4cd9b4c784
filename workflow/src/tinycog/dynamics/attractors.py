"""Where a map takes its states in the long run, and what that is (methods: attractors).

A map is any function of states (n, D): of a fitted model under one condition, or of an agent in its environment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tinycog.dynamics.exponents import growth

Map = Callable[[np.ndarray], np.ndarray]
Slopes = Callable[[np.ndarray], np.ndarray]

BURN_IN, WINDOW = 4000, 800  # steps before a state is looked at, and steps that are looked at
LONGER = 20_000  # further steps, once, where states are still on their way
SHRINKS = 0.95  # an orbit whose second half is smaller than this share of its first is on its way
CHECKED_EVERY = 100  # steps of the burn-in; states that are where they were so many steps ago are done
STANDS = 1e-12  # no state has moved farther
STILL = 1e-7  # largest step of a fixed point, relative to the size of the state
UNBOUNDED = 1e5
LONGEST_PERIOD = 400
RETURNS = 1e-6  # how near a periodic orbit comes to itself, relative to its size
NEUTRAL = 3e-3  # Lyapunov exponents nearer to 0 are those of a quasi-periodic orbit

FIXED, PERIODIC, QUASI_PERIODIC = "fixed point", "periodic", "quasi-periodic"
CHAOTIC, UNRESOLVED, DRIFTING, NOWHERE = "chaotic", "unresolved", "drifting", "unbounded"


@dataclass(frozen=True)
class Attractors:
    """What is reached from each start.

    Attributes:
        kind: (start,) one of the seven names above.
        period: (start,) steps after which an orbit returns: 1 for a fixed point, 0 where it does not.
        exponent: (start,) largest Lyapunov exponent, 1/step; NaN where it was not needed.
        orbit: (step, start, D) the last steps; of a fixed point each row is the same.
    """

    kind: np.ndarray
    period: np.ndarray
    exponent: np.ndarray
    orbit: np.ndarray


def classify(step: Map, slopes: Slopes, start: np.ndarray) -> Attractors:
    """Follow states (n, D) under a map until they are on their attractors, and tell what those are.

    Args:
        slopes: dF/dh at each state, (n, D, D).
    """
    orbit = _orbit(step, _settled(step, start, BURN_IN))
    if _shrinks(orbit).any():
        orbit = _orbit(step, _settled(step, orbit[-1], LONGER))
    n = len(start)
    kind, period, exponent = np.full(n, UNRESOLVED, dtype=object), np.zeros(n, dtype=int), np.full(n, np.nan)
    escaped = _escaped(orbit[-1])
    kind[escaped] = NOWHERE
    still = ~escaped & (_largest_step(orbit) < STILL)
    kind[still], period[still] = FIXED, 1
    for i in np.flatnonzero(~escaped & ~still):
        if found := _period(orbit[:, i]):
            kind[i], period[i] = PERIODIC, found
    rest = (kind == UNRESOLVED) & ~_shrinks(orbit)
    kind[rest & _drifts(orbit)] = DRIFTING
    rest &= kind == UNRESOLVED
    if rest.any():
        jacobians = np.stack([slopes(row)[rest] for row in orbit[:-1]], axis=1)
        exponent[rest] = growth(jacobians, np.full(len(jacobians), WINDOW)).max(axis=1) / WINDOW
        kind[rest] = np.select(
            [np.abs(exponent[rest]) < NEUTRAL, exponent[rest] > 0], [QUASI_PERIODIC, CHAOTIC], default=UNRESOLVED
        )
    return Attractors(kind.astype(str), period, exponent, orbit)


def _orbit(step: Map, state: np.ndarray) -> np.ndarray:
    """A state, and those after it, (step, n, D)."""
    orbit = [state]
    while len(orbit) <= WINDOW:
        orbit.append(_stepped(step, orbit[-1]))
        if np.abs(orbit[-1] - orbit[-2]).max() < STANDS:
            orbit += [orbit[-1]] * (WINDOW + 1 - len(orbit))
    return np.stack(orbit)


def _shrinks(orbit: np.ndarray) -> np.ndarray:
    """Whether each orbit is still on its way: it moves, but in the second half clearly less far than in the first."""
    first, second = (np.ptp(half, axis=0).max(axis=1) for half in np.array_split(orbit, 2))
    return ~_escaped(orbit[-1]) & (_largest_step(orbit) >= STILL) & (second < SHRINKS * first)


def _drifts(orbit: np.ndarray) -> np.ndarray:
    """Whether a variable of each orbit has moved in one direction only, and clearly: it comes back to nowhere."""
    steps = np.diff(orbit, axis=0)
    far = np.abs(orbit[-1] - orbit[0]) > STILL * (1 + np.abs(orbit).max(axis=0))
    return (far & ((steps >= 0).all(axis=0) | (steps <= 0).all(axis=0))).any(axis=1)


def _settled(step: Map, state: np.ndarray, n: int) -> np.ndarray:
    """States after n steps; they end early where all of them stand still, or return after so many steps."""
    for _ in range(n // CHECKED_EVERY):
        before = state
        for _ in range(CHECKED_EVERY):
            state = _stepped(step, state)
        if np.abs(state - before).max() < STANDS:
            break
    return state


def _stepped(step: Map, state: np.ndarray) -> np.ndarray:
    """States one step on; one that has escaped stays where it is."""
    escaped = _escaped(state)[:, None]
    return np.where(escaped, state, step(np.where(escaped, 0.0, state)))


def _escaped(state: np.ndarray) -> np.ndarray:
    return ~(np.abs(state).max(axis=1) < UNBOUNDED)


def _largest_step(orbit: np.ndarray) -> np.ndarray:
    """(start,), relative to the size of the state."""
    steps = np.abs(np.diff(orbit, axis=0)).max(axis=(0, 2))
    return steps / (1 + np.abs(orbit).max(axis=(0, 2)))


def _period(orbit: np.ndarray) -> int:
    """Smallest number of steps after which an orbit (step, D) returns; 0 if it does not."""
    size = np.ptp(orbit, axis=0).max()
    for period in range(2, LONGEST_PERIOD + 1):
        if np.abs(orbit[period] - orbit[0]).max() < RETURNS * size:
            away = np.abs(orbit[period:] - orbit[:-period]).max()
            if away < RETURNS * size:
                return period
    return 0
