"""What a data set looks like before any model: sizes, choice shares, reward rate and stay probabilities."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tinycog.tasks import Task
from tinycog.trials.copies import without_copies
from tinycog.trials.transitions import common

POOLED = "all"
WINDOW = 11  # trials of a running share


def describe(table: pd.DataFrame, task: Task) -> pd.DataFrame:
    """One row for each statistic of each subject and of all together: dataset, subject, statistic, value, n.

    `n` is the number of trials (or pairs of trials) behind a share or a rate, and missing for a count. A stay
    probability is the share of pairs of consecutive trials of a block, both with a choice, in which the (first) action
    is repeated. Pairs are told apart by whether their first trial was rewarded (for graded rewards: with at least the
    subject's median) and, in tasks with transitions, by whether its transition was common, where that is known.
    """
    table = without_copies(table).reset_index(drop=True)
    dataset = table["dataset"].iloc[0]
    groups = [*table.groupby("subject", sort=False), (POOLED, table)]
    binary = table["reward"].dropna().isin([0, 1]).all()
    median = table.groupby("subject")["reward"].transform("median")
    rewarded = table["reward"] >= (0.5 if binary else median)
    same_block = (table["subject"] == table["subject"].shift(-1)) & (table["block"] == table["block"].shift(-1))
    chosen = table["mask"].eq(1)
    pair = chosen & chosen.shift(-1, fill_value=False) & same_block & table["reward"].notna()
    marks = table.assign(
        rewarded_=rewarded,
        pair_=pair,
        stay_=table["action"] == table["action"].shift(-1),
        common_=common(table, task),
    )
    rows = []
    for subject, own in ((name, marks.loc[part.index]) for name, part in groups):
        for statistic, value, n in _statistics(own, task):
            rows.append({"dataset": dataset, "subject": subject, "statistic": statistic, "value": value, "n": n})
    return pd.DataFrame(rows).astype({"n": "Int64", "value": float})


def running_shares(trials: pd.DataFrame, n_actions: int) -> pd.DataFrame:
    """Share of each action (column) among the choices of the same block around each trial (row), `WINDOW` trials wide.

    The window is narrower at the ends of a block; where it has no choice, the share is missing.

    Args:
        trials: trial table of one subject.
    """
    chosen = trials["action"].where(trials["mask"] == 1)
    shares = {}
    for action in range(n_actions):
        own = (chosen == action).where(chosen.notna()).astype(float).groupby(trials["block"])
        shares[action] = own.transform(lambda block: block.rolling(WINDOW, center=True, min_periods=1).mean())
    return pd.DataFrame(shares)


def _statistics(own: pd.DataFrame, task: Task) -> list[tuple[str, float, int | None]]:
    """(statistic, value, n) of one group of trials."""
    blocks = own[["subject", "block"]].drop_duplicates()
    sessions = own[["subject", "session"]].drop_duplicates()
    scored = own[own["mask"] == 1]
    missing = (own["mask"] == 0).sum() + ((own["mask2"] == 0).sum() if "mask2" in own else 0)
    counts = {
        "subjects": own["subject"].nunique(),
        "sessions": len(sessions),
        "blocks": len(blocks),
        "trials": len(own),
        "missing": int(missing),
    }
    out: list[tuple[str, float, int | None]] = [(name, value, None) for name, value in counts.items()]
    out.append(_share("reward_rate", own["reward"].dropna()))
    out += [_share(f"share_{action}", scored["action"] == action) for action in range(task.n_actions)]
    pairs = own[own["pair_"]]
    split = {True: pairs["rewarded_"], False: ~pairs["rewarded_"]}
    names = {True: "rewarded", False: "unrewarded"}
    out += [_share(f"stay_{names[r]}", pairs.loc[split[r], "stay_"]) for r in (True, False)]
    if not task.one_stage:
        for common, word in ((pairs["common_"].eq(1), "common"), (pairs["common_"].eq(0), "rare")):
            out += [_share(f"stay_{word}_{names[r]}", pairs.loc[common & split[r], "stay_"]) for r in (True, False)]
    return out


def _share(name: str, values: pd.Series) -> tuple[str, float, int]:
    return name, float(values.mean()) if len(values) else np.nan, len(values)
