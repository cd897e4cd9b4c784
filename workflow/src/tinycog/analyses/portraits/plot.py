"""Draw the phase portrait and the setpoints of one subject and one model."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.portraits import figure as portraits
from tinycog.analyses.portraits.scaling import scaled
from tinycog.analyses.portraits.variants import sheet
from tinycog.figures.style import note, save, shown
from tinycog.results.parts import of_subject


def plot_portrait(folder: Path, output: Path, *, subject: str, actions: list[str], limit: float | None = None) -> None:
    """Write the portrait of the first outer fold that has a fit, `output`.png and .pdf.

    Args:
        folder: the tables of one model, of this subject or of its chunk.
        subject: the subject's directory name.
        actions, limit: see `tinycog.analyses.portraits.figure.phase_portrait`.
    """
    tables = [of_subject(folder / f"{name}.parquet", subject) for name in ("maps", "visited", "roots")]
    maps = tables[0]
    if maps.empty:
        save(note("every fit failed"), output)
        return
    first = int(maps["outer"].min())
    options = {"outer": first, "actions": actions, "limit": limit}
    save(portraits.phase_portrait(*tables, **options, title=f"{_title(maps)}, outer fold {first}"), output)


def plot_variants(folder: Path, output: Path, *, subject: str, actions: list[str], variants: list[str]) -> None:
    """Write other views of the portrait, `output`.png and .pdf; further arguments as in `plot_portrait`.

    Args:
        variants: see `tinycog.analyses.portraits.variants.sheet`.
    """
    maps, visited = (of_subject(folder / f"{name}.parquet", subject) for name in ("maps", "visited"))
    if maps.empty:
        save(note("every fit failed"), output)
        return
    first = int(maps["outer"].min())
    options = {"outer": first, "actions": actions, "variants": variants}
    save(sheet(maps, visited, **options, title=f"{_title(maps)}, outer fold {first}".replace("\n", ", ")), output)


def plot_setpoints(folder: Path, output: Path, *, subject: str, actions: list[str]) -> None:
    """Write the setpoints over outer folds, `output`.png and .pdf; arguments as in `plot_portrait`."""
    table = of_subject(folder / "setpoints.parquet", subject)
    if table.empty or table["setpoint"].isna().all():
        save(note("no fit has a setpoint"), output)
        return
    title = f"{_title(table)}, {table['outer'].nunique()} outer folds"
    save(portraits.setpoints(*scaled(table), actions=actions, title=title), output)


def _title(table: pd.DataFrame) -> str:
    first = table.iloc[0]
    return f"{shown(first['dataset'])}: {shown(first['subject'])}\n{shown(first['model'])}, d = {first['dim']}"
