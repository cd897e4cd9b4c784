"""What this analysis adds to a run: files of trials, and neither tables nor figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinycog.results.layout import Layout


def suffixes(config: Any) -> list[str]:
    """Kinds of files of each model."""
    section = config.analyses.trials
    return [".parquet", ".csv"] if section and section.csv else [".parquet"]


def exports(config: Any, layout: Layout, fits: list[tuple]) -> list[Path]:
    """A file for each subject (or chunk), model and dim."""
    if config.analyses.trials is None:
        return []
    places = dict.fromkeys(layout.trialwise(*key[:4]) for key in fits)
    return [place.with_suffix(suffix) for place in places for suffix in suffixes(config)]


def tables(config: Any) -> list[str]:
    return []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    return []
