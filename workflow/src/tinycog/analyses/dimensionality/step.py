"""Estimate d* of every subject."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.dimensionality.compute import dimensionality
from tinycog.analyses.dimensionality.tables import DIMENSIONALITY


def estimate(selected: Path, folder: Path, *, competing: list[str], bootstrap: int, seed: int) -> list[str]:
    """Write table `dimensionality` to `folder`; return a line for each subject left out."""
    table, excluded = dimensionality(pd.read_parquet(selected), competing, bootstrap=bootstrap, seed=seed)
    DIMENSIONALITY.write(folder, table)
    return [" ".join(map(str, row)) for row in excluded.itertuples(index=False)]
