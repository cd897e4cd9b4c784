"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses.parameter_recovery.tables import TABLES


def places(config: Any) -> list[tuple[str, str]]:
    """(data set, model) whose parameters are recovered."""
    section = config.analyses.parameter_recovery
    return section.recovered(config) if section else []


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if places(config) else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return ["__".join(("recovery", *place)) for place in places(config)]
