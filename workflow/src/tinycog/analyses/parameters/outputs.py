"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses.parameters.tables import PARAMETERS, POPULATIONS, SUMMARY
from tinycog.models import registry
from tinycog.results.layout import Layout


def declared(config: Any) -> dict[str, dict[str, Any]]:
    """For each data set its task, its chunks, and the catalogue names of the cognitive models fitted to it."""
    found = {}
    for dataset, section in config.datasets.items():
        fitted = [name for name in config.interpretable if config.fitted_to(name, dataset)]
        models = {name: config.models[name].model or name for name in fitted}
        task = {"task": section.task, "n_actions": section.task_object.n_actions}
        found[dataset] = {**task, "chunks": section.chunks, "models": models}
    return found


def modules(config: Any) -> list[str]:
    """Modules that define the run's cognitive models."""
    tasks = {dataset: section.task_object for dataset, section in config.datasets.items()}
    return sorted(
        {
            registry.module(tasks[dataset], {"family": "cognitive", "model": model})
            for dataset, of in declared(config).items()
            for model in of["models"].values()
        }
    )


def refits(config: Any, layout: Layout, fits: list[tuple]) -> list[str]:
    """Files of the fits to all choices, of models without a prior; none if these are not asked for."""
    section = config.analyses.parameters
    wanted = [name for name in config.interpretable if config.models[name].prior == "none"]
    places = dict.fromkeys(key[:3] for key in fits if section and section.refit and key[2] in wanted)
    return list(dict.fromkeys(str(layout.refit(*place)) for place in places))


def populations(config: Any, layout: Layout) -> list[str]:
    """Files of every population that is a prior."""
    models = [name for name in config.interpretable if config.models[name].prior == "population"]
    return [
        str(layout.population(dataset, model, outer))
        for dataset in config.datasets
        for model in models
        if config.fitted_to(model, dataset)
        for outer in range(config.folds(dataset)["outer"])
    ]


def tables(config: Any) -> list[str]:
    found = [PARAMETERS, SUMMARY] if config.interpretable else []
    found += [POPULATIONS] if any(config.models[name].prior == "population" for name in config.interpretable) else []
    return [table.name for table in found]


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return []
