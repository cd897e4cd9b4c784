"""A fit to the choices of several subjects, measured on each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinycog.fitting import engine
from tinycog.fitting.objective import replicas
from tinycog.models.interface import Model, Parameters
from tinycog.trials.folds import of_blocks
from tinycog.trials.sequences import Sequences
from tinycog.trials.splits import ROLES


def rows(
    fit: Mapping[str, Any],
    model: Model,
    params: Parameters,
    sequences: Sequences,
    split: dict[str, np.ndarray],
    blocks: Mapping[str, np.ndarray],
) -> Iterator[dict[str, Any]]:
    """The row of the fit in table `fits` once for each subject: with the subject's id and its own choices alone.

    Args:
        params: the fit's, (1, ...).
        split: weights by role of the fit's inner fold.
        blocks: of each subject, of its own, no copies.
    """
    for subject, own in blocks.items():
        trials = sequences.subset(own)
        grid = replicas(of_blocks([split], own), range(1), [0.0])
        with np.errstate(invalid="ignore"):  # a role that the subject does not have
            nll, _, accuracy = engine.evaluate(model, params, trials, grid)
        of_roles = {f"{role}_nll": float(nll[role][0]) for role in ROLES}
        of_roles |= {f"n_{role}": int(n[0]) for role, n in grid.n_scored(trials).items()}
        unlearnt = engine.n_unlearnt(model, sequences, split, own)
        yield {**fit, "subject": subject, **of_roles, "test_accuracy": float(accuracy[0]), "n_unlearnt": unlearnt}
