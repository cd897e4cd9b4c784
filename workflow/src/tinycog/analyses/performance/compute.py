"""Test performance of every model and dimension, by subject and over subjects (core.md 6.3, 6.4)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tinycog.results.selection import inner_winners

KEYS = ["dataset", "subject", "model", "dim"]


def sem(values: pd.Series | np.ndarray) -> float:
    """Standard error of the mean, with n - 1; NaN for fewer than two values."""
    values = np.asarray(values, dtype=float)
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.nan


def performance(fits: pd.DataFrame, selected: pd.DataFrame, n_outer: dict[str, int]) -> pd.DataFrame:
    """One row for each subject, model and dim.

    Args:
        fits: every fit (table `fits`).
        selected: the kept fit of every outer fold (table `selected`).
        n_outer: data set: outer folds asked for; `n_outer_missing` counts those without a kept fit.
    """
    winners = {
        keys: np.concatenate([_winning_test_nll(fold) for _, fold in group.groupby("outer")])
        for keys, group in fits.groupby(KEYS, sort=False)
    }
    rows = []
    for keys, group in selected.groupby(KEYS, sort=False):
        weights = group["n_test"]
        rows.append(
            {
                **dict(zip(KEYS, keys, strict=True)),
                "family": group["family"].iloc[0],
                "n_dynamical": group["n_dynamical"].iloc[0],
                "n_parameters": group["n_parameters"].iloc[0],
                "test_nll": np.average(group["test_nll"], weights=weights),
                "test_nll_sem": sem(winners[keys]),
                "test_nll_sem_outer": sem(group["test_nll"]),
                "test_accuracy": np.average(group["test_accuracy"], weights=weights),
                "n_test": weights.sum(),
                "n_outer": len(group),
                "n_outer_missing": n_outer[keys[0]] - len(group),
            }
        )
    return pd.DataFrame(rows)


def _winning_test_nll(fold: pd.DataFrame) -> np.ndarray:
    columns = {name: fold[name].to_numpy() for name in ("inner", "val_nll", "status")}
    return fold["test_nll"].to_numpy()[inner_winners(columns)]


def performance_group(by_subject: pd.DataFrame) -> pd.DataFrame:
    """Mean and SEM over subjects; also the mean of the subjects' own SEMs, which animal figures show."""
    groups = by_subject.groupby(["dataset", "model", "dim"], sort=False)
    return groups.agg(
        family=("family", "first"),
        n_dynamical=("n_dynamical", "first"),
        n_parameters=("n_parameters", "first"),
        test_nll=("test_nll", "mean"),
        test_nll_sem=("test_nll", sem),
        test_nll_sem_within=("test_nll_sem", "mean"),
        test_accuracy=("test_accuracy", "mean"),
        n_subjects=("subject", "nunique"),
    ).reset_index()
