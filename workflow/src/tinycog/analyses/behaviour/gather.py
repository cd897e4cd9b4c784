"""Put the tables of every subject together as result tables."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from tinycog.analyses.behaviour.tables import TABLES
from tinycog.results.grid import Grid
from tinycog.results.parts import by_subject, concatenate
from tinycog.trials.subjects import directory


def gather(root: Path, *, grid: dict[str, Any]) -> None:
    """Write the tables of this analysis under `root`, from the files that exist for the subjects of `grid`."""
    the_grid, rows_in = Grid.of(root, grid), cache(by_subject)  # a chunk's subjects share files
    for table in TABLES:
        parts = (
            rows_in(the_grid.layout.behaviour(dataset, directory(subject), table.name)).get(subject)
            for dataset, subject in the_grid.subjects()
        )
        concatenate([part for part in parts if part is not None], table, root / "tables")
