"""Fit a teacher to all subjects of a data set, in one outer fold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tinycog.errors import InputError
from tinycog.fitting import engine
from tinycog.models import registry
from tinycog.models.interface import Model
from tinycog.results.fits import OF_MODEL, results, write
from tinycog.results.fits import columns as fit_columns
from tinycog.results.grid import Grid
from tinycog.results.tables import FITS
from tinycog.steps.select import choice
from tinycog.storage import write_json
from tinycog.tasks import task_of
from tinycog.trials import folds
from tinycog.trials.pooling import together
from tinycog.trials.sequences import Sequences
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
    columns = fit_columns(keys, fits.replicas, data, own=own, n_unlearnt=0, **results(model, fits))
    write(output.with_suffix(".parquet"), columns, fits.params)
    selected = choice(columns, np.arange(len(fits.replicas)), str(parameters.relative_to(root)))
    rows = [] if selected["status"] != "ok" else _by_subject(keys, model, fits, selected["row"], data, own, subjects)
    FITS.write_part(output.with_name(f"{output.stem}_subjects.parquet"), pd.DataFrame(rows, columns=FITS.names))
    write_json(output, selected | {"subjects": subjects, "spec": spec})


def _by_subject(
    keys: dict[str, Any],
    model: Model,
    fits: engine.Fits,
    row: int,
    data: Sequences,
    own: np.ndarray,
    subjects: list[str],
) -> Iterator[dict[str, Any]]:
    """A replica in the trials of each subject, as a row of table `fits`."""
    shared = {name: getattr(model, name) for name in OF_MODEL}
    shared |= {name: getattr(fits, name)[row] for name in ("epochs", "best_epoch", "ended")} | {"n_unlearnt": 0}
    params = {name: values[[row]] for name, values in fits.params.items()}
    for code, subject in enumerate(subjects):
        blocks = own[data.subject_code[own] == code]
        trials = data.subset(blocks)
        grid = fits.replicas[[row]].of_blocks(blocks, trials.n_trials)
        nll, _, accuracy = engine.evaluate(model, params, trials, grid)
        of_subject = {**keys, "subject": subject}
        found = fit_columns(of_subject, grid, trials, nll=nll, reason=[""], test_accuracy=accuracy, **shared)
        yield {name: values[0] for name, values in found.items()}
