"""Setpoints of one subject and one model on the scale of the figure."""

from __future__ import annotations

import pandas as pd


def scaled(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Setpoints divided by the size of the largest median over conditions, so that one odd fold does not set the scale.

    Args:
        table: rows of table `setpoints` of one subject and one model.

    Returns:
        By fold: condition, outer and `value`, without the folds that have no setpoint there. By condition, in the order
        of the table: `median`, `low` and `high` (quartiles; null without a setpoint), `n` folds with a setpoint and
        `n_folds` of all.
    """
    conditions = list(dict.fromkeys(table["condition"]))
    medians = table.groupby("condition")["setpoint"].median()
    scale = medians.abs().max()
    folds = table[["condition", "outer"]].assign(value=table["setpoint"] / (scale if scale > 0 else 1.0))
    of = folds.groupby("condition")["value"]
    quartiles = of.quantile([0.5, 0.25, 0.75]).unstack().set_axis(["median", "low", "high"], axis=1)
    summary = quartiles.assign(n=of.count(), n_folds=of.size()).loc[conditions]
    return folds.dropna(), summary.reset_index()
