"""What a run gets of it."""

from __future__ import annotations

from typing import Any


def tables(config: Any) -> list[str]:
    return ["description"]


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return [f"description__{dataset}" for dataset in config.datasets]
