"""Draw the fitted against the true parameters of simulated agents."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.parameter_recovery.compute import summary
from tinycog.analyses.parameter_recovery.figure import recovered
from tinycog.figures.style import save


def plot(agents: Path, output: Path) -> None:
    """Write `output`.png and .pdf from the agents of one data set and model."""
    table = pd.read_parquet(agents)
    save(recovered(table, summary(table)), output)
