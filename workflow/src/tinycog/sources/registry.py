"""Which sources there are, by the names of the config."""

from __future__ import annotations

import importlib
from types import ModuleType

SOURCES = (
    *("simulate", "table", "bartolo", "akam_tr", "akam_rts", "akam_prl", "miller", "suthaharan", "bahrami", "gillan"),
    *("hou", "sabatini", "dezfouli", "eckstein", "zorowitz", "kool", "miranda", "ibl", "psytrack"),
)


def module(source: str) -> str:
    """Name of the module that reads or makes the data of `source`."""
    return f"tinycog.sources.{source}"


def load(source: str) -> ModuleType:
    """The module of `source`. It offers

    `files(options, raw)`: the raw files, found by name alone; InputError if one is missing;
    `check(name, options, raw)`: InputError for what names and headers alone show to be wrong;
    `prepare(name, options, raw, seed)`: a `Prepared`.
    """
    return importlib.import_module(module(source))
