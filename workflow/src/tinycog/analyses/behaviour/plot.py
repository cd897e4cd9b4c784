"""Draw the behaviour of one subject and of models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tinycog.analyses.behaviour.figure import Shown, behaviour
from tinycog.analyses.behaviour.tables import DISCREPANCY, HISTORY, REVERSAL, STAY, SWITCH
from tinycog.figures.style import apart, note, save, shown
from tinycog.trials.subjects import directory

MOST = 5  # models in a figure


def plot(folder: Path, output: Path, *, subject: str) -> None:
    """Write `output`.png and .pdf.

    Args:
        folder: the tables of this subject or of its chunk.
        subject: the subject's directory name.
    """
    tables = [_own(folder, table.name, subject) for table in (STAY, REVERSAL, HISTORY, SWITCH)]
    stay = tables[0]
    if stay.empty:
        save(note("no choice follows another"), output)
        return
    first = stay.iloc[0]
    title = f"{shown(first['dataset'], 40)}: {shown(first['subject'])}"
    save(behaviour(*tables, models=drawn(_own(folder, DISCREPANCY.name, subject)), title=title), output)


def drawn(discrepancy: pd.DataFrame) -> list[Shown]:
    """Of each model the dim that predicts validation choices best, and of these the best `MOST`, in their order."""
    fits = discrepancy.drop_duplicates(["source", "dim"]).reset_index(drop=True)
    fits = fits.assign(val_nll=fits["val_nll"].fillna(np.inf))
    best = fits.loc[fits.groupby("source", sort=False)["val_nll"].idxmin()]
    best = best.sort_values("val_nll", kind="stable")[:MOST].sort_index()
    names = apart([f"{row.source}, d = {row.dim}" for row in best.itertuples()], 24)
    rows = zip(best.itertuples(), names, strict=True)
    return [Shown(row.source, int(row.dim), row.family, name) for row, name in rows]


def _own(folder: Path, name: str, subject: str) -> pd.DataFrame:
    """The subject's rows of a table."""
    table = pd.read_parquet(folder / f"{name}.parquet")
    return table[table["subject"].map(directory) == subject].reset_index(drop=True)
