"""Fit one model to shares of the blocks of one outer fold, of a subject or of each in a chunk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from tinycog.analyses.data_requirement.compute import n_of_share
from tinycog.analyses.data_requirement.refits import Blocks, Refits, Rows, write
from tinycog.models import registry
from tinycog.storage import read_columns
from tinycog.tasks import task_of
from tinycog.trials import folds

SUBJECT = "subject"  # generator of a subject's own choices


def fit_shares(
    trials: list[Path],
    fold: Path,
    fits: Path,
    output: Path,
    *,
    task: str,
    n_actions: int,
    name: str,
    spec: dict[str, Any],
    dim: int,
    training: dict[str, Any],
    shares: list[float],
    n_inner: int,
    inner: int,
    seed: int,
) -> None:
    """Write tables `data_requirement_folds` and `blocks` (.parquet) to the folder `output`.

    Args:
        trials: tables of the subjects of a chunk, or one table.
        fits: the run's own fits of the outer fold, which a share of 1 takes.
        n_inner, inner, seed: see `Refits`.
    """
    the_task = task_of(task, n_actions)
    of_run, stack = read_columns(fits), load_file(fits.with_suffix(".safetensors"))
    found: list[Rows] = []
    for path, (table, outer, splits) in zip(trials, folds.read_each(trials, fold, the_task), strict=True):
        keys = {"dataset": table.dataset, "subject": table.subject, "generator": SUBJECT}
        model = registry.build(the_task, spec, dim, table.sequences.n_subjects)
        options = (model, spec, training, the_task.stages, n_inner, inner, seed)
        refits = Refits(keys, outer, name, dim, *options)
        test = np.flatnonzero(splits[0]["test"].any(0))
        outside = np.setdiff1d(table.own, test)
        for share in shares:
            subset = refits.subset(outside, n_of_share(share, len(outside)))
            data = Blocks(table.sequences, subset, test, _origins(path))
            if share < 1:
                found.append(refits.refitted(share, data))
                continue
            rows = of_run["subject"] == table.subject
            own = ({column: values[rows] for column, values in part.items()} for part in (of_run, stack))
            found.append(refits.kept(share, data, *own))
    write(output, found)


def _origins(path: Path) -> np.ndarray:
    """Of each block of a trial table the one that it is a copy of, its own number if of none."""
    columns = read_columns(path, ["block", "trial", "aug_of"])
    return columns.get("aug_of", columns["block"])[columns["trial"] == 0]
