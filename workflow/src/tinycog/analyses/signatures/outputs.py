"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses import coverage
from tinycog.analyses.computed import Computed
from tinycog.analyses.drawings import Drawing, names
from tinycog.analyses.signatures.tables import CORRELATED, OF_ONE
from tinycog.models import registry
from tinycog.results import grid
from tinycog.results.layout import Layout

CORRELATES = "transition_reversal"  # the task over whose subjects indifference is correlated


def dims(config: Any) -> coverage.Dims:
    """What is analysed: models whose state is one number, where a trial is one choice between two actions."""
    return coverage.dims(config, config.analyses.signatures, _covers)


def _covers(task: Any, spec: dict[str, Any], dim: int) -> bool:
    one_choice = task.n_actions == 2 and task.stages == 1 and not task.stimulus
    return dim == 1 and one_choice and registry.is_scalar(task, spec)


def correlated(config: Any) -> coverage.Dims:
    """The same, of the data sets over whose subjects indifference is correlated."""
    names = [name for name, section in config.datasets.items() if section.task == CORRELATES]
    found = {model: {name: of[name] for name in names if of[name]} for model, of in dims(config).items()}
    return {model: of for model, of in found.items() if of}


def correlated_grid(config: Any) -> dict[str, Any]:
    """What `Grid.of` takes of these alone, as plain values that a rule can pass."""
    models = correlated(config)
    names = list(dict.fromkeys(name for of in models.values() for name in of))
    every = {model: {name: of.get(name, []) for name in names} for model, of in models.items()}
    plain = grid.plain(config)
    return {
        "datasets": names,
        "models": every,
        "cv": {name: plain["cv"][name] for name in names},
        "chunks": {name: n for name, n in plain["chunks"].items() if name in names},
    }


def parts(config: Any, layout: Layout, fits: list[tuple]) -> list[str]:
    """Files of which tables are made."""
    return coverage.files(layout, coverage.places(dims(config), fits), OF_ONE)


def trials(config: Any, layout: Layout, fits: list[tuple]) -> list[str]:
    """Trial tables of the subjects over which indifference is correlated."""
    places = coverage.places(correlated(config), fits)
    return list(dict.fromkeys(str(layout.trials(*place[:2])) for place in places))


def tables(config: Any) -> list[str]:
    if not dims(config):
        return []
    return [table.name for table in (*OF_ONE, *(CORRELATED if correlated(config) else ()))]


def computed(config: Any, dataset: str, model: str, dim: int) -> list[Computed]:
    written = tuple(table.name for table in OF_ONE)
    return [Computed("signatures", written, f"--bootstrap {config.analyses.signatures.bootstrap}")]


def drawings(config: Any, dataset: str, model: str, dim: int) -> list[Drawing]:
    return [Drawing("signatures", ("curves", "choice_frequency"), of_dim=False)]


def figures(config: Any, fits: list[tuple]) -> list[str]:
    """One of each subject and model, and a scatter of each data set whose subjects are correlated, and model."""
    groups = [f"indifference__{dataset}__{model}" for model, of in correlated(config).items() for dataset in of]
    return names(config, dims(config), drawings, fits) + groups
