"""Put the tables of every subject and model together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinycog.analyses.signatures.tables import OF_ONE
from tinycog.results.grid import Grid
from tinycog.results.parts import concatenate, of_models


def gather(root: Path, *, grid: dict[str, Any]) -> None:
    """Write the tables under `root`, from the files that exist for the fits of `grid`."""
    the_grid = Grid.of(root, grid)
    for table in OF_ONE:
        parts = of_models(the_grid, lambda *place, name=table.name: the_grid.layout.dynamics(*place, name))
        concatenate(parts, table, root / "tables")
