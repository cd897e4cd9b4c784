"""Draw an example session and the stay probabilities of one data set."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.description.figure import overview
from tinycog.figures.style import save
from tinycog.trials.copies import without_copies


def plot(trials: Path, description: Path, output: Path, *, actions: list[str], rewards: tuple[float, float]) -> None:
    """Write `output`.png and .pdf.

    Args:
        trials: trial table of the subject of whom a session is the example.
        description: statistics of the data set.
        actions, rewards: see `tinycog.analyses.description.figure.overview`.
    """
    table = without_copies(pd.read_parquet(trials))
    save(overview(table, pd.read_parquet(description), actions, rewards), output)
