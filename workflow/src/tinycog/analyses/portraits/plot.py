"""Draw the phase portrait and the setpoints of one subject and one model."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.portraits import figure as portraits
from tinycog.figures.style import note, save


def plot_portrait(folder: Path, output: Path) -> None:
    """Write the portrait of the first outer fold that has a fit, `output`.png and .pdf."""
    tables = [pd.read_parquet(folder / f"{name}.parquet") for name in ("maps", "visited", "fixed_points")]
    maps = tables[0]
    if maps.empty:
        save(note("no fit was kept"), output)
        return
    first = maps["outer"].min()
    own = [table[table["outer"] == first] for table in tables]
    save(portraits.phase_portrait(*own, title=f"{_title(maps)}, outer fold {first}"), output)


def plot_setpoints(folder: Path, output: Path) -> None:
    """Write the setpoints over outer folds, `output`.png and .pdf."""
    table = pd.read_parquet(folder / "setpoints.parquet")
    if table.empty or table["setpoint"].isna().all():
        save(note("no fit has a setpoint"), output)
        return
    save(portraits.setpoints(table, title=f"{_title(table)}, {table['outer'].nunique()} outer folds"), output)


def _title(table: pd.DataFrame) -> str:
    first = table.iloc[0]
    return f"{first['dataset']}, {first['subject']}, {first['model']} d = {first['dim']}"
