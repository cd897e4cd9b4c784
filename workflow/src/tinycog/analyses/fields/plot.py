"""Draw the cloud and the vector fields of one subject and one model."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.fields import figure, figure_values
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


def plot_values(folder: Path, output: Path, *, subject: str, actions: list[str], reward: int) -> None:
    """Write the fields of two values at a time, `output`.png and .pdf; arguments as above.

    Args:
        reward: 0 for trials without a reward, 1 for those with one.
    """
    grid, trials = (of_subject(folder / f"{name}.parquet", subject) for name in ("value_field", "value_trials"))
    own, visits = (table[table["condition"].str.endswith(f"R{reward}")] for table in (grid, trials))
    if own.empty:
        save(note("every fit failed, or all conditions have too few trials"), output)
        return
    title = _title(own).replace("\n", ", ")
    save(figure_values.values(own, visits, reward=reward, actions=actions, title=title), output)


def plot_quiver(folder: Path, output: Path, *, subject: str, actions: list[str]) -> None:
    """Write the steps of three logits, `output`.png and .pdf; arguments as above."""
    steps = of_subject(folder / "logit_steps.parquet", subject)
    if steps.empty:
        save(note("every fit failed"), output)
        return
    save(figure_values.quiver(steps, actions=actions, title=_title(steps).replace("\n", ", ")), output)


def _title(table: pd.DataFrame) -> str:
    first = table.iloc[0]
    names = f"{shown(first['dataset'])}: {shown(first['subject'])}, {shown(first['model'])}"
    return f"{names}, d = {first['dim']}\nouter fold {first['outer']}"
