"""Fit every outer fold of one data set by one method of the engine, and time the fits."""

from __future__ import annotations

from pathlib import Path
from time import process_time
from typing import Any

import pandas as pd
import pyarrow as pa

from tinycog.fitting import engine
from tinycog.models import registry
from tinycog.results.fits import columns
from tinycog.storage import write_parquet
from tinycog.tasks import task_of
from tinycog.trials import folds, sequences


def time_engine(
    trials: Path,
    fold_files: list[Path],
    output: Path,
    *,
    data: str,
    method: str,
    task: str,
    n_actions: int | None,
    spec: dict[str, Any],
    dim: int,
    training: dict[str, Any],
) -> None:
    """Write one row per replica. A job is an outer fold, as in a run; only `engine.fit` is timed, by the processor's
    clock (see `timing.summary`).
    """
    the_task = task_of(task, n_actions)
    choices = sequences.read(trials, the_task)
    model = registry.build(the_task, spec, dim)
    name = spec.get("cell") or spec["model"]
    jobs = [folds.read(path, choices) for path in fold_files]
    engine.fit(model, spec, choices, jobs[0][1][:1], {**training, "max_epochs": 1})  # compiles, or loads compiled code
    tables = []
    for outer, splits in jobs:
        start = process_time()
        fits = engine.fit(model, spec, choices, splits, training, key=(data, name, outer))
        seconds = (process_time() - start) / len(fits.replicas)
        labels = {"method": method, "model": name, "dim": dim, "data": data, "outer": outer}
        results = {name: getattr(fits, name) for name in ("nll", "epochs", "best_epoch", "reason")}
        size = {"n_trials": int(choices.lengths.sum()) // choices.stages}
        tables.append(pd.DataFrame(columns(labels, fits.replicas, choices, **results, **size, seconds=seconds)))
    write_parquet(output, pa.Table.from_pandas(pd.concat(tables), preserve_index=False))
