"""The reference's fit of cognitive models: a grid, with more than three parameters a random start, and then
Nelder-Mead (core.md 5.6).
"""

from __future__ import annotations

import itertools

import numpy as np
from scipy.optimize import minimize

from tinycog.fitting.objective import choice_nll
from tinycog.keys import generator
from tinycog.models.cognitive.declaration import MOST_ON_GRID, CognitiveModel
from tinycog.sequences import Sequences

GRID = np.linspace(-5.0, 5.0, 20)  # points of each unconstrained coordinate
START_SD = 3.0  # of each unconstrained coordinate of a random start
CHUNK_BYTES = 500_000_000  # grid points evaluated together are limited to about this much memory
ARRAYS_KEPT = 8  # arrays of the state's size that one grid point needs for each trial


def grid_starts(model: CognitiveModel, sequences: Sequences, weights: np.ndarray) -> np.ndarray:
    """Best grid point of each replica, (replica, parameter). The grid is evaluated once for all replicas.

    Args:
        weights: (replica, 1 or time point, block), 1 for training choices.
    """
    points = np.array(list(itertools.product(GRID, repeat=len(model.parameters))))
    per_point = sequences.n_trials * sequences.n_blocks * max(2, model.n_state) * 8 * ARRAYS_KEPT
    size = max(1, CHUNK_BYTES // per_point)
    by_block = weights.shape[1] == 1
    totals = [
        np.tensordot(choice_nll(model, model.from_real(chunk), sequences, by_block), weights, axes=((1, 2), (1, 2)))
        for chunk in np.split(points, range(size, len(points), size))
    ]
    return points[np.concatenate(totals).argmin(axis=0)]


def random_starts(model: CognitiveModel, n_replicas: int) -> np.ndarray:
    """One draw for each replica, (replica, parameter)."""
    rng = [generator("nelder_mead", model.name, replica) for replica in range(n_replicas)]
    return np.stack([own.normal(0.0, START_SD, model.n_parameters) for own in rng])


def fit(model: CognitiveModel, sequences: Sequences, weights: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Maximum-likelihood parameters on each replica's training choices.

    Args:
        weights: (replica, 1 or time point, block), 1 for training choices.

    Returns:
        Natural parameters by name, each (replica,), and the number of likelihood evaluations of each replica. One
        without training choices in any block stays where it started.
    """
    if model.n_parameters <= MOST_ON_GRID:
        starts, n_points = grid_starts(model, sequences, weights), len(GRID) ** model.n_parameters
    else:
        starts, n_points = random_starts(model, len(weights)), 0
    found, evaluations = starts.copy(), np.full(len(starts), n_points)
    for i, (start, weight) in enumerate(zip(starts, weights, strict=True)):
        blocks = np.flatnonzero(weight.any(axis=0))
        if not len(blocks):
            continue
        training = sequences.subset(blocks)
        own = weight[: training.n_trials, blocks]
        n_scored = (own * training.mask).sum()

        def mean_nll(x: np.ndarray, training=training, own=own, n_scored=n_scored) -> float:
            nll = choice_nll(model, model.from_real(x[None]), training, by_block=len(own) == 1)
            return float((nll[0] * own).sum() / n_scored)

        result = minimize(mean_nll, start, method="Nelder-Mead")
        found[i] = result.x
        evaluations[i] += result.nfev
    return dict(model.from_real(found)), evaluations
