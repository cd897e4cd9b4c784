"""Put tables together."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.storage import write_table


def concatenate(inputs: list[Path], output: Path) -> None:
    """Write the rows of `inputs`, in their order, as the table `output` (without suffix); empty tables add nothing."""
    parts = [pd.read_parquet(path) for path in inputs]
    write_table(output, pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True))
