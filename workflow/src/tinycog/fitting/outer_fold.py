"""One model in one outer fold, fitted without files: for refits of parts of the data, and of simulated choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinycog.fitting import engine
from tinycog.fitting.objective import choice_nll
from tinycog.models.interface import Model, Parameters
from tinycog.results.fits import columns, results
from tinycog.results.selection import inner_winners
from tinycog.trials.sequences import Sequences


def fit(
    model: Model,
    spec: dict[str, Any],
    sequences: Sequences,
    splits: list[dict[str, np.ndarray]],
    training: dict[str, Any] | None,
    key: tuple[Any, ...],
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Columns of every replica, as in table `fits` without its keys, and their parameters; see `engine.fit`."""
    fits = engine.fit(model, spec, sequences, splits, training, key=key)
    return columns({}, fits.replicas, sequences, **results(model, fits)), fits.params


def validation_nll(fits: Mapping[str, np.ndarray]) -> float:
    """Mean validation NLL over the choices of all inner folds, each predicted by its own winner.

    All models have the same inner folds, so it compares them; the validation NLL of the selected fits is of an inner
    fold that differs between models.
    """
    winners = inner_winners(fits)
    return float(np.average(fits["val_nll"][winners], weights=fits["n_val"][winners]))


def block_losses(model: Model, params: Parameters, sequences: Sequences) -> tuple[np.ndarray, np.ndarray]:
    """Negative log-likelihood (nats) and number of the scored choices of each block, (block,) both.

    Args:
        params: one replica's (1, ...).
    """
    return choice_nll(model, params, sequences, by_block=True)[0, 0], sequences.mask.sum(0)
