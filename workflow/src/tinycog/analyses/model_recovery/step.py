"""Compare every model with that of the agents it was fitted to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.analyses.model_recovery import compute
from tinycog.analyses.model_recovery.tables import D_STAR, NETWORKS, RECOVERY


def recover(
    selected: Path,
    dimensionality: Path | None,
    recovery_fits: Path | None,
    folder: Path,
    *,
    generators: dict[str, dict[str, Any]],
    competing: list[str],
    margin: float,
) -> None:
    """Write tables `recovery`, `recovery_d_star` and `recovery_networks` to `folder`.

    Args:
        selected, dimensionality, recovery_fits: tables of the run; None where it does not estimate d*, or where no kept
            fit plays.
        generators: simulated data sets, see `compute.simulated`.
        competing: models that compete for d*.
        margin: see `compute.recovery`.
    """
    fits, about = compute.simulated(pd.read_parquet(selected), generators)
    d_star = None if dimensionality is None else pd.read_parquet(dimensionality)
    if recovery_fits is not None:
        played, about_played = compute.kept(pd.read_parquet(recovery_fits))
        fits, about = pd.concat([fits, played], ignore_index=True), about | about_played
        if d_star is not None:
            d_star = pd.concat([d_star, compute.d_star_of(played, competing)], ignore_index=True)
    RECOVERY.write(folder, compute.recovery(fits, d_star, about, margin))
    D_STAR.write(folder, [] if d_star is None else compute.d_stars(d_star, about))
    NETWORKS.write(folder, compute.networks(fits, about, margin))
