"""Gaussian priors on the unconstrained coordinates of a cognitive model, fixed or of a population (methods: priors)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tinycog.models.cognitive.declaration import HALF, POSITIVE, REAL, UNIT, CognitiveModel

# mean and standard deviation of the weak prior
WEAK = {UNIT: (0.0, 1.5), HALF: (0.0, 1.5), POSITIVE: (1.0, 1.5), REAL: (0.0, 2.0)}
FEWEST = 3  # subjects of a population
TOLERANCE = 1e-3  # of means and standard deviations: EM ends when all move less
MOST_ITERATIONS = 300


@dataclass(frozen=True)
class Prior:
    """Independent Gaussians: mean and sd, (replica, parameter); not a number where there is no prior."""

    mean: np.ndarray
    sd: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> Prior:
        return Prior(self.mean[rows], self.sd[rows])

    def distances(self, x: np.ndarray) -> np.ndarray:
        """How far coordinates (replica or 1, ..., parameter) lie from the mean, in standard deviations."""
        shape = (len(self.mean), *(1,) * (x.ndim - 2), x.shape[-1])
        return (x - self.mean.reshape(shape)) / self.sd.reshape(shape)

    def penalty(self, x: np.ndarray) -> np.ndarray:
        """Negative log-density without its constant, nats, of coordinates (replica or 1, ..., parameter)."""
        return (self.distances(x) ** 2).sum(-1) / 2


def weak(model: CognitiveModel, n: int) -> Prior:
    """The fixed weak prior of a model's parameters, for `n` replicas."""
    mean, sd = np.array([WEAK[cls] for cls in model.classes.values()]).T
    return Prior(np.tile(mean, (n, 1)), np.tile(sd, (n, 1)))


def posterior_variance(hessian: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Variance of each coordinate in the Gaussian approximation at a mode (Laplace), (replica, parameter).

    The precision is the Hessian of the NLL plus that of the prior. In units of the prior's standard deviations negative
    eigenvalues of the former count as 0: so the sum is positive definite, and data never widen the prior.

    Args:
        hessian: (replica, parameter, parameter) of the NLL, nats.
        sd: (replica, parameter) of the prior.
    """
    found, usable = np.full(sd.shape, np.nan), np.isfinite(hessian).all((1, 2)) & np.isfinite(sd).all(1)
    scaled = hessian[usable] * sd[usable, :, None] * sd[usable, None, :]
    values, vectors = np.linalg.eigh(scaled)
    found[usable] = sd[usable] ** 2 * (vectors**2 / (1 + np.maximum(values, 0))[:, None]).sum(2)
    return found


class Population(NamedTuple):
    """A fitted population of each inner fold: its prior, iterations (inner,) and whether these ended as they should."""

    prior: Prior
    iterations: np.ndarray
    converged: np.ndarray


def fit_population(
    posterior: Callable[[Prior, np.ndarray], tuple[np.ndarray, np.ndarray]], taken: np.ndarray, start: Prior
) -> Population:
    """Mean and standard deviation of a population by EM, of each inner fold on its own.

    Args:
        posterior: of a prior (inner fold, parameter) and the numbers of these inner folds, modes and variances of the
            subjects, (subject, inner fold, parameter) both.
        taken: (subject, inner fold) which subjects have training choices; fewer than `FEWEST` give no prior.
        start: the prior of the first step, (inner fold, parameter).
    """
    enough = taken.sum(0) >= FEWEST
    mean, sd = (np.where(enough[:, None], values, np.nan) for values in (start.mean, start.sd))
    iterations, converged = np.zeros(len(mean), dtype=int), np.zeros(len(mean), dtype=bool)
    running = np.flatnonzero(enough)
    while len(running):
        new = _updated(*posterior(Prior(mean[running], sd[running]), running), taken[:, running])
        moved = np.maximum(np.abs(new.mean - mean[running]), np.abs(new.sd - sd[running])).max(1)
        mean[running], sd[running] = new.mean, new.sd
        iterations[running] += 1
        converged[running] = moved < TOLERANCE
        running = running[(moved >= TOLERANCE) & (iterations[running] < MOST_ITERATIONS)]
    return Population(Prior(mean, sd), iterations, converged)


def _updated(modes: np.ndarray, variances: np.ndarray, taken: np.ndarray) -> Prior:
    """The population of posteriors with these modes and variances, (subject, inner fold, parameter).

    A subject whose fit failed has values that are not finite, and takes no part.
    """
    kept = taken & np.isfinite(modes).all(2) & np.isfinite(variances).all(2)
    counts = kept.sum(0)[:, None]

    def over_subjects(values: np.ndarray) -> np.ndarray:
        return np.where(kept[..., None], values, 0.0).sum(0) / counts

    mean = over_subjects(modes)
    return Prior(mean, np.sqrt(over_subjects((modes - mean) ** 2 + variances)))
