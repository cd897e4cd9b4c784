"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses.description.tables import TABLES


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES]


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return [f"description__{dataset}" for dataset in config.datasets]
