"""Clouds and vector fields of one model of a subject, or of each in a chunk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.fields import compute
from tinycog.analyses.fields.tables import OF_ONE
from tinycog.dynamics import fixed_points
from tinycog.dynamics.one_step import OneStep
from tinycog.generators import generator
from tinycog.models import registry
from tinycog.models.cells.slin import SLIN
from tinycog.results import kept
from tinycog.results.scores import Scores
from tinycog.tasks import task_of

KEYS = ("dataset", "subject", "model", "dim", "outer")
Rows = dict[str, list[dict[str, Any]]]


def fields(
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
    """Write `logit_changes` of every outer fold into the folder `output`, and what figures show: each subject's first.

    Args:
        selected, scored: selected fit and scores of every outer fold, in the same order.
    """
    the_task = task_of(task, n_actions)
    model = registry.build(the_task, spec, dim)
    found: Rows = {table.name: [] for table in OF_ONE}
    drawn = set()
    for choice, params, along in kept.each(root, selected, scored):
        ids = {key: choice[key] for key in KEYS}
        logit = along.logits[:, 0] - along.logits[:, 1]
        before, change = along.before(logit), along.after(logit) - along.before(logit)
        first = choice["subject"] not in drawn
        for code, label in enumerate(the_task.conditions):
            own = (along.condition == code) & (along.mask == 1)
            keys = {**ids, "condition": label}
            row = {"spread": compute.spread(before[own], change[own]), "n_trials": int(own.sum())}
            found["logit_changes"].append(keys | row)
            if first:
                pairs = zip(before[own], change[own], strict=True)
                found["cloud"] += [{**keys, "logit": x, "change": y} for x, y in pairs]
        if first and model.n_dynamical == 2:
            for name, rows in _drawn(OneStep(the_task, model, params), params, along, logit, ids).items():
                found[name] += rows
        drawn.add(choice["subject"])
    for table in OF_ONE:
        table.write_part(output / f"{table.name}.parquet", found[table.name])


def _drawn(
    one_step: OneStep, params: dict[str, np.ndarray], along: Scores, logit: np.ndarray, ids: dict[str, Any]
) -> Rows:
    """What the figure of a vector field shows."""
    model, task = one_step.model, one_step.task
    state = along.states[:, :2]
    of = compute.axes(model, params, state, logit)
    limits = compute.square(state * of.scale)
    before, after = along.before(state) * of.scale, along.after(state) * of.scale
    points = fixed_points.find(one_step, np.arange(len(task.conditions)), along.before(state))
    found: Rows = {"field": [], "steps": [], "field_roots": []}
    for code, label in enumerate(task.conditions):
        keys = {**ids, "condition": label}
        grid = compute.field(one_step, code, limits, of.scale)
        found["field"] += [{**keys, "x": x, "y": y, "speed": speed} for x, y, speed in grid]
        own = np.flatnonzero((along.condition == code) & (along.mask == 1))
        own = own[compute.sample(len(own), generator("vector field", *ids.values(), label))]
        moves = np.hstack([before[own], after[own]])
        found["steps"] += [dict(zip(("x", "y", "to_x", "to_y"), move, strict=True)) | keys for move in moves]
        lines = compute.eigenlines(points[code], of.scale)
        kinds = compute.attracting(points[code], of.scale)
        for (x, y), (stable, free), own_lines in zip(points[code].state * of.scale, kinds, lines, strict=True):
            shown = json.dumps(own_lines) if isinstance(model, SLIN) else None
            found["field_roots"].append({**keys, "x": x, "y": y, "stable": stable, "free": free, "lines": shown})
    names = {"x_name": of.names[0], "y_name": of.names[1], "along_x": of.slope[0], "along_y": of.slope[1]}
    found["axes"] = [ids | names | {"offset": of.offset, "exact": of.exact}]
    return found
