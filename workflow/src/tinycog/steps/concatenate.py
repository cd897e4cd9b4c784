"""Put parts of a table together."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.results.columns import Table


def concatenate(inputs: list[Path], table: Table, folder: Path) -> None:
    """Write the rows of `inputs` (Parquet), in their order, as the table of a run to its folder of tables."""
    table.write(folder, pd.concat([pd.read_parquet(path) for path in inputs], ignore_index=True))
