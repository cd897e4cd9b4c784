"""Phase portraits of one model with d = 1: maps, fixed points and setpoints of every outer fold.

Of one subject, or of each in a chunk.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.portraits import compute as portraits
from tinycog.analyses.portraits.tables import OF_ONE
from tinycog.dynamics.one_step import OneStep
from tinycog.errors import InputError
from tinycog.models import registry
from tinycog.results import kept
from tinycog.tasks import task_of

MAP_POINTS = 201  # of the exact map are kept for drawing
NEAR = 0.1  # a root counts as visited if trials came this near to it in logit: it is approached, not passed


def portrait(
    selected: list[Path],
    scored: list[Path],
    output: Path,
    *,
    root: Path,
    task: str,
    n_actions: int,
    spec: dict[str, Any],
    dim: int,
) -> None:
    """Write `setpoints`, `roots`, `maps` and `visited` (.parquet) into the folder `output`.

    Args:
        selected, scored: selected fit and scores of every outer fold, in the same order.

    Raises:
        InputError: the state is more than one number, or the model has a subject embedding and so one map per subject.
    """
    if width := spec.get("subject_embedding"):
        raise InputError(
            f"subject_embedding: found {width}; allowed for a portrait: 0, since the map would differ between subjects"
        )
    the_task = task_of(task, n_actions)
    model = registry.build(the_task, spec, dim)
    if model.n_state != 1:
        raise InputError(f"a portrait needs a model whose state is one number; this one has {model.n_state} columns")
    tables: dict[str, list[dict[str, Any]]] = {table.name: [] for table in OF_ONE}
    for choice, params, along in kept.each(root, selected, scored):
        ids = {key: choice[key] for key in ("dataset", "subject", "model", "dim", "outer")}
        one_step = OneStep(the_task, model, params)
        the_map = portraits.exact_map(one_step, along.states)
        for code, label in enumerate(the_task.conditions):
            trials = portraits.visited(along, code)
            keys = {**ids, "condition": label}
            points = portraits.fixed_points(one_step, the_map, code)
            if portraits.ignores_state(the_map):
                points = portraits.FixedPoints(*np.empty((3, 0)))
            for name, rows in _rows(keys, trials, points).items():
                tables[name] += rows
            thin = slice(None, None, (portraits.GRID_SIZE - 1) // (MAP_POINTS - 1))
            logit, change = the_map.logit[thin], the_map.next_logit[code][thin] - the_map.logit[thin]
            tables["maps"] += [{**keys, "logit": x, "change": y} for x, y in zip(logit, change, strict=True)]
            columns = vars(trials)
            tables["visited"] += [
                keys | dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
            ]
    for table in OF_ONE:
        table.write_part(output / f"{table.name}.parquet", tables[table.name])


def _rows(keys: dict[str, Any], trials: portraits.Visited, points: portraits.FixedPoints) -> dict[str, list[dict]]:
    """The condition's rows of the tables of setpoints and of roots."""
    low, high = (trials.logit.min(), trials.logit.max()) if len(trials.logit) else (np.nan, np.nan)
    estimate = portraits.reference_setpoint(trials)
    index = portraits.setpoint(points, near=estimate)
    at = (lambda values: np.nan) if index is None else (lambda values: float(values[index]))
    setpoint = {
        **keys,
        "setpoint": at(points.logit),
        "setpoint_ref": estimate,
        "slope": portraits.slope(trials),
        "multiplier": at(points.multiplier),
        "n_trials": len(trials.logit),
        "in_range": index is not None and bool(low - NEAR <= points.logit[index] <= high + NEAR),
        "n_roots": len(points.state),
    }
    columns = zip(points.logit, points.attracts, strict=True)
    roots = [{**keys, "logit": float(logit), "attracts": bool(attracts)} for logit, attracts in columns]
    return {"setpoints": [setpoint], "roots": roots}
