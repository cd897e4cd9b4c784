"""Clouds and vector fields of one model of a subject, or of each in a chunk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.fields import compute, values
from tinycog.analyses.fields.tables import OF_ONE
from tinycog.dynamics import fixed_points
from tinycog.dynamics.one_step import OneStep
from tinycog.generators import generator
from tinycog.models import registry
from tinycog.models.cells.slin import SLIN
from tinycog.results import kept
from tinycog.results.scores import Scores, relative
from tinycog.tasks import Task, task_of

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
        one_step = OneStep(the_task, model, params)
        parts = [_logit_changes(the_task, along, ids)] if the_task.n_outputs == 2 else []
        if choice["subject"] not in drawn:
            drawn.add(choice["subject"])
            parts += _drawn(one_step, params, along, ids)
        for part in parts:
            for name, rows in part.items():
                found[name] += rows
    for table in OF_ONE:
        table.write_part(output / f"{table.name}.parquet", found[table.name])


def _logit_changes(task: Task, along: Scores, ids: dict[str, Any]) -> Rows:
    """Of each condition how far the logit tells its change."""
    rows = []
    for code, label in enumerate(task.conditions):
        before, change = _of_condition(along, code)
        row = {"condition": label, "spread": compute.spread(before, change), "n_trials": len(before)}
        rows.append(ids | row)
    return {"logit_changes": rows}


def _of_condition(along: Scores, code: int) -> tuple[np.ndarray, np.ndarray]:
    """Logit before each scored trial of a condition, and its change, both (trial,)."""
    logit, own = along.logits[:, 0] - along.logits[:, 1], (along.condition == code) & (along.mask == 1)
    before = along.before(logit)[own]
    return before, along.after(logit)[own] - before


def _drawn(one_step: OneStep, params: dict[str, np.ndarray], along: Scores, ids: dict[str, Any]) -> list[Rows]:
    """What the figures of a fit show."""
    task = one_step.task
    if task.stages == 2:
        return [_choice_states(task, along, ids)]
    if task.n_actions > 2:
        return [_values(one_step, along, ids)]
    field = [_field(one_step, params, along, ids)] if one_step.n_variables == 2 else []
    return [_cloud(task, along, ids), *field]


def _cloud(task: Task, along: Scores, ids: dict[str, Any]) -> Rows:
    return {
        "cloud": [
            ids | {"condition": label, "logit": logit, "change": change}
            for code, label in enumerate(task.conditions)
            for logit, change in zip(*_of_condition(along, code), strict=True)
        ]
    }


def _field(one_step: OneStep, params: dict[str, np.ndarray], along: Scores, ids: dict[str, Any]) -> Rows:
    """What the figure of a vector field shows."""
    model, task = one_step.model, one_step.task
    state, logit = along.states[:, :2], along.logits[:, 0] - along.logits[:, 1]
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


def _values(one_step: OneStep, along: Scores, ids: dict[str, Any]) -> Rows:
    """What the figures of the values of three or more actions show; conditions with too few trials are left out."""
    task = one_step.task
    states, value = along.before(along.states[:, : one_step.n_variables]), relative(along.before(along.logits))
    limits = values.limits(value)
    found: Rows = {"value_field": [], "value_trials": []}
    for code, label in enumerate(task.conditions):
        own = np.flatnonzero((along.condition == code) & (along.mask == 1))
        if len(own) < values.FEWEST_TRIALS:
            continue
        few = own[compute.sample(len(own), generator("value field", *ids.values(), label), values.MOST_TRIALS)]
        chosen = task.trial_of(code)[0]
        for other in (action for action in range(task.n_actions) if action != chosen):
            keys = {**ids, "condition": label, "other": other}
            grid = values.field(one_step, code, other, states[own], value[own], limits)
            found["value_field"] += [keys | dict(zip(("x", "y", "dx", "dy"), point, strict=True)) for point in grid]
            found["value_trials"] += [keys | {"x": x, "y": y} for x, y in value[few][:, [chosen, other]]]
    return found


def _choice_states(task: Task, along: Scores, ids: dict[str, Any]) -> Rows:
    """What the figure of three logits shows."""
    steps, condition = values.of_choice_states(task, along)
    rows = []
    for code, label in enumerate(task.conditions):
        own = steps[condition == code]
        few = compute.sample(len(own), generator("logit steps", *ids.values(), label), values.MOST_TRIALS)
        names = ("x", "y", "z", "dx", "dy", "dz")
        rows += [{**ids, "condition": label} | dict(zip(names, step, strict=True)) for step in own[few]]
    return {"logit_steps": rows}
