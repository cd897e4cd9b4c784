"""Tables and figures that this analysis adds to a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinycog.analyses.agreement.tables import TABLES
from tinycog.results.layout import Layout


def places(config: Any, fits: list[tuple]) -> list[tuple[str, str]]:
    """(data set, subject) of every matrix of correlations, in the order of the fits."""
    return list(dict.fromkeys(key[:2] for key in fits)) if config.analyses.agreement else []


def parts(config: Any, layout: Layout, fits: list[tuple]) -> list[Path]:
    """Files of which the table is made: one of each subject or chunk."""
    return list(dict.fromkeys(layout.agreement(*place) for place in places(config, fits)))


def tables(config: Any) -> list[str]:
    return [table.name for table in TABLES] if config.analyses.agreement else []


def figures(config: Any, fits: list[tuple]) -> list[str]:
    """A matrix for each subject, and for each data set of several subjects how agreement grows with trials."""
    found = places(config, fits)
    datasets = [dataset for dataset, _ in found]
    several = [name for name in dict.fromkeys(datasets) if datasets.count(name) > 1]
    return ["__".join(("agreement", *place)) for place in found] + [f"agreement_subjects__{name}" for name in several]
