"""A cognitive model fitted to all choices of a subject, none held out."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinycog.fitting import cognitive
from tinycog.fitting.objective import choice_nll, replicas
from tinycog.models.cognitive.declaration import CognitiveModel
from tinycog.trials.sequences import Sequences
from tinycog.trials.splits import ROLES


def fit(
    model: CognitiveModel, sequences: Sequences, spec: dict[str, Any], key: tuple[Any, ...]
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Natural parameters by name, (start,) each, and the NLL, (start,), nats over all scored choices.

    Args:
        spec: the model's config; as many starts as in the fits of a run.
        key: of the job, see `cognitive.fit`.
    """
    everything = dict.fromkeys(ROLES, np.ones((1, sequences.n_blocks)))
    grid = replicas([everything], range(cognitive.n_seeds(model, spec["seeds"])), [0.0])
    params, _, _ = cognitive.fit(model, sequences, grid, spec["optimizer"], key)
    return params, choice_nll(model, params, sequences, by_block=True).sum((1, 2))
