"""Write table `advantage`."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.advantage.compute import advantage
from tinycog.analyses.advantage.tables import ADVANTAGE


def compare(performance: Path, folder: Path, *, models: list[str], rivals: list[str], seed: int) -> None:
    """Write the table to `folder`, from table `performance`, of which other models do not count.

    Args:
        models, rivals, seed: names of the models, and what else `compute.advantage` takes.
    """
    by_subject = pd.read_parquet(performance)
    ADVANTAGE.write(folder, advantage(by_subject[by_subject["model"].isin(models)], rivals, seed))
