"""Fit one cognitive model to all choices of a subject, or of each in a chunk, with intervals of its parameters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.parameters.compute import Interval, bootstrap, profile
from tinycog.analyses.parameters.tables import PART
from tinycog.fitting import all_choices
from tinycog.generators import generator
from tinycog.models import registry
from tinycog.models.cognitive.declaration import CognitiveModel
from tinycog.tasks import task_of
from tinycog.trials.sequences import Sequences, read_table

WORDS = {"profile": "95% profile likelihood", "bootstrap": "95% bootstrap over blocks"}


def refit(
    trials: list[Path],
    output: Path,
    *,
    task: str,
    n_actions: int,
    name: str,
    spec: dict[str, Any],
    interval: str,
    n_draws: int,
    seed: int,
) -> None:
    """Write one row for each subject and parameter.

    Args:
        trials: tables of the subjects of a chunk, or one table.
        interval, n_draws: `interval` and `bootstrap` of the analysis' section.
    """
    the_task = task_of(task, n_actions)
    model = registry.build(the_task, spec, None)
    rows: list[dict[str, Any]] = []
    for path in trials:
        table = read_table(path, the_task)
        key = ("refit", table.dataset, table.subject, name, seed)
        data = table.sequences.subset(table.own)
        keys = {"dataset": table.dataset, "subject": table.subject, "model": name, "dim": model.n_dynamical}
        rows += [keys | row for row in _of_subject(model, data, spec, interval, n_draws, key)]
    PART.write_part(output, rows)


def _of_subject(
    model: CognitiveModel, data: Sequences, spec: dict[str, Any], interval: str, n_draws: int, key: tuple[Any, ...]
) -> Iterator[dict[str, Any]]:
    n_choices = int(data.mask.sum())
    params, nll = all_choices.fit(model, data, spec, key) if n_choices else ({}, np.array([]))
    fitted = np.isfinite(nll)
    if not fitted.any():
        note = "no fit has a finite NLL" if n_choices else "no choice to score"
        without = dict.fromkeys(("value", "low", "high", "nll", "n_choices"))
        yield from ({"parameter": each, **without, "interval": "", "note": note} for each in model.classes)
        return
    known = {parameter: values[fitted] for parameter, values in params.items()}
    ends: dict[str, Interval]
    if interval == "profile":
        best, lowest, ends = profile(model, data, known)
    else:
        place, lowest = nll[fitted].argmin(), nll[fitted].min()
        best = {parameter: values[place].item() for parameter, values in known.items()}
        ends = bootstrap(model, data, spec["optimizer"], n_draws, generator("blocks", *key), key)
    of_fit = {"interval": WORDS[interval], "nll": lowest / n_choices, "n_choices": n_choices}
    for parameter, value in best.items():
        yield {"parameter": parameter, "value": value, **vars(ends[parameter]), **of_fit}
