"""Curves of one subject and one model over outer folds, for their figure."""

from __future__ import annotations

import pandas as pd

IN_RANGE = {"rate": "in_range", "bias": "in_range", "gap": "gap_in_range"}


def in_range(curves: pd.DataFrame) -> pd.DataFrame:
    """Table `curves` of one subject and one model with `rate`, `bias` and `gap` only where trials were."""
    return curves.assign(**{name: curves[name].where(curves[inside]) for name, inside in IN_RANGE.items()})


def over_folds(curves: pd.DataFrame) -> pd.DataFrame:
    """Mean over outer folds at each logit that trials of all of them reached, so that it is always of the same folds.

    Args:
        curves: what `in_range` gives.

    Returns:
        first, mirror, other, logit, rate, bias, gap.
    """
    n_folds = curves["outer"].nunique()
    of = curves.groupby(["first", "mirror", "other", "logit"], sort=False)[list(IN_RANGE)]
    mean = of.mean().where(of.count() == n_folds)
    return mean.reset_index().sort_values(["first", "logit"], ignore_index=True)
