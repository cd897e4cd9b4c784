"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses import coverage
from tinycog.analyses.fields.tables import LOGIT_CHANGES
from tinycog.models import registry
from tinycog.results.layout import Layout


def dims(config: Any) -> coverage.Dims:
    """What is analysed: models with two or more dynamical variables, where a trial is one choice of two actions."""
    return coverage.dims(config, config.analyses.fields, lambda *model: _variables(*model) > 1)


def _variables(task: Any, spec: dict[str, Any], dim: int) -> int:
    """Dynamical variables of a model with a logit L; 0 where a choice has more actions, or depends on a stimulus."""
    if task.stimulus or task.n_actions > 2 or task.stages > 1:
        return 0
    return registry.build(task, spec, dim).n_dynamical


def parts(config: Any, layout: Layout, fits: list[tuple]) -> list[str]:
    """Files of which the table is made."""
    return coverage.files(layout, coverage.places(dims(config), fits), [LOGIT_CHANGES])


def tables(config: Any) -> list[str]:
    return [LOGIT_CHANGES.name] if dims(config) else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    """A cloud of each, and a vector field of those with two dynamical variables."""
    names = []
    for dataset, subject, model, dim in coverage.places(dims(config), fits):
        n = _variables(config.datasets[dataset].task_object, config.model_slice(model), dim)
        kinds = ("cloud", "field") if n == 2 else ("cloud",)
        names += ["__".join((kind, dataset, subject, model, f"d{dim}")) for kind in kinds]
    return names
