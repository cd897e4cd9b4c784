"""SciPy's Nelder-Mead, as in the reference, one replica at a time (methods: fitting cognitive models)."""

from __future__ import annotations

import numpy as np

from tinycog.fitting.compiled import Compiled
from tinycog.models.cognitive.declaration import CognitiveModel
from tinycog.trials.sequences import Sequences


def minimise(
    model: CognitiveModel, sequences: Sequences, weights: np.ndarray, starts: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Minimise each replica's NLL on its training choices, from its start.

    Args:
        weights: (replica, 1 or time point, block), 1 for training choices.
        starts: (replica, parameter), unconstrained.

    Returns:
        x (replica, parameter), evaluations (replica,), and whether it converged (replica,). A replica without training
        choices stays where it started.
    """
    from scipy.optimize import minimize  # loading takes as long as many fits

    found, evaluations = starts.copy(), np.zeros(len(starts), dtype=int)
    converged = np.ones(len(starts), dtype=bool)
    for i, weight in enumerate(weights):
        blocks = np.flatnonzero(weight.any(axis=0))
        if not len(blocks):
            continue
        training = sequences.subset(blocks)
        own = weight[: training.n_trials, blocks]
        n_scored = (own * training.mask).sum()
        compiled = Compiled(model, training)

        def mean_nll(x: np.ndarray, compiled=compiled, own=own, n_scored=n_scored) -> float:
            return float((compiled.nll_alone(x, by_block=len(own) == 1) * own).sum() / n_scored)

        result = minimize(mean_nll, starts[i], method="Nelder-Mead")
        found[i], evaluations[i], converged[i] = result.x, result.nfev, result.success
    return found, evaluations, converged
