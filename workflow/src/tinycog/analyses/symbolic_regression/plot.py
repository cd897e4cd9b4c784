"""Draw the equations of one model, and the test NLL of equations as models."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.symbolic_regression import figure
from tinycog.figures.style import note, save, shown
from tinycog.results.parts import of_subject


def plot_equations(folder: Path, output: Path, *, subject: str, actions: list[str]) -> None:
    """Write the equations of the first outer fold that has a fit, `output`.png and .pdf.

    Args:
        folder: the tables of one model, of this subject or of its chunk.
        subject: the subject's directory name.
        actions: what the actions are called, by code.
    """
    names = ("symbolic_regression", "formula_points", "formula_curves")
    equations, points, curves = (of_subject(folder / f"{name}.parquet", subject) for name in names)
    if equations.empty:
        save(note("every fit failed"), output)
        return
    equations = equations[equations["outer"] == equations["outer"].min()]
    first = equations.iloc[0]
    title = f"{shown(first['dataset'])}: {shown(first['subject'])}, {shown(first['model'])}, d = {first['dim']}"
    title = f"{title}, outer fold {first['outer']}"
    save(figure.equations(equations, points, curves, actions=actions, title=title), output)


def plot_formulas(formulas: Path, output: Path, *, dataset: str) -> None:
    """Write the test NLL of a data set's models relative to that of their equations, `output`.png and .pdf."""
    table = pd.read_parquet(formulas)
    own = table[(table["dataset"] == dataset) & table["formula_minus_model"].notna()]
    if own.empty:
        save(note("no equations were fitted: see column reason of table formulas"), output)
        return
    save(figure.formulas(own, title=shown(dataset, 40)), output)
