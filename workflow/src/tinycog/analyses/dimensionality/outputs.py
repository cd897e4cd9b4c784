"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses.dimensionality.tables import TABLES


def competing(config: Any) -> list[str]:
    """Models that compete for d*."""
    section = config.analyses.dimensionality
    return [name for name, model in config.models.items() if section and model.competes(section.cells)]


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if competing(config) else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return ["dimensionality"] if competing(config) else []
