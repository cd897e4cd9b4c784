"""Draw the histogram of d*."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.dimensionality.figure import d_star_histogram
from tinycog.figures.style import note, save


def plot(table: Path, output: Path) -> None:
    """Write `output`.png and .pdf from table `dimensionality`."""
    rows = pd.read_parquet(table)
    save(d_star_histogram(rows) if len(rows) else note("d* of no subject could be estimated"), output)
