"""Compare the logits of all selected fits of a subject, or of each subject in a chunk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinycog.analyses.agreement.compute import Fit, rows
from tinycog.analyses.agreement.tables import LOGIT_CORRELATIONS
from tinycog.results import kept
from tinycog.results.grid import Grid
from tinycog.tasks import task_of


def agree(root: Path, output: Path, *, grid: dict[str, Any], subject: str, task: str, n_actions: int) -> None:
    """Write the rows of `logit_correlations` (Parquet), from the fits of `grid` that exist.

    Args:
        grid: of one data set.
        subject: the subject's directory, or its chunk's.
    """
    the_grid, the_task = Grid.of(root, grid), task_of(task, n_actions)
    layout, (dataset,) = the_grid.layout, the_grid.datasets
    fits: dict[str, dict[tuple[str, int], list[Fit]]] = {}
    for model, dim in the_grid.models_of(dataset):
        places = [(dataset, subject, model, dim, outer) for outer in range(the_grid.cv[dataset]["outer"])]
        there = [place for place in places if layout.scores(*place).is_file()]
        selected, scored = ([file(*place) for place in there] for file in (layout.selected, layout.scores))
        for choice, _, scores in kept.each(root, selected, scored):
            own = fits.setdefault(choice["subject"], {})
            own.setdefault((model, dim), []).append(Fit.of(scores, the_task))
    found = [{"dataset": dataset, "subject": name, **row} for name, own in fits.items() for row in rows(own)]
    LOGIT_CORRELATIONS.write_part(output, found)
