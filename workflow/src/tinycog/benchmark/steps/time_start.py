"""Time how long a fit job takes to its first epoch."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from tinycog.benchmark.start import seconds_to_first_epoch
from tinycog.storage import write_json
from tinycog.tasks import task_of
from tinycog.trials import folds, sequences


def time_start(
    trials: Path,
    fold: Path,
    output: Path,
    *,
    data: str,
    task: str,
    n_actions: int | None,
    spec: dict[str, Any],
    dim: int,
    training: dict[str, Any],
) -> None:
    """Write the seconds, and what was fitted, to `output`."""
    choices = sequences.read(trials, task_of(task, n_actions))
    n = len(folds.read(fold, choices)[1]) * spec["seeds"] * len(spec["l1"])
    with tempfile.TemporaryDirectory() as folder:
        arguments = [
            "fit",
            "--checked",
            "--trials",
            trials,
            "--fold",
            fold,
            "--task",
            task,
            "--name",
            "start",
            "--dim",
            dim,
        ]
        arguments += ["--model", json.dumps(spec), "--training", json.dumps({**training, "max_epochs": 1})]
        arguments += ["--output", Path(folder, "fits.parquet"), *(["--n-actions", n_actions] if n_actions else [])]
        seconds = seconds_to_first_epoch(list(map(str, arguments)))
    fitted = {"model": spec["cell"], "dim": dim, "data": data, "n_replicas": n, "n_trials": int(choices.lengths.sum())}
    write_json(output, {**fitted, "seconds": seconds, "epochs": n})
