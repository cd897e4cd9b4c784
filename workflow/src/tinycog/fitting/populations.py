"""The population of a cognitive model's parameters, from the training choices of every subject (methods: priors)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tinycog.fitting import cognitive, priors
from tinycog.fitting.compiled import Compiled
from tinycog.models.cognitive.declaration import CognitiveModel
from tinycog.trials.sequences import Sequences


class Subject(NamedTuple):
    """Choices of a subject, weights of its training choices (inner fold, time point or 1, block), and the key of its
    fits, on which their random starts depend."""

    sequences: Sequences
    weights: np.ndarray
    key: tuple[Any, ...]


def fit(model: CognitiveModel, subjects: list[Subject], seeds: int) -> priors.Population:
    """The population of every inner fold, which all subjects have alike.

    Args:
        subjects: in an order that stands for itself: sums over them round in it.
        seeds: pools of random starts in the first step; later steps start from where the last one ended.
    """
    compiled = [Compiled(model, subject.sequences) for subject in subjects]
    n_inner = len(subjects[0].weights)
    modes = np.full((len(subjects), n_inner, model.n_parameters), np.nan)
    variances, is_first = np.full_like(modes, np.nan), True

    def posterior(prior: priors.Prior, inner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nonlocal is_first
        for place, (subject, own) in enumerate(zip(subjects, compiled, strict=True)):
            weights, routes = subject.weights[inner], modes[place, inner, None]
            if is_first:
                routes, _ = cognitive.routes_of_seeds(own, weights, seeds, subject.key, prior)
            found = cognitive.fit_posterior(own, weights, routes, prior)
            modes[place, inner], variances[place, inner] = found.x, found.sd**2
        is_first = False
        return modes[:, inner], variances[:, inner]

    return priors.fit_population(posterior, taken(subjects), priors.weak(model, n_inner))


def taken(subjects: list[Subject]) -> np.ndarray:
    """(subject, inner fold) whether there is a choice to train on."""
    return np.array([(subject.weights * subject.sequences.mask).any((1, 2)) for subject in subjects])
