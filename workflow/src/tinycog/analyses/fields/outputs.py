"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses import coverage
from tinycog.analyses.computed import Computed
from tinycog.analyses.drawings import Drawing, names
from tinycog.analyses.dynamical_regression.outputs import FEW
from tinycog.analyses.fields.tables import LOGIT_CHANGES, OF_ONE
from tinycog.models import registry
from tinycog.results.layout import Layout

MOST_ACTIONS = 5  # whose values have a figure


def dims(config: Any) -> coverage.Dims:
    """What is analysed: models with two or more dynamical variables that are shown nothing before a choice."""
    return coverage.dims(config, config.analyses.fields, lambda *model: bool(kinds(*model)))


def kinds(task: Any, spec: dict[str, Any], dim: int) -> list[str]:
    """Figures of a model.

    A cloud, and of two variables a vector field, where there is a logit of two actions; else values of three to five
    actions, without and with a reward; or three logits where a trial has two choices.
    """
    if task.stimulus or (n := registry.build(task, spec, dim).n_dynamical) < 2:
        return []
    if task.stages == 2:
        return ["quiver"]
    if task.n_actions > 2:
        return ["values_R0", "values_R1"] if task.n_actions <= MOST_ACTIONS else []
    return ["cloud", "field"] if n == 2 else ["cloud"]


def parts(config: Any, layout: Layout, fits: list[tuple]) -> list[str]:
    """Files of which the table is made."""
    return coverage.files(layout, coverage.places(dims(config), fits), [LOGIT_CHANGES])


def tables(config: Any) -> list[str]:
    """Logits of two actions alone have a table."""
    of_two = {name for name, section in config.datasets.items() if section.task_object.n_outputs == 2}
    found = any(of.get(name) for of in dims(config).values() for name in of_two)
    return [LOGIT_CHANGES.name] if found else []


def computed(config: Any, dataset: str, model: str, dim: int) -> list[Computed]:
    return [Computed("fields", tuple(table.name for table in OF_ONE))]


def drawings(config: Any, dataset: str, model: str, dim: int) -> list[Drawing]:
    """Those of the logit of two actions."""
    every = (Drawing("cloud", ("logit_changes", "cloud")), Drawing("field", ("field", "steps", "field_roots", "axes")))
    asked = kinds(config.datasets[dataset].task_object, config.model_slice(model), dim)
    return [drawing for drawing in every if drawing.kind in asked]


def figures(config: Any, fits: list[tuple]) -> list[str]:
    """Those of several logits, of which there are many, only where subjects are few; any can be asked for by name."""
    every = coverage.places(dims(config), fits)
    subjects = {dataset: {place[1] for place in every if place[0] == dataset} for dataset in config.datasets}
    several = []
    for dataset, subject, model, dim in every:
        task = config.datasets[dataset].task_object
        if task.n_outputs != 2 and len(subjects[dataset]) <= FEW:
            several += [
                "__".join((kind, dataset, subject, model, f"d{dim}"))
                for kind in kinds(task, config.model_slice(model), dim)
            ]
    return names(config, dims(config), drawings, fits) + several
