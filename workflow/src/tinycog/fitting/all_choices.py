"""A cognitive model fitted to all choices of a subject, none held out."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinycog.fitting import cognitive, populations
from tinycog.fitting.objective import choice_nll, replicas
from tinycog.models.cognitive.declaration import CognitiveModel
from tinycog.trials.sequences import Sequences
from tinycog.trials.splits import ROLES


def fit(
    model: CognitiveModel, sequences: Sequences, spec: dict[str, Any], key: tuple[Any, ...]
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Natural parameters by name, (start,) each, and the NLL, (start,), nats over all scored choices.

    Args:
        spec: the model's config, see `cognitive.fit_replicas`; as many starts as in the fits of a run.
        key: of the job, see `cognitive.fit`.
    """
    everything = dict.fromkeys(ROLES, np.ones((1, sequences.n_blocks)))
    grid = replicas([everything], *cognitive.starts(model, spec))
    found, *_ = cognitive.fit_replicas(model, spec, sequences, grid, None, key)
    params = {name: found[name] for name in model.parameters}
    return params, choice_nll(model, params, sequences, by_block=True).sum((1, 2))


def with_population(
    model: CognitiveModel, spec: dict[str, Any], subjects: list[tuple[Sequences, tuple[Any, ...]]]
) -> dict[str, Any]:
    """The config of `fit` with the population of all choices of these subjects, if it asks for one as its prior.

    Args:
        subjects: choices of each, and the key of its fit.
    """
    if spec.get("prior") != "population":
        return spec
    given = [populations.Subject(data, np.ones((1, 1, data.n_blocks)), key) for data, key in subjects]
    prior = populations.fit(model, given, cognitive.n_seeds(model, spec["seeds"])).prior
    return spec | {"population": (prior.mean, prior.sd)}
