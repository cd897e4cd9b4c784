"""Common and rare transitions of tasks with states of their own."""

from __future__ import annotations

import pandas as pd

from tinycog.tasks import Task


def common(table: pd.DataFrame, task: Task) -> pd.Series:
    """1 after a common transition, 0 after a rare one, missing where it is not known which it was.

    Where transitions reverse, an annotation says which are common; elsewhere those that a subject met more often are.
    """
    same = (table["state"] == table["action"]).astype("Int8")
    if "task_transition_reversed" in table:
        crossed = table["task_transition_reversed"]
    elif task.name == "transition_reversal":
        crossed = 1 - table.get("task_transition_state", pd.Series(-1, table.index))
    else:
        crossed = same.where(table["mask"].eq(1)).groupby(table["subject"]).transform("mean").lt(0.5).astype("Int8")
    return same.where(crossed.eq(0), 1 - same).mask(~crossed.isin([0, 1]))
