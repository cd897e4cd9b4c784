"""Which files the page is made of, and which it consists of: for the workflow's rules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import tinycog
from tinycog.analyses import codebook, coverage
from tinycog.analyses.fields import outputs as fields
from tinycog.analyses.portraits import outputs as portraits
from tinycog.models import registry
from tinycog.models.cognitive.declaration import NOTATION
from tinycog.page.places import FEW, link
from tinycog.results.layout import Layout

FOLDER = Path(__file__).parent
OF_ALL = (
    *("description", "performance", "excluded", "dimensionality", "setpoints", "signatures"),
    *("strategy", "model_comparison"),
)
OF_ONE = (
    *(*OF_ALL, "strategy_evidence", "behaviour_stay", "behaviour_reversal", "behaviour_discrepancy"),
    *("parameters_summary", "symbolic_regression"),
)


def tables(config: Any, layout: Layout, wanted: Iterable[str]) -> list[str]:
    """The `wanted` tables, of those that the run makes."""
    made = set(codebook.names(config))
    return [str(layout.root / "tables" / f"{name}.parquet") for name in wanted if name in made]


def files(layout: Layout, fits: list[tuple]) -> list[str]:
    """The page, and the pages of subjects where these are few."""
    of_each = of_subjects(layout, fits)
    return [str(layout.root / "index.html"), *(of_each if len(of_each) <= FEW else [])]


def of_subjects(layout: Layout, fits: list[tuple]) -> list[str]:
    """The page of every subject that has a fit."""
    return [str(layout.root / link(*place)) for place in dict.fromkeys(key[:2] for key in fits)]


def drawn(config: Any, layout: Layout, fits: list[tuple], dataset: str, subject: str) -> list[str]:
    """Files of the portraits and vector fields of a subject, by its directory name."""
    own = [key for key in fits if key[:2] == (dataset, subject)]
    of_fields = ("steps", "field_roots", "axes", "field", "value_field", "value_trials")
    names = {portraits: ("maps", "roots", "visited"), fields: of_fields}
    return [
        str(layout.dynamics(*place, name))
        for outputs, of_place in names.items()
        for place in coverage.places(outputs.dims(config), own)
        for name in of_place
    ]


def figures_of(config: Any, outputs: Mapping[str, ModuleType], fits: list[tuple]) -> dict[tuple[str, str], list[str]]:
    """Data set and subject, by its directory name: names of the figures that the run makes of the subject."""
    found: dict[tuple[str, str], list[str]] = {}
    for name in (name for of in outputs.values() for name in of.figures(config, fits)):
        _, *place = name.split("__")
        if len(place) > 1:
            found.setdefault((place[0], place[1]), []).append(name)
    return found


def equations(config: Any, dataset: str) -> dict[str, list[str]]:
    """Equations of the cognitive models of a data set, of those that have them printed, by their keys in the config."""
    task = config.datasets[dataset].task_object
    names = {
        key: spec.model or key
        for key, spec in config.models.items()
        if spec.family == "cognitive" and config.fitted_to(key, dataset)
    }
    found = {key: registry.cognitive(task, name).written for key, name in names.items()}
    return {key: lines for key, lines in found.items() if lines}


def about(config: Any) -> dict[str, Any]:
    """What the page says of the config, as plain values."""
    models = {}
    for name in config.models:
        spec = config.model_slice(name)
        models[name] = {key: spec[key] for key in ("family", "cell", "l1") if key in spec}
        models[name]["dims"] = sorted({dim for dims in config.dims(name).values() for dim in dims})
    asked = {name: {} for name, section in config.analyses.__dict__.items() if section}
    if strategy := config.analyses.strategy:
        asked["strategy"] = {"tolerance": strategy.tolerance}
    return {
        "run": config.run,
        "version": tinycog.__version__,
        "seed": config.seed,
        "datasets": {
            name: {"cv": config.folds(name), "actions": section.action_labels, "equations": equations(config, name)}
            for name, section in config.datasets.items()
        },
        "notation": NOTATION,
        "models": models,
        "training": config.training.model_dump(),
        "analyses": asked,
    }


def templates() -> str:
    """A digest of what the page's code reads beside its modules: templates, style, script, known agents."""
    content = b"".join(path.read_bytes() for path in sorted([*FOLDER.glob("templates/*"), FOLDER / "agents.json"]))
    return hashlib.sha256(content).hexdigest()[:16]
