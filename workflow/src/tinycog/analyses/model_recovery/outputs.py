"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses import coverage
from tinycog.analyses.dimensionality import outputs as dimensionality
from tinycog.analyses.model_recovery.tables import FITS, TABLES
from tinycog.models import registry
from tinycog.results.grid import Grid
from tinycog.simulation.of_datasets import of_dataset
from tinycog.trials.subjects import directory


def generators(config: Any) -> dict[str, dict[str, Any]]:
    """Simulated data set: `agent`, the model that made its choices, `agent_d`, its dynamical variables, and `own`, the
    key of that model among those fitted to the data set, None where it is not fitted, with `own_dim`, its dim.
    """
    section, found = config.analyses.model_recovery, {}
    for name, dataset in config.datasets.items():
        if not section or section.generators == "kept" or dataset.source != "simulate":
            continue
        agent = dataset.agent.model
        specs = {key: config.model_slice(key) for key in config.interpretable if config.fitted_to(key, name)}
        own = next((key for key, spec in specs.items() if spec.get("model") == agent), None)
        d = registry.cognitive(dataset.task_object, agent).n_dynamical
        found[name] = {"agent": agent, "agent_d": d, "own": own, "own_dim": d}
    return found


def kept(config: Any) -> bool:
    """Whether kept fits play."""
    section = config.analyses.model_recovery
    return bool(section) and section.generators != "simulate"


def fitted(config: Any, dataset: str) -> dict[str, dict[str, Any]]:
    """Dims, section and training of the models that are fitted to what kept fits play; one with a subject embedding is
    about many subjects.
    """
    found = coverage.refitted(config, dataset, config.models)
    return {name: about for name, about in found.items() if not about["spec"].get("subject_embedding")}


def played(config: Any, dataset: str) -> dict[str, Any]:
    """In which environment they play."""
    return of_dataset(config, dataset)


def first(config: Any, grid: Grid, dataset: str) -> list[str]:
    """Names of the directories of the subjects in whose place they play."""
    return list(map(directory, grid.subjects_of(dataset, config.analyses.model_recovery.subjects)))


def parts(config: Any, grid: Grid, fits: list[tuple]) -> list[str]:
    """Files of the fits to what they play; the subjects of a chunk share them."""
    if not kept(config):
        return []
    subjects = {dataset: set(first(config, grid, dataset)) for dataset in config.datasets}
    keys = dict.fromkeys(key[:4] for key in fits if key[1] in subjects[key[0]])
    simulations = range(config.analyses.model_recovery.simulations)
    return list(dict.fromkeys(str(grid.layout.played(*key, i)) for key in keys for i in simulations))


def how_many(config: Any) -> str:
    """Options that say how many subjects and simulations there are."""
    section = config.analyses.model_recovery
    subjects = f"--subjects {section.subjects} " if section.subjects else ""
    return f"{subjects}--simulations {section.simulations}"


def sources(config: Any) -> list[str]:
    """Tables that it is made of."""
    asked = dimensionality.competing(config)
    return ["selected", *(["dimensionality"] if asked else []), *(["recovery_fits"] if kept(config) else [])]


def tables(config: Any) -> list[str]:
    made = [table.name for table in TABLES if table is not FITS] if generators(config) or kept(config) else []
    return [*made, *([FITS.name] if kept(config) else [])]


def figures(config: Any, fits: list[tuple]) -> list[str]:
    of_kept = dict.fromkeys(f"model_recovery__{key[0]}" for key in fits) if kept(config) else ()
    return [*(["model_recovery"] if generators(config) else []), *of_kept]
