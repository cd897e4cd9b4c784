"""Draw how far each model is ahead of the best cognitive model."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.advantage.figure import ahead
from tinycog.figures.style import note, save


def plot(table: Path, output: Path, *, dataset: str) -> None:
    """Write `output`.png and .pdf for one data set, from table `advantage`."""
    rows = pd.read_parquet(table)
    rows = rows[rows["dataset"] == dataset]
    save(ahead(rows) if len(rows) else note("no model can be compared: see table excluded"), output)
