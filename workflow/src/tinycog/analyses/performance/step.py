"""Tables of test performance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tinycog.analyses.performance.compute import KEYS, cut_short, performance, performance_group
from tinycog.analyses.performance.tables import PERFORMANCE, PERFORMANCE_GROUP
from tinycog.results.tables import FITS


def summarise(
    fits: Path, selected: Path, folder: Path, *, n_outer: dict[str, int], further: Sequence[Path] = ()
) -> list[str]:
    """Write tables `performance` and `performance_group` to `folder`, from the tables of all fits and of selected ones.

    Args:
        n_outer: data set: outer folds asked for.
        further: fits of models that are not the run's, with the columns of `fits`.

    Returns:
        A line for each model and dim whose networks were often cut short.
    """
    more = pd.concat([FITS.typed([]), *map(pd.read_parquet, further)], ignore_index=True)
    by_subject = performance(pd.read_parquet(fits), pd.read_parquet(selected), n_outer, more)
    PERFORMANCE.write(folder, by_subject)
    PERFORMANCE_GROUP.write(folder, performance_group(by_subject, set(more["model"])))
    return [", ".join(f"{key} {row[key]}" for key in KEYS) + f": {row['reason']}" for row in cut_short(by_subject)]
