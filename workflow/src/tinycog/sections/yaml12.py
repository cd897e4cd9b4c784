"""YAML in which 1e-5 is a number, as people write it and as YAML 1.2 has it; PyYAML alone takes it for text."""

from __future__ import annotations

import re
from typing import Any

import yaml

NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)[eE][-+]?\d+$")
WORDS = {"true": True, "True": True, "false": False, "False": False, "null": None, "Null": None}


class Loader(yaml.SafeLoader):
    """The safe loader, with such numbers."""


Loader.add_implicit_resolver("tag:yaml.org,2002:float", NUMBER, list("-+.0123456789"))


def read(text: str) -> Any:
    """Values of a YAML text."""
    return yaml.load(text, Loader=Loader)


def reread(value: Any) -> Any:
    """What Snakemake read of its command line, where it leaves such numbers, true, false and null as texts."""
    if isinstance(value, dict):
        return {key: reread(own) for key, own in value.items()}
    if isinstance(value, list):
        return [reread(own) for own in value]
    if not isinstance(value, str):
        return value
    return float(value) if NUMBER.match(value) else WORDS.get(value, value)
