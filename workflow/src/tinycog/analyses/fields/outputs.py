"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses.fields.tables import LOGIT_CHANGES
from tinycog.models import registry
from tinycog.results.layout import Layout


def dims(config: Any) -> dict[str, dict[str, list[int]]]:
    """model: data set: the dims that are analysed: two or more dynamical variables, one choice between two actions.

    A model with a subject embedding is not: its map differs between subjects.
    """
    section = config.analyses.fields
    if section is None:
        return {}
    found = {}
    for model, of_each in ((name, config.dims(name)) for name in config.models):
        spec = config.model_slice(model)
        if spec.get("subject_embedding") or (section.models != "all" and model not in section.models):
            continue
        found[model] = {
            dataset: [dim for dim in its_dims if _variables(config.datasets[dataset].task_object, spec, dim) > 1]
            for dataset, its_dims in of_each.items()
        }
    return {model: of for model, of in found.items() if any(of.values())}


def _variables(task: Any, spec: dict[str, Any], dim: int) -> int:
    """Dynamical variables of a model with a logit L; 0 where a choice has more actions, or depends on a stimulus."""
    if task.stimulus or task.n_actions > 2 or task.stages > 1:
        return 0
    return registry.build(task, spec, dim).n_dynamical


def places(config: Any, fits: list[tuple]) -> list[tuple[str, str, str, int]]:
    """(data set, subject, model, dim) of every analysis, in the order of the fits."""
    of = dims(config)
    return list(dict.fromkeys(key[:4] for key in fits if key[3] in of.get(key[2], {}).get(key[0], [])))


def parts(config: Any, layout: Layout, fits: list[tuple]) -> list[str]:
    """Files of which the table is made."""
    of_all = (layout.dynamics(*place, LOGIT_CHANGES.name) for place in places(config, fits))
    return list(dict.fromkeys(map(str, of_all)))


def tables(config: Any) -> list[str]:
    return [LOGIT_CHANGES.name] if dims(config) else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    """A cloud of each, and a vector field of those with two dynamical variables."""
    names = []
    for dataset, subject, model, dim in places(config, fits):
        task, spec = config.datasets[dataset].task_object, config.model_slice(model)
        kinds = ("cloud", "field") if registry.build(task, spec, dim).n_dynamical == 2 else ("cloud",)
        names += ["__".join((kind, dataset, subject, model, f"d{dim}")) for kind in kinds]
    return names
