"""Tables of test performance."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.performance.compute import KEYS, cut_short, performance, performance_group
from tinycog.analyses.performance.tables import PERFORMANCE, PERFORMANCE_GROUP


def summarise(fits: Path, selected: Path, folder: Path, *, n_outer: dict[str, int]) -> list[str]:
    """Write tables `performance` and `performance_group` to `folder`, from the tables of all fits and of selected ones.

    Args:
        n_outer: data set: outer folds asked for.

    Returns:
        A line for each model and dim whose networks were often cut short.
    """
    by_subject = performance(pd.read_parquet(fits), pd.read_parquet(selected), n_outer)
    PERFORMANCE.write(folder, by_subject)
    PERFORMANCE_GROUP.write(folder, performance_group(by_subject))
    return [", ".join(f"{key} {row[key]}" for key in KEYS) + f": {row['reason']}" for row in cut_short(by_subject)]
