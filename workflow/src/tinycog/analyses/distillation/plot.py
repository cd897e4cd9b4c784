"""Draw the curves of one data set."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.distillation import figure
from tinycog.figures.style import note, save, shown


def plot(folder: Path, output: Path, *, dataset: str) -> None:
    """Write the figure of a data set, `output`.png and .pdf, from the tables in `folder`."""
    tables = [pd.read_parquet(folder / f"distillation_{name}.parquet") for name in ("summary", "crossings")]
    summary, crossings = (table[table["dataset"] == dataset] for table in tables)
    if not summary["n_trials"].gt(0).any():
        save(note("no subset has a result"), output)
        return
    most, intervals = summary["n_targets"].max(), summary["interval"].iloc[0]
    title = f"{shown(dataset)}: {most} target{'s' if most > 1 else ''}\n{intervals}"
    of_all = summary["n_targets"] == most
    if not of_all.all():  # along a curve the number of trials alone is to change
        title += f"\nwithout subsets that not all have: {', '.join(summary.loc[~of_all, 'subset'].unique())} blocks"
    save(figure.curves(summary[of_all], crossings, title=title), output)
