"""The config's JSON schema and its reference page, generated from the typed config so that they cannot disagree."""

from __future__ import annotations

import json
from typing import Any, get_args

import yaml
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from tinycog import config

HEADER = """\
# Configuration

Generated from `workflow/src/tinycog/config.py` by `make docs`; do not edit.

A run reads `config/config.yaml` (the demo), then the file given with `--configfile`, then `--config KEY=VALUE`.
`datasets`, `models` and `analyses` of the given file replace the default's whole; other sections merge key by key, but
`cv` and `training` of the demo, which are made for speed, are not inherited: what is not given has the paper's value.
Unknown keys are errors. `python -m tinycog plan FILE` shows what a file asks for before anything runs.

Ready-made runs are in `config/experiments/`.
"""


def _constant(section: type[BaseModel], key: str) -> str:
    """The one value that `key` of a section may have."""
    return get_args(section.model_fields[key].annotation)[0]


SECTIONS = (
    ("Top level", config.Config),
    ("datasets.NAME with `source: table`", config.TableDataset),
    *((f"datasets.NAME with `source: {_constant(section, 'source')}`", section) for section in config.PUBLIC),
    ("datasets.NAME with `source: simulate`", config.SimulateDataset),
    ("datasets.NAME.agent", config.Agent),
    *(
        (f"datasets.NAME.environment with `kind: {_constant(section, 'kind')}`", section)
        for section in config.ENVIRONMENTS
    ),
    ("models.NAME with `family: rnn`", config.RnnModel),
    ("models.NAME with `family: cognitive`", config.CognitiveModel),
    ("cv", config.CrossValidation),
    ("training", config.Training),
    ("analyses", config.Analyses),
    ("analyses.dimensionality", config.Dimensionality),
    ("analyses.portraits", config.Portraits),
)


def schema() -> str:
    """JSON schema of a complete config, as YAML."""
    return yaml.safe_dump(config.Config.model_json_schema(), sort_keys=False, allow_unicode=True, width=120)


def reference() -> str:
    """The page `config/README.md`: every key with its default and meaning."""
    parts = [HEADER]
    for title, section in SECTIONS:
        parts.append(
            f"\n## {title}\n\n{(section.__doc__ or '').strip()}\n\n| key | default | meaning |\n|---|---|---|\n"
        )
        for name, field in section.model_fields.items():
            if name in ("source", "family", "kind"):
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
