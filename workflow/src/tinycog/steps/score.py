"""Run the kept fit of one outer fold over the subject's trials."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinycog.models import registry
from tinycog.results import parameters, scores
from tinycog.storage import read_json
from tinycog.tasks import task_of
from tinycog.trials import folds, sequences


def score(
    trials: Path,
    fold: Path,
    selected: Path,
    output: Path,
    *,
    root: Path,
    task: str,
    n_actions: int,
    spec: dict[str, Any],
    dim: int,
) -> None:
    """Write the scores of the kept fit as `output` (.npz); an empty archive where every fit failed."""
    choice = read_json(selected)
    if choice["status"] != "ok":
        scores.write(output, None)
        return
    the_task = task_of(task, n_actions)
    table = sequences.read_table(trials, the_task)
    data = table.sequences
    _, splits = folds.read(fold, data)
    weights = folds.of_blocks(splits, table.own)[choice["inner"]]
    model = registry.build(the_task, spec, dim, data.n_subjects)
    params = parameters.of_kept(root, choice)
    scores.write(output, scores.score(the_task, model, params, data.subset(table.own), weights))
