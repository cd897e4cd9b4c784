"""Draw the coefficients and matrices of one subject and model, or of all subjects of a data set."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.dynamical_regression import figure as figures
from tinycog.analyses.dynamical_regression import summary
from tinycog.analyses.dynamical_regression.tables import DYNAMICAL_REGRESSION, MATRICES
from tinycog.figures.style import note, save, shown
from tinycog.results.parts import of_subject

FAILED = "every fit failed"
NOTHING = "no condition has coefficients: see `note` in table dynamical_regression"


def plot_subject(folder: Path, output: Path, *, subject: str, actions: list[str]) -> None:
    """Write the coefficients of a subject over outer folds, `output`.png and .pdf.

    Args:
        folder: the tables of one model, of this subject or of its chunk.
        subject: the subject's directory name.
        actions: what the actions are called, by code.
    """
    table = of_subject(folder / f"{DYNAMICAL_REGRESSION.name}.parquet", subject)
    if table.empty or table["intercept"].isna().all():
        save(note(FAILED if table.empty else NOTHING), output)
        return
    rows = summary.over_folds(summary.coefficients(table))
    save(figures.of_subject(rows, actions=actions, title=_title(table, table["subject"].iloc[0])), output)


def plot_matrices(folder: Path, output: Path, *, subject: str, actions: list[str]) -> None:
    """Write the mean matrices of a subject over outer folds, `output`.png and .pdf; arguments as in `plot_subject`."""
    table = of_subject(folder / f"{MATRICES.name}.parquet", subject)
    _save_matrices(table, output, actions, "" if table.empty else table["subject"].iloc[0])


def plot_group(
    folder: Path, output: Path, *, dataset: str, model: str, dim: int, actions: list[str], trim: float | None = None
) -> None:
    """Write the coefficients of all subjects, `output`.png and .pdf.

    Args:
        folder: the run's tables.
        trim: a percentile, see `tinycog.analyses.dynamical_regression.summary.trimmed`.
    """
    table = _of_model(folder / f"{DYNAMICAL_REGRESSION.name}.parquet", dataset, model, dim)
    if table.empty or table["intercept"].isna().all():
        save(note(FAILED if table.empty else NOTHING), output)
        return
    everybody = summary.over_folds(summary.coefficients(table))
    kept, counts = summary.trimmed(everybody, trim)
    title = _title(table, "all subjects" if trim is None else f"trimmed at {trim:g} and {100 - trim:g}%")
    save(figures.of_group(kept, everybody, counts, actions=actions, title=title), output)


def plot_group_matrices(folder: Path, output: Path, *, dataset: str, model: str, dim: int, actions: list[str]) -> None:
    """Write the mean matrices of all subjects, `output`.png and .pdf; arguments as in `plot_group`."""
    table = _of_model(folder / f"{MATRICES.name}.parquet", dataset, model, dim)
    _save_matrices(table, output, actions, f"mean of {table['subject'].nunique()} subjects")


def _save_matrices(table: pd.DataFrame, output: Path, actions: list[str], whose: str) -> None:
    if table.empty or table["matrix"].isna().all():
        save(note(FAILED if table.empty else NOTHING), output)
        return
    save(figures.matrices(summary.mean_matrices(table), actions=actions, title=_title(table, whose)), output)


def _of_model(path: Path, dataset: str, model: str, dim: int) -> pd.DataFrame:
    filters = [("dataset", "==", dataset), ("model", "==", model), ("dim", "==", dim)]
    return pd.read_parquet(path, filters=filters)


def _title(table: pd.DataFrame, whose: str) -> str:
    first = table.iloc[0]
    return f"{shown(first['dataset'])}: {shown(whose, 30)}, {shown(first['model'])}, d = {first['dim']}"
