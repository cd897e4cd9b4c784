"""What a run gets of it."""

from __future__ import annotations

from typing import Any


def tables(config: Any) -> list[str]:
    return ["performance", "performance_group"]


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return [f"performance__{dataset}" for dataset in config.datasets]
