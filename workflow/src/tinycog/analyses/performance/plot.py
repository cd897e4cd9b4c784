"""Draw test NLL against the number of dynamical variables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.performance.figure import nll_against_d
from tinycog.figures.style import note, save


def plot(by_subject: Path, group: Path, output: Path, *, dataset: str) -> None:
    """Write `output`.png and .pdf for one data set, from tables `performance` and `performance_group`."""
    subjects = pd.read_parquet(by_subject)
    if not (subjects["dataset"] == dataset).any():
        save(note("no model can be compared: see table excluded"), output)
        return
    save(nll_against_d(subjects, pd.read_parquet(group), dataset), output)
