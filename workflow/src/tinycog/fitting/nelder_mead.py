"""The reference's fit of cognitive models with up to three parameters: a grid, then Nelder-Mead (core.md 5.6)."""

from __future__ import annotations

import itertools

import numpy as np
from scipy.optimize import minimize

from tinycog.fitting.objective import block_nll
from tinycog.models.cognitive.declaration import CognitiveModel
from tinycog.sequences import Sequences

GRID = np.linspace(-5.0, 5.0, 20)  # points of each unconstrained coordinate
CHUNK_BYTES = 500_000_000  # grid points evaluated together are limited to about this much memory
ARRAYS_KEPT = 8  # arrays of the state's size that one grid point needs for each trial


def grid_starts(model: CognitiveModel, sequences: Sequences, blocks: np.ndarray) -> np.ndarray:
    """Best grid point of each replica, (replica, parameter). The grid is evaluated once for all replicas.

    Args:
        blocks: (replica, block), 1 for training blocks.
    """
    points = np.array(list(itertools.product(GRID, repeat=len(model.parameters))))
    per_point = sequences.n_trials * sequences.n_blocks * 2 * 8 * ARRAYS_KEPT
    size = max(1, CHUNK_BYTES // per_point)
    chunks = np.split(points, range(size, len(points), size))
    nll = np.concatenate([block_nll(model, model.from_real(chunk), sequences) for chunk in chunks])
    return points[(nll @ blocks.T).argmin(axis=0)]


def fit(model: CognitiveModel, sequences: Sequences, blocks: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Maximum-likelihood parameters on each replica's training blocks.

    Args:
        blocks: (replica, block), 1 for training blocks.

    Returns:
        Natural parameters by name, each (replica,), and the number of likelihood evaluations of each replica.
    """
    starts = grid_starts(model, sequences, blocks)
    found, evaluations = np.empty_like(starts), np.empty(len(starts), int)
    for i, (start, mask) in enumerate(zip(starts, blocks, strict=True)):
        training = sequences.subset(np.flatnonzero(mask))
        n_scored = training.mask.sum()

        def mean_nll(x: np.ndarray, training: Sequences = training, n_scored: float = n_scored) -> float:
            return float(block_nll(model, model.from_real(x[None]), training).sum() / n_scored)

        result = minimize(mean_nll, start, method="Nelder-Mead")
        found[i], evaluations[i] = result.x, result.nfev + len(GRID) ** starts.shape[1]
    return dict(model.from_real(found)), evaluations
