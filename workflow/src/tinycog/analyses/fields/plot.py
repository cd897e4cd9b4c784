"""Draw the cloud and the vector field of one subject and one model."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.fields import figure
from tinycog.figures.style import note, save, shown
from tinycog.results.parts import of_subject


def plot_cloud(folder: Path, output: Path, *, subject: str, actions: list[str]) -> None:
    """Write the logit changes of the first outer fold that has a fit, `output`.png and .pdf.

    Args:
        folder: the tables of one model, of this subject or of its chunk.
        subject: the subject's directory name.
        actions: what the actions are called, by code.
    """
    spreads, trials = (of_subject(folder / f"{name}.parquet", subject) for name in ("logit_changes", "cloud"))
    if spreads.empty:
        save(note("every fit failed"), output)
        return
    spreads = spreads[spreads["outer"] == spreads["outer"].min()]
    save(figure.cloud(trials, spreads, actions=actions, title=_title(spreads)), output)


def plot_field(folder: Path, output: Path, *, subject: str, actions: list[str]) -> None:
    """Write the vector field of the first outer fold that has a fit, `output`.png and .pdf; arguments as above."""
    names = ("field", "steps", "field_roots", "axes")
    grid, steps, roots, axes = (of_subject(folder / f"{name}.parquet", subject) for name in names)
    if grid.empty:
        save(note("every fit failed"), output)
        return
    save(figure.field(grid, steps, roots, axes.iloc[0], actions=actions, title=_title(grid)), output)


def _title(table: pd.DataFrame) -> str:
    first = table.iloc[0]
    names = f"{shown(first['dataset'])}: {shown(first['subject'])}, {shown(first['model'])}"
    return f"{names}, d = {first['dim']}\nouter fold {first['outer']}"
