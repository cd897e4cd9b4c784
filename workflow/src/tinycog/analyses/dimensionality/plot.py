"""Draw d* of all subjects."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.dimensionality.by_dim import by_dim
from tinycog.analyses.dimensionality.figure import histogram
from tinycog.analyses.dimensionality.power_figure import found
from tinycog.figures.style import note, save


def plot(table: Path, output: Path) -> None:
    """Write `output`.png and .pdf from table `dimensionality`."""
    rows = pd.read_parquet(table)
    save(histogram(by_dim(rows)) if len(rows) else note("d* of no subject could be estimated"), output)


def plot_power(table: Path, output: Path) -> None:
    """Write `output`.png and .pdf from table `dimensionality_power`."""
    rows = pd.read_parquet(table)
    rows = rows[rows["n"] > 0]
    save(found(rows) if len(rows) else note("no subject could be simulated; see table dimensionality_power"), output)
