"""Gather the fits of every cognitive model by both optimisers, and say which are within the limit."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.benchmark.cognitive import in_markdown, summary, verdicts
from tinycog.storage import read_json, write_table, write_text


def compare(fits: list[Path], machine: Path, output: Path, limit: float) -> list[str]:
    """Write `output`.csv, .parquet and, for people, .md; return the verdict on each data set."""
    table = summary(pd.concat([pd.read_parquet(path) for path in fits], ignore_index=True), limit)
    write_table(output, table)
    write_text(output.with_suffix(".md"), in_markdown(table, read_json(machine)))
    return verdicts(table)
