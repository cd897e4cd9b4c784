"""Maximum-likelihood fits of cognitive models, every inner fold and start of a job together."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from tinycog.fitting import nelder_mead, quasi_newton
from tinycog.fitting.compiled import Compiled
from tinycog.fitting.objective import Replicas
from tinycog.generators import generator
from tinycog.models.cognitive.declaration import MOST_ON_GRID, REAL, CognitiveModel
from tinycog.trials.sequences import Sequences, shares

GRID = np.linspace(-5.0, 5.0, 20)  # points of each unconstrained coordinate
START_SD = 3.0  # of each unconstrained coordinate of a random start
POOL = 400  # random points of a start of the gradient method
ROUTES = 10  # parts of the pool; the best point of each is minimised for a few evaluations, and the best result further
FIRST_EVALUATIONS = 40  # of each route
SMALLEST = 1e-3  # scale of the smallest of them in real parameters: what adds up over trials counts at any size
TOLERANCE = 1e-10  # nats per choice; the gradient method stops when the expected decrease is smaller
MAX_EVALUATIONS = 50  # of the last minimisation, for each parameter
CHUNK = 50_000_000  # numbers of likelihoods that are kept at once
SEEDS = {"transition_reversal": 16}  # starts of a model in the reference's fits, elsewhere `USUAL_SEEDS`
USUAL_SEEDS = 3


def n_seeds(model: CognitiveModel, seeds: int | None) -> int:
    """Number of starts of each inner fold: 1 where nothing is random; None stands for the reference's number."""
    if model.n_parameters <= MOST_ON_GRID:
        return 1
    return seeds or SEEDS.get(model.task.name, USUAL_SEEDS)


def starts(model: CognitiveModel, spec: dict[str, Any]) -> tuple[range, list[float]]:
    """Seeds, and no L1 weight; see `tinycog.fitting.engine.fit`."""
    return range(n_seeds(model, spec["seeds"])), [0.0]


def fit_replicas(
    model: CognitiveModel,
    spec: dict[str, Any],
    sequences: Sequences,
    grid: Replicas,
    training: dict[str, Any] | None,
    key: tuple[Any, ...],
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Parameters, evaluations twice, how each replica ended, and why it failed; see `tinycog.fitting.engine.fit`."""
    params, evaluations, converged = fit(model, sequences, grid, spec["optimizer"], key)
    finite = np.all([np.isfinite(values) for values in params.values()], axis=0)
    ended = np.where(converged, "converged", "max_evaluations")
    return params, evaluations, evaluations, ended, ["" if ok else "parameters not finite" for ok in finite]


def minimised(
    compiled: Compiled, weights: np.ndarray, starts: np.ndarray, owners: np.ndarray, max_evaluations: int
) -> quasi_newton.Minima:
    """Minima of the mean NLL of training choices, nats per choice.

    Args:
        weights: of training choices, (replica, time point or 1, block).
        starts: (start, parameter), unconstrained.
        owners: (start,) the replica of each.
    """
    n_scored = (weights * compiled.sequences.mask).sum((1, 2))

    def mean_nll(x: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nll, slopes = compiled.training(x, weights, owners[places])
        return nll / n_scored[owners[places]], slopes / n_scored[owners[places], None]

    return quasi_newton.minimise(mean_nll, starts, tolerance=TOLERANCE, max_evaluations=max_evaluations)


def fit(
    model: CognitiveModel, sequences: Sequences, grid: Replicas, optimizer: str, key: tuple[Any, ...]
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Parameters of the smallest training NLL that each replica finds from its start.

    A model with a closed-form solution takes that. Models of up to three parameters start from the best point of a
    grid, as in the reference; others from a pool of random points, drawn for each seed and searched for the most
    promising one, or with `nelder-mead`, as in the reference, from one random point.

    Args:
        grid: inner folds and seeds.
        optimizer: `gradient`, or `nelder-mead`, the reference's.
        key: of the job; random draws are a function of it and of the seed (with `nelder-mead` of the inner fold, too).

    Returns:
        Natural parameters by name, each (replica,), the number of likelihoods that each replica evaluated, and whether
        it converged within the number allowed. A replica without training choices stays where it started.
    """
    weights = np.ascontiguousarray(grid.weights["train"])
    closed = model.closed_form(_mean_shares(sequences, weights, model.task.n_outputs))
    if closed is not None:
        return closed, np.ones(len(grid), dtype=int), np.ones(len(grid), dtype=bool)
    compiled = Compiled(model, sequences)
    everyone = np.arange(len(grid))
    if model.n_parameters <= MOST_ON_GRID:
        points = np.array(list(itertools.product(GRID, repeat=model.n_parameters)))
        starts, n_before = _best(compiled, points[None], weights)[:, 0], len(points)
    elif optimizer == "gradient":
        routes = np.empty((len(grid), ROUTES, model.n_parameters))
        for seed in np.unique(grid.seed):
            pool = _pool(model, generator("start", *key, seed)).reshape(ROUTES, -1, model.n_parameters)
            routes[grid.seed == seed] = _best(compiled, pool, weights[grid.seed == seed])
        owners = np.repeat(everyone, ROUTES)
        ways = minimised(compiled, weights, routes.reshape(-1, model.n_parameters), owners, FIRST_EVALUATIONS)
        best = everyone * ROUTES + ways.value.reshape(-1, ROUTES).argmin(1)
        starts, n_before = ways.x[best], POOL + ways.evaluations.reshape(-1, ROUTES).sum(1)
    else:
        rng = [generator("start", *key, inner, seed) for inner, seed in zip(grid.inner, grid.seed, strict=True)]
        starts, n_before = np.stack([own.normal(0.0, START_SD, model.n_parameters) for own in rng]), 0
    if optimizer == "gradient":
        found = minimised(compiled, weights, starts, everyone, MAX_EVALUATIONS * model.n_parameters)
        x, evaluations, converged = found.x, found.evaluations, found.converged
    else:
        x, evaluations, converged = nelder_mead.minimise(model, sequences, weights, starts)
    return dict(model.from_real(x)), n_before + evaluations, converged


def _mean_shares(sequences: Sequences, weights: np.ndarray, n_actions: int) -> np.ndarray:
    """How often each action was chosen in each replica's training choices, (replica, action)."""
    scored = shares(sequences, n_actions) * sequences.mask[..., None]
    everywhere = scored.sum(0, keepdims=True) if weights.shape[1] == 1 else scored
    total = np.tensordot(weights, everywhere, axes=((1, 2), (0, 1)))
    return total / total.sum(1, keepdims=True)


def _best(compiled: Compiled, points: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The best point of each part for each replica, (replica, part, parameter).

    Args:
        points: (part, point, parameter); each is evaluated once for all replicas.
    """
    by_block, flat = weights.shape[1] == 1, points.reshape(-1, points.shape[-1])
    size = max(1, CHUNK // (compiled.sequences.n_blocks * weights.shape[1]))
    totals = [
        np.tensordot(compiled.nll(chunk, by_block), weights, axes=((1, 2), (1, 2)))
        for chunk in np.split(flat, range(size, len(flat), size))
    ]
    best = np.concatenate(totals).reshape(*points.shape[:2], len(weights)).argmin(1)  # (part, replica)
    return points[np.arange(len(points))[:, None], best].swapaxes(0, 1)


def _pool(model: CognitiveModel, rng: np.random.Generator) -> np.ndarray:
    """Random points, (point, parameter); real parameters are of any size, from that of the others to `SMALLEST`."""
    x = rng.normal(0.0, START_SD, (POOL, model.n_parameters))
    scale = SMALLEST ** rng.random(x.shape)
    return np.where([cls is REAL for cls in model.classes.values()], scale * x, x)
