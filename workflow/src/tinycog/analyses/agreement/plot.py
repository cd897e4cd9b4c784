"""Draw the correlations of one subject's fits, and those of all subjects of a data set."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.agreement import figure as agreement
from tinycog.figures.style import note, save, shown
from tinycog.trials.subjects import directory


def plot_agreement(correlations: Path, output: Path, *, subject: str) -> None:
    """Write matrix and strips of one subject, `output`.png and .pdf.

    Args:
        correlations: rows of this subject, or of its chunk.
        subject: the subject's directory name.
    """
    table = pd.read_parquet(correlations)
    own = table[table["subject"].map(directory) == subject].reset_index(drop=True)
    if own["mean"].isna().all():
        save(note(_why_not(own)), output)
        return
    title = f"{shown(own['dataset'][0])}: {shown(own['subject'][0])}"
    save(agreement.of_subject(own, title), output)


def plot_subjects(correlations: Path, output: Path, *, dataset: str) -> None:
    """Write correlations within models against training choices, `output`.png and .pdf."""
    table = pd.read_parquet(correlations)
    own = table[table["dataset"] == dataset]
    within = own[(own["model_a"] == own["model_b"]) & (own["dim_a"] == own["dim_b"])]
    known = within.dropna(subset="mean").reset_index(drop=True)
    if known.empty:
        save(note(_why_not(within)), output)
        return
    save(agreement.over_subjects(known, f"{shown(dataset)}: {known['subject'].nunique()} subjects"), output)


def _why_not(rows: pd.DataFrame) -> str:
    reasons = list(dict.fromkeys(rows["reason"]))
    return f"no correlation: {reasons[0]}" if reasons else "every fit failed"
