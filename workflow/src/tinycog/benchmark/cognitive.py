"""Table `cognitive`: the engine's fits of every cognitive model against the reference's procedure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tinycog.benchmark import OPTIMISERS
from tinycog.benchmark.comparison import selected
from tinycog.benchmark.host import in_words

MODEL = ["data", "model"]


def summary(fits: pd.DataFrame, limit: float) -> pd.DataFrame:
    """One row for each data set and model.

    `difference` is the gradient method's training NLL, of the best of its starts in each (outer, inner) fold, averaged
    over folds, minus the reference procedure's on the same folds and from as many starts; `largest` is the largest
    difference of a fold. A model is `within` if the difference is at most `limit` nats and no fit failed.

    Args:
        fits: rows of `fits.rows`; `method` is one of `OPTIMISERS`.
    """
    rows = []
    for (data, model), own in fits.groupby(MODEL, sort=False):
        ours, theirs = (own[own["method"] == optimiser] for optimiser in OPTIMISERS)
        best, reference = (_best(of_one) for of_one in (ours, theirs))
        difference = best - reference
        row = {"data": data, "model": model, "dim": own["dim"].iloc[0], "n_fits": len(ours), "n_folds": len(best)}
        row |= {"train_nll": best.mean(), "reference_train_nll": reference.mean()}
        row |= {"difference": difference.mean(), "largest": difference.max()}
        row |= {"selected_test_nll": selected(ours), "reference_selected_test_nll": selected(theirs)}
        row |= {"evaluations": ours["epochs"].sum(), "reference_evaluations": theirs["epochs"].sum()}
        row |= {"seconds": ours["seconds"].sum(), "reference_seconds": theirs["seconds"].sum()}
        row |= {"n_failed": int((own["status"] == "failed").sum())}
        rows.append({**row, "within": bool(row["difference"] <= limit) and not row["n_failed"]})
    table = pd.DataFrame(rows)
    table["speed"] = table["reference_seconds"] / table["seconds"]
    return table


def _best(fits: pd.DataFrame) -> pd.Series:
    """Lowest training NLL of each (outer, inner) fold."""
    return fits.groupby(["outer", "inner"])["train_nll"].min()


def verdicts(table: pd.DataFrame) -> list[str]:
    """One line for each data set."""
    lines = []
    for data, own in table.groupby("data", sort=False):
        worst = own.loc[own["difference"].idxmax()]
        seconds, reference = own["seconds"].sum(), own["reference_seconds"].sum()
        lines.append(
            f"{data}: training NLL of {own['within'].sum()} of {len(own)} models within the limit (largest difference "
            f"{worst['difference']:+.1e}, {worst['model']}); {own['n_fits'].sum():,} fits in {seconds:.1f} s, "
            f"{reference / seconds:.0f} times as fast as the reference's procedure ({reference:.0f} s)"
        )
    return lines


def in_markdown(table: pd.DataFrame, machine: dict[str, Any]) -> str:
    """The table for people, with the verdicts."""
    head = "| data | model | d | fits | training NLL | reference's | difference | largest of a fold | within |"
    head += " test NLL | reference's | seconds | reference's | speed |"
    lines = [f"Measured on {in_words(machine)}.", "", head, "|---|---|" + "---:|" * 6 + "---|" + "---:|" * 5]
    for row in table.itertuples():
        cells = [row.data, row.model, row.dim, row.n_fits, f"{row.train_nll:.5f}", f"{row.reference_train_nll:.5f}"]
        cells += [f"{row.difference:+.1e}", f"{row.largest:+.1e}", "yes" if row.within else "no"]
        cells += [f"{row.selected_test_nll:.4f}", f"{row.reference_selected_test_nll:.4f}"]
        cells += [f"{row.seconds:.2f}", f"{row.reference_seconds:.1f}", f"{np.round(row.speed):.0f} x"]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join([*lines, "", *(f"- {line}" for line in verdicts(table))]) + "\n"
