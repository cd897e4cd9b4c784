"""Which models and dims an analysis covers, and where it has files of them: for the `outputs` of analyses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

from tinycog.results.columns import Table
from tinycog.results.layout import Layout
from tinycog.sections.base import OfModels

Dims = dict[str, dict[str, list[int]]]


def dims(config: Any, section: OfModels | None, covers: Callable[[Any, dict[str, Any], int], bool]) -> Dims:
    """model: data set: the dims that are analysed, of models that have any, in the order of the config.

    A model with a subject embedding has none: what its trials do differs between subjects.

    Args:
        section: of the analysis; None where it is not made.
        covers: whether a task, a model's values and a dim are analysed.
    """
    found = {}
    for model in config.models if section else ():
        spec = config.model_slice(model)
        if spec.get("subject_embedding") or (section.models != "all" and model not in section.models):
            continue
        found[model] = {
            dataset: [dim for dim in its_dims if covers(config.datasets[dataset].task_object, spec, dim)]
            for dataset, its_dims in config.dims(model).items()
        }
    return {model: of for model, of in found.items() if any(of.values())}


def places(of: Dims, fits: list[tuple]) -> list[tuple[str, str, str, int]]:
    """(data set, subject, model, dim) of everything that is analysed, in the order of the fits."""
    return [key for key in dict.fromkeys(key[:4] for key in fits) if key[3] in of.get(key[2], {}).get(key[0], [])]


def alike(config: Any, outputs: Mapping[str, ModuleType], function: str) -> dict[tuple[str, int, tuple], list[str]]:
    """(data set, dim, what analyses do there): the models of which they do just that.

    Args:
        outputs: of each analysis.
        function: of `outputs`, from (config, data set, model, dim) to a list; analyses without it do nothing.
    """
    done: dict[tuple[str, str, int], tuple] = {}
    for analysis, module in outputs.items():
        for model, of in module.dims(config).items() if hasattr(module, function) else ():
            for dataset, dim in ((dataset, dim) for dataset, its_dims in of.items() for dim in its_dims):
                own = tuple((analysis, one) for one in getattr(module, function)(config, dataset, model, dim))
                done[dataset, model, dim] = done.get((dataset, model, dim), ()) + own
    found: dict[tuple[str, int, tuple], list[str]] = {}
    for (dataset, model, dim), own in done.items():
        if own:
            found.setdefault((dataset, dim, own), []).append(model)
    return found


def refitted(config: Any, dataset: str, models: Iterable[str]) -> dict[str, dict[str, Any]]:
    """name: dims, section and training of those of these models that are fitted again to other choices in the place of
    a data set's: they follow no teacher and no population, which have not seen these choices.
    """
    found = {name: config.dims(name)[dataset] for name in models if config.models[name].stands_alone}
    return {
        name: {"dims": dims, "spec": config.model_slice(name), "training": config.training_slice(name)}
        for name, dims in found.items()
        if dims
    }


def files(layout: Layout, places: list[tuple[str, str, str, int]], tables: Sequence[Table]) -> list[str]:
    """Files of which tables are made; the subjects of a chunk share them."""
    return [str(layout.dynamics(*place, table.name)) for place in layout.shared(places) for table in tables]
