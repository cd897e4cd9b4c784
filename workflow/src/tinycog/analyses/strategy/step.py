"""Compare the models of a subject, or of each subject in a chunk, by its test choices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.strategy.compute import Fitted, Fold, by_block, comparison, evidence, lean
from tinycog.analyses.strategy.tables import COMPARISON, EVIDENCE
from tinycog.analyses.strategy.traits import OF_BIAS, traits
from tinycog.models import registry
from tinycog.models.cognitive.declaration import CognitiveModel
from tinycog.results import kept
from tinycog.results.grid import Grid
from tinycog.results.selection import inner_winners
from tinycog.storage import read_columns
from tinycog.tasks import task_of

OF_FITS = ["subject", "inner", "val_nll", "val_target_nll", "n_val", "status"]


def compare(
    root: Path,
    output: Path,
    *,
    grid: dict[str, Any],
    subject: str,
    task: str,
    n_actions: int,
    names: dict[str, str],
    tolerance: float,
    bootstrap: int,
    seed: int,
) -> None:
    """Write `strategy_evidence` and `model_comparison` (.parquet) into the folder `output`, from the fits that exist.

    Args:
        grid: of one data set.
        subject: the subject's directory, or its chunk's.
        names: names in the catalogue of the cognitive models, by their keys in the config.
        seed: of the run.
    """
    the_grid, the_task = Grid.of(root, grid), task_of(task, n_actions)
    layout, (dataset,) = the_grid.layout, the_grid.datasets
    fitted: dict[str, dict[tuple[str, int], Fitted]] = {}
    for model, dim in the_grid.models_of(dataset):
        floor = CognitiveModel.log_floor if model in names else None
        assumed = traits(the_task, names[model]) if model in names else None
        impartial = model in names and not OF_BIAS & set(registry.cognitive(the_task, names[model]).classes)
        impartial &= the_task.n_actions == 2 and the_task.stages == 1
        for outer in range(the_grid.cv[dataset]["outer"]):
            place = (dataset, subject, model, dim, outer)
            if not layout.scores(*place).is_file():
                continue
            validation = _validation(layout.fit(*place))
            for choice, _, scores in kept.each(root, [layout.selected(*place)], [layout.scores(*place)]):
                own = fitted.setdefault(choice["subject"], {}).setdefault((model, dim), Fitted(assumed, {}))
                leaning = lean(scores, the_task) if impartial else None
                own.folds[outer] = Fold(validation[choice["subject"]], *by_block(scores, the_task, floor), leaning)
    for table, rows in (
        (EVIDENCE, lambda of, key: evidence(of, tolerance=tolerance, bootstrap=bootstrap, key=key)),
        (COMPARISON, lambda of, key: comparison(of, bootstrap=bootstrap, key=key)),
    ):
        found = [
            {"dataset": dataset, "subject": name, **row}
            for name, of in fitted.items()
            for row in rows(of, (seed, dataset, name))
        ]
        table.write_part(output / f"{table.name}.parquet", found)


def _validation(fits: Path) -> dict[str, float]:
    """Mean validation NLL of the best fit of each inner fold, over their choices, of each subject."""
    columns, found = read_columns(fits, OF_FITS), {}
    for subject in dict.fromkeys(columns["subject"]):
        own = {name: values[columns["subject"] == subject] for name, values in columns.items()}
        best = inner_winners(own)
        found[subject] = float(np.average(own["val_nll"][best], weights=own["n_val"][best])) if len(best) else np.nan
    return found
