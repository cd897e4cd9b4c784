"""Which sources there are, by the names of the config."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

SOURCES = (
    *("simulate", "table", "bartolo", "akam_tr", "akam_rts", "akam_prl", "miller", "suthaharan", "bahrami", "gillan"),
    *("hou", "sabatini", "dezfouli", "eckstein", "zorowitz", "kool", "miranda", "ibl", "psytrack"),
)


def module(source: str) -> str:
    """Name of the module that reads or makes the data of `source`."""
    return f"tinycog.sources.{source}"


def load(source: str) -> ModuleType:
    """The module of `source`. It offers

    `files(options, raw)`: the raw files, those that the config names or else found by name alone; InputError if one
    is missing or of no use;
    `prepare(name, options, raw, seed)`: a `Prepared`;
    `check(name, options, raw)`, optional: InputError for what names and headers alone show to be wrong.
    """
    return importlib.import_module(module(source))


def check(source: str, name: str, options: Mapping[str, Any], raw: Path) -> None:
    """Raise InputError if files are missing, or if their names and headers show that something else is wrong."""
    reader = load(source)
    reader.files(options, raw)
    if hasattr(reader, "check"):
        reader.check(name, options, raw)
