"""Table `distillation`: all fits of a distillation against the same fits one at a time."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tinycog.benchmark.host import in_words

KIND = ["method", "n_blocks"]


def summary(timed: pd.DataFrame, n_fits: pd.Series) -> pd.DataFrame:
    """One row for each method and subset.

    `seconds` is the mean time of the fits that were timed times the number of all. `epochs`, `run_epochs`, `test_nll`
    and `run_test_nll` are means of the timed fits, one at a time and in the run.

    Args:
        timed: rows of the step `time_distillation`.
        n_fits: number of the run's fits by `KIND`.
    """
    means = timed.groupby(KIND, sort=False).mean(numeric_only=True)
    table = means.assign(n_timed=timed.groupby(KIND).size(), n_fits=n_fits)
    return table.assign(seconds=table["seconds"] * table["n_fits"]).reset_index()


def in_markdown(table: pd.DataFrame, run: dict[str, Any], machine: dict[str, Any]) -> str:
    """The table for people, with the ratio.

    Args:
        run: `seconds` and `wall` of the whole run on `cores`, and `first`, seconds when it was run before.
    """
    head = ["method", "blocks", "fits", "timed", "epochs", "the run's", "test NLL", "the run's", "seconds of all"]
    lines = [f"Measured on {in_words(machine)}.", "", f"| {' | '.join(head)} |", "|---" + "|---:" * 8 + "|"]
    for row in table.itertuples():
        cells = [row.method, row.n_blocks, row.n_fits, row.n_timed, f"{row.epochs:.0f}", f"{row.run_epochs:.0f}"]
        cells += [f"{row.test_nll:.4f}", f"{row.run_test_nll:.4f}", f"{row.seconds:,.0f}"]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    seconds, whole = table["seconds"].sum(), run["seconds"]
    told = [
        f"The run took {whole:.0f} s of processor time ({run['wall']:.0f} s by the clock), with all processes, from",
        f"simulation to table; {run['first']:.0f} s the first time, with the compilation of its kernels.",
        f"Its fits one at a time, on one core, take {seconds:,.0f} s: {seconds / whole:.0f} times as long in processor",
        f"time ({seconds / run['first']:.0f} times the first run), {seconds / run['wall']:.0f} times by the clock of",
        f"{run['cores']} cores.",
    ]
    return "\n".join([*lines, "", " ".join(told)]) + "\n"
