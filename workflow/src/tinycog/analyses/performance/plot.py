"""Draw test NLL against the number of dynamical variables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.performance.figure import nll_against_d
from tinycog.figures.style import save


def plot(by_subject: Path, group: Path, output: Path, *, dataset: str) -> None:
    """Write `output`.png and .pdf for one data set, from tables `performance` and `performance_group`."""
    save(nll_against_d(pd.read_parquet(by_subject), pd.read_parquet(group), dataset), output)
