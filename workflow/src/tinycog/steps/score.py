"""Select a fit of one outer fold, and run it over the subject's trials, or those of each subject in a chunk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinycog.models import registry
from tinycog.results import parameters, scores
from tinycog.steps.select import select
from tinycog.tasks import task_of
from tinycog.trials import folds


def select_and_score(
    trials: list[Path], fold: Path, fits: Path, selected: Path, output: Path, *, root: Path, **options: Any
) -> None:
    """Write which of `fits` is selected as `selected`, and its scores as `output`; see `select` and `score`.

    Both are one job, because each alone takes less time than a process needs to start.
    """
    select(fits, selected, root=root)
    score(trials, fold, selected, output, root=root, **options)


def score(
    trials: list[Path],
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
    """Write the scores of the selected fits as `output` (.npz), none of a subject all of whose fits failed.

    Args:
        trials: tables of the subjects of a chunk, or one table, as they were fitted.
    """
    the_task = task_of(task, n_actions)
    found: list[scores.Scores | None] = []
    for choice, (table, _, splits) in zip(
        parameters.choices(selected), folds.read_each(trials, fold, the_task), strict=True
    ):
        if choice["status"] != "ok":
            found.append(None)
            continue
        data = table.sequences
        weights = folds.of_blocks(splits, table.own)[choice["inner"]]
        model = registry.build(the_task, spec, dim, data.n_subjects)
        params = parameters.of_selected(root, choice)
        found.append(scores.score(the_task, model, params, data.subset(table.own), weights))
    scores.write(output, found)
