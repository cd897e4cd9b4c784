"""Draw what varies most with the covariates of one data set."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.covariates.figure import forest
from tinycog.figures.style import save


def plot(covariates: Path, output: Path, *, dataset: str, actions: list[str]) -> None:
    """Write `output`.png and .pdf."""
    table = pd.read_parquet(covariates)
    save(forest(table[table["dataset"] == dataset], actions), output)
