"""Paths of the state of one model of a subject, or of each in a chunk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tinycog.analyses.behaviour.choices import UNKNOWN, Places, best_action
from tinycog.analyses.dynamical_regression import quantity
from tinycog.analyses.trajectories import compute
from tinycog.analyses.trajectories.tables import OF_ONE, PLANES, REVERSALS, STREAMS
from tinycog.dynamics.one_step import OneStep
from tinycog.generators import generator
from tinycog.models import registry
from tinycog.results import kept
from tinycog.results.scores import Scores
from tinycog.tasks import task_of
from tinycog.trials.copies import without_copies
from tinycog.trials.subjects import POOLED

KEYS = ("dataset", "subject", "model", "dim", "outer")
Rows = dict[str, list[dict[str, Any]]]


def trajectories(
    selected: list[Path],
    scored: list[Path],
    trials: list[Path],
    output: Path,
    *,
    root: Path,
    task: str,
    n_actions: int,
    spec: dict[str, Any],
    dim: int,
) -> None:
    """Write what figures show into the folder `output`: of each subject the first outer fold that has a fit.

    Args:
        selected, scored: selected fit and scores of every outer fold, in the same order.
        trials: tables of the subjects, as they were fitted.
    """
    the_task = task_of(task, n_actions)
    model = registry.build(the_task, spec, dim)
    tables = dict(map(_own, trials))
    found: Rows = {table.name: [] for table in OF_ONE}
    for choice, params, along in kept.each(root, selected, scored):
        if (table := tables.pop(choice["subject"], None)) is None:
            continue  # drawn already
        ids = {key: choice[key] for key in KEYS}
        for name, rows in _drawn(OneStep(the_task, model, params), params, along, table, ids).items():
            found[name] += rows
    for table in OF_ONE:
        table.write_part(output / f"{table.name}.parquet", found[table.name])


def _own(path: Path) -> tuple[str, pd.DataFrame]:
    """The subject of a trial table, and its rows that are no copies."""
    table = without_copies(pd.read_parquet(path)).reset_index(drop=True)
    subjects = table["subject"].unique()
    return (subjects[0] if len(subjects) == 1 else POOLED), table


def _drawn(
    one_step: OneStep, params: dict[str, np.ndarray], along: Scores, table: pd.DataFrame, ids: dict[str, Any]
) -> Rows:
    model, task = one_step.model, one_step.task
    states, logit = along.states[:, : model.n_dynamical], along.logits[:, 0] - along.logits[:, 1]
    plane = compute.plane(model, params, states, logit)
    before = along.before(states)
    place = Places.of(table)
    best = place(best_action(table, task), UNKNOWN)
    aligned = model.n_dynamical == task.n_actions and quantity.of(task, model) == quantity.LOGITS
    after = compute.after_reversals(place(plane.of(before), 0.0), best, aligned)
    begin = compute.starts(before[along.mask == 1], generator("trajectories", *ids.values()))
    streams = plane.of(
        np.stack([compute.streams(one_step, begin, code) for code in range(len(task.conditions))])
    )  # (condition, step, start, 2)
    low, high = compute.limits(plane.of(before), streams.reshape(-1, 2), equal=model.n_dynamical == 2)
    names = dict(zip(("x_name", "y_name"), plane.names, strict=True))
    of_logit = {"along_x": plane.slope[0], "along_y": plane.slope[1], "offset": plane.offset, "exact": plane.exact}
    ends = {"x_low": low[0], "x_high": high[0], "y_low": low[1], "y_high": high[1]}
    return {
        PLANES.name: [ids | names | of_logit | ends],
        REVERSALS.name: [ids | row for row in after],
        STREAMS.name: [
            ids | {"condition": task.conditions[code], "stream": start, "step": step, "x": x, "y": y}
            for code, step, start in np.ndindex(streams.shape[:3])
            for x, y in [streams[code, step, start]]
        ],
    }
