"""Put the setpoints of every subject and model together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.analyses.portraits.tables import SETPOINTS, TABLES
from tinycog.results.grid import Grid
from tinycog.results.parts import concatenate, of_models
from tinycog.tasks.conditions import in_words


def gather(root: Path, *, grid: dict[str, Any], actions: dict[str, list[str]]) -> None:
    """Write table `setpoints` under `root`, from the files that exist for the fits of `grid`.

    Args:
        actions: data set: what it calls its actions.
    """
    the_grid = Grid.of(root, grid)
    parts = of_models(the_grid, lambda *place: the_grid.layout.dynamics(*place, SETPOINTS.name))
    (table,) = TABLES
    concatenate([_with_words(part, actions) for part in parts], table, root / "tables")


def _with_words(part: pd.DataFrame, actions: dict[str, list[str]]) -> pd.DataFrame:
    """The rows with their conditions in words."""
    pairs = zip(part["dataset"], part["condition"], strict=True)
    return part.assign(in_words=[in_words(condition, actions[dataset]) for dataset, condition in pairs])
