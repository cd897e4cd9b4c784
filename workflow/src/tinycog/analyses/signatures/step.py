"""Curves, choice frequencies and signatures of one model with d = 1: of a subject, or of each in a chunk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.dynamical_regression.compute import trials
from tinycog.analyses.dynamical_regression.quantity import LOGIT
from tinycog.analyses.portraits import compute as portraits
from tinycog.analyses.portraits.compute import Map
from tinycog.analyses.signatures import compute, frequencies, measures
from tinycog.analyses.signatures.tables import CHOICE_FREQUENCY, CHOICE_ODDS, CURVES, OF_ONE, SIGNATURES
from tinycog.dynamics.one_step import OneStep
from tinycog.generators import generator
from tinycog.models import registry
from tinycog.results import kept
from tinycog.results.resampling import resamples
from tinycog.results.scores import Scores
from tinycog.tasks import Task, task_of

NEAR = 0.1  # nats: a setpoint to which trials came this near is in their range
KEYS = ("dataset", "subject", "model", "dim", "outer")
Rows = list[dict[str, Any]]


def signatures(
    selected: list[Path],
    scored: list[Path],
    output: Path,
    *,
    root: Path,
    task: str,
    n_actions: int,
    spec: dict[str, Any],
    dim: int,
    bootstrap: int,
) -> None:
    """Write `curves`, `choice_frequency`, `choice_odds` and `signatures` (.parquet) into the folder `output`.

    Frequencies are of each subject's first outer fold whose fit depends on its state.

    Args:
        selected, scored: selected fit and scores of every outer fold, in the same order.
        bootstrap: resamples of outer folds and blocks.
    """
    the_task = task_of(task, n_actions)
    model = registry.build(the_task, spec, dim)
    found: dict[str, Rows] = {table.name: [] for table in OF_ONE}
    folds: dict[str, list[measures.Fold]] = {}
    of_subject: dict[str, dict[str, Any]] = {}
    n_blocks: dict[str, int] = {}
    counted = set()
    for choice, params, along in kept.each(root, selected, scored):
        ids = {key: choice[key] for key in KEYS}
        one_step = OneStep(the_task, model, params)
        the_map = portraits.exact_map(one_step, along.states)
        fold = _fold(one_step, the_map, along)
        if fold.curves is not None:
            found[CURVES.name] += _curves(ids, the_task, fold)
            if ids["subject"] not in counted:
                for name, rows in _frequencies(ids, the_task, the_map, along).items():
                    found[name] += rows
                counted.add(ids["subject"])
        folds.setdefault(ids["subject"], []).append(fold)
        of_subject[ids["subject"]] = {key: ids[key] for key in KEYS[:-1]}
        n_blocks[ids["subject"]] = len(along.trial_start) - 1
    for subject, own in folds.items():
        ids = of_subject[subject]
        rng = generator("signatures", ids["dataset"], subject)  # the same resamples for all models
        weights = resamples(n_blocks[subject], bootstrap, rng)
        rows = measures.rows(own, the_task, weights, resamples(len(own), bootstrap, rng))
        found[SIGNATURES.name] += [ids | row for row in rows]
    for table in OF_ONE:
        table.write_part(output / f"{table.name}.parquet", found[table.name])


def _fold(one_step: OneStep, the_map: Map, along: Scores) -> measures.Fold:
    of_trials = trials(along, LOGIT, 1, None)
    n_conditions = len(one_step.task.conditions)
    setpoint, in_range = np.full(n_conditions, np.nan), np.zeros(n_conditions, dtype=bool)
    if portraits.ignores_state(the_map):
        return measures.Fold(None, of_trials, setpoint, in_range)
    for code in range(n_conditions):
        points = portraits.fixed_points(one_step, the_map, code)
        own = portraits.visited(along, code)
        index = portraits.setpoint(points, near=portraits.reference_setpoint(own))
        if index is None:
            continue
        setpoint[code] = points.logit[index]
        away = np.abs(setpoint[code] - np.clip(setpoint[code], *_range(own.logit)))
        in_range[code] = away <= NEAR
    logit = along.logits[:, 0] - along.logits[:, 1]
    return measures.Fold(compute.curves(one_step, the_map, logit), of_trials, setpoint, in_range)


def _range(logit: np.ndarray) -> tuple[float, float]:
    return (logit.min(), logit.max()) if len(logit) else (np.inf, -np.inf)


def _curves(ids: dict[str, Any], task: Task, fold: measures.Fold) -> Rows:
    of, x, condition = fold.curves, fold.trials.x[:, 0], fold.trials.condition
    rows = []
    for pair in compute.pairs(task):
        own = compute.of_pair(of, pair)
        mirrored = np.concatenate([x[condition == pair.first], -x[condition == pair.mirror]])
        both = x[(condition == pair.first) | (condition == pair.other)]
        columns = {
            "logit": of.logit,
            "symmetric": own.symmetric,
            "rate": own.rate,
            "target": own.target,
            "in_range": _inside(of.logit, mirrored),
            "bias": own.bias,
            "gap": own.gap,
            "gap_in_range": _inside(of.logit, both),
        }
        names = {"first": pair.first, "mirror": pair.mirror, "other": pair.other}
        keys = ids | {name: task.conditions[code] for name, code in names.items()}
        rows += [keys | dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return rows


def _inside(logit: np.ndarray, visited: np.ndarray) -> np.ndarray:
    """Whether trials reached each bin of the grid, or bins on either side of it."""
    low, high = _range(visited)
    return (logit + compute.STEP / 2 >= low) & (logit - compute.STEP / 2 <= high)


def _frequencies(ids: dict[str, Any], task: Task, the_map: Map, along: Scores) -> dict[str, Rows]:
    found = frequencies.frequencies(along, task)
    if found is None:
        return {}
    low, high = found.band()
    order = np.argsort(the_map.logit)
    rows = []
    for code, label in enumerate(task.conditions):
        grid = the_map.logit[order], the_map.next_logit[code][order]
        nexts = np.interp(found.logit, *grid, left=np.nan, right=np.nan)
        columns = {
            "logit": found.logit,
            "n_first": found.counts[code, :, 0] - 1,
            "n_second": found.counts[code, :, 1] - 1,
            "share": found.share[code],
            "low": low[code],
            "high": high[code],
            "model_share": 1 / (1 + np.exp(-nexts)),
        }
        keys = ids | {"condition": label}
        rows += [keys | dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    odds = [ids | row for row in frequencies.stretches(found, task.conditions)]
    return {CHOICE_FREQUENCY.name: rows, CHOICE_ODDS.name: odds}
