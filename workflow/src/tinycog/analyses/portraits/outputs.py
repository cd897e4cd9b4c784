"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses import coverage
from tinycog.analyses.portraits.tables import OF_ONE, TABLES
from tinycog.models import registry
from tinycog.results.layout import Layout


def dims(config: Any) -> coverage.Dims:
    """What is drawn: models whose state is one number, where a trial is one choice between two actions."""
    return coverage.dims(config, config.analyses.portraits, _covers)


def _covers(task: Any, spec: dict[str, Any], dim: int) -> bool:
    return dim == 1 and task.n_actions == 2 and task.stages == 1 and registry.is_scalar(task, spec)


def files(layout: Layout, dataset: str, subject: str, model: str) -> list[str]:
    """Files of one portrait: that of a subject, or those of its chunk."""
    return [str(layout.dynamics(dataset, subject, model, 1, table.name)) for table in OF_ONE]


def parts(config: Any, layout: Layout, fits: list[tuple]) -> list[str]:
    """Files of all portraits of which tables are made."""
    return coverage.files(layout, coverage.places(dims(config), fits), TABLES)


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if dims(config) else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    section = config.analyses.portraits
    kinds = ("portrait", "setpoints", *(["variants"] if section and section.variants else []))
    return ["__".join((kind, *place[:3])) for kind in kinds for place in coverage.places(dims(config), fits)]


def plot_options(config: Any, kind: str) -> str:
    """Options of the command that draws a figure of this kind."""
    section = config.analyses.portraits
    options = {
        "portrait": [f"--limit {section.limit}"] if section.limit else [],
        "variants": [f"--variant {name}" for name in section.variants],
    }
    return " ".join(options.get(kind, []))
