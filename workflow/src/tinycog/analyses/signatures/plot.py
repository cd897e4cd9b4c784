"""Draw the signatures of one subject and one model, and indifference over subjects."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.signatures import figure, summary
from tinycog.figures.style import note, save, shown
from tinycog.results.parts import of_subject


def plot_signatures(folder: Path, output: Path, *, subject: str, actions: list[str]) -> None:
    """Write the curves over outer folds and the choice frequencies of the first, `output`.png and .pdf.

    Args:
        folder: the tables of one model, of this subject or of its chunk.
        subject: the subject's directory name.
        actions: what the actions are called, by code.
    """
    curves, frequency = (of_subject(folder / f"{name}.parquet", subject) for name in ("curves", "choice_frequency"))
    if curves.empty:
        save(note("no fit whose logit depends on its state and takes both signs"), output)
        return
    first = curves.iloc[0]
    names = f"{shown(first['dataset'])}: {shown(first['subject'])}, {shown(first['model'])}, d = {first['dim']}"
    title = f"{names}, {curves['outer'].nunique()} outer folds"
    folds = summary.in_range(curves)
    save(figure.signatures(folds, summary.over_folds(folds), frequency, actions=actions, title=title), output)


def plot_indifference(tables: Path, output: Path, *, dataset: str, model: str) -> None:
    """Write the scatter of one data set and model, `output`.png and .pdf."""
    names = ("indifference_subjects", "indifference", "indifference_lines")
    read = (pd.read_parquet(tables / f"{name}.parquet") for name in names)
    subjects, correlations, lines = (
        table[(table["dataset"] == dataset) & (table["model"] == model)].reset_index(drop=True) for table in read
    )
    if correlations["r"].isna().all():
        save(note(f"no correlation: {correlations['note'].iloc[0]}"), output)
        return
    title = f"{shown(dataset)}: {shown(model)}, subjects"
    save(figure.indifference(subjects, correlations, lines, title=title), output)
