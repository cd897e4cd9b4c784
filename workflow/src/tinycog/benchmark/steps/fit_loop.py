"""Fit networks one at a time in plain torch, to compare results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from tinycog.benchmark import LOOP, LOOP_CELL, loop
from tinycog.errors import InputError
from tinycog.fitting.objective import replicas
from tinycog.results.fits import columns
from tinycog.storage import write_parquet
from tinycog.tasks import task_of
from tinycog.trials import folds, sequences
from tinycog.trials.splits import ROLES


def fit_loop(
    trials: Path,
    fold_files: list[Path],
    output: Path,
    *,
    data: str,
    task: str,
    n_actions: int | None,
    spec: dict[str, Any],
    dim: int,
    training: dict[str, Any],
    n_replicas: int,
) -> None:
    """Write one row per replica: the first `n_replicas` of each outer fold."""
    if spec["cell"] != LOOP_CELL:
        raise InputError(f"--model: found cell {spec['cell']!r}; the loop is written for {LOOP_CELL}")
    the_task = task_of(task, n_actions)
    choices = sequences.read(trials, the_task)
    options = {name: training[name] for name in ("learning_rate", "max_epochs", "patience")}
    options |= {"n_units": dim, "n_actions": the_task.n_outputs}
    tables = []
    for path in fold_files:
        outer, splits = folds.read(path, choices)
        grid = replicas(splits, range(spec["seeds"]), spec["l1"])[:n_replicas]
        batches = [loop.batches(choices, split) for split in splits]
        which = zip(grid.inner, grid.seed, grid.l1, strict=True)
        fits = [loop.train(batches[inner], int(seed), l1, **options) for inner, seed, l1 in which]
        nll = {role: np.array([fit.nll[role] for fit in fits]) for role in ROLES}
        epochs, best_epoch = (np.array([getattr(fit, key) for fit in fits]) for key in ("epochs", "best_epoch"))
        labels = {"method": LOOP, "model": LOOP_CELL, "dim": dim, "data": data, "outer": outer}
        results = {"nll": nll, "epochs": epochs, "best_epoch": best_epoch, "reason": [""] * len(fits)}
        tables.append(pd.DataFrame(columns(labels, grid, choices, **results)))
    write_parquet(output, pa.Table.from_pandas(pd.concat(tables), preserve_index=False))
