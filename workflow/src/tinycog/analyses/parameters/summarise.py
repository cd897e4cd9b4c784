"""Summarise the parameters of cognitive models over outer folds, beside those of fits to all choices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tinycog.analyses.parameters.tables import PART, SUMMARY
from tinycog.models import registry
from tinycog.models.cognitive.units import unit
from tinycog.tasks import task_of

KEYS = ["dataset", "subject", "model", "dim", "parameter"]


def summarise(folder: Path, *, refits: list[Path], declared: dict[str, dict[str, Any]]) -> None:
    """Write table `parameters_summary` to the `folder` that has table `parameters`.

    Args:
        refits: fits to all choices; none where these are not asked for.
        declared: see `tinycog.analyses.parameters.step.gather`.
    """
    parts = PART.typed(pd.concat(map(pd.read_parquet, refits), ignore_index=True) if refits else [])
    SUMMARY.write(folder, with_refits(over_folds(pd.read_parquet(folder / "parameters.parquet")), parts, declared))


def over_folds(parameters: pd.DataFrame) -> pd.DataFrame:
    """Mean, standard deviation and number of the values of each parameter, and mean of its posterior standard
    deviations, from table `parameters`."""
    folds = parameters.groupby(KEYS, sort=False)
    values = folds["value"].agg(mean="mean", sd="std", n_outer="size")
    return values.assign(posterior_sd=folds["posterior_sd"].mean()).reset_index()


def with_refits(summary: pd.DataFrame, refits: pd.DataFrame, declared: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """The rows of both, with the unit and the range of each parameter."""
    rows = summary.merge(refits, on=KEYS, how="outer", sort=False)
    order = pd.concat([summary[KEYS], refits[KEYS]]).drop_duplicates()
    rows = order.merge(rows, on=KEYS, how="left")  # an outer merge sorts
    rows = rows.fillna({"n_outer": 0, "interval": "", "note": ""})
    about = _about(declared)
    found = [about[place] for place in zip(rows["dataset"], rows["model"], rows["parameter"], strict=True)]
    return rows.assign(**{key: [one[key] for one in found] for key in ("unit", "range_low", "range_high")})


def _about(declared: dict[str, dict[str, Any]]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """(data set, model, parameter): its unit, and the ends of its range, None where there is none."""
    found = {}
    for dataset, of in declared.items():
        task = task_of(of["task"], of["n_actions"])
        for key, name in of["models"].items():
            classes = registry.cognitive(task, name).classes
            for parameter, cls in classes.items():
                low, high = (None if np.isinf(end) else end for end in (cls.low, cls.high))
                words = {"unit": unit(parameter, classes), "range_low": low, "range_high": high}
                found[dataset, key, parameter] = words
    return found
