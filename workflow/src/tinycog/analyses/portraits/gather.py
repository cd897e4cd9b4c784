"""Put the portraits' tables of every subject and model together as result tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinycog.results.grid import Grid
from tinycog.results.layout import Layout
from tinycog.steps.concatenate import concatenate
from tinycog.trials.subjects import directory


def gather(root: Path, *, grid: dict[str, Any], names: list[str]) -> None:
    """Write each table of `names` under `root`, from the files of every subject and model of `grid` that exist."""
    the_grid, layout = Grid.of(root, grid), Layout(root)
    for name in names:
        files = [
            layout.portrait(dataset, directory(subject), model, dim, name)
            for dataset, subject in the_grid.subjects()
            for model, dim in the_grid.models_of(dataset)
        ]
        concatenate([file for file in files if file.is_file()], root / "tables" / name)
