"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses import codebook
from tinycog.analyses.covariates.tables import TABLES

SOURCES = ("parameters_summary", "dimensionality", "setpoints", "description", "behaviour_history", "selected")


def datasets(config: Any) -> list[str]:
    """Data sets of whose subjects something is known."""
    return [name for name, dataset in config.datasets.items() if dataset.about_subjects]


def sources(config: Any) -> list[str]:
    """Tables that say what a run finds of each subject."""
    return [name for name in codebook.names(config) if name in SOURCES]


def conditions(config: Any) -> dict[str, str]:
    """Data set: column of its conditions."""
    columns = {name: getattr(dataset, "condition", None) for name, dataset in config.datasets.items()}
    return {name: column for name, column in columns.items() if column}


def decimals(config: Any) -> dict[str, str]:
    """Data set: decimal sign of its covariates, in a file of their own or in the user's table."""

    def of(dataset: Any) -> str:
        own_file = dataset.covariates if dataset.covariates and dataset.covariates.file else None
        return getattr(own_file or dataset, "decimal", ".")

    return {name: of(config.datasets[name]) for name in datasets(config)}


def groups(config: Any) -> list[str]:
    return config.analyses.covariates.groups if config.analyses.covariates else []


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if datasets(config) else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return [f"covariates__{name}" for name in datasets(config)]
