"""Drift or decay of values in one model of a subject, or of each in a chunk: every outer fold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.drift import compute
from tinycog.analyses.drift.tables import ARROWS, DRIFT, OF_ONE, SIGN
from tinycog.generators import generator
from tinycog.results import kept
from tinycog.results.resampling import interval, resamples
from tinycog.tasks import task_of
from tinycog.trials.rewards import graded_rewards

KEYS = ("dataset", "subject", "model", "dim", "outer")
GRADED = "rewards are graded: no trials are without a reward alike"
Rows = list[dict[str, Any]]


def drift(
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
    """Write the parts of this analysis' tables (.parquet) into the folder `output`, and what its figure shows.

    Args:
        selected, scored: selected fit and scores of every outer fold, in the same order.
        trials: tables of the subjects, as they were fitted.
    """
    the_task = task_of(task, n_actions)
    graded = {
        subject for subject, rewards in (graded_rewards(path, the_task) for path in trials) if rewards is not None
    }
    rows: dict[str, Rows] = {table.name: [] for table in OF_ONE}
    drawn = set()
    for choice, _, along in kept.each(root, selected, scored):
        ids = {key: choice[key] for key in KEYS}
        if choice["subject"] in graded:
            nothing = {equation: compute.Regression({}, note=GRADED) for equation in compute.EQUATIONS}
            rows[DRIFT.name] += _regressions(ids, [nothing, nothing], 0, 0)
            continue
        data = compute.unrewarded(the_task, along)
        n_blocks = len(along.trial_start) - 1
        rng = generator("drift", choice["dataset"], choice["subject"])  # the same blocks in every fit
        weights = resamples(n_blocks, bootstrap, rng)
        found = [compute.regressions(data, place, weights) for place in (0, 1)]
        rows[DRIFT.name] += _regressions(ids, found, len(data.block), len(np.unique(data.block)))
        rows[SIGN.name] += [ids | _region(*of) for of in compute.regions(data, weights).items()]
        if choice["subject"] not in drawn:
            drawn.add(choice["subject"])
            rows[ARROWS.name] += _arrows(data, ids | {"condition": the_task.conditions[0]})
    for table in OF_ONE:
        table.write_part(output / f"{table.name}.parquet", rows[table.name])


def _regressions(ids: dict[str, Any], found: list[dict[str, compute.Regression]], n_trials: int, n_blocks: int) -> Rows:
    rows = []
    for value, of_value in zip(("chosen", "unchosen"), found, strict=True):
        for equation, one in of_value.items():
            ends = one.ends(n_blocks)
            row = {
                "value": value,
                "equation": equation,
                "level": one.level,
                "remains": compute.remains(ends),
                "r2": one.r2,
            }
            for name in compute.RATES:
                row[name] = one.rates[name][0] if name in one.rates else None
                row[f"{name}_low"], row[f"{name}_high"] = ends.get(name, (None, None))
            rows.append(ids | row | {"n_trials": n_trials, "n_blocks": n_blocks, "note": one.note})
    return rows


def _region(name: str, own: compute.Region) -> dict[str, Any]:
    row = {"region": name, "n_trials": own.n_trials, "n_blocks": own.n_blocks}
    for column, values in (("mean_change", own.mean), ("share_rising", own.rising)):
        row[column] = values[0]
        row[f"{column}_low"], row[f"{column}_high"] = map(float, interval(values, own.n_blocks))
    return row


def _arrows(data: compute.Unrewarded, keys: dict[str, Any]) -> Rows:
    """Of trials of the first action."""
    bins, (low, high) = compute.arrows(data, 0)
    names = ("x", "y", "dx", "dy")
    return [keys | dict(zip(names, means, strict=True)) | {"n": int(n), "low": low, "high": high} for *means, n in bins]
