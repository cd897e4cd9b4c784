"""Put the portraits' tables of every subject and model together as result tables."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.analyses.portraits.tables import TABLES
from tinycog.results.grid import Grid
from tinycog.results.parts import by_subject, concatenate
from tinycog.tasks.conditions import in_words
from tinycog.trials.subjects import directory


def gather(root: Path, *, grid: dict[str, Any], actions: dict[str, list[str]]) -> None:
    """Write tables `setpoints` and `fixed_points` under `root`, from the files that exist for the fits of `grid`.

    Args:
        actions: data set: what it calls its actions.
    """
    the_grid, rows_in = Grid.of(root, grid), cache(by_subject)  # a chunk's subjects share files
    for table in TABLES:
        parts = [
            rows_in(the_grid.layout.dynamics(dataset, directory(subject), model, dim, table.name)).get(subject)
            for dataset, subject in the_grid.subjects()
            for model, dim in the_grid.models_of(dataset)
        ]
        named = [_with_words(part, actions) for part in parts if part is not None]
        concatenate(named, table, root / "tables")


def _with_words(part: pd.DataFrame, actions: dict[str, list[str]]) -> pd.DataFrame:
    """The rows with their conditions in words."""
    pairs = zip(part["dataset"], part["condition"], strict=True)
    return part.assign(in_words=[in_words(condition, actions[dataset]) for dataset, condition in pairs])
