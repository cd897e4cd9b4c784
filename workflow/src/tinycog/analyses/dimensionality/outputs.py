"""What a run gets of it."""

from __future__ import annotations

from typing import Any

from tinycog.analyses.dimensionality.tables import TABLES


def competing(config: Any) -> list[str]:
    """Networks that compete for d*: full readout, and a cell that the section admits."""
    section = config.analyses.dimensionality
    models = config.models.items() if section else ()
    return [name for name, m in models if m.family == "rnn" and m.readout == "full" and m.cell in section.cells]


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if competing(config) else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return ["dimensionality"] if competing(config) else []
