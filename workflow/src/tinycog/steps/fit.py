"""Fit one model to one outer fold of a subject, or of each in a chunk: all inner folds, seeds and L1 weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tinycog.errors import InputError
from tinycog.fitting import engine
from tinycog.models import registry
from tinycog.results import populations
from tinycog.results.fits import columns as fit_columns
from tinycog.results.fits import joined, results, write
from tinycog.tasks import Task, task_of
from tinycog.trials import folds
from tinycog.trials.sequences import TrialTable


def fit(
    trials: list[Path],
    fold: Path,
    output: Path,
    *,
    task: str,
    n_actions: int,
    name: str,
    spec: dict[str, Any],
    dim: int | None,
    training: dict[str, Any] | None,
    root: Path | None = None,
    teacher: Path | None = None,
    population: Path | None = None,
) -> None:
    """Write `output` (one row per replica) and, beside it, the parameters of every replica as `.safetensors`.

    Subjects are fitted one after the other, each as if it were alone, and their replicas follow one another.

    Args:
        trials: tables of the subjects of a chunk, or one table.
        root: results folder of the run, if there is a teacher.
        teacher: what was selected of the teacher that fits follow.
        population: of a model with a population prior, the file of that outer fold; see `steps.population`.
    """
    the_task = task_of(task, n_actions)
    fits = []
    for table, outer, splits in folds.read_each(trials, fold, the_task):
        if teacher:
            from tinycog.results.teachers import followed

            table = replace(table, sequences=followed(teacher, root, the_task, table))
        fits.append(_fit(table, outer, splits, the_task, population, name=name, spec=spec, dim=dim, training=training))
    write(output, *map(joined, zip(*fits, strict=True)))


def _fit(
    table: TrialTable,
    outer: int,
    splits: list[dict[str, np.ndarray]],
    task: Task,
    population: Path | None,
    *,
    name: str,
    spec: dict[str, Any],
    dim: int | None,
    training: dict[str, Any] | None,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Columns of the table of fits, and parameters by name, (replica, ...) both."""
    data, own = table.sequences, table.own
    model = registry.build(task, spec, dim, data.n_subjects)
    if not model.uses_copies:
        data, splits, own = data.subset(own), folds.of_blocks(splits, own), slice(None)
    labels = {"dataset": table.dataset, "subject": table.subject, "model": name}
    if population:
        spec = spec | {"population": populations.read(population, model.parameters, len(splits), outer)}
    try:
        fits = engine.fit(model, spec, data, splits, training, key=(*labels.values(), outer))
    except InputError as error:
        where = f"data set {table.dataset!r}, subject {table.subject!r}, outer fold {outer}"
        raise InputError(f"{where}: {error}") from None
    unlearnt = np.array([engine.n_unlearnt(model, data, split, own) for split in splits])
    keys = {**labels, "dim": model.n_dynamical, "outer": outer}
    of_fits = {"n_unlearnt": unlearnt[fits.replicas.inner], **results(model, fits)}
    columns = fit_columns(keys, fits.replicas, data, own=own, **of_fits)
    return columns, fits.params
