"""Time likelihood and gradient of a cell alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.benchmark.kernels import times
from tinycog.storage import replacing


def time_kernels(output: Path, **options: Any) -> None:
    """Write one row for each point that `kernels.times` measures."""
    table = pd.DataFrame(list(times(**options)))
    with replacing(output) as temporary:
        table.to_parquet(temporary)
