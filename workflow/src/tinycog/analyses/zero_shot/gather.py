"""Tables of students of held-out subjects, and of the models that were fitted to others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.analyses.advantage.compute import advantage
from tinycog.analyses.performance.compute import performance, performance_group
from tinycog.analyses.zero_shot.tables import ZERO_SHOT, ZERO_SHOT_ADVANTAGE, ZERO_SHOT_GROUP
from tinycog.results.selection import of_each_fold
from tinycog.results.tables import FITS


def gather(parts: list[Path], folder: Path, *, students: list[str], rivals: list[str], seed: int) -> None:
    """Write the tables of this analysis to `folder`.

    Args:
        parts: rows of table `fits` of students, of which one is selected, and of the run's models.
        rivals, seed: see `advantage`.
    """
    fits = pd.concat([FITS.typed([]), *map(pd.read_parquet, parts)], ignore_index=True)
    taught = fits["model"].isin(students)
    selected = pd.concat([fits[~taught], of_each_fold(fits[taught])], ignore_index=True)
    once: dict[str, Any] = dict.fromkeys(fits["dataset"], 1)  # every subject is held out in one outer fold
    by_subject = performance(fits, selected, once)
    ZERO_SHOT.write(folder, by_subject)
    ZERO_SHOT_GROUP.write(folder, performance_group(by_subject))
    ZERO_SHOT_ADVANTAGE.write(folder, advantage(by_subject, rivals, seed))
