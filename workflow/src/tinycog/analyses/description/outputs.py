"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses.description.tables import DESCRIPTION, SUBJECTS


def tables(config: Any) -> list[str]:
    keys = ("covariates", "condition")
    about = any(getattr(dataset, key, None) for dataset in config.datasets.values() for key in keys)
    return [table.name for table in (DESCRIPTION, *([SUBJECTS] if about else []))]


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return [f"description__{dataset}" for dataset in config.datasets]
