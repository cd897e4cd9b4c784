"""Write what the selected fits of one model say of each trial of a subject, or of each subject in a chunk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tinycog.analyses.trials import compute
from tinycog.analyses.trials.tables import described
from tinycog.models import registry
from tinycog.models.interface import Model
from tinycog.results import kept, parameters
from tinycog.results.scores import Scores
from tinycog.storage import read_columns
from tinycog.tasks import Task, task_of

OF_TABLE = ("dataset", "subject", "session", "source_block", "source_trial", "source_row", "block", "trial")
CODED = ("action", "state", "reward", "mask", "action2", "mask2", "aug_of")
OF_CHOICE = ("choice", "scored", "action", "reward")
OF_FIT = ("model", "dim", "outer")


def export(
    trials: list[Path],
    selected: list[Path],
    scored: list[Path],
    output: list[Path],
    *,
    root: Path,
    task: str,
    n_actions: int,
    spec: dict[str, Any],
    dim: int,
) -> None:
    """Write the same rows to each of `output`, Parquet or CSV by its suffix.

    Args:
        trials: tables of the subjects of a chunk, or one table, as they were fitted.
        selected, scored: selected fit and scores of every outer fold, in the same order.
    """
    the_task = task_of(task, n_actions)
    model = registry.build(the_task, spec, dim)
    fits: dict[str, list[tuple[dict[str, Any], Scores]]] = {}
    for choice, _, along in kept.each(root, selected, scored):
        fits.setdefault(choice["subject"], []).append((choice, along))
    subjects = [choice["subject"] for choice in parameters.choices(selected[0])]
    parts = []
    for subject, path in zip(subjects, trials, strict=True):
        if subject in fits:
            chosen = compute.choices(read_columns(path, [*OF_TABLE, *CODED]), the_task)
            parts += _rows(model, the_task, chosen, fits[subject])
    table = described(*compute.names(model, the_task))
    rows = pd.concat(parts, ignore_index=True) if parts else []
    for path in output:
        table.write_file(path, rows)


def _rows(
    model: Model, task: Task, chosen: compute.Columns, fits: list[tuple[dict[str, Any], Scores]]
) -> list[pd.DataFrame]:
    """A subject's rows of each outer fold, then of the average."""
    which = {name: chosen.get(name, np.nan) for name in (*OF_TABLE, *OF_CHOICE)}
    folds = [compute.of_fold(model, task, chosen, scores) for _, scores in fits]
    means, spreads = compute.averaged(folds, unlike=() if model.states_alike else model.state_names)
    spread = {f"{name}_sd": values for name, values in spreads.items() if name != "test_nll"}
    parts = []
    for (choice, scores), fold in zip(fits, folds, strict=True):
        about = {key: choice[key] for key in OF_FIT} | {"n_folds": 1, "split": scores.split}
        parts.append(pd.DataFrame({**which, **about, **fold, **dict.fromkeys(spread, np.nan)}))
    about |= {"outer": np.nan, "n_folds": len(fits), "split": None}
    return [*parts, pd.DataFrame({**which, **about, **means, **spread})]
