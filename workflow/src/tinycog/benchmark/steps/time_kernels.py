"""Time likelihood and gradient of a cell alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from tinycog.benchmark.kernels import times
from tinycog.storage import write_parquet


def time_kernels(output: Path, **options: Any) -> None:
    """Write one row for each point that `kernels.times` measures."""
    write_parquet(output, pa.Table.from_pylist(times(**options)))
