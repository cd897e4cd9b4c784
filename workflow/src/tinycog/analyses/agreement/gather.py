"""Put the correlations of all subjects together."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from tinycog.analyses.agreement.tables import LOGIT_CORRELATIONS
from tinycog.results.grid import Grid
from tinycog.results.parts import by_subject, concatenate
from tinycog.trials.subjects import directory


def gather(root: Path, *, grid: dict[str, Any]) -> None:
    """Write table `logit_correlations` under `root`, from the files that exist for the subjects of `grid`."""
    the_grid, rows_in = Grid.of(root, grid), cache(by_subject)  # a chunk's subjects share files
    found = (
        rows_in(the_grid.layout.agreement(dataset, directory(subject))).get(subject)
        for dataset, subject in the_grid.subjects()
    )
    concatenate([part for part in found if part is not None], LOGIT_CORRELATIONS, root / "tables")
