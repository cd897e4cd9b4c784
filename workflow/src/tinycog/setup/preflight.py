"""Checks made before any job starts: raw files are there.

A user's table has the columns asked for, and so has a file of covariates, whose ids are those of the data. Marks of
subjects are such.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.published import fetch
from tinycog.published import registry as published_files
from tinycog.sections.dataset import Dataset
from tinycog.sources import covariates, marks, registry


def check(config: Config) -> None:
    """Raise InputError with one line for each data set whose raw data cannot be used. Reads names and headers only,
    and files about subjects.

    Where published files are not there and have an address, a second line has the command that fetches them.
    """
    problems = []
    for name, dataset in config.datasets.items():
        try:
            registry.check(dataset.source, name, dataset.model_dump(), Path(config.raw))
            _check_covariates(name, dataset, Path(config.raw))
            if dataset.marks:
                marks.read(name, marks.file(name, dataset.marks, Path(config.raw)))
        except InputError as error:
            key = f"datasets.{name}"
            problems.append(str(error) if str(error).startswith(key) else f"{key}: {error}")
            if advice := fetch.advice(dataset.model_dump(), Path(config.raw), published_files.load()):
                problems.append(f"{key}: {advice}")
            if beside := _beside(config, dataset.model_dump()):
                problems.append(f"{key}: nor is there {beside}, where a path from the config file's folder leads")
    if problems:
        raise InputError("\n".join(problems))


def _check_covariates(name: str, dataset: Dataset, raw: Path) -> None:
    """Read the file of covariates, if there is one, and compare its ids with those of a user's table or simulation.

    The ids of public data are known once these are prepared: `gather_subjects` compares them.
    """
    if not dataset.covariates or not dataset.covariates.file:
        return
    known, options = None, dataset.model_dump()
    if dataset.source == "table":
        known = registry.load("table").persons(name, options, raw)
    elif dataset.source == "simulate":
        known = [f"s{i}" for i in range(dataset.n_subjects)]
    about = dataset.covariates.model_dump()
    covariates.read(name, covariates.file(name, about, raw), about, known, options.get("condition"))


def _beside(config: Config, options: Mapping[str, Any]) -> str:
    """Where a user's table that was not found would lie beside the config files; nothing in all other cases."""
    if options["source"] != "table":
        return ""
    given = options["file"] or options["files"]
    file = Path(given if isinstance(given, str) else given[0])
    folders = [folder for folder in config.folders if folder.absolute() != Path.cwd()]
    try:
        registry.load("table").files(options, Path(config.raw))
    except InputError:
        return "" if file.is_absolute() else " or ".join(str(folder / file) for folder in folders)
    return ""
