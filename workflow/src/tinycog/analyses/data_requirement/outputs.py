"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses import coverage
from tinycog.analyses.data_requirement.tables import PARTS, TABLES
from tinycog.models import registry
from tinycog.results.layout import Layout
from tinycog.simulation.of_datasets import of_dataset

OWN, SIMULATED = "requirement", "simulated"  # folders of fits: to the subjects' choices, to those of their best models


def dims(config: Any) -> coverage.Dims:
    """What is fitted to shares: data sets that are split by blocks, and models that stand alone: a teacher, or a
    population, would have seen all blocks.
    """
    by_blocks = {name for name in config.datasets if config.folds(name)["protocol"] == "blocks"}
    found = coverage.dims(config, config.analyses.data_requirement, lambda *_: True)
    return {
        model: {name: own if name in by_blocks else [] for name, own in of.items()}
        for model, of in found.items()
        if config.models[model].stands_alone
    }


def _keys(config: Any, fits: list[tuple]) -> list[tuple]:
    of = dims(config)
    return [key for key in fits if key[3] in of.get(key[2], {}).get(key[0], [])]


def kinds(config: Any) -> list[str]:
    """Folders of the fits."""
    section = config.analyses.data_requirement
    return [OWN, *([SIMULATED] if section and section.simulate else [])]


def parts(config: Any, layout: Layout, fits: list[tuple], dataset: str | None = None) -> list[str]:
    """Files of the fits to shares, of all data sets or of one; the subjects of a chunk share them."""
    keys = [key for key in _keys(config, fits) if dataset in (None, key[0])]
    files = (layout.share(kind, *key, table.name) for kind in kinds(config) for key in keys for table in PARTS)
    return list(dict.fromkeys(map(str, files)))


def players(config: Any, dataset: str) -> dict[str, dict[str, Any]]:
    """name: section of the models one of which plays in a subject's place."""
    return {name: config.model_slice(name) for name in config.models if config.dims(name)[dataset]}


def modules(config: Any, dataset: str) -> list[str]:
    """Modules that define these models."""
    task = config.datasets[dataset].task_object
    return sorted({registry.module(task, spec) for spec in players(config, dataset).values()})


def played(config: Any, dataset: str) -> dict[str, Any]:
    """In which environment they play."""
    return of_dataset(config, dataset)


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if any(any(of.values()) for of in dims(config).values()) else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return list(dict.fromkeys("__".join(("data_requirement", *key[:2])) for key in _keys(config, fits)))
