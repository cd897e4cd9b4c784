"""Draw fitted models against the agents that they were fitted to."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.model_recovery.figure import matrices
from tinycog.figures.style import note, save


def plot(table: Path, output: Path, *, margin: float, dataset: str | None) -> None:
    """Write `output`.png and .pdf from table `recovery`.

    Args:
        dataset: whose kept fits play; None for the simulated data sets.
    """
    rows = pd.read_parquet(table)
    rows = rows[rows["source"] == "simulate"] if dataset is None else _kept(rows, dataset)
    comparable = rows["test_nll"].notna().any()
    save(matrices(rows, margin) if comparable else note("no fit to the agents can be compared"), output)


def _kept(rows: pd.DataFrame, dataset: str) -> pd.DataFrame:
    return rows[(rows["source"] == "kept") & (rows["dataset"] == dataset)]
