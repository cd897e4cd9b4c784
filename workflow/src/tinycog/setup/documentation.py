"""The config's JSON schema and its reference page, generated from the typed config so that they cannot disagree."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from typing import Any, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from tinycog import config
from tinycog.sections.messages import members_of

TAGS = ("source", "family", "kind")  # keys that tell which section it is
HEADER = """\
# Configuration

Generated from the sections in `workflow/src/tinycog` by `make docs`; do not edit.

A run reads `config/config.yaml` (the demo), then the file given with `--configfile`, then `--config KEY=VALUE`.
`datasets`, `models` and `analyses` of the given file replace those of the default file as a whole; other sections merge
key by key, but `cv` and `training` of the demo, which are made for speed, are not inherited: what is not given has the
paper's value. Unknown keys are errors. `tinycog plan FILE` shows what a file asks for before anything runs.

Ready-made runs are in `config/experiments/`.
"""


def sections(annotation: Any = config.Config, key: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Every section of the config below `key`, with a title that says where it stands."""
    members = list(members_of(annotation))
    kinds = [member for member in members if isinstance(member, type) and issubclass(member, BaseModel)]
    for section in kinds:
        tags = [f"`{name}: {tag}`" for name in TAGS if name in section.model_fields for tag in _only(section, name)]
        yield " with ".join([key or "Top level", *(tags if len(kinds) > 1 else [])]), section
        for name, field in section.model_fields.items():
            yield from sections(field.annotation, f"{key}.{name}".lstrip("."))
    for member in members:
        if get_origin(member) is dict:
            yield from sections(get_args(member)[1], f"{key}.NAME")


def _only(section: type[BaseModel], key: str) -> tuple[str, ...]:
    """The one value that `key` of a section may have."""
    return get_args(section.model_fields[key].annotation)


def schema() -> str:
    """JSON schema of a complete config, as YAML."""
    return yaml.safe_dump(config.Config.model_json_schema(), sort_keys=False, allow_unicode=True, width=120)


def reference() -> str:
    """The page `config/README.md`: every key with its default and meaning."""
    parts = [HEADER]
    places: dict[type[BaseModel], dict[str, None]] = {}
    for title, section in sections():
        places.setdefault(section, {})[title] = None
    for section, titles in places.items():
        about = inspect.cleandoc(section.__doc__ or "")
        parts.append(f"\n## {', '.join(titles)}\n\n{about}\n")
        if section.model_fields:
            parts.append("\n| key | default | meaning |\n|---|---|---|\n")
        for name, field in section.model_fields.items():
            if name in TAGS:
                continue
            meaning = (field.description or "").replace("|", "\\|")
            parts.append(f"| `{name}` | {_default(field.get_default(call_default_factory=True))} | {meaning} |\n")
    return "".join(parts)


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "required"
    if isinstance(value, BaseModel):
        return "see below"
    return f"`{json.dumps(value)}`"
