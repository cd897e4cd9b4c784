"""Put the portraits' tables of every subject and model together as result tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinycog.analyses.portraits.tables import TABLES
from tinycog.results.grid import Grid
from tinycog.results.layout import Layout
from tinycog.steps.concatenate import concatenate
from tinycog.trials.subjects import directory


def gather(root: Path, *, grid: dict[str, Any]) -> None:
    """Write tables `setpoints` and `fixed_points` under `root`, from the files that exist for the fits of `grid`."""
    the_grid, layout = Grid.of(root, grid), Layout(root)
    for table in TABLES:
        files = [
            layout.portrait(dataset, directory(subject), model, dim, table.name)
            for dataset, subject in the_grid.subjects()
            for model, dim in the_grid.models_of(dataset)
        ]
        concatenate([file for file in files if file.is_file()], table, root / "tables")
