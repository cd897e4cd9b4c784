"""Intervals of the parameters of a cognitive model that is fitted to all choices (methods: refits and intervals)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri, logit

from tinycog.fitting import cognitive, quasi_newton
from tinycog.fitting.compiled import Compiled
from tinycog.fitting.objective import Replicas, choice_nll
from tinycog.models.cognitive.declaration import POSITIVE, REAL, CognitiveModel, ParameterClass
from tinycog.trials.sequences import Sequences

LEVEL = 0.95
THRESHOLD = chdtri(1, 1 - LEVEL)  # quantile of chi-squared: of twice the NLL above its minimum, nats
LIMIT = 16.0  # of a coordinate u: there a parameter is within 1e-7 of the end of its range, or is as good as infinite
FAR = 12.0  # and there within 1e-5, where fits along a flat likelihood end
SMALL = 0.1  # real parameters are SMALL sinh(u)
DISTANCES = 0.05 * 1.5 ** np.arange(25)  # from the best coordinate to the points of a first, wide grid
INSIDE, ROUNDS = 7, 3  # points within the bracket of an end, and how often it is cut
BETTER = 1e-4  # nats; a profile that comes below the minimum by more has found another one
RESTARTS = 5
APART = 0.1  # of u; optima that are nearer are one
FEWEST_BLOCKS = 10  # to draw blocks from


@dataclass(frozen=True)
class Interval:
    """A 95% interval of a parameter, in natural units; an end is the end of the range, or None where there is none.

    Attributes:
        note: which ends are no ends of an interval, and why; empty if both are.
    """

    low: float | None
    high: float | None
    note: str = ""


class Surface:
    """NLL of a model on all scored choices, (row,), nats, over coordinates u (row, parameter).

    u are the unconstrained coordinates of fits, but for real parameters, which are `SMALL` sinh(u): steps in u are
    shares of what is large, so that the optimiser can follow a product of parameters that alone is known.
    """

    def __init__(self, model: CognitiveModel, sequences: Sequences):
        self.model, self.sequences, self.n_choices = model, sequences, sequences.mask.sum()
        self.real = np.array([cls is REAL for cls in model.classes.values()])
        self.weights = np.ones((1, 1, sequences.n_blocks))
        self.compiled = None if model.has_closed_form else Compiled(model, sequences)  # such a model has one parameter

    def coordinates(self, params: Mapping[str, np.ndarray]) -> np.ndarray:
        """u of natural parameters by name, (row,) each, within the limits."""
        columns = []
        with np.errstate(divide="ignore"):
            for name, cls in self.model.classes.items():
                value = np.asarray(params[name], dtype=float)
                of_range = np.log(value) if cls is POSITIVE else logit(value / cls.high)
                columns.append(np.arcsinh(value / SMALL) if cls is REAL else of_range)
        return np.clip(np.stack(columns, axis=-1), -LIMIT, LIMIT)

    def natural(self, u: np.ndarray) -> dict[str, np.ndarray]:
        """Natural parameters by name, (row,) each."""
        return self.model.from_real(np.where(self.real, SMALL * np.sinh(u), u))

    def minimised(self, start: np.ndarray, held: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where each row ends if it goes downhill from `start`, and the NLL there.

        Args:
            held: (row,) the coordinate that stays as it is; -1 for none.
        """
        moves = np.arange(start.shape[1]) != held[:, None]

        def mean_nll(u: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            if self.compiled is None:
                nll = choice_nll(self.model, self.natural(u), self.sequences, by_block=True)
                return nll.sum((1, 2)) / self.n_choices, np.zeros_like(u)
            with np.errstate(over="ignore", invalid="ignore"):  # a step may lead anywhere; the search comes back
                x, per_u = (np.where(self.real, SMALL * of(u), own) for of, own in ((np.sinh, u), (np.cosh, 1.0)))
                nll, slopes = self.compiled.training(x, self.weights, np.zeros(len(x), dtype=int))
            return nll / self.n_choices, slopes * per_u * moves[rows] / self.n_choices

        most = cognitive.MAX_EVALUATIONS * start.shape[1]
        found = quasi_newton.minimise(mean_nll, start, tolerance=cognitive.TOLERANCE, max_evaluations=most)
        return found.x, found.value * self.n_choices


def profile(
    model: CognitiveModel, sequences: Sequences, known: Mapping[str, np.ndarray]
) -> tuple[dict[str, float], float, dict[str, Interval]]:
    """The best parameters, their NLL (nats) and a profile-likelihood interval of each.

    A value belongs to the interval if the best fit that has it is less than `THRESHOLD` / 2 nats worse than the best
    of all; an end is the outermost crossing.

    Args:
        known: natural parameters of fits, (start,) each; the profile may find a better one.
    """
    surface = Surface(model, sequences)
    start = surface.coordinates(known)
    for _ in range(RESTARTS):
        optima, nll = surface.minimised(start, np.full(len(start), -1))
        best = nll.argmin()
        grid = _Profile(surface, optima[best], nll[best], _others(optima, nll))
        place = np.unravel_index(grid.nll.argmin(), grid.nll.shape)
        if grid.nll[place] > nll[best] - BETTER:
            break
        start = np.concatenate([optima, grid.u[place][None]])
    ends, reached = grid.ends()
    values = {name: value.item() for name, value in surface.natural(optima[[best]]).items()}
    by_name = surface.natural(ends.reshape(len(values), 2).T)
    intervals = {
        name: _in_words(cls, by_name[name].tolist(), reached[i]) for i, (name, cls) in enumerate(model.classes.items())
    }
    return values, nll[best].item(), intervals


def _others(optima: np.ndarray, nll: np.ndarray) -> np.ndarray:
    """Other optima than the best that are hardly worse, each once, (optimum, parameter)."""
    found = [optima[nll.argmin()]]
    for optimum, value in zip(optima, nll, strict=True):
        apart = min(np.abs(optimum - other).max() for other in found) > APART
        if apart and value < nll.min() + THRESHOLD / 2:
            found.append(optimum)
    return np.array(found[1:]).reshape(-1, optima.shape[1])


class _Profile:
    """Profiles of all parameters on a grid: `u` (parameter, side, point, coordinate), `nll` (parameter, side, point).

    Point 0 is the best fit; sides are below and above.
    """

    def __init__(self, surface: Surface, best: np.ndarray, lowest: float, others: np.ndarray):
        self.surface, self.lowest = surface, lowest
        self.held = np.arange(len(best))[:, None, None]
        side = np.array([-1, 1])[:, None]
        away = np.tile(np.append(0.0, DISTANCES), (len(best), 2, 1))
        beside = np.maximum(side * (others - best).T[:, None], 0)  # a narrow optimum may lie between two points
        at = best[:, None, None] + side * np.sort(np.concatenate([away, beside], axis=-1), axis=-1)
        at = np.clip(at, -LIMIT, LIMIT)
        self.u = np.tile(best, (*at.shape, 1))
        np.put_along_axis(self.u, np.broadcast_to(self.held, at.shape)[..., None], at[..., None], axis=-1)
        self.nll = np.full(at.shape, np.inf)
        self.nll[..., 0] = lowest
        for other in others:
            self.u, self.nll = self._fitted(self.u, self.nll, np.broadcast_to(other, self.u.shape))
        n_points = at.shape[-1]
        outwards = [(point, point - 1) for point in range(1, n_points)]
        inwards = [(point, point + 1) for point in reversed(range(1, n_points - 1))]
        for point, neighbour in outwards + inwards:  # each starts where its neighbour ended
            here = np.s_[:, :, [point]]
            self.u[here], self.nll[here] = self._fitted(self.u[here], self.nll[here], self.u[:, :, [neighbour]])

    def _fitted(self, u: np.ndarray, nll: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points of the grid fitted from other starts, where that is better than `u` and its `nll`."""
        held = np.broadcast_to(self.held, nll.shape)
        places, starts = held[..., None], starts.copy()
        np.put_along_axis(starts, places, np.take_along_axis(u, places, axis=-1), axis=-1)
        found, value = self.surface.minimised(starts.reshape(-1, u.shape[-1]), held.ravel())
        found, value = found.reshape(u.shape), value.reshape(nll.shape)
        better = value < nll
        return np.where(better[..., None], found, u), np.where(better, value, nll)

    def ends(self) -> tuple[np.ndarray, np.ndarray]:
        """The coordinate where each profile crosses the threshold, (parameter, side), and whether it never does (then
        the coordinate has no meaning)."""
        u, nll = self.u, self.nll
        last, reached = self._last_inside(nll)
        for cut in range(ROUNDS + 1):
            near, far = (_at(u, last + step) for step in (0, 1))
            d_near, d_far = (self._root(_at(nll, last + step)) for step in (0, 1))
            if cut == ROUNDS:
                break
            share = np.linspace(0, 1, INSIDE + 2)[:, None]
            line = near[:, :, None] * (1 - share) + far[:, :, None] * share
            unknown = np.full(line.shape[:-1], np.inf)
            from_near = np.broadcast_to(near[:, :, None], line.shape)
            u, nll = self._fitted(line, unknown, from_near)
            u, nll = self._fitted(u, nll, np.broadcast_to(far[:, :, None], line.shape))
            last, _ = self._last_inside(nll)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.clip((np.sqrt(THRESHOLD) - d_near) / (d_far - d_near), 0, 1)
        near, far = (np.take_along_axis(own, self.held, axis=-1)[..., 0] for own in (near, far))
        return near + share * (far - near), reached

    def _root(self, nll: np.ndarray) -> np.ndarray:
        """Square root of twice the NLL above the minimum, which is nearly linear in the coordinate."""
        return np.sqrt(2 * np.maximum(nll - self.lowest, 0))

    def _last_inside(self, nll: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The outermost point of each profile below the threshold, but at most the last but one; whether it is last."""
        inside = self._root(nll) < np.sqrt(THRESHOLD)
        inside[..., 0] = True
        last = nll.shape[-1] - 1 - inside[..., ::-1].argmax(-1)
        reached = last == nll.shape[-1] - 1
        return last - reached, reached


def _at(values: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Of values (parameter, side, point, ...) those at one point of each parameter and side."""
    return values[np.arange(len(values))[:, None], np.arange(2), point]


def _in_words(cls: ParameterClass, ends: list[float], reached: np.ndarray) -> Interval:
    """The interval of which these are the ends; those that were `reached` are no crossings."""
    limits = [cls.low, cls.high]
    own = [limit if end else value for value, limit, end in zip(ends, limits, reached, strict=True)]
    low, high = (None if np.isinf(value) else value for value in own)
    if reached.all():
        return Interval(low, high, "not identified: from end to end of the range")
    words = [
        f"{word} end: {'none' if np.isinf(limit) else f'{limit:g}, that of the range'}"
        for word, limit, end in zip(("lower", "upper"), limits, reached, strict=True)
        if end
    ]
    return Interval(low, high, "; ".join(words))


def bootstrap(
    model: CognitiveModel,
    sequences: Sequences,
    optimizer: str,
    n_draws: int,
    rng: np.random.Generator,
    key: tuple,
) -> dict[str, Interval]:
    """A percentile interval of each parameter over resamples of the blocks, each fitted anew, all in one stack.

    Args:
        key: of the job, see `cognitive.fit`; every resample has the starts of seed 0.
    """
    n = sequences.n_blocks
    if n < FEWEST_BLOCKS:
        none = Interval(None, None, f"{n} blocks are fewer than {FEWEST_BLOCKS} to draw from")
        return dict.fromkeys(model.classes, none)
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=n_draws)[:, None].astype(float)
    nothing = np.zeros(n_draws, dtype=int)
    params, _, _ = cognitive.fit(
        model, sequences, Replicas(nothing, nothing, nothing * 0.0, {"train": drawn}), optimizer, key
    )
    ends = {name: np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) for name, values in params.items()}
    low, high = Surface(model, sequences).coordinates(ends)
    beyond = np.stack([low <= -FAR, high >= FAR], axis=1)
    return {name: _in_words(cls, ends[name].tolist(), beyond[i]) for i, (name, cls) in enumerate(model.classes.items())}
