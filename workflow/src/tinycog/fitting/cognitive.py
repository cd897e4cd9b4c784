"""Fits of cognitive models, of maximum likelihood or under a prior, every inner fold and start of a job together."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np

from tinycog.errors import InputError
from tinycog.fitting import nelder_mead, quasi_newton
from tinycog.fitting.compiled import Compiled
from tinycog.fitting.objective import Replicas
from tinycog.fitting.priors import FEWEST, Prior, posterior_variance, weak
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
STEP = 1e-4  # of a coordinate, in differences of slopes
NO_POPULATION = f"fewer than {FEWEST} subjects have training choices, from which a population prior could be fitted"


def n_seeds(model: CognitiveModel, seeds: int | None) -> int:
    """Number of starts of each inner fold: 1 where nothing is random; None stands for the reference's number."""
    if model.n_parameters <= MOST_ON_GRID:
        return 1
    return seeds or SEEDS.get(model.task.name, USUAL_SEEDS)


def has_prior(spec: dict[str, Any]) -> bool:
    """Whether a config section asks for fits under a prior."""
    return spec.get("prior", "none") != "none"


def starts(model: CognitiveModel, spec: dict[str, Any]) -> tuple[range, list[float]]:
    """Seeds, and no L1 weight; see `tinycog.fitting.engine.fit_each`. Under a prior all starts make one fit."""
    return range(1 if has_prior(spec) else n_seeds(model, spec["seeds"])), [0.0]


def fit_replicas(
    model: CognitiveModel,
    spec: dict[str, Any],
    sequences: Sequences,
    grid: Replicas,
    training: dict[str, Any] | None,
    key: tuple[Any, ...],
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Parameters, evaluations twice, how each replica ended, and why it failed; see `tinycog.fitting.engine.fit_each`.

    Under a prior the parameters come with standard deviations of the posterior, `posterior_sd_u/NAME` in the
    coordinates of the fit and `posterior_sd/NAME` in natural units.

    Args:
        spec: the model's config; for `prior: population` also `population`, its mean and standard deviation, (inner
            fold, parameter) both.
    """
    reason = np.full(len(grid), "")
    if has_prior(spec):
        prior = prior_of(model, spec, grid.inner)
        weights, compiled = np.ascontiguousarray(grid.weights["train"]), Compiled(model, sequences)
        routes, n_before = routes_of_seeds(compiled, weights, n_seeds(model, spec["seeds"]), key, prior)
        found = fit_posterior(compiled, weights, routes, prior)
        params, evaluations, converged = named(model, found), n_before + found.evaluations, found.converged
        reason = np.where(np.isfinite(prior.mean).all(1), "", NO_POPULATION)
    else:
        params, evaluations, converged = fit(model, sequences, grid, spec["optimizer"], key)
    finite = np.all([np.isfinite(params[name]) for name in model.parameters], axis=0)
    ended = np.where(converged, "converged", "max_evaluations")
    reason = np.where((reason == "") & ~finite, "parameters not finite", reason)
    return params, evaluations, evaluations, ended, reason.tolist()


def prior_of(model: CognitiveModel, spec: dict[str, Any], inner: np.ndarray) -> Prior:
    """The prior that a config section asks for, of replicas of these inner folds."""
    if spec["prior"] == "weak":
        return weak(model, len(inner))
    if "population" not in spec:
        raise InputError(
            f"model {model.name!r} has a population prior, which is fitted to all subjects first; name the file that "
            "`python -m tinycog fit-population` wrote of this outer fold with --population, or take `prior: weak`"
        )
    mean, sd = spec["population"]
    return Prior(mean[inner], sd[inner])


def minimised(
    compiled: Compiled,
    weights: np.ndarray,
    starts: np.ndarray,
    owners: np.ndarray,
    max_evaluations: int,
    prior: Prior | None = None,
) -> quasi_newton.Minima:
    """Minima of the mean NLL of training choices, nats per choice, to which a prior adds its penalty.

    Args:
        weights: of training choices, (replica, time point or 1, block).
        starts: (start, parameter), unconstrained.
        owners: (start,) the replica of each.
        prior: of each replica.
    """
    n_scored = (weights * compiled.sequences.mask).sum((1, 2))

    def mean_nll(x: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nll, slopes = compiled.training(x, weights, owners[places])
        if prior is not None:
            own = prior[owners[places]]
            nll, slopes = nll + own.penalty(x), slopes + own.distances(x) / own.sd
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
    if optimizer == "gradient" or model.n_parameters <= MOST_ON_GRID:
        routes, n_before = _routes(compiled, weights, grid.seed, key)
    else:
        rng = [generator("start", *key, inner, seed) for inner, seed in zip(grid.inner, grid.seed, strict=True)]
        routes, n_before = np.stack([own.normal(0.0, START_SD, (1, model.n_parameters)) for own in rng]), 0
    if optimizer == "gradient":
        x, _, evaluations, converged = _down(compiled, weights, routes)
    else:
        x, evaluations, converged = nelder_mead.minimise(model, sequences, weights, routes[:, 0])
    return dict(model.from_real(x)), n_before + evaluations, converged


class Posterior(NamedTuple):
    """The mode that each replica found, x (replica, parameter), and the standard deviation around it (Laplace), sd."""

    x: np.ndarray
    sd: np.ndarray
    evaluations: np.ndarray
    converged: np.ndarray


def fit_posterior(compiled: Compiled, weights: np.ndarray, routes: np.ndarray, prior: Prior) -> Posterior:
    """The most probable parameters of each replica under its prior (methods: priors).

    Args:
        weights: of training choices, (replica, time point or 1, block).
        routes: where each replica starts, (replica, route, parameter), beside the prior's mean; routes compete by the
            posterior.
    """
    with np.errstate(invalid="ignore", divide="ignore"):  # the mean over no choice
        found = _down(compiled, weights, np.concatenate([prior.mean[:, None], routes], axis=1), prior)
    variance = posterior_variance(_hessian(compiled, weights, found.x), prior.sd)
    return Posterior(found.x, np.sqrt(variance), found.evaluations, found.converged)


def routes_of_seeds(
    compiled: Compiled, weights: np.ndarray, seeds: int, key: tuple[Any, ...], prior: Prior
) -> tuple[np.ndarray, int]:
    """Starts of fits under a prior, those of all seeds together, as `_routes` gives them of one."""
    found = [_routes(compiled, weights, np.full(len(weights), seed), key, prior) for seed in range(seeds)]
    return np.concatenate([routes for routes, _ in found], axis=1), sum(n for _, n in found)


def named(model: CognitiveModel, found: Posterior) -> dict[str, np.ndarray]:
    """Natural parameters by name, with their standard deviations, see `fit_replicas`; natural ones by their slope."""
    sd, natural = found.sd.T, (found.sd * model.slopes(found.x)).T
    spread = {f"posterior_sd_u/{name}": own for name, own in zip(model.parameters, sd, strict=True)}
    spread |= {f"posterior_sd/{name}": own for name, own in zip(model.parameters, natural, strict=True)}
    return {**model.from_real(found.x), **{name: np.ascontiguousarray(own) for name, own in spread.items()}}


def _hessian(compiled: Compiled, weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Second derivatives of each replica's training NLL, nats, (replica, parameter, parameter): central differences of
    exact slopes, made symmetric.
    """
    n, size = x.shape
    moved = x[:, None, None] + STEP * np.array([1, -1])[:, None, None] * np.eye(size)
    _, slopes = compiled.training(moved.reshape(-1, size), weights, np.repeat(np.arange(n), 2 * size))
    up, down = slopes.reshape(n, 2, size, size).swapaxes(0, 1)
    hessian = (up - down) / (2 * STEP)
    return (hessian + hessian.swapaxes(1, 2)) / 2


def _routes(
    compiled: Compiled, weights: np.ndarray, seeds: np.ndarray, key: tuple[Any, ...], prior: Prior | None = None
) -> tuple[np.ndarray, int]:
    """Where each replica starts, (replica, route, parameter): the best points of a grid or of parts of a pool.

    Returns also the number of likelihoods that each replica evaluated for that.
    """
    model = compiled.model
    if model.n_parameters <= MOST_ON_GRID:
        points = np.array(list(itertools.product(GRID, repeat=model.n_parameters)))
        return _best(compiled, points[None], weights, prior), len(points)
    routes = np.empty((len(weights), ROUTES, model.n_parameters))
    for seed in np.unique(seeds):
        pool = _pool(model, generator("start", *key, seed)).reshape(ROUTES, -1, model.n_parameters)
        own = seeds == seed
        routes[own] = _best(compiled, pool, weights[own], None if prior is None else prior[own])
    return routes, POOL


def _down(
    compiled: Compiled, weights: np.ndarray, routes: np.ndarray, prior: Prior | None = None
) -> quasi_newton.Minima:
    """The minimum to which the best of each replica's routes leads, best after `FIRST_EVALUATIONS` of each."""
    everyone, (_, n_routes, size) = np.arange(len(routes)), routes.shape
    starts, spent = routes[:, 0], 0
    if n_routes > 1:
        owners = np.repeat(everyone, n_routes)
        ways = minimised(compiled, weights, routes.reshape(-1, size), owners, FIRST_EVALUATIONS, prior)
        starts = ways.x[everyone * n_routes + ways.value.reshape(-1, n_routes).argmin(1)]
        spent = ways.evaluations.reshape(-1, n_routes).sum(1)
    found = minimised(compiled, weights, starts, everyone, MAX_EVALUATIONS * size, prior)
    return found._replace(evaluations=spent + found.evaluations)


def _mean_shares(sequences: Sequences, weights: np.ndarray, n_actions: int) -> np.ndarray:
    """How often each action was chosen in each replica's training choices, (replica, action)."""
    scored = shares(sequences, n_actions) * sequences.mask[..., None]
    everywhere = scored.sum(0, keepdims=True) if weights.shape[1] == 1 else scored
    total = np.tensordot(weights, everywhere, axes=((1, 2), (0, 1)))
    return total / total.sum(1, keepdims=True)


def _best(compiled: Compiled, points: np.ndarray, weights: np.ndarray, prior: Prior | None = None) -> np.ndarray:
    """The best point of each part for each replica, (replica, part, parameter).

    Args:
        points: (part, point, parameter); each is evaluated once for all replicas.
    """
    by_block, flat = weights.shape[1] == 1, points.reshape(-1, points.shape[-1])
    size = max(1, CHUNK // (compiled.sequences.n_blocks * weights.shape[1]))
    totals = np.concatenate(
        [
            np.tensordot(compiled.nll(chunk, by_block), weights, axes=((1, 2), (1, 2)))
            for chunk in np.split(flat, range(size, len(flat), size))
        ]
    )
    if prior is not None:
        totals += prior.penalty(flat[None]).T
    best = totals.reshape(*points.shape[:2], len(weights)).argmin(1)  # (part, replica)
    return points[np.arange(len(points))[:, None], best].swapaxes(0, 1)


def _pool(model: CognitiveModel, rng: np.random.Generator) -> np.ndarray:
    """Random points, (point, parameter); real parameters are of any size, from that of the others to `SMALLEST`."""
    x = rng.normal(0.0, START_SD, (POOL, model.n_parameters))
    scale = SMALLEST ** rng.random(x.shape)
    return np.where([cls is REAL for cls in model.classes.values()], scale * x, x)
