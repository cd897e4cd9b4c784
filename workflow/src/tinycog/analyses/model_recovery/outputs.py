"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses.model_recovery.tables import TABLES
from tinycog.models import registry


def generators(config: Any) -> dict[str, dict[str, Any]]:
    """Simulated data set: `agent`, the model that made its choices, `agent_d`, its dynamical variables, and `own`, the
    key of that model among those fitted to the data set, None where it is not fitted.
    """
    found = {}
    for name, dataset in config.datasets.items():
        if not config.analyses.model_recovery or dataset.source != "simulate":
            continue
        agent = dataset.agent.model
        specs = {key: config.model_slice(key) for key in config.interpretable if config.fitted_to(key, name)}
        own = next((key for key, spec in specs.items() if spec.get("model") == agent), None)
        d = registry.cognitive(dataset.task_object, agent).n_dynamical
        found[name] = {"agent": agent, "agent_d": d, "own": own}
    return found


def sources(config: Any) -> list[str]:
    """Tables that it is made of."""
    asked = config.analyses.dimensionality and any(
        model.competes(config.analyses.dimensionality.cells) for model in config.models.values()
    )
    return ["selected", *(["dimensionality"] if asked else [])]


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if generators(config) else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return ["model_recovery"] if generators(config) else []
