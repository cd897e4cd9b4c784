"""Draw the evidence about one subject, and the answers of all subjects of a data set."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.strategy import figure
from tinycog.figures.style import note, save, shown
from tinycog.results.parts import of_subject


def plot_strategy(evidence: Path, output: Path, *, subject: str) -> None:
    """Write the evidence about one subject, `output`.png and .pdf.

    Args:
        evidence: rows of this subject, or of its chunk.
        subject: the subject's directory name.
    """
    own = of_subject(evidence, subject)
    if own.empty:
        save(note("there is no hand-written model to compare"), output)
        return
    save(figure.of_subject(own, f"{shown(own['dataset'][0])}: {shown(own['subject'][0])}"), output)


def plot_strategies(strategy: Path, output: Path, *, dataset: str) -> None:
    """Write how many subjects have which answer, `output`.png and .pdf."""
    table = pd.read_parquet(strategy)
    own = table[table["dataset"] == dataset]
    if own[list(figure.COUNTED)].isna().all(axis=None):
        save(note("nothing is told: the models all assume the same"), output)
        return
    save(figure.of_many(own, f"{shown(dataset)}: {len(own)} subjects"), output)
