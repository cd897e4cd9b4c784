"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from typing import Any

from tinycog.analyses.advantage.tables import TABLES
from tinycog.results.resampling import FEWEST_BLOCKS


def rivals(config: Any) -> list[str]:
    """Cognitive models that others are held against: those that saw choices, with or without a prior."""
    return [name for name in config.interpretable if not config.models[name].teacher]


def held(config: Any) -> list[str]:
    """Data sets that have rivals and other models."""
    of_rivals = {name: [config.fitted_to(model, name) for model in rivals(config)] for name in config.datasets}
    others = [model for model in config.models if model not in rivals(config)]
    return [
        name for name, of in of_rivals.items() if any(of) and any(config.fitted_to(model, name) for model in others)
    ]


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if held(config) else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    """Of data sets with enough subjects for an interval over these."""
    subjects = {name: {key[1] for key in fits if key[0] == name} for name in held(config)}
    return [f"advantage__{name}" for name, of in subjects.items() if len(of) >= FEWEST_BLOCKS]
