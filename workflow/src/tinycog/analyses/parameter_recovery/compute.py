"""Parameter recovery: how well fits recover the parameters of simulated agents."""

from __future__ import annotations

import numpy as np
import pandas as pd


def summary(agents: pd.DataFrame) -> pd.DataFrame:
    """One row for each data set, model and parameter.

    `correlation` is Pearson's between the true and the fitted values and `rank_correlation` Spearman's; both are null
    where the true or the fitted values do not vary. `bias` is the mean of fitted - true, `median_error` their median,
    `rmse` the root of the mean squared difference. Agents without a fit do not count.

    Args:
        agents: rows of table `parameter_recovery_agents`.
    """
    rows = []
    for (dataset, model, parameter), own in agents.groupby(["dataset", "model", "parameter"], sort=False):
        pairs = own[["true", "fitted"]].dropna()
        error = pairs["fitted"] - pairs["true"]
        row = {"dataset": dataset, "model": model, "parameter": parameter, "n_agents": len(pairs)}
        row |= {"low": own["true"].min(), "high": own["true"].max()}
        for key, method in (("correlation", "pearson"), ("rank_correlation", "spearman")):
            row[key] = pairs.corr(method).loc["true", "fitted"]
        row |= {"bias": error.mean(), "median_error": error.median(), "rmse": np.sqrt((error**2).mean())}
        rows.append(row)
    return pd.DataFrame(rows)
