"""Reward-induced indifference and how well subjects do (methods: indifference)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import linregress, pearsonr, spearmanr, t

MEASURE = "utility_deviation"
AGAINST = ("block_length", "reward_rate")
FEWEST_SUBJECTS = 3
LEVEL = 0.95
RIG = ["task_reward_state", "task_transition_state"]  # of session logs
NEUTRAL, UNKNOWN = 1, -1  # reward states
RICHNESS, REVERSED = ["task_p_s0", "task_p_s1"], "task_transition_reversed"  # of simulated environments


def of_trials(table: pd.DataFrame) -> dict[str, Any]:
    """Performance of the subject of a trial table: `block_length`, `n_blocks`, `reward_rate`, `n_trials`."""
    lengths, reward = block_lengths(table), table.loc[table["mask"] == 1, "reward"].dropna()
    return {
        "block_length": float(lengths.mean()) if len(lengths) else None,
        "n_blocks": len(lengths),
        "reward_rate": float(reward.mean()) if len(reward) else None,
        "n_trials": int(table["mask"].sum()),
    }


def block_lengths(table: pd.DataFrame) -> np.ndarray:
    """Trials of each block of the schedule in which one state was richer and that came to its end within a session.

    A block ends where rewards or transitions change. Sessions may be cut into several blocks of the trial table; where
    there is one session, its blocks count as sessions. Empty where the table has no such annotations.
    """
    if set(RIG) <= set(table):
        schedule = table[RIG]
        sided = ~table[RIG[0]].isin([NEUTRAL, UNKNOWN])
    elif set(RICHNESS) <= set(table):
        schedule = table[[*RICHNESS, *([REVERSED] if REVERSED in table else [])]]
        sided = table[RICHNESS[0]] != table[RICHNESS[1]]
    else:
        return np.array([], dtype=int)
    session = table["session" if len(set(table["session"])) > 1 else "block"]
    begins = (session != session.shift()) | (schedule != schedule.shift()).any(axis=1)
    runs = pd.DataFrame({"run": begins.cumsum(), "session": session, "sided": sided}).groupby("run", sort=False)
    each = runs.agg(session=("session", "first"), sided=("sided", "first"), length=("sided", "size"))
    ended = each["session"] == each["session"].shift(-1)
    return each.loc[ended & each["sided"], "length"].to_numpy()


def correlations(subjects: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of table `indifference` of one data set and model, without their keys.

    Args:
        subjects: rows of table `indifference_subjects`.
    """
    return [{"against": name, **correlation(subjects[MEASURE], subjects[name])} for name in AGAINST]


def correlation(x: pd.Series, y: pd.Series) -> dict[str, Any]:
    """Pearson's and Spearman's correlation of the pairs in which neither is missing."""
    both = pd.DataFrame({"x": x, "y": y}).astype(float).dropna()
    nothing = dict.fromkeys(("r", "p", "low", "high", "spearman", "spearman_p"))
    row = {**nothing, "n": len(both), "note": None}
    if len(both) < FEWEST_SUBJECTS:
        return row | {"note": f"{len(both)} subjects with both, fewer than {FEWEST_SUBJECTS}"}
    if (both.max() == both.min()).any():
        return row | {"note": "one of both is the same for all subjects"}
    found, ranks = pearsonr(both["x"], both["y"]), spearmanr(both["x"], both["y"])
    row |= {"r": found.statistic, "p": found.pvalue, "spearman": ranks.statistic, "spearman_p": ranks.pvalue}
    if len(both) > 3:
        low, high = found.confidence_interval(LEVEL)
        row |= {"low": low, "high": high}
    return {name: float(value) if isinstance(value, np.floating) else value for name, value in row.items()}


def lines(subjects: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of table `indifference_lines`, without their keys; arguments as of `correlations`."""
    rows = []
    for name in AGAINST:
        both = subjects[[MEASURE, name]].astype(float).dropna()
        if correlation(both[MEASURE], both[name])["note"] is None:
            points = line(both[MEASURE].to_numpy(), both[name].to_numpy()).rename(columns={"x": MEASURE})
            rows += points.assign(against=name).to_dict("records")
    return rows


def line(x: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    """Regression line of y on x over the range of x, with the 95% band of its mean: x, mean, low, high.

    Student's t with n - 2 degrees of freedom.
    """
    n, centre = len(x), x.mean()
    square = ((x - centre) ** 2).sum()
    slope, intercept = linregress(x, y)[:2]
    residual = np.sqrt(((y - intercept - slope * x) ** 2).sum() / (n - 2))
    at = np.linspace(x.min(), x.max(), 101)
    half = t.ppf((1 + LEVEL) / 2, n - 2) * residual * np.sqrt(1 / n + (at - centre) ** 2 / square)
    mean = intercept + slope * at
    return pd.DataFrame({"x": at, "mean": mean, "low": mean - half, "high": mean + half})
