"""Draw the figure of the benchmark."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.benchmark.comparison import is_usual
from tinycog.benchmark.figure import speeds
from tinycog.benchmark.host import in_words
from tinycog.figures.style import save
from tinycog.storage import read_json


def plot(table: Path, machine: Path, output: Path) -> None:
    """Write `output`.png and .pdf from table `engine`."""
    engine = pd.read_parquet(table)
    save(speeds(engine, is_usual(engine), in_words(read_json(machine))), output)
