"""One model in one outer fold, fitted without files: for refits of parts of the data, and of simulated choices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinycog.fitting import engine
from tinycog.fitting.objective import choice_nll
from tinycog.models import registry
from tinycog.models.interface import Model, Parameters
from tinycog.results.fits import columns, results
from tinycog.results.selection import inner_winners, selected_row
from tinycog.tasks import Task
from tinycog.trials.folds import Splits
from tinycog.trials.sequences import Sequences

KEPT = ("val_nll", "n_val", "test_nll", "n_test")  # of a selected fit to choices that are played


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


def selected_fits(
    task: Task, models: Mapping[str, Mapping[str, Any]], sequences: Sequences, splits: Splits, key: tuple[Any, ...]
) -> Iterator[dict[str, Any]]:
    """The selected fit of every model, dim and outer fold: `model`, `dim`, `outer`, the columns `KEPT` of table `fits`,
    None where every fit failed, and the reason for that.

    Args:
        models: name: its `dims`, `spec` (section) and `training`.
        key: names the choices; that of each fit begins with it.
    """
    for name, about in models.items():
        for dim in about["dims"]:
            model = registry.build(task, about["spec"], dim)
            for outer, of_inner in splits.items():
                options = (about["spec"], sequences, of_inner, about["training"], (*key, name, dim, outer))
                fits, _ = fit(model, *options)
                row = selected_row(fits)
                values = {column: None if row is None else fits[column][row].item() for column in KEPT}
                why = f"every fit failed; the first: {fits['reason'][0]}" if row is None else ""
                yield {"model": name, "dim": dim, "outer": outer, **values, "reason": why}


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
