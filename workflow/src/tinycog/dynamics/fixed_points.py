"""Fixed points of the map of a condition, F(h) = h, and how states near them move (methods: fixed points)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinycog.dynamics.one_step import OneStep

MOST_VARIABLES = 5  # a search from a grid of starts finds all roots of so many
VISITED = 60  # states along trials from which the search starts
ON_AXIS = {1: 41, 2: 9, 3: 4, 4: 3, 5: 3}  # points of the grid of starts on the axis of each variable
NEWTON_STEPS = 60
SHARES = (1.0, 0.5, 0.1)  # of a step of Newton's method; the one that leaves the smallest residual is taken
DAMPING = 1e-12  # of a step, relative to the size of the equations, where they do not determine it
ROOT = 1e-9  # residual of a root, relative to the size of the state
SAME = 1e-5  # roots nearer than this, relative to the size of the state, are one
FREE = 1e-7  # singular values of dF/dh - 1 below this: neighbouring states are fixed as well
MARGIN = 0.05  # of the range of states along trials, within which a root counts as visited


@dataclass(frozen=True)
class FixedPoints:
    """Fixed points of one condition, in ascending order of their states.

    Attributes:
        state: (point, D).
        eigenvalues, vectors: (point, D) and (point, D, column) of dF/dh, the largest first in size.
        free: (point,) dimension of the set of fixed points around this one: 0 for a point alone, 1 for a line of them.
    """

    state: np.ndarray
    eigenvalues: np.ndarray
    vectors: np.ndarray
    free: np.ndarray

    @property
    def size(self) -> np.ndarray:
        """Largest absolute eigenvalue of each."""
        return np.abs(self.eigenvalues[:, 0])

    def kinds(self) -> list[str]:
        """What each of them is, see `kind`."""
        return [kind(values, free) for values, free in zip(self.eigenvalues, self.free, strict=True)]


def kind(eigenvalues: np.ndarray, free: int) -> str:
    """Stable or unstable node or spiral, or saddle; `line` or `plane` where neighbouring states are fixed too.

    Those that attract are stable. A spiral's largest eigenvalues are complex: states turn around it, or, where the
    largest is negative, jump from side to side, which is still a node.
    """
    if free:
        return "line" if free == 1 else "plane"
    size = np.abs(eigenvalues)
    turning = "spiral" if abs(eigenvalues[size.argmax()].imag) > 1e-9 else "node"
    if (size < 1).all():
        return f"stable {turning}"
    return f"unstable {turning}" if (size > 1).all() else "saddle"


def time_constant(size: np.ndarray) -> np.ndarray:
    """Trials in which a distance shrinks by e, -1 / log |eigenvalue|; infinite where it does not."""
    with np.errstate(divide="ignore"):
        return np.where(size < 1, -1 / np.log(np.minimum(size, 1.0)), np.inf)


def box(one_step: OneStep, visited: np.ndarray) -> np.ndarray:
    """Where fixed points are looked for, (2, D): the state's bounds, or the range along trials five times as wide."""
    low, high = visited.min(axis=0), visited.max(axis=0)
    wider = 2 * np.maximum(high - low, 1e-6)
    bounds = np.array(one_step.model.state_bounds, dtype=np.float64)[:, None]
    return np.where(np.isfinite(bounds), bounds, np.stack([low - wider, high + wider]))


def starts(limits: np.ndarray, visited: np.ndarray) -> np.ndarray:
    """A grid over the box, and states along trials, evenly spaced in time, (start, D)."""
    n = ON_AXIS[limits.shape[1]]
    inside = (np.arange(n) + 0.5) / n  # a bounded state never reaches its bounds
    axes = [low + inside * (high - low) for low, high in limits.T]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
    rows = np.unique(np.linspace(0, len(visited) - 1, VISITED).round().astype(int))
    return np.concatenate([grid, visited[rows]])


def find(one_step: OneStep, conditions: np.ndarray, visited: np.ndarray) -> list[FixedPoints]:
    """Fixed points of each condition that Newton's method reaches, from `starts` and from where the map takes them.

    Args:
        conditions: codes.
        visited: (row, D), states along trials.
    """
    limits = box(one_step, visited)
    begin = starts(limits, visited)
    codes = np.repeat(conditions, 2 * len(begin))
    state = np.tile(begin, (2 * len(conditions), 1))
    carried = np.tile(np.repeat([False, True], len(begin)), len(conditions))
    for _ in range(20):
        state[carried] = one_step.step(state[carried], codes[carried])
    roots = newton(one_step, codes, state, limits)
    residual = np.abs(one_step.step(roots, codes) - roots).max(axis=1)
    size = 1 + np.abs(roots).max(axis=1)
    within = ((roots >= limits[0]) & (roots <= limits[1])).all(axis=1)
    good = within & (residual < ROOT * size)
    return [_told_apart(one_step, code, roots[good & (codes == code)], visited.mean(axis=0)) for code in conditions]


def newton(one_step: OneStep, codes: np.ndarray, state: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """States (n, D) after so many damped steps towards F(h) = h that all of them that will have arrived."""
    one, width = np.eye(state.shape[1]), np.ptp(limits, axis=0)
    for _ in range(NEWTON_STEPS):
        residual = one_step.step(state, codes) - state
        if np.abs(residual).max() < 1e-13:
            break
        equations = one_step.jacobian(state, codes) - one
        square = equations.mT @ equations
        damping = DAMPING * np.trace(square, axis1=1, axis2=2)[:, None, None] + 1e-300
        step = -np.linalg.solve(square + damping * one, equations.mT @ residual[..., None])[..., 0]
        step = np.clip(np.nan_to_num(step), -width, width)
        tried = np.stack([state + share * step for share in SHARES])
        left = np.stack([np.abs(one_step.step(one_try, codes) - one_try).max(axis=1) for one_try in tried])
        best = np.nan_to_num(left, nan=np.inf).argmin(axis=0)
        state = tried[best, np.arange(len(state))]
    return state


def of_jacobians(state: np.ndarray, jacobians: np.ndarray) -> FixedPoints:
    """The fixed points at these states, with dF/dh there, (point, D, D)."""
    values, vectors = np.linalg.eig(jacobians)
    # the largest first; of a complex pair the one with the positive angle
    order = np.lexsort((-values.imag, -values.real, -np.abs(values).round(12)), axis=-1)
    values = np.take_along_axis(values, order, axis=1)
    vectors = np.take_along_axis(vectors, order[:, None], axis=2)
    singular = np.linalg.svd(jacobians - np.eye(state.shape[1]), compute_uv=False)
    return FixedPoints(state, values, vectors, (singular < FREE).sum(axis=1))


def _told_apart(one_step: OneStep, code: int, roots: np.ndarray, centre: np.ndarray) -> FixedPoints:
    """Every root once; of a line or plane of them the one that is nearest to the centre."""
    n_variables = len(centre)
    roots = roots[np.argsort(np.linalg.norm(roots - centre, axis=1), kind="stable")]
    jacobians = one_step.jacobian(roots, code) if len(roots) else np.empty((0, n_variables, 0))
    kept: list[int] = []
    determined: list[np.ndarray] = []  # of each kept root, the directions in which its neighbours are not fixed
    for i, root in enumerate(roots):
        near = SAME * (1 + np.abs(root).max())
        if any(
            np.abs(directions @ (root - roots[j])).max(initial=0.0) < near
            for j, directions in zip(kept, determined, strict=True)
        ):
            continue
        _, singular, directions = np.linalg.svd(jacobians[i] - np.eye(n_variables))
        kept.append(i)
        determined.append(directions[singular >= FREE])
    if not kept:
        return FixedPoints(*(np.empty((0, n_variables)) for _ in range(2)), np.empty((0,) * 3), np.empty(0, dtype=int))
    order = np.lexsort(roots[kept].round(7).T[::-1])
    chosen = np.array(kept)[order]
    return of_jacobians(roots[chosen], jacobians[chosen])


def inside(state: np.ndarray, visited: np.ndarray) -> np.ndarray:
    """Whether each state (point, D) lies within the range of those along trials, (row, D), or little beyond."""
    low, high = visited.min(axis=0), visited.max(axis=0)
    more = MARGIN * (high - low)
    return ((state >= low - more) & (state <= high + more)).all(axis=1)
