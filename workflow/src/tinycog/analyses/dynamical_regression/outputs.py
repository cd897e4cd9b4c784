"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses import coverage
from tinycog.analyses.computed import Computed
from tinycog.analyses.drawings import Drawing, names
from tinycog.analyses.dynamical_regression.tables import DYNAMICAL_REGRESSION, MATRICES, TABLES
from tinycog.models import registry
from tinycog.results.layout import Layout

FEW, MANY = 10, 5  # subjects up to which each has figures, and from which there are figures of all
KINDS = {"regression": DYNAMICAL_REGRESSION.name, "regression_matrices": MATRICES.name}  # figures: of which table


def dims(config: Any) -> coverage.Dims:
    """What is analysed: models with a dynamical variable that are shown nothing before a choice."""
    return coverage.dims(config, config.analyses.dynamical_regression, changes)


def changes(task: Any, spec: dict[str, Any], dim: int) -> bool:
    """Whether a trial of the model is a change of its logits that a regression can tell."""
    return not task.stimulus and registry.build(task, spec, dim).n_dynamical > 0


def places(config: Any, fits: list[tuple]) -> list[tuple[str, str, str, int]]:
    """(data set, subject, model, dim) of everything that is analysed, in the order of the fits."""
    return coverage.places(dims(config), fits)


def parts(config: Any, layout: Layout, fits: list[tuple]) -> list[str]:
    """Files of which the tables are made."""
    return coverage.files(layout, places(config, fits), TABLES)


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if dims(config) else []


def computed(config: Any, dataset: str, model: str, dim: int) -> list[Computed]:
    written = tuple(table.name for table in TABLES)
    return [
        Computed(
            "dynamical-regression",
            written,
            f"--bootstrap {config.analyses.dynamical_regression.bootstrap}",
            reads_trials=True,
        )
    ]


def drawings(config: Any, dataset: str, model: str, dim: int) -> list[Drawing]:
    """Coefficients; matrices of three arms or more."""
    return [Drawing(kind, (table,)) for kind, table in KINDS.items() if kind in _kinds(config, dataset)]


def figures(config: Any, fits: list[tuple]) -> list[str]:
    """Of each subject where these are few, of all together where they are many.

    Of many subjects the figures of each are drawn with a model's others, where it has any.
    """
    every = places(config, fits)
    subjects = {dataset: {place[1] for place in every if place[0] == dataset} for dataset in config.datasets}
    few = [place for place in every if len(subjects[place[0]]) <= FEW]
    many = dict.fromkeys((place[0], *place[2:]) for place in every if len(subjects[place[0]]) >= MANY)
    groups = [
        f"{kind.replace('regression', 'regression_group')}{trimmed}__{dataset}__{model}__d{dim}"
        for dataset, model, dim in many
        for kind in _kinds(config, dataset)
        for trimmed in (("", "_trimmed") if kind == "regression" else ("",))
    ]
    return names(config, dims(config), drawings, few) + groups


def _kinds(config: Any, dataset: str) -> list[str]:
    task = config.datasets[dataset].task_object
    return list(KINDS) if task.stages == 1 and task.n_actions > 2 else ["regression"]
