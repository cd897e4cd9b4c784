"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses import coverage
from tinycog.analyses.computed import Computed
from tinycog.analyses.drawings import Drawing, names
from tinycog.analyses.trajectories.tables import OF_ONE
from tinycog.models import registry


def dims(config: Any) -> coverage.Dims:
    """What is drawn: models with two or three dynamical variables, where a trial is one choice of two actions."""
    return coverage.dims(config, config.analyses.trajectories, has_paths)


def has_paths(task: Any, spec: dict[str, Any], dim: int) -> bool:
    """Whether a plane shows the state of a model."""
    if task.stimulus or task.n_actions > 2 or task.stages > 1:
        return False
    return registry.build(task, spec, dim).n_dynamical in (2, 3)


def tables(config: Any) -> list[str]:
    return []


def computed(config: Any, dataset: str, model: str, dim: int) -> list[Computed]:
    return [Computed("trajectories", tuple(table.name for table in OF_ONE), reads_trials=True)]


def drawings(config: Any, dataset: str, model: str, dim: int) -> list[Drawing]:
    return [Drawing("trajectories", tuple(table.name for table in OF_ONE))]


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return names(config, dims(config), drawings, fits)
