"""Compare every model with that of the agents it was fitted to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.analyses.model_recovery.compute import d_stars, recovery
from tinycog.analyses.model_recovery.tables import D_STAR, RECOVERY


def recover(
    selected: Path, dimensionality: Path | None, folder: Path, *, generators: dict[str, dict[str, Any]], margin: float
) -> None:
    """Write tables `recovery` and `recovery_d_star` to `folder`.

    Args:
        selected, dimensionality: tables of the run; None where it does not estimate d*.
        generators, margin: see `compute.recovery`.
    """
    d_star = None if dimensionality is None else pd.read_parquet(dimensionality)
    RECOVERY.write(folder, recovery(pd.read_parquet(selected), d_star, generators, margin))
    D_STAR.write(folder, [] if d_star is None else d_stars(d_star, generators))
