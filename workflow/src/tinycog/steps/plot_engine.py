"""Draw the figure of the benchmark."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.benchmark.machine import in_words
from tinycog.figures.engine import speeds
from tinycog.figures.style import save
from tinycog.storage import read_json


def plot(table: Path, machine: Path, output: Path) -> None:
    """Write `output`.png and .pdf from table `engine`."""
    save(speeds(pd.read_parquet(table), in_words(read_json(machine))), output)
