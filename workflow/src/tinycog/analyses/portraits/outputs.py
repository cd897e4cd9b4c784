"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses import coverage
from tinycog.analyses.computed import Computed
from tinycog.analyses.drawings import Drawing, names
from tinycog.analyses.portraits.tables import OF_ONE, TABLES
from tinycog.models import registry
from tinycog.results.layout import Layout


def dims(config: Any) -> coverage.Dims:
    """What is drawn: models whose state is one number, where a trial is one choice between two actions."""
    return coverage.dims(config, config.analyses.portraits, _covers)


def _covers(task: Any, spec: dict[str, Any], dim: int) -> bool:
    return dim == 1 and task.n_actions == 2 and task.stages == 1 and registry.is_scalar(task, spec)


def parts(config: Any, layout: Layout, fits: list[tuple]) -> list[str]:
    """Files of all portraits of which tables are made."""
    return coverage.files(layout, coverage.places(dims(config), fits), TABLES)


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if dims(config) else []


def computed(config: Any, dataset: str, model: str, dim: int) -> list[Computed]:
    return [Computed("portrait", tuple(table.name for table in OF_ONE))]


def drawings(config: Any, dataset: str, model: str, dim: int) -> list[Drawing]:
    section = config.analyses.portraits
    limit = f"--limit {section.limit}" if section.limit else ""
    found = [
        Drawing("portrait", ("maps", "visited", "roots"), of_dim=False, options=limit),
        Drawing("setpoints", ("setpoints",), of_dim=False),
    ]
    if section.variants:
        views = " ".join(f"--variant {name}" for name in section.variants)
        found.append(Drawing("variants", ("maps", "visited"), of_dim=False, options=views))
    return found


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return names(config, dims(config), drawings, fits)
