"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses import coverage
from tinycog.analyses.dimensionality.tables import DIMENSIONALITY, POWER
from tinycog.results.layout import Layout
from tinycog.simulation.of_datasets import of_dataset


def competing(config: Any) -> list[str]:
    """Models that compete for d*."""
    section = config.analyses.dimensionality
    return section.competing(config.models) if section else []


def n_simulations(config: Any) -> int:
    """Simulated data sets of each subject."""
    return config.analyses.dimensionality.power if competing(config) else 0


def networks(config: Any, dataset: str) -> dict[str, dict[str, Any]]:
    """name: dims, section and training of the models that compete on a data set."""
    return coverage.refitted(config, dataset, competing(config))


def played(config: Any, dataset: str) -> dict[str, Any]:
    """In which environment they play."""
    return of_dataset(config, dataset)


def simulations(config: Any, layout: Layout, fits: list[tuple]) -> list[str]:
    """Files of the fits to simulated choices; the subjects of a chunk share them."""
    places = [place for place in dict.fromkeys(key[:2] for key in fits) if networks(config, place[0])]
    files = (layout.simulation(*place, i) for place in places for i in range(n_simulations(config)))
    return list(dict.fromkeys(map(str, files)))


def tables(config: Any) -> list[str]:
    asked = [DIMENSIONALITY] * bool(competing(config)) + [POWER] * bool(n_simulations(config))
    return [table.name for table in asked]


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return tables(config)
