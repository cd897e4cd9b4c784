"""Put the populations of all data sets, models and outer folds together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tinycog.analyses.parameters.tables import POPULATIONS
from tinycog.models import registry
from tinycog.models.cognitive.units import unit
from tinycog.tasks import task_of


def gather(folder: Path, *, files: list[Path], declared: dict[str, dict[str, Any]]) -> None:
    """Write table `populations` to `folder`.

    Args:
        files: what `fit-population` wrote.
        declared: see `tinycog.analyses.parameters.step.gather`.
    """
    parts = [_in_natural_units(pd.read_parquet(path), declared) for path in files]
    POPULATIONS.write(folder, pd.concat(parts, ignore_index=True) if parts else [])


def _in_natural_units(rows: pd.DataFrame, declared: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """The rows of a data set and model, with the median and the unit of each parameter."""
    of, model = declared[rows["dataset"].iloc[0]], rows["model"].iloc[0]
    classes = registry.cognitive(task_of(of["task"], of["n_actions"]), of["models"][model]).classes
    names, mean = rows["parameter"], rows["mean"].to_numpy()
    median = [classes[name].from_real(value) for name, value in zip(names, mean, strict=True)]
    return rows.assign(median=np.array(median), unit=[unit(name, classes) for name in names])
