"""Fit a teacher to all subjects of a data set, in one outer fold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tinycog.errors import InputError
from tinycog.fitting import engine
from tinycog.models import registry
from tinycog.results import of_subjects
from tinycog.results.fits import columns as fit_columns
from tinycog.results.fits import results, write
from tinycog.results.grid import Grid
from tinycog.results.tables import FITS
from tinycog.steps.select import choice
from tinycog.storage import write_json
from tinycog.tasks import task_of
from tinycog.trials import folds
from tinycog.trials.pooling import together
from tinycog.trials.subjects import POOLED


def teach(
    output: Path,
    *,
    root: Path,
    grid: dict[str, Any],
    outer: int,
    task: str,
    n_actions: int,
    name: str,
    spec: dict[str, Any],
    units: int,
    training: dict[str, Any],
) -> None:
    """Write which fit is selected as `output` (JSON), with the subjects and the spec, and beside it all fits and, as
    `.._subjects.parquet`, how well the selected one predicts each subject.

    Each subject's trials have the roles of its own outer fold of this number, so that nothing that a student is tested
    on has trained the teacher.

    Args:
        grid: of the data set alone.
    """
    the_task, the_grid = task_of(task, n_actions), Grid.of(root, grid)
    (dataset,) = the_grid.datasets
    by_fold = the_grid.by_fold(dataset, outer)
    read = (one for fold, trials in by_fold.items() for one in folds.read_each(trials, fold, the_task))
    data, splits, own, subjects = together((table, roles) for table, _, roles in read)
    model = registry.build(the_task, spec, units, data.n_subjects)
    try:
        fits = engine.fit(model, spec, data, splits, training, key=(dataset, POOLED, name, outer))
    except InputError as error:
        raise InputError(f"data set {dataset!r}, teacher {name!r}, outer fold {outer}: {error}") from None
    parameters = output.with_suffix(".safetensors")
    keys = {"dataset": dataset, "subject": POOLED, "model": name, "dim": units, "outer": outer}
    unlearnt = np.array([engine.n_unlearnt(model, data, split, own) for split in splits])
    of_fits = {"n_unlearnt": unlearnt[fits.replicas.inner], **results(model, fits)}
    columns = fit_columns(keys, fits.replicas, data, own=own, **of_fits)
    write(output.with_suffix(".parquet"), columns, fits.params)
    selected = choice(columns, np.arange(len(fits.replicas)), str(parameters.relative_to(root)))
    predicted: list[dict[str, Any]] = []
    if selected["status"] == "ok":
        row = selected["row"]
        of_row = {column: values[row] for column, values in columns.items()}
        params = {parameter: values[[row]] for parameter, values in fits.params.items()}
        blocks = {subject: own[data.subject_code[own] == code] for code, subject in enumerate(subjects)}
        predicted = list(of_subjects.rows(of_row, model, params, data, splits[selected["inner"]], blocks))
    FITS.write_part(output.with_name(f"{output.stem}_subjects.parquet"), predicted)
    write_json(output, selected | {"subjects": subjects, "spec": spec})
