"""Which fit is kept: validation decides among seeds and L1 weights, then training + validation (core.md 6.2)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


def inner_winners(fits: Mapping[str, np.ndarray]) -> np.ndarray:
    """Rows with the lowest validation NLL of each inner fold, among those that did not fail; ties to the first row.

    Args:
        fits: columns `inner`, `val_nll`, `status` of the fits of one outer fold.
    """
    ok = np.flatnonzero(fits["status"] == "ok")
    inner, val = fits["inner"][ok], fits["val_nll"][ok]
    return np.array([ok[inner == i][val[inner == i].argmin()] for i in np.unique(inner)], dtype=int)


def trainval_nll(fits: Mapping[str, np.ndarray]) -> np.ndarray:
    """NLL over training and validation choices together, nats per choice, of each fit."""
    total = fits["n_train"] * fits["train_nll"] + fits["n_val"] * fits["val_nll"]
    return total / (fits["n_train"] + fits["n_val"])


def kept(fits: Mapping[str, np.ndarray]) -> int | None:
    """Row of the outer fold's final model; None if every fit failed. Test losses play no part."""
    winners = inner_winners(fits)
    if not len(winners):
        return None
    return int(winners[trainval_nll(fits)[winners].argmin()])
