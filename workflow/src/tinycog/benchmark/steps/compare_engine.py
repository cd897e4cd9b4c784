"""Gather timed fits and timed kernels into table `engine`."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.benchmark.comparison import engine_table, in_markdown
from tinycog.storage import read_json, write_table, write_text


def compare(fits: list[Path], times: list[Path], kernels: list[Path], start: Path, machine: Path, output: Path) -> None:
    """Write `output`.csv, .parquet and, for people, .md."""
    tables = [
        pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True) for paths in (fits, times, kernels)
    ]
    table = engine_table(*tables, read_json(start))
    write_table(output, table)
    write_text(output.with_suffix(".md"), in_markdown(table, read_json(machine)))
