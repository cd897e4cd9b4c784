"""Table `optimisers`: whether a fast method may take the place of the paper's, by a rule set beforehand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tinycog.benchmark import BASELINE

REPLICA = ["model", "dim", "outer", "inner", "seed", "l1"]


def summary(fits: pd.DataFrame, limit: float, seeds: int) -> pd.DataFrame:
    """Mean test NLL over all fits, winners of validation or not, of each data set and method.

    A method is `within` on a data set if its mean over the fits of the first `seeds` is at most `limit` nats above the
    baseline's, and no fit failed. `difference_sem` is the standard error of `difference`, from the fits' own
    differences (same folds, same seed). `difference_all` and `difference_all_sem` are over all seeds.

    Args:
        fits: rows of `fits.rows`.
    """
    deciding = fits[fits["seed"] < seeds]
    groups = deciding.groupby(["data", "method"], sort=False)
    table = groups.agg(
        n_fits=("status", "size"),
        n_failed=("status", lambda status: int((status == "failed").sum())),
        mean_test_nll=("test_nll", "mean"),
        epochs=("epochs", "sum"),
        seconds=("seconds", "sum"),
    ).reset_index()
    baseline = table[table["method"] == BASELINE].set_index("data")
    for name, some in (("difference", deciding), ("difference_all", fits)):
        table = table.merge(_differences(some, name), how="left", on=["data", "method"])
    table["speed"] = table["data"].map(baseline["seconds"]) / table["seconds"]
    table["within"] = (table["difference"] <= limit) & (table["n_failed"] == 0)
    return table


def _differences(fits: pd.DataFrame, name: str) -> pd.DataFrame:
    """Each method's mean difference in test NLL from the baseline, and its standard error."""
    nll = fits.pivot_table(index=["data", *REPLICA], columns="method", values="test_nll")
    difference = nll.sub(nll[BASELINE], axis=0).groupby("data")
    mean = difference.mean().reset_index().melt("data", value_name=name)
    return mean.merge(difference.sem().reset_index().melt("data", value_name=f"{name}_sem"))


def verdicts(table: pd.DataFrame) -> list[str]:
    """One line for each method but the baseline: a fast method may be the default only if `within` on each data set."""
    lines = []
    for method, own in table[table["method"] != BASELINE].groupby("method", sort=False):
        n, speed = len(own), np.exp(np.log(own["speed"]).mean())
        outcome = "may be the default" if own["within"].all() else "may not be the default"
        lines.append(
            f"{method}: within on {own['within'].sum()} of {n} data sets, {outcome}; {speed:.1f} times as fast as "
            f"{BASELINE} (geometric mean)"
        )
    return lines


def in_markdown(table: pd.DataFrame) -> str:
    """The table for people, with the verdicts."""
    head = "| data | method | fits | epochs | seconds | speed | mean test NLL | difference (SEM) |"
    head += " of all seeds (SEM) | within |"
    lines = [head, "|---|---|" + "---:|" * 7 + "---|"]
    for row in table.itertuples():
        cells = [row.data, row.method, row.n_fits, f"{row.epochs:,}", f"{row.seconds:.1f}", f"{row.speed:.1f} x"]
        cells += [f"{row.mean_test_nll:.4f}", f"{row.difference:+.4f} ({row.difference_sem:.4f})"]
        cells += [f"{row.difference_all:+.4f} ({row.difference_all_sem:.4f})", "yes" if row.within else "no"]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join([*lines, "", *(f"{line}." for line in verdicts(table))]) + "\n"
