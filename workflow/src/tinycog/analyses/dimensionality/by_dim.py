"""Numbers of subjects at each d*, from table `dimensionality`."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd


def by_dim(table: pd.DataFrame) -> pd.DataFrame:
    """Count the subjects with each d*: one row per data set, rule and dim of the data set's grid.

    `n`: subjects with this d*. `one_dim`, `not_bounded`: how many of these carry that note. `resampled`: the number of
    subjects expected by the shares of resamples of outer folds (subjects without shares are taken to be like the
    others); null if no subject has shares. `n_subjects`: all subjects of the data set. `subject`: its name if there is
    only one, else empty.

    Args:
        table: table `dimensionality`.
    """
    rows = []
    for dataset, of_dataset in table.groupby("dataset", sort=False):
        dims = sorted({dim for text in of_dataset["dims"] for dim in json.loads(text)})
        names = of_dataset["subject"].unique()
        for rule, own in of_dataset.groupby("rule", sort=False):
            shares = [json.loads(text) for text in own["d_star_shares"].dropna()]
            for dim in dims:
                here = own[own["d_star"] == dim]
                expected = [share.get(str(dim), 0.0) for share in shares]
                rows.append(
                    {
                        "dataset": dataset,
                        "subject": names[0] if len(names) == 1 else "",
                        "rule": rule,
                        "dim": dim,
                        "n": len(here),
                        "one_dim": int((here["note"] == "one dim only").sum()),
                        "not_bounded": int((here["note"] == "not bounded by this grid").sum()),
                        "resampled": len(own) * np.mean(expected) if shares else np.nan,
                        "n_subjects": len(own),
                    }
                )
    return pd.DataFrame(rows)
