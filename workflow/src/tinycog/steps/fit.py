"""Fit one model to one outer fold of one subject: all inner folds, seeds and L1 weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from tinycog.errors import InputError
from tinycog.fitting import engine
from tinycog.models import registry
from tinycog.results.fits import columns as fit_columns
from tinycog.storage import replacing, write_columns
from tinycog.tasks import task_of
from tinycog.trials import folds, sequences


def fit(
    trials: Path,
    fold: Path,
    output: Path,
    *,
    task: str,
    n_actions: int,
    name: str,
    spec: dict[str, Any],
    dim: int | None,
    training: dict[str, Any] | None,
) -> None:
    """Write `output` (one row per replica) and, beside it, the parameters of every replica as `.safetensors`."""
    the_task = task_of(task, n_actions)
    table = sequences.read_table(trials, the_task)
    data, own = table.sequences, table.own
    outer, splits = folds.read(fold, data)
    model = registry.build(the_task, spec, dim, data.n_subjects)
    if not model.uses_copies:
        data, splits, own = data.subset(own), folds.of_blocks(splits, own), slice(None)
    labels = {"dataset": table.dataset, "subject": table.subject, "model": name}
    try:
        fits = engine.fit(model, spec, data, splits, training, key=(*labels.values(), outer))
    except InputError as error:
        raise InputError(f"{trials}, outer fold {outer}: {error}") from None
    unlearnt = np.array([engine.n_unlearnt(model, data, split, own) for split in splits])
    results = {name: getattr(model, name) for name in ("family", "n_dynamical", "n_parameters")}
    of_fits = ("epochs", "best_epoch", "ended", "nll", "test_accuracy", "reason")
    results |= {name: getattr(fits, name) for name in of_fits}
    keys = {**labels, "dim": model.n_dynamical, "outer": outer}
    columns = fit_columns(keys, fits.replicas, data, own=own, n_unlearnt=unlearnt[fits.replicas.inner], **results)
    parameters = {key: np.ascontiguousarray(value) for key, value in fits.params.items()}
    with replacing(output.with_suffix(".safetensors")) as temporary:
        save_file(parameters, temporary)
    write_columns(output, columns)  # last: where the table is, the parameters are
