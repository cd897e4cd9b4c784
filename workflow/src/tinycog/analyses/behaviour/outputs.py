"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses.behaviour.tables import TABLES
from tinycog.models import registry
from tinycog.results.layout import Layout
from tinycog.simulation.of_datasets import of_dataset


def models(config: Any, dataset: str) -> dict[str, dict[str, Any]]:
    """model: its dims on the data set and its section, of the models that are compared there."""
    wanted = config.analyses.behaviour.models
    names = [name for name in config.models if wanted == "all" or name in wanted]
    found = {name: {"dims": config.dims(name)[dataset], "spec": config.model_slice(name)} for name in names}
    return {name: about for name, about in found.items() if about["dims"]}


def modules(config: Any, dataset: str) -> list[str]:
    """Modules that define these models."""
    task = config.datasets[dataset].task_object
    return sorted({registry.module(task, about["spec"]) for about in models(config, dataset).values()})


def options(config: Any, dataset: str) -> dict[str, Any]:
    """What `step.Settings` takes beside the task."""
    section = config.analyses.behaviour
    own = section.model_dump(include={"window", "lags", "n_blocks", "resamples"})
    played = of_dataset(config, dataset)
    if not section.n_blocks:
        played |= {"variants": [], "note": "not asked for: analyses.behaviour.n_blocks is 0"}
    return {**own, **played, "seed": config.seed}


def needed(config: Any, layout: Layout, dataset: str, place: str, fits: list[tuple]) -> list[str]:
    """Selected fits and scores of a subject, or of a chunk."""
    wanted = models(config, dataset)
    keys = [key for key in fits if key[0] == dataset and key[2] in wanted and layout.directory(*key[:2]) == place]
    return list(dict.fromkeys(str(file(*key)) for file in (layout.selected, layout.scores) for key in keys))


def places(config: Any, fits: list[tuple]) -> list[tuple[str, str]]:
    """(data set, subject's directory) of every subject, in the order of the fits."""
    return list(dict.fromkeys(key[:2] for key in fits)) if config.analyses.behaviour else []


def parts(config: Any, layout: Layout, fits: list[tuple]) -> list[str]:
    """Files of all subjects of which tables are made."""
    of_all = (layout.behaviour(*place, table.name) for place in places(config, fits) for table in TABLES)
    return list(dict.fromkeys(map(str, of_all)))


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if config.analyses.behaviour else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return ["__".join(("behaviour", *place)) for place in places(config, fits)]
