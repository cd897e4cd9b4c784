"""Put the logit changes of every subject and model together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinycog.analyses.fields.tables import LOGIT_CHANGES
from tinycog.results.grid import Grid
from tinycog.results.parts import concatenate, of_models


def gather(root: Path, *, grid: dict[str, Any]) -> None:
    """Write table `logit_changes` under `root`, from the files that exist for the fits of `grid`."""
    the_grid = Grid.of(root, grid)
    parts = of_models(the_grid, lambda *place: the_grid.layout.dynamics(*place, LOGIT_CHANGES.name))
    concatenate(parts, LOGIT_CHANGES, root / "tables")
