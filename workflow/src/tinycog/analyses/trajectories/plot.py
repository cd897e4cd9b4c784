"""Draw the paths of one subject and one model."""

from __future__ import annotations

from pathlib import Path

from tinycog.analyses.trajectories import figure
from tinycog.analyses.trajectories.tables import PLANES, REVERSALS, STREAMS
from tinycog.figures.style import note, save, shown
from tinycog.results.parts import of_subject


def plot(folder: Path, output: Path, *, subject: str, actions: list[str]) -> None:
    """Write the paths of the first outer fold that has a fit, `output`.png and .pdf.

    Args:
        folder: the tables of one model, of this subject or of its chunk.
        subject: the subject's directory name.
        actions: what the actions are called, by code.
    """
    tables = (PLANES, REVERSALS, STREAMS)
    planes, after, streams = (of_subject(folder / f"{table.name}.parquet", subject) for table in tables)
    if planes.empty:
        save(note("every fit failed"), output)
        return
    plane = planes.iloc[0]
    names = f"{shown(plane['dataset'])}: {shown(plane['subject'])}, {shown(plane['model'])}"
    title = f"{names}, d = {plane['dim']}, outer fold {plane['outer']}"
    save(figure.trajectories(after, streams, plane, actions=actions, title=title), output)
