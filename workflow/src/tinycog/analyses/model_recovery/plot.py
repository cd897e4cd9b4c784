"""Draw fitted models against the agents that they were fitted to."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.model_recovery.figure import matrices
from tinycog.figures.style import note, save


def plot(table: Path, output: Path, *, margin: float) -> None:
    """Write `output`.png and .pdf from table `recovery`."""
    rows = pd.read_parquet(table)
    save(matrices(rows, margin) if len(rows) else note("no fit to the simulated agents can be compared"), output)
