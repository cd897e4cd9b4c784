"""What the figures of dynamical regressions show: means over outer folds, trimmed groups, mean matrices."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

COEFFICIENT = ["condition", "target", "source"]
OF_SUBJECT = ["subject", *COEFFICIENT]


def coefficients(table: pd.DataFrame) -> pd.DataFrame:
    """A row for each coefficient of table `dynamical_regression`, in its order, with its interval.

    Returns:
        subject, outer, condition, target, source, value, low, high. The source is a predictor or `constant`, which is
        shifted where the targets are logits of single actions. What was dropped has the value 0 and no interval.
    """
    rows, found = [], [_read(mapping) for mapping in table["coefficients"]]
    predictors = dict.fromkeys(name for mapping in found for name in mapping)
    for row in table.to_dict("records"):
        keys = [row[key] for key in ("subject", "outer", "condition", "target")]
        constant = "intercept" if pd.isna(row["intercept_shifted"]) else "intercept_shifted"
        of_all = [{"constant": row[f"{constant}{end}"]} | _read(row[f"coefficients{end}"]) for end in ENDS]
        rows += [(*keys, source, *(of.get(source) for of in of_all)) for source in ("constant", *predictors)]
    columns = ["subject", "outer", *COEFFICIENT, "value", "low", "high"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[-3:], float))


ENDS = ("", "_low", "_high")


def _read(mapping: str | None) -> dict[str, float | None]:
    return {} if pd.isna(mapping) else json.loads(mapping)


def over_folds(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation of each subject's coefficients over outer folds, and mean ends of intervals.

    Where a fold has dropped a coefficient it is 0, and so are the ends.

    Returns:
        subject, condition, target, source, mean, sd (null for one fold), low, high, n folds with a value, n_folds.
    """
    folds = rows.groupby("subject", sort=False)["outer"].nunique()
    ends = rows[["low", "high"]].where(rows["value"] != 0, 0.0)
    of = rows.assign(**ends).groupby(OF_SUBJECT, sort=False)
    found = of.agg(mean=("value", "mean"), sd=("value", "std"), low=("low", "mean"), high=("high", "mean"))
    found = found.assign(n=of["value"].count()).reset_index()
    return found.assign(n_folds=found["subject"].map(folds))


def trimmed(subjects: pd.DataFrame, percentile: float | None) -> tuple[pd.DataFrame, dict[str, tuple[int, int]]]:
    """The subjects of each panel, and of each source how many these are, of how many.

    A panel has one source. It leaves out a subject if any of its coefficients in the panel lies outside of the
    `percentile`-th and (100 - `percentile`)-th percentile over subjects, as in the reference; None leaves out nobody.

    Args:
        subjects: what `over_folds` gives.
    """
    kept, counts = [], {}
    for source, rows in subjects.groupby("source", sort=False):
        there = rows.dropna(subset="mean")
        everybody = there["subject"].nunique()
        if percentile is not None and len(there):
            of = there.groupby(["condition", "target"], sort=False)["mean"]
            low, high = (of.transform("quantile", at / 100) for at in (percentile, 100 - percentile))
            outside = (there["mean"] < low) | (there["mean"] > high)
            there = there[~there["subject"].isin(there.loc[outside, "subject"])]
        counts[source] = there["subject"].nunique(), everybody
        kept.append(there)
    return pd.concat(kept, ignore_index=True), counts


def mean_matrices(table: pd.DataFrame) -> dict[str, np.ndarray | None]:
    """condition: A of table `dynamical_regression_matrices`, its mean over folds and then over subjects.

    None for a condition without a matrix.
    """
    found: dict[str, np.ndarray | None] = {}
    for condition, rows in table.groupby("condition", sort=False):
        there = rows.dropna(subset="matrix")
        of_subjects = [
            np.mean([json.loads(matrix) for matrix in own["matrix"]], axis=0)
            for _, own in there.groupby("subject", sort=False)
        ]
        found[condition] = np.mean(of_subjects, axis=0) if of_subjects else None
    return found
