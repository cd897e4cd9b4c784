"""How often an estimate is the truth that choices were simulated with."""

from __future__ import annotations

from collections.abc import Sequence

from scipy.stats import binomtest

LEVEL = 0.95


def found(estimates: Sequence[int], truth: int) -> dict[str, float]:
    """Shares of the estimates that are equal to the truth, with their interval, `low` and `high` (Clopper and
    Pearson), `below` and `above` it.
    """
    n, equal = len(estimates), sum(estimate == truth for estimate in estimates)
    ends = binomtest(equal, n).proportion_ci(LEVEL, method="exact")
    below = sum(estimate < truth for estimate in estimates)
    return {
        "equal": equal / n,
        "low": ends.low,
        "high": ends.high,
        "below": below / n,
        "above": (n - equal - below) / n,
    }
