"""Draw the test of drift and decay of one subject and one model."""

from __future__ import annotations

from pathlib import Path

from tinycog.analyses.drift import figure
from tinycog.analyses.drift.tables import ARROWS, DRIFT, SIGN
from tinycog.figures.style import note, save, shown
from tinycog.results.parts import of_subject


def plot(folder: Path, output: Path, *, subject: str, actions: list[str]) -> None:
    """Write the rates of every outer fold and the mean changes of the first one, `output`.png and .pdf.

    Args:
        folder: the tables of one model, of this subject or of its chunk.
        subject: the subject's directory name.
        actions: what the actions are called, by code.
    """
    rates, signs, arrows = (of_subject(folder / f"{table.name}.parquet", subject) for table in (DRIFT, SIGN, ARROWS))
    if rates.empty:
        save(note("every fit failed"), output)
        return
    if rates["note"].notna().all():
        save(note(rates["note"].iloc[0]), output)
        return
    first = rates.iloc[0]
    names = f"{shown(first['dataset'])}: {shown(first['subject'])}, {shown(first['model'])}"
    drawn = figure.drift(arrows, rates, signs, actions=actions, title=f"{names}, d = {first['dim']}")
    save(drawn, output)
