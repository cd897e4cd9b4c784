"""Numbers of subjects at each d*, from table `dimensionality`."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd


def by_dim(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each data set, rule and dim of its grid, where d* is and where resamples put it.

    `n` counts the subjects with that d*; `one_dim` and `not_bounded` those of them of which the note says so.
    `resampled` is the number of subjects expected there by their shares of resamples of the outer folds (of those that
    have shares, scaled up to all), null where nobody has. `n_subjects` are all of the data set; a single one is named
    in `subject`, which is empty otherwise.

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
