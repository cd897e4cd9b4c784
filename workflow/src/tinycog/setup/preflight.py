"""Checks made before any job starts: raw files are there, and a user's table has the columns asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.published import fetch
from tinycog.published import registry as published_files
from tinycog.sources import registry


def check(config: Config) -> None:
    """Raise InputError with one line for each data set whose raw data cannot be used. Reads names and headers only.

    Where published files are not there and have an address, a second line has the command that fetches them.
    """
    problems = []
    for name, dataset in config.datasets.items():
        try:
            registry.check(dataset.source, name, dataset.model_dump(), Path(config.raw))
        except InputError as error:
            key = f"datasets.{name}"
            problems.append(str(error) if str(error).startswith(key) else f"{key}: {error}")
            if advice := fetch.advice(dataset.model_dump(), Path(config.raw), published_files.load()):
                problems.append(f"{key}: {advice}")
            if beside := _beside(config, dataset.model_dump()):
                problems.append(f"{key}: nor is there {beside}, where a path from the config file's folder leads")
    if problems:
        raise InputError("\n".join(problems))


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
