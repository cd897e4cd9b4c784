"""Gather the fits of every method on every data set, and say which method may be the default."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.benchmark.optimisers import in_markdown, summary, verdicts
from tinycog.storage import write_table, write_text


def compare(fits: list[Path], folder: Path, limit: float, seeds: int) -> list[str]:
    """Write tables `optimiser_fits` and `optimisers` to `folder`; return the verdict on each method."""
    everything = pd.concat([pd.read_parquet(path) for path in fits], ignore_index=True)
    table = summary(everything, limit, seeds)
    write_table(folder / "optimiser_fits", everything)
    write_table(folder / "optimisers", table)
    write_text(folder / "optimisers.md", in_markdown(table))
    return verdicts(table)
