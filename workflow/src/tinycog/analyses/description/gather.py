"""Put the descriptions of all data sets together."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.description.tables import DESCRIPTION
from tinycog.results.parts import concatenate


def gather(descriptions: list[Path], folder: Path) -> None:
    """Write table `description` to `folder`."""
    concatenate([pd.read_parquet(path) for path in descriptions], DESCRIPTION, folder)
