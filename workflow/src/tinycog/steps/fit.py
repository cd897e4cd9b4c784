"""Fit one model to one outer fold of a subject, or of each in a chunk: all inner folds, seeds and L1 weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tinycog.errors import InputError
from tinycog.fitting import engine
from tinycog.models import registry
from tinycog.results import populations
from tinycog.results.fits import write_each
from tinycog.tasks import task_of
from tinycog.trials import folds


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

    Each subject is fitted as if it were alone, and their replicas follow one another.

    Args:
        trials: tables of the subjects of a chunk, or one table.
        root: results folder of the run, if there is a teacher.
        teacher: what was selected of the teacher that fits follow.
        population: of a model with a population prior, the file of that outer fold; see `steps.population`.
    """
    the_task = task_of(task, n_actions)
    jobs, of_tables = [], []
    for table, outer, splits in folds.read_each(trials, fold, the_task):
        if teacher:
            from tinycog.results.teachers import followed

            table = replace(table, sequences=followed(teacher, root, the_task, table))
        data, own = table.sequences, table.own
        model = registry.build(the_task, spec, dim, data.n_subjects)
        if not model.uses_copies:
            data, splits, own = data.subset(own), folds.of_blocks(splits, own), slice(None)
        if population:
            spec = spec | {"population": populations.read(population, model.parameters, len(splits), outer)}
        labels = {"dataset": table.dataset, "subject": table.subject, "model": name}
        with _located(table.dataset, outer, table.subject):
            jobs.append(engine.job(model, spec, data, splits, (*labels.values(), outer)))
        unlearnt = np.array([engine.n_unlearnt(model, data, split, own) for split in splits])
        of_tables.append(({**labels, "dim": model.n_dynamical, "outer": outer}, own, unlearnt))
    with _located(table.dataset, outer):
        fits = engine.fit_each(model, spec, jobs, training)
    write_each(output, model, jobs, fits, of_tables)


@contextmanager
def _located(dataset: str, outer: int, subject: str | None = None) -> Iterator[None]:
    """Errors say of which fits they are."""
    try:
        yield
    except InputError as error:
        of_subject = f"subject {subject!r}, " if subject else ""
        raise InputError(f"data set {dataset!r}, {of_subject}outer fold {outer}: {error}") from None
