"""Parts of a table: those of different subjects in one file, or of one table in many files."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd

from tinycog.results.columns import Table
from tinycog.results.grid import Grid
from tinycog.trials.subjects import directory


def by_subject(path: Path) -> dict[str, pd.DataFrame]:
    """The rows of each subject in a file (Parquet); none if there is no file."""
    return dict(iter(pd.read_parquet(path).groupby("subject", sort=False))) if path.is_file() else {}


def of_subject(path: Path, subject: str) -> pd.DataFrame:
    """The rows of one subject, by the name of its directory, in a file (Parquet)."""
    table = pd.read_parquet(path)
    return table[table["subject"].map(directory) == subject].reset_index(drop=True)


def of_models(grid: Grid, place: Callable[..., Path]) -> list[pd.DataFrame]:
    """The rows of each subject and model of a grid, from the files that exist.

    Args:
        place: file of a data set, a subject's directory, a model and a dim.
    """
    rows_in = cache(by_subject)  # a chunk's subjects share files
    found = (
        rows_in(place(dataset, directory(subject), model, dim)).get(subject)
        for dataset, subject in grid.subjects()
        for model, dim in grid.models_of(dataset)
    )
    return [part for part in found if part is not None]


def of_fits(grid: Grid, place: Callable[..., Path]) -> list[pd.DataFrame]:
    """As `of_models`, of every outer fold: `place` has a further argument, the fold."""
    rows_in = cache(by_subject)
    found = (rows_in(place(*grid.where(keys))).get(keys["subject"]) for keys in grid.fits())
    return [part for part in found if part is not None]


def concatenate(parts: list[pd.DataFrame], table: Table, folder: Path) -> None:
    """Write the rows of `parts`, in their order, as the table of a run to its folder of tables."""
    table.write(folder, pd.concat(parts, ignore_index=True) if parts else [])
