"""What a run found, in a few lines for the end of its output."""

from __future__ import annotations

import pandas as pd

RULE = "reference"  # the paper's rule for d*; a subject with a single outer fold has `argmin` alone
OFTEN = 0.2  # share of fits that ended at `max_epochs` of which the user is told
MOST = 20  # subjects that are listed one by one


def findings(performance: pd.DataFrame, dimensionality: pd.DataFrame | None = None) -> list[str]:
    """The best model and d* of every subject; of many subjects, how many have which.

    Args:
        performance: table `performance`: `dataset`, `subject`, `model`, `dim`, `test_nll` (nats per scored choice),
            `share_max_epochs`.
        dimensionality: table `dimensionality`: `dataset`, `subject`, `rule`, `d_star`, `note`; None if a run has none.
    """
    none = ["No model has a test NLL: tables/excluded.csv says why"]
    if performance.empty:  # it may then lack columns, as may the other table
        return none
    finite = performance[performance["test_nll"].notna()]
    places = finite.groupby(["dataset", "subject"], sort=False)["test_nll"].idxmin()
    best = finite.loc[places, ["dataset", "subject", "model", "dim", "test_nll"]]
    if best.empty:
        return none
    best = best.assign(best=[f"{row.model}, d = {row.dim}" for row in best.itertuples()])
    best["d_star"] = [_d_star(dimensionality, *key) for key in zip(best["dataset"], best["subject"], strict=True)]
    lines = _each(best) if len(best) <= MOST else _counted(best)
    unit = "best model by test NLL, in nats per choice"
    heading = f"{unit}; d* by the rule `{RULE}`" if dimensionality is not None else unit
    return [heading, *lines, *_cut_short(performance)]


def _cut_short(performance: pd.DataFrame) -> list[str]:
    """A line if networks often ended at `max_epochs`, and are thus worse than they could be."""
    often = performance[performance["share_max_epochs"] > OFTEN]
    if often.empty:
        return []
    names = ", ".join(dict.fromkeys(f"{row.model} d = {row.dim}" for row in often.itertuples()))
    what = "  more than a fifth of the fits ended at training.max_epochs, before validation had stopped them"
    return [f"{what} ({names}): raise it"]


def _d_star(table: pd.DataFrame | None, dataset: str, subject: str) -> str:
    """d* as text, "?" if it could not be estimated; empty if the run does not ask for it."""
    if table is None:
        return ""
    if table.empty:
        return "?"
    own = table[(table["dataset"] == dataset) & (table["subject"] == subject)].set_index("rule")
    rule = RULE if RULE in own.index else "argmin"
    if rule not in own.index:
        return "?"
    remarks = [*(["argmin"] if rule != RULE else []), *([note] if (note := own["note"][rule]) else [])]
    return f"{own['d_star'][rule]}" + (f" ({', '.join(remarks)})" if remarks else "")


def _each(best: pd.DataFrame) -> list[str]:
    """A line for each subject."""
    cells = [
        [
            row.dataset,
            _printable(row.subject),
            row.best,
            f"NLL {row.test_nll:.4f}",
            *([f"d* = {row.d_star}"] if row.d_star else []),
        ]
        for row in best.itertuples()
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells)
    return [f"  {line.rstrip()}" for line in padded]


def _counted(best: pd.DataFrame) -> list[str]:
    """Two lines for each data set: how many of its subjects have which best model, and which d*."""
    lines = []
    for dataset, rows in best.groupby("dataset", sort=False):
        lines.append(f"  {dataset}  {len(rows)} subjects; best model: {_shares(rows['best'])}")
        if rows["d_star"].iloc[0]:
            lines.append(f"  {' ' * len(dataset)}  d*: {_shares(rows['d_star'])}")
    return lines if len(lines) <= MOST else [*lines[: MOST - 1], "  ... the rest is in the tables"]


def _shares(values: pd.Series, most: int = 5) -> str:
    """Values and how often each occurs, the most frequent first; equals in order of their names."""
    counts = values.value_counts().sort_index(kind="stable").sort_values(ascending=False, kind="stable")
    shown = [f"{value} in {count}" for value, count in counts[:most].items()]
    rest = counts[most:].sum()
    return ", ".join([*shown, *([f"others in {rest}"] if rest else [])])


def _printable(subject: str) -> str:
    """A subject's id, which may be any text, on one line."""
    return subject if subject.isprintable() else repr(subject)
