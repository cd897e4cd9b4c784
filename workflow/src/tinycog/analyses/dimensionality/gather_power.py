"""Put the fits to simulated choices together: how often d* would be found."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.analyses.dimensionality.power import power
from tinycog.analyses.dimensionality.tables import POWER
from tinycog.results.grid import Grid
from tinycog.results.parts import by_subject
from tinycog.trials.subjects import directory


def gather(root: Path, *, grid: dict[str, Any], competing: list[str], n: int) -> None:
    """Write table `dimensionality_power` under `root`, from the files that exist.

    Args:
        competing: models that compete at each d.
        n: simulations of each subject.
    """
    the_grid = Grid.of(root, grid)
    rows_in = cache(by_subject)  # a chunk's subjects share files
    rows: list[dict[str, Any]] = []
    for dataset, subject in the_grid.subjects():
        files = (the_grid.layout.simulation(dataset, directory(subject), i) for i in range(n))
        parts = [part for file in files if (part := rows_in(file).get(subject)) is not None]
        if parts:
            keys = {"dataset": dataset, "subject": subject}
            rows += [keys | row for row in power(pd.concat(parts, ignore_index=True), competing)]
    POWER.write(root / "tables", rows)
