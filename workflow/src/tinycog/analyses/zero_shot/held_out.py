"""Subjects who are held out in an outer fold, and how well models that never saw them predict them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tinycog.models import registry
from tinycog.results import of_subjects, parameters
from tinycog.results.tables import FITS
from tinycog.storage import read_columns
from tinycog.tasks import task_of
from tinycog.trials import folds
from tinycog.trials.sequences import read_table


def held_out(pooled: Path, fold: Path) -> dict[str, np.ndarray]:
    """The blocks, copies excluded, of each subject who is tested in an outer fold, in the order of the table.

    Args:
        pooled: trial table of all subjects.
        fold: its file of that outer fold.
    """
    trials, roles = read_columns(pooled, ["subject", "block", "trial"]), read_columns(fold)
    first = trials["trial"] == 0
    subject_of = dict(zip(trials["block"][first].tolist(), trials["subject"][first], strict=True))
    found: dict[str, list[int]] = {}
    for block in roles["block"][(roles["inner"] == 0) & (roles["role"] == "test")].tolist():
        found.setdefault(subject_of[block], []).append(block)
    return {subject: np.array(blocks) for subject, blocks in found.items()}


def score(
    pooled: Path,
    fold: Path,
    output: Path,
    *,
    selected: list[Path],
    specs: dict[str, Any],
    root: Path,
    task: str,
    n_actions: int,
) -> None:
    """Write how well the selected fits of an outer fold predict each subject who is held out, as rows of table `fits`.

    Args:
        selected: files of every model and dim; one all of whose fits failed has no rows.
        specs: model: its section.
    """
    the_task = task_of(task, n_actions)
    data = read_table(pooled, the_task).sequences
    _, (split, *_) = folds.read(fold, data)  # the same subjects are tested in all inner folds
    subjects = held_out(pooled, fold)
    rows: list[dict[str, Any]] = []
    for path in selected:
        (choice,) = parameters.choices(path)
        if choice["status"] != "ok":
            continue
        fits = read_columns((root / choice["parameters"]).with_suffix(".parquet"))
        of_fit = {name: values[choice["row"]] for name, values in fits.items()}
        model = registry.build(the_task, specs[choice["model"]], choice["dim"], data.n_subjects)
        rows += of_subjects.rows(of_fit, model, parameters.of_selected(root, choice), data, split, subjects)
    FITS.write_part(output, rows)
