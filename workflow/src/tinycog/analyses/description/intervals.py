"""Intervals of stay probabilities (methods: description of the data)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

LEVEL = 0.95


def with_intervals(described: pd.DataFrame) -> pd.DataFrame:
    """The table of `describe` with columns `low` and `high`, the ends of the 95% intervals of stay probabilities.

    A subject's interval is `wilson`, over its trials; that of all subjects is `over_subjects` if at least two have such
    trials. Other statistics have none.
    """
    described = described.assign(low=np.nan, high=np.nan)
    stays = described[described["statistic"].str.startswith("stay_") & (described["n"] > 0)]
    for _, rows in stays.groupby("statistic"):
        count = rows["n"].to_numpy(dtype=float)
        positive = rows["value"].to_numpy() * count
        low, high = wilson(positive, count)
        if len(rows) > 2:  # the last is of all subjects together
            low[-1], high[-1] = over_subjects(positive[:-1], count[:-1])
        described.loc[rows.index, ["low", "high"]] = np.column_stack([low, high])
    return described


def wilson(positive: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Score interval of a share, `positive` of `count` independent trials (Wilson 1927); low and high, as the input."""
    z = ndtri((1 + LEVEL) / 2)
    centre = (positive + z**2 / 2) / (count + z**2)
    half = z / (count + z**2) * np.sqrt(positive * (count - positive) / count + z**2 / 4)
    return centre - half, centre + half


def over_subjects(positive: np.ndarray, count: np.ndarray) -> tuple[float, float]:
    """Interval of the share over all trials, `positive` of `count` of each subject (subject,), if subjects are drawn.

    The share is a ratio of two means over subjects. Its standard error is the ratio estimator's (Cochran 1977, Sampling
    Techniques, 6.3), the quantile Student's with one degree of freedom fewer than subjects; cut at 0 and 1.
    """
    n = len(count)
    share = positive.sum() / count.sum()
    se = np.sqrt(n / (n - 1) * ((positive - share * count) ** 2).sum()) / count.sum()
    half = stdtrit(n - 1, (1 + LEVEL) / 2) * se
    return max(share - half, 0.0), min(share + half, 1.0)
