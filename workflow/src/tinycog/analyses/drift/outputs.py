"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses import coverage
from tinycog.analyses.computed import Computed
from tinycog.analyses.drawings import Drawing, names
from tinycog.analyses.drift.tables import OF_ONE, TABLES
from tinycog.analyses.dynamical_regression import quantity
from tinycog.models import registry
from tinycog.results.layout import Layout


def dims(config: Any) -> coverage.Dims:
    """What is tested: models with a value of each action and no other variable, where the action is the state."""
    return coverage.dims(config, config.analyses.drift, has_values_alone)


def has_values_alone(task: Any, spec: dict[str, Any], dim: int) -> bool:
    """Whether the variables of a model are the values of the actions, up to their scale."""
    if task.stimulus or not task.one_stage:
        return False
    model = registry.build(task, spec, dim)
    return model.n_dynamical == task.n_actions and quantity.of(task, model) == quantity.LOGITS


def places(config: Any, fits: list[tuple]) -> list[tuple[str, str, str, int]]:
    """(data set, subject, model, dim) of everything that is tested, in the order of the fits."""
    return coverage.places(dims(config), fits)


def parts(config: Any, layout: Layout, fits: list[tuple]) -> list[str]:
    """Files of which the tables are made."""
    return coverage.files(layout, places(config, fits), TABLES)


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if dims(config) else []


def computed(config: Any, dataset: str, model: str, dim: int) -> list[Computed]:
    written = tuple(table.name for table in OF_ONE)
    return [Computed("drift", written, f"--bootstrap {config.analyses.drift.bootstrap}", reads_trials=True)]


def drawings(config: Any, dataset: str, model: str, dim: int) -> list[Drawing]:
    return [Drawing("drift", tuple(table.name for table in OF_ONE))]


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return names(config, dims(config), drawings, fits)
