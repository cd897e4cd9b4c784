"""Draw the curves of one data set."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.distillation import figure
from tinycog.figures.style import note, save, shown


def plot(folder: Path, output: Path, *, dataset: str) -> None:
    """Write the figure of a data set, `output`.png and .pdf, from the tables in `folder`."""
    names = ("distillation", "distillation_summary", "distillation_crossings")
    tables = (pd.read_parquet(folder / f"{name}.parquet") for name in names)
    results, summary, crossings = (table[table["dataset"] == dataset] for table in tables)
    if not summary["n_trials"].gt(0).any():
        save(note("no subset has a result"), output)
        return
    shares, of_all = summary["n_targets"].max(), results["target"].nunique()
    some = f"{shares} of {of_all}" if shares < of_all else f"{shares}"
    title = f"{shown(dataset)}: {some} target{'s' if of_all > 1 else ''}\n{summary['interval'].iloc[0]}"
    save(figure.curves(summary, crossings, title=title), output)
