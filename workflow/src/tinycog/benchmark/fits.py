"""Tables of timed fits: one row for each replica, whichever method fitted it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tinycog.fitting.objective import Replicas
from tinycog.trials.sequences import Sequences
from tinycog.trials.splits import ROLES


def rows(
    labels: dict[str, Any],
    grid: Replicas,
    sequences: Sequences,
    *,
    nll: dict[str, np.ndarray],
    epochs: np.ndarray,
    best_epoch: np.ndarray,
    reason: list[str],
    seconds: np.ndarray | float,
) -> pd.DataFrame:
    """The fits of one outer fold.

    Args:
        labels: values that all rows share.
        nll: role: (replica,) nats per scored choice.
        epochs: (replica,) epochs, or evaluations of the gradient.
        seconds: (replica,) wall time; replicas trained together share theirs equally.
    """
    columns = {"inner": grid.inner, "seed": grid.seed, "l1": grid.l1, "epochs": epochs, "best_epoch": best_epoch}
    columns |= {f"{role}_nll": nll[role] for role in ROLES}
    columns |= {f"n_{role}": n for role, n in grid.n_scored(sequences).items()}
    columns |= {"status": np.where(np.array(reason) == "", "ok", "failed"), "reason": reason, "seconds": seconds}
    table = pd.DataFrame({**columns, "n_trials": int(sequences.lengths.sum()) // sequences.stages})
    for place, (name, value) in enumerate(labels.items()):
        table.insert(place, name, value)
    return table
