"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses.strategy.tables import PARTS, TABLES
from tinycog.models import registry
from tinycog.results.layout import Layout

# tables of other analyses from which verdicts are made, where the run makes them
READS = ("dimensionality", "signatures", "stability", "behaviour_discrepancy")


def names(config: Any, dataset: str) -> dict[str, str]:
    """Names in the catalogue of the cognitive models of a data set, by their keys in the config."""
    task = config.datasets[dataset].task_object
    return {
        model: registry.cognitive(task, config.models[model].model or model).name
        for model in config.interpretable
        if config.fitted_to(model, dataset)
    }


def places(config: Any, fits: list[tuple]) -> list[tuple[str, str]]:
    """(data set, subject) of every verdict, in the order of the fits."""
    return list(dict.fromkeys(key[:2] for key in fits)) if config.analyses.strategy else []


def parts(config: Any, layout: Layout, fits: list[tuple]) -> list[str]:
    """Files of which the tables are made; the subjects of a chunk share them."""
    found = (layout.strategy(*place, table.name) for place in places(config, fits) for table in PARTS)
    return list(dict.fromkeys(map(str, found)))


def read(config: Any, made: list[str]) -> list[str]:
    """Names of the tables of other analyses that are read, of those that the run makes."""
    return [name for name in READS if name in made]


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if config.analyses.strategy else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    """The evidence of each subject, and for each data set of several subjects how many have which answer."""
    found = places(config, fits)
    datasets = [dataset for dataset, _ in found]
    several = [name for name in dict.fromkeys(datasets) if datasets.count(name) > 1]
    return ["__".join(("strategy", *place)) for place in found] + [f"strategies__{name}" for name in several]
