"""Behaviour of one subject, or of each in a chunk: of the data, and of every model along the data and playing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import softmax

from tinycog.analyses.behaviour import choices as behaviour_choices
from tinycog.analyses.behaviour import compute
from tinycog.analyses.behaviour.choices import Choices, Places
from tinycog.analyses.behaviour.compute import Estimate, Sums
from tinycog.analyses.behaviour.measures import Measure, longest_run, measures
from tinycog.analyses.behaviour.tables import DISCREPANCY, OF_MEASURE, TABLES
from tinycog.generators import generator
from tinycog.models import registry
from tinycog.results import parameters, scores
from tinycog.results.layout import Layout
from tinycog.simulation import playing
from tinycog.tasks import Task, task_of
from tinycog.trials.copies import without_copies
from tinycog.trials.subjects import POOLED


@dataclass(frozen=True)
class Settings:
    """What all subjects of a job share.

    Attributes:
        window, lags: see `measures`.
        n_blocks, variants, n_trials: blocks that a fit plays, environments among which they are dealt, and trials of
            each, None for the median of the subject's blocks; without variants models do not play.
        note: why they do not.
        resamples, seed: draws behind intervals, and the run's seed.
    """

    task: Task
    window: int
    lags: int
    n_blocks: int
    variants: list[dict[str, Any]]
    n_trials: int | None
    note: str
    resamples: int
    seed: int


@dataclass
class Fitted:
    """Selected fits of one model and dim on one subject, of the outer folds that have any."""

    model: str
    dim: int
    spec: dict[str, Any]
    choices: list[dict[str, Any]] = field(default_factory=list)
    scores: list[scores.Scores] = field(default_factory=list)


def behaviour(
    trials: list[Path],
    output: Path,
    *,
    root: Path,
    dataset: str,
    place: str,
    task: str,
    n_actions: int,
    models: dict[str, dict[str, Any]],
    n_outer: int,
    options: dict[str, Any],
) -> None:
    """Write the tables of this analysis (.parquet) into the folder `output`.

    Args:
        trials: tables of the subjects of a chunk, or one table, as they were fitted.
        place: directory name of the subject or of the chunk.
        models: model: its `dims` and its section, `spec`.
        options: `Settings` without the task.
    """
    settings = Settings(task_of(task, n_actions), **options)
    found = _fits(Layout(root), dataset, place, models, n_outer, len(trials))
    tables: dict[str, list[dict[str, Any]]] = {table.name: [] for table in TABLES}
    for path, fits in zip(trials, found, strict=True):
        table = without_copies(pd.read_parquet(path)).reset_index(drop=True)
        subjects = table["subject"].unique()
        subject = subjects[0] if len(subjects) == 1 else POOLED
        keys = {"dataset": dataset, "subject": subject}
        for name, row in _rows(table, fits, settings, root, keys):
            tables[name].append(row)
    for table in TABLES:
        table.write_part(output / f"{table.name}.parquet", tables[table.name])


def _fits(
    layout: Layout, dataset: str, place: str, models: dict[str, dict[str, Any]], n_outer: int, n_subjects: int
) -> list[list[Fitted]]:
    """The selected fits of each subject of the job, of those files that exist."""
    found: list[list[Fitted]] = [[] for _ in range(n_subjects)]
    for model, about in models.items():
        for dim in about["dims"]:
            of_each = [Fitted(model, dim, about["spec"]) for _ in range(n_subjects)]
            for outer in range(n_outer):
                key = (dataset, place, model, dim, outer)
                if not layout.selected(*key).is_file():
                    continue
                along = scores.read(layout.scores(*key), n_subjects)
                for fits, choice, own in zip(of_each, parameters.choices(layout.selected(*key)), along, strict=True):
                    if own is not None:
                        fits.choices.append(choice)
                        fits.scores.append(own)
            for fits, of_subject in zip(of_each, found, strict=True):
                if fits.choices:
                    of_subject.append(fits)
    return found


def _rows(
    table: pd.DataFrame, fits: list[Fitted], settings: Settings, root: Path, keys: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows of one subject, each with the name of its table."""
    threshold = behaviour_choices.reward_threshold(table)
    data = behaviour_choices.from_table(table, settings.task, threshold)
    longest = longest_run(data)
    unit, n_units = compute.units(data.lengths)
    draw = generator("behaviour", "data", *keys.values(), settings.seed)
    weights = compute.resamples(draw, settings.resamples, 1, n_units)
    of_data = measures(data, settings.window, settings.lags, longest)
    asked = {measure.name: measure for measure in of_data if len(measure.cell)}
    varies = {"varies": "blocks" if n_units == len(data.lengths) else "parts of blocks"}

    def along(policy: np.ndarray) -> dict[str, Estimate]:
        found = {name: compute.sums(measure, policy, unit, n_units) for name, measure in asked.items()}
        return {name: compute.along(measure, found[name], weights) for name, measure in asked.items()}

    observed = along(data.one_hot()[None])
    source = {**keys, "source": "data", "dim": None, "kind": "data"}
    for name, measure in asked.items():
        yield from _of_measure(measure, observed[name], {**source, **varies})
    for fit in fits:
        source = {**keys, "source": fit.model, "dim": fit.dim, "kind": "teacher_forced"}
        about = {
            "family": fit.choices[0]["family"],
            "n_outer": len(fit.choices),
            "val_nll": np.array([choice["val_nll"] for choice in fit.choices], dtype=float).mean(),  # null: NaN
            "environment": "",
            "note": "",
        }
        expected = along(np.stack([_policy(own, table, settings.task) for own in fit.scores]))
        yield from _compared(asked, expected, observed, {**source, **varies}, about, paired=True)
        source["kind"] = "playing"
        if note := settings.note or playing.cannot_play(fit.spec):
            nothing = {"z": np.nan, "cell": "", "n_cells": 0, "share_above_2": np.nan}
            yield DISCREPANCY.name, {**source, "measure": "all", **nothing, **about, "note": note}
            continue
        n_trials = settings.n_trials or int(np.median(data.lengths))
        played = [_play(fit, choice, settings, root, n_trials, threshold) for choice in fit.choices]
        own = _of_players(played, asked, observed, settings, longest, keys)
        about["environment"] = json.dumps(settings.variants)
        yield from _compared(asked, own, observed, {**source, "varies": "folds and blocks"}, about, paired=False)


def _policy(along: scores.Scores, table: pd.DataFrame, task: Task) -> np.ndarray:
    """Probabilities of every (first) action along the subject's trials, (trial, block, action)."""
    first = along.before(along.logits)[:: task.stages, : task.n_actions]
    return Places.of(table)(softmax(first, axis=-1), 0.0)


def _play(
    fit: Fitted, choice: dict[str, Any], settings: Settings, root: Path, n_trials: int, threshold: float
) -> Choices:
    """What the selected fit of one outer fold does in the task."""
    model = registry.build(settings.task, fit.spec, fit.dim)
    key = ("behaviour", *(choice[name] for name in ("dataset", "subject", "model", "dim", "outer")), settings.seed)
    params, shape = parameters.of_selected(root, choice), (settings.n_blocks, n_trials)
    table = playing.trials(model, params, settings.task, settings.variants, shape, key)
    return behaviour_choices.from_table(table, settings.task, threshold)


def _of_players(
    played: list[Choices],
    asked: dict[str, Measure],
    observed: dict[str, Estimate],
    settings: Settings,
    longest: int,
    keys: dict[str, Any],
) -> dict[str, Estimate]:
    """The same measures of what the fits of all outer folds did, each block a unit."""
    found: dict[str, list[Sums]] = {name: [] for name in asked}
    for own in played:
        unit = np.broadcast_to(np.arange(len(own.lengths)), own.action.shape)
        for measure in measures(own, settings.window, settings.lags, longest):
            if measure.name in asked:
                found[measure.name].append(compute.sums(measure, own.one_hot()[None], unit, len(own.lengths)))
    draw = generator("behaviour", "playing", *keys.values(), settings.seed)
    weights = compute.resamples(draw, settings.resamples, len(played), settings.n_blocks)
    return {
        name: compute.playing(asked[name], Sums.of_folds(sums), weights, observed[name].n)
        for name, sums in found.items()
    }


def _compared(
    asked: dict[str, Measure],
    found: dict[str, Estimate],
    observed: dict[str, Estimate],
    keys: dict[str, Any],
    about: dict[str, Any],
    *,
    paired: bool,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows of a model: its values, and its largest discrepancy in each measure."""
    for name, measure in asked.items():
        z = compute.z_scores(measure, found[name], observed[name], paired)
        difference = found[name].value - observed[name].value
        yield from _of_measure(measure, found[name], keys, difference, z)
        worst = compute.largest(measure, z)
        only = {key: value for key, value in keys.items() if key != "varies"}
        yield DISCREPANCY.name, {**only, "measure": name, **worst, **about}


def _of_measure(
    measure: Measure,
    found: Estimate,
    keys: dict[str, Any],
    difference: np.ndarray | None = None,
    z: np.ndarray | None = None,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows of the values that rest on any choice."""
    nothing = np.full(len(measure.rows), np.nan)
    columns = {
        "value": found.value,
        **dict(zip(("low", "high"), found.interval, strict=True)),
        "n": found.n,
        "sd_folds": found.sd_folds,
        "difference": nothing if difference is None else difference,
        "z": nothing if z is None else z,
    }
    for i in np.flatnonzero(found.n):
        yield OF_MEASURE[measure.name].name, {**keys, **measure.rows[i], **{k: v[i] for k, v in columns.items()}}
