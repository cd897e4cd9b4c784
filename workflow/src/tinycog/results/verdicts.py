"""What a run says of strategies, in a few lines for the end of its output."""

from __future__ import annotations

import pandas as pd

HEADING = "strategy, by stated rules (docs/methods.md, Verdicts)"


def verdicts(strategy: pd.DataFrame, most: int = 5) -> list[str]:
    """At most so many lines: the verdict on each subject, or, of more, how many have which.

    Args:
        strategy: table `strategy`; without rows where a run does not make it.
    """
    if strategy.empty:
        return []
    if len(strategy) < most:
        ids = (name if name.isprintable() else repr(name) for name in strategy["subject"])
        rows = zip(strategy["dataset"], ids, strategy["verdict"], strict=True)
        return [HEADING, *(f"  {dataset}  {subject}: {verdict}" for dataset, subject, verdict in rows)]
    counts = strategy.groupby(["dataset", "verdict"], sort=False).size().sort_values(ascending=False, kind="stable")
    n = most - 1 if len(counts) < most else most - 2
    lines = [f"  {dataset}  {times} of its subjects: {verdict}" for (dataset, verdict), times in counts[:n].items()]
    rest = counts[n:].sum()
    return [HEADING, *lines, *([f"  others in {rest} subjects"] if rest else [])]
