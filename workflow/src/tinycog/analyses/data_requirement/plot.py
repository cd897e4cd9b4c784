"""Draw the loss of the models of one subject against the number of trials."""

from __future__ import annotations

from pathlib import Path

from tinycog.analyses.data_requirement.figure import requirement
from tinycog.analyses.data_requirement.tables import CROSSING, DIFFERENCE, REQUIREMENT
from tinycog.figures.style import note, save
from tinycog.results.parts import of_subject


def plot(folder: Path, output: Path, *, dataset: str, subject: str) -> None:
    """Write `output`.png and .pdf.

    Args:
        folder: of the run's tables.
        subject: the subject's directory name.
    """
    of_one = (of_subject(folder / f"{table.name}.parquet", subject) for table in (REQUIREMENT, DIFFERENCE, CROSSING))
    curves, differences, crossings = (table[table["dataset"] == dataset] for table in of_one)
    if curves["test_nll"].isna().all():
        save(note("no model can be compared at any size; see table data_requirement"), output)
        return
    save(requirement(curves, differences, crossings), output)
