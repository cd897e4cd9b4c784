"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses.portraits.tables import OF_ONE, TABLES
from tinycog.models import registry
from tinycog.results.layout import Layout

FIGURES = ("portrait", "setpoints")


def portrayed(config: Any) -> set[tuple[str, str]]:
    """(data set, model) with a portrait: the state is one number, and a trial is one choice between two actions.

    A model with a subject embedding has none: its map differs between subjects.
    """
    section = config.analyses.portraits
    if section is None:
        return set()
    found = set()
    for model in config.models if section.models == "all" else section.models:
        spec = config.model_slice(model)
        for dataset, dims in config.dims(model).items():
            task = config.datasets[dataset].task_object
            if 1 not in dims or task.n_actions > 2 or task.stages > 1 or spec.get("subject_embedding"):
                continue
            if registry.is_scalar(task, spec):
                found.add((dataset, model))
    return found


def dims(config: Any) -> dict[str, dict[str, list[int]]]:
    """model: data set: the dims with a portrait, of models that have any, in the order of the config."""
    drawn = portrayed(config)
    of_each = {
        model: {name: [1] if (name, model) in drawn else [] for name in config.datasets} for model in config.models
    }
    return {model: of for model, of in of_each.items() if any(of.values())}


def places(config: Any, fits: list[tuple]) -> list[tuple[str, str, str]]:
    """(data set, subject, model) of every portrait, in the order of the fits."""
    drawn = portrayed(config)
    return list(dict.fromkeys(key[:3] for key in fits if (key[0], key[2]) in drawn and key[3] == 1))


def files(layout: Layout, dataset: str, subject: str, model: str) -> list[str]:
    """Files of one portrait: that of a subject, or those of its chunk."""
    return [str(layout.dynamics(dataset, subject, model, 1, table.name)) for table in OF_ONE]


def parts(config: Any, layout: Layout, fits: list[tuple]) -> list[str]:
    """Files of all portraits of which tables are made."""
    of_all = (layout.dynamics(*place, 1, table.name) for place in places(config, fits) for table in TABLES)
    return list(dict.fromkeys(map(str, of_all)))


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if portrayed(config) else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return ["__".join((kind, *place)) for kind in FIGURES for place in places(config, fits)]
