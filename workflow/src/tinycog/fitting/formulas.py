"""Fits of formulas to choices, every inner fold and start of a job together (methods: formulas)."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinycog.fitting.cognitive import MAX_EVALUATIONS, minimised
from tinycog.fitting.compiled import Compiled
from tinycog.fitting.objective import Replicas
from tinycog.generators import generator
from tinycog.models.cognitive.formula import Formula
from tinycog.trials.sequences import Sequences

JITTER = 0.1  # SD of a start beside the constants found, relative to each
SMALLEST = 0.1  # size that a smaller constant counts as having
FIRST = 8  # evaluations after which validation is looked at; then after twice as many more, and so on


def starts(model: Formula, spec: dict[str, Any]) -> tuple[range, list[float]]:
    """Seeds, and no L1 weight; see `tinycog.fitting.engine.fit_each`."""
    return range(spec["starts"]), [0.0]


def fit_replicas(
    model: Formula,
    spec: dict[str, Any],
    sequences: Sequences,
    grid: Replicas,
    training: dict[str, Any] | None,
    key: tuple[Any, ...],
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """The point of the lowest validation NLL on the way to the smallest training NLL.

    See `tinycog.fitting.engine.fit_each`. A formula has as many constants as a small network has weights, and overfits
    as easily: hence it is stopped as a network is. Seed 0 starts from the constants found, every other beside them.
    """
    compiled, weights = Compiled(model, sequences), grid.weights
    x = np.stack([beside(model, seed, key) for seed in grid.seed])
    running, stage = np.arange(len(grid)), FIRST
    spent, best_at, converged = np.zeros(len(grid), int), np.zeros(len(grid), int), np.zeros(len(grid), bool)
    kept, lowest = x.copy(), _validation(compiled, x, weights["val"])
    train = np.ascontiguousarray(weights["train"])
    while len(running):
        step = minimised(compiled, train, x[running], running, stage)
        x[running], converged[running] = step.x, step.converged
        spent[running] += step.evaluations
        now = np.full(len(grid), np.inf)
        now[running] = _validation(compiled, step.x, weights["val"][running])
        better = now < lowest
        kept[better], lowest[better], best_at[better] = x[better], now[better], spent[better]
        running = running[~step.converged & (spent[running] < MAX_EVALUATIONS * model.n_parameters)]
        stage *= 2
    how = np.where(converged, "converged", "max_evaluations")
    return dict(model.from_real(kept)), spent, best_at, how, [""] * len(grid)


def beside(model: Formula, seed: int, key: tuple[Any, ...]) -> np.ndarray:
    """Where a seed starts, (parameter,)."""
    found = np.array(list(model.found.values()))
    if seed == 0:
        return found
    scale = JITTER * np.maximum(np.abs(found), SMALLEST)
    return found + scale * generator("formula start", *key, seed).normal(size=len(found))


def _validation(compiled: Compiled, x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """NLL of validation choices, (point,), infinite where it is no number; the weights of each point in its row."""
    nll = (compiled.nll(x, weights.shape[1] == 1) * weights).sum((1, 2))
    return np.where(np.isfinite(nll), nll, np.inf)
