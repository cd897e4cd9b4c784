"""Tables `dimensionality`: how often d* is right, and what the share of resamples at the true d says about that."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

SURE = 0.9  # share of resamples at d* from which on one might take it for certain
# test NLLs drawn as normal numbers: outer folds, dims, how much better all dims but the first are (in standard
# deviations of the difference of two dims), true d
NUMERICAL = {
    "three equal dims, 10 folds": (10, 3, 0.0, 1),
    "three equal dims, 3 folds": (3, 3, 0.0, 1),
    "second and third better by 1 SD, 10 folds": (10, 3, 1.0, 2),
    "second and third better by 1 SD, 3 folds": (3, 3, 1.0, 2),
}


def drawn(n_folds: int, n_dims: int, gain: float, n_data_sets: int, rng: np.random.Generator) -> pd.DataFrame:
    """Selected fits (table `selected`) of data sets whose test NLLs are normal numbers, each data set a subject.

    Folds differ in difficulty, equally for every dim.
    """
    shape = (n_data_sets, n_folds, n_dims)
    nll = rng.normal(0.5, 0.05, shape[:2])[..., None] + rng.normal(0, 0.01 / np.sqrt(2), shape)
    nll[..., 1:] -= 0.01 * gain
    subject, outer, place = (index.ravel() for index in np.indices(shape))
    keys = {"dataset": "numbers", "subject": subject, "model": "gru", "dim": place + 1, "outer": outer}
    same = {"test_nll": nll.ravel(), "val_nll": nll.ravel(), "n_test": 100, "n_val": 100}
    return pd.DataFrame({**keys, **same})


def summary(found: pd.DataFrame) -> pd.DataFrame:
    """One row for each case and rule.

    `right`, `too_small` and `too_large` are shares of data sets. `share_at_true` is the mean share of resamples at the
    true d, `share_if_right` and `share_if_wrong` the same over data sets where d* is right, or wrong. `sure` is the
    share of data sets with at least `SURE` of the resamples at their d*, `right_if_sure` the share of these whose d* is
    right.

    Args:
        found: rows of table `dimensionality`, with `case` and `true_d`.
    """
    rows = []
    for (case, true_d, rule), own in found.groupby(["case", "true_d", "rule"], sort=False):
        shares, d_star = [json.loads(text) for text in own["d_star_shares"]], own["d_star"].to_numpy()
        at_true = np.array([share[str(true_d)] for share in shares])
        at_own = np.array([share[str(d)] for share, d in zip(shares, d_star, strict=True)])
        right, sure = d_star == true_d, at_own >= SURE
        row: dict[str, Any] = {"case": case, "true_d": true_d, "rule": rule, "n_data_sets": len(own)}
        row |= {"right": right.mean(), "too_small": (d_star < true_d).mean(), "too_large": (d_star > true_d).mean()}
        row |= {"share_at_true": at_true.mean(), "sure": sure.mean(), "right_if_sure": _mean(right[sure])}
        row |= {"share_if_right": _mean(at_true[right]), "share_if_wrong": _mean(at_true[~right])}
        rows.append(row)
    return pd.DataFrame(rows)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else np.nan


def in_markdown(table: pd.DataFrame) -> str:
    """The table for people."""
    names = ["right", "too_small", "too_large", "share_at_true", "share_if_right", "share_if_wrong", "sure"]
    names += ["right_if_sure"]
    head = ["case", "true d", "rule", "data sets", *(name.replace("_", " ") for name in names)]
    lines = ["| " + " | ".join(head) + " |", "|---|---:|---|" + "---:|" * (len(head) - 3)]
    for _, row in table.iterrows():
        numbers = [f"{row[name]:.2f}" if np.isfinite(row[name]) else "" for name in names]
        lines.append("| " + " | ".join(map(str, [*row.iloc[:4], *numbers])) + " |")
    note = f"sure: at least {SURE:.0%} of the resamples of the outer folds have this d*."
    return "\n".join([*lines, "", note]) + "\n"
