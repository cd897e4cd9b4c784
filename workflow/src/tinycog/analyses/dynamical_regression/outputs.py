"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tinycog.analyses import coverage
from tinycog.analyses.dynamical_regression.tables import TABLES
from tinycog.models import registry
from tinycog.results.layout import Layout

FEW, MANY = 10, 5  # subjects up to which each has figures, and from which there are figures of all


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


def figures(config: Any, fits: list[tuple]) -> list[str]:
    """Of each subject where these are few, of all together where they are many; matrices of three arms or more."""
    every = places(config, fits)
    subjects = {dataset: {place[1] for place in every if place[0] == dataset} for dataset in config.datasets}
    few = [place for place in every if len(subjects[place[0]]) <= FEW]
    many = dict.fromkeys((place[0], *place[2:]) for place in every if len(subjects[place[0]]) >= MANY)
    return [*_named(config, "regression", few), *_named(config, "regression_group", many)]


def _named(config: Any, kind: str, places: Any) -> Iterator[str]:
    for dataset, *middle, dim in places:
        kinds = [kind, f"{kind}_trimmed"] if kind == "regression_group" else [kind]
        task = config.datasets[dataset].task_object
        kinds += [f"{kind}_matrices"] if task.stages == 1 and task.n_actions > 2 else []
        yield from ("__".join((of, dataset, *middle, f"d{dim}")) for of in kinds)
