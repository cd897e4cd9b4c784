"""Compare what a run finds of each subject with what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tinycog.analyses.covariates.compute import compare as compared
from tinycog.analyses.covariates.quantities import of_tables
from tinycog.analyses.covariates.tables import COVARIATES, GROUPS
from tinycog.errors import InputError


def compare(
    sources: list[Path],
    subjects: Path,
    folder: Path,
    *,
    conditions: dict[str, str],
    decimals: dict[str, str],
    groups: Sequence[str],
) -> None:
    """Write tables `covariates` and `covariate_groups` to `folder`.

    Args:
        sources: tables that say what the run finds, by their names.
        conditions, decimals, groups: see `tinycog.analyses.covariates.compute.compare`.
    """
    about = pd.read_parquet(subjects)
    known = list(dict.fromkeys(about["covariate"]))
    if unknown := [name for name in groups if name not in known]:
        raise InputError(f"analyses.covariates.groups: found {unknown[0]!r}; there are the covariates {known}")
    quantities = of_tables({path.stem: pd.read_parquet(path) for path in sources})
    tests, means = compared(quantities, about, conditions=conditions, decimals=decimals, groups=groups)
    COVARIATES.write(folder, tests)
    GROUPS.write(folder, means)
