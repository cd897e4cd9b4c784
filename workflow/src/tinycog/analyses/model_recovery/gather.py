"""Put the fits to choices that kept fits played together."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from tinycog.analyses.model_recovery.tables import FITS
from tinycog.results.grid import Grid
from tinycog.results.parts import by_subject, concatenate
from tinycog.trials.subjects import directory


def gather(root: Path, *, grid: dict[str, Any], subjects: int | None, simulations: int) -> None:
    """Write table `recovery_fits` under `root`, from the files that exist.

    Args:
        subjects: how many of each data set, from the first; None for all.
        simulations: of each fit.
    """
    the_grid = Grid.of(root, grid)
    rows_in = cache(by_subject)  # a chunk's subjects share files
    files = (
        (subject, the_grid.layout.played(dataset, directory(subject), *model, i))
        for dataset in the_grid.datasets
        for subject in the_grid.subjects_of(dataset, subjects)
        for model in the_grid.models_of(dataset)
        for i in range(simulations)
    )
    parts = (rows_in(file).get(subject) for subject, file in files)
    concatenate([part for part in parts if part is not None], FITS, root / "tables")
