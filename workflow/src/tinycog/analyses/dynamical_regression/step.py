"""Dynamical regression of one model of a subject, or of each in a chunk: every outer fold and condition."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.dynamical_regression import compute
from tinycog.analyses.dynamical_regression import quantity as quantities
from tinycog.analyses.dynamical_regression.tables import DYNAMICAL_REGRESSION, MATRICES, ROLES, TABLES
from tinycog.generators import generator
from tinycog.models import registry
from tinycog.results import kept
from tinycog.results.resampling import interval, resamples
from tinycog.tasks import Task, task_of
from tinycog.trials.rewards import graded_rewards

KEYS = ("dataset", "subject", "model", "dim", "outer")
Rows = list[dict[str, Any]]


def regress(
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
    bootstrap: int,
) -> None:
    """Write the parts of this analysis' tables (.parquet) into the folder `output`.

    Args:
        selected, scored: selected fit and scores of every outer fold, in the same order.
        trials: tables of the subjects, as they were fitted.
    """
    the_task = task_of(task, n_actions)
    quantity = quantities.of(the_task, registry.build(the_task, spec, dim))
    rewards = dict(graded_rewards(path, the_task) for path in trials)
    rows: dict[str, Rows] = {table.name: [] for table in TABLES}
    for choice, _, along in kept.each(root, selected, scored):
        reward = rewards[choice["subject"]]
        data = compute.trials(along, quantity, the_task.stages, reward)
        rng = generator("dynamical_regression", choice["dataset"], choice["subject"])  # the same blocks in every fit
        weights = resamples(len(along.trial_start) - 1, bootstrap, rng)
        labels = quantities.conditions(the_task, reward is not None)
        found = [compute.regress(data, code, weights, quantity) for code in range(len(labels))]
        ids = {key: choice[key] for key in KEYS} | {"quantity": quantity}
        names = quantities.variables(quantity, the_task)
        conditions = [ids | {"condition": label} for label in labels]
        rows[DYNAMICAL_REGRESSION.name] += _regressions(conditions, found, names, quantity, reward is not None)
        rows[MATRICES.name] += _matrices(conditions, found, names, quantity, data.x)
        rows[ROLES.name] += _roles(ids, found, the_task, quantity, reward is not None)
    for table in TABLES:
        table.write_part(output / f"{table.name}.parquet", rows[table.name])


def _regressions(
    conditions: Rows, found: list[compute.Regression], names: list[str], quantity: str, graded: bool
) -> Rows:
    rows = []
    predictors, poor = [*names, *["reward"] * graded], compute.is_poor(found, quantity)
    for keys, one in zip(conditions, found, strict=True):
        best, reduced = one.kept, one.keeps_reduced
        common = best.intercept.mean(axis=1, keepdims=True) if quantities.is_common(quantity) else np.nan
        shifted = best.intercept - common
        of_all = {"intercept": best.intercept, "intercept_shifted": shifted, "coefficients": best.slopes}
        ends = {name: (values[0], *interval(values, one.n_blocks)) for name, values in of_all.items()}
        for i, target in enumerate(names):
            row = {
                "target": target,
                "kept": None if one.reason else "reduced" if reduced[i] else "full",
                "full": _mapping([*predictors, "constant"], np.append(one.full.slopes[0, i], one.full.intercept[0, i])),
                "r2": _number(one.r2[i]),
                "r2_full": _number(one.r2_full[i]),
                "r2_reduced": _number(one.r2_reduced[i]),
                "poor_fit": poor,
                "n": one.n,
                "n_blocks": one.n_blocks,
                "note": one.reason,
            }
            for name, three in ends.items():
                for end, values in zip(("", "_low", "_high"), three, strict=True):
                    row[name + end] = _mapping(predictors, values[i]) if values.ndim == 2 else _number(values[i])
            rows.append(keys | row)
    return rows


def _matrices(
    conditions: Rows, found: list[compute.Regression], names: list[str], quantity: str, x: np.ndarray
) -> Rows:
    span = compute.basis(quantity, len(names))
    rows = []
    for keys, one in zip(conditions, found, strict=True):
        row = {"variables": json.dumps(names), "n": one.n, "note": one.reason, "in_range": False}
        of_map = dict.fromkeys(("matrix", "constant", "reward", "spectral_radius", "fixed_point"))
        if not one.reason:
            step = compute.step_of(one)
            matrix, constant = step.matrix[0], step.constant[0]
            of_map |= {"matrix": json.dumps(matrix.tolist()), "constant": json.dumps(constant.tolist())}
            of_map["spectral_radius"] = compute.spectral_radius(matrix, span)
            if step.reward is not None:
                of_map["reward"] = json.dumps(step.reward[0].tolist())
                constant = constant + step.reward[0] * one.centre[-1]
            if (point := compute.fixed_point(matrix, constant, span)) is not None:
                of_map["fixed_point"] = json.dumps(point.tolist())
                row["in_range"] = bool(((point >= x.min(axis=0)) & (point <= x.max(axis=0))).all())
        rows.append(keys | row | of_map)
    return rows


def _roles(ids: dict[str, Any], found: list[compute.Regression], task: Task, quantity: str, graded: bool) -> Rows:
    of_code = [quantities.roles(quantity, task, code, graded) for code in range(len(found))]
    rows = []
    for outcome in dict.fromkeys(role.outcome for role in of_code):
        codes = [code for code, role in enumerate(of_code) if role.outcome == outcome]
        there = [code for code in codes if not found[code].reason]
        # without any coefficients the means are of NaN
        steps = [compute.step_of(found[code]) for code in there or codes]
        averages = compute.role_averages(steps, [of_code[code] for code in there or codes])
        fewest = min(found[code].n_blocks for code in there or codes)
        lacking = f"{len(codes) - len(there)} of {len(codes)} conditions have no coefficients"
        for (target, source), values in averages.items():
            low, high = interval(values, fewest)
            row = {"outcome": outcome, "target": target, "source": source, "value": _number(values[0])}
            row |= {"value_low": _number(low), "value_high": _number(high), "n_conditions": len(there)}
            row |= {"n": sum(found[code].n for code in codes), "note": lacking if there != codes else None}
            rows.append(ids | row)
    return rows


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _mapping(names: list[str], values: np.ndarray) -> str | None:
    """JSON, null for what is NaN; None where nothing is a number."""
    numbers = [_number(value) for value in values]
    return json.dumps(dict(zip(names, numbers, strict=True))) if any(n is not None for n in numbers) else None
