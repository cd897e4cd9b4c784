"""Tables that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses import coverage
from tinycog.analyses.computed import Computed
from tinycog.analyses.stability.tables import TABLES
from tinycog.models import registry
from tinycog.results.layout import Layout


def dims(config: Any) -> coverage.Dims:
    """What is analysed: models with a dynamical variable that are shown nothing before a choice."""
    return coverage.dims(config, config.analyses.stability, _covers)


def _covers(task: Any, spec: dict[str, Any], dim: int) -> bool:
    return not task.stimulus and registry.build(task, spec, dim).n_dynamical > 0


def computed(config: Any, dataset: str, model: str, dim: int) -> list[Computed]:
    return [Computed("stability", tuple(table.name for table in TABLES))]


def parts(config: Any, layout: Layout, fits: list[tuple]) -> list[str]:
    """Files of which the tables are made."""
    return coverage.files(layout, coverage.places(dims(config), fits), TABLES)


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if dims(config) else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return []
