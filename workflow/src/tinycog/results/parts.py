"""Parts of a table: those of different subjects in one file, or of one table in many files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.results.columns import Table


def by_subject(path: Path) -> dict[str, pd.DataFrame]:
    """The rows of each subject in a file (Parquet); none if there is no file."""
    return dict(iter(pd.read_parquet(path).groupby("subject", sort=False))) if path.is_file() else {}


def concatenate(parts: list[pd.DataFrame], table: Table, folder: Path) -> None:
    """Write the rows of `parts`, in their order, as the table of a run to its folder of tables."""
    table.write(folder, pd.concat(parts, ignore_index=True) if parts else [])
