"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinycog.analyses.description.tables import DESCRIPTION, SUBJECTS
from tinycog.sources import covariates


def tables(config: Any) -> list[str]:
    about = any(dataset.about_subjects for dataset in config.datasets.values())
    return [table.name for table in (DESCRIPTION, *([SUBJECTS] if about else []))]


def covariate_files(config: Any) -> dict[str, dict[str, Any]]:
    """Data set: section `covariates` of those that have a file, with the path where it is."""
    sections = {name: dataset.covariates for name, dataset in config.datasets.items()}
    about = {name: section.model_dump() for name, section in sections.items() if section and section.file}
    raw = Path(config.raw)
    return {name: of | {"file": str(covariates.file(name, of, raw))} for name, of in about.items()}


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return [f"description__{dataset}" for dataset in config.datasets]
