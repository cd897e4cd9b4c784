"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses.stability.tables import TABLES
from tinycog.models import registry
from tinycog.results.layout import Layout


def dims(config: Any) -> dict[str, dict[str, list[int]]]:
    """model: data set: the dims that are analysed, in the order of the config.

    A model with a subject embedding is not: its map differs between subjects. Nor is one that is shown something before
    a choice, or that has no dynamical variable.
    """
    section = config.analyses.stability
    if section is None:
        return {}
    found = {}
    for model, of_each in ((name, config.dims(name)) for name in config.models):
        spec = config.model_slice(model)
        if spec.get("subject_embedding") or (section.models != "all" and model not in section.models):
            continue
        found[model] = {
            dataset: [dim for dim in its_dims if _has_map(config.datasets[dataset].task_object, spec, dim)]
            for dataset, its_dims in of_each.items()
        }
    return {model: of for model, of in found.items() if any(of.values())}


def _has_map(task: Any, spec: dict[str, Any], dim: int) -> bool:
    return not task.stimulus and registry.build(task, spec, dim).n_dynamical > 0


def parts(config: Any, layout: Layout, fits: list[tuple]) -> list[str]:
    """Files of which the tables are made."""
    of = dims(config)
    keys = dict.fromkeys(key[:4] for key in fits if key[3] in of.get(key[2], {}).get(key[0], []))
    return list(dict.fromkeys(str(layout.dynamics(*key, table.name)) for key in keys for table in TABLES))


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if dims(config) else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return []
