"""Table `engine`: speed and results of the loop, of the engine's methods and of kernels alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tinycog.benchmark import ALONE, BASELINE, LOOP, START
from tinycog.benchmark.host import in_words
from tinycog.results.selection import selected_row

KEYS = ["method", "model", "dim", "data", "n_replicas", "n_trials"]
FITTED = ["model", "dim", "data"]  # the same fits, by different methods
REPLICA = [*FITTED, "outer", "inner", "seed", "l1"]
VALUES = [
    *("seconds", "epochs", "ns_per_trial", "selected_test_nll", "mean_test_nll"),
    *("seconds_per_epoch", "ratio_to_loop", "protocol_seconds", "protocol_ratio", "difference_from_loop"),
]


def engine_table(fits: pd.DataFrame, kernels: pd.DataFrame, start: dict[str, Any]) -> pd.DataFrame:
    """One row for each method on each model, dim and data set.

    `epochs` counts epochs (evaluations of the gradient) of all replicas together, so that `seconds_per_epoch` = seconds
    / epochs is the time of one epoch of one network, and `ns_per_trial` its time per trial. `selected_test_nll` is the
    test NLL of the fits that validation selects, and null where not every replica was run. `ratio_to_loop` compares
    seconds per epoch. `protocol_seconds` is the time of all replicas; for a loop that ran only some of them, it is the
    loop's seconds per epoch times the epochs of `adam`, whose fits are the same. `protocol_ratio` compares protocol
    seconds. `difference_from_loop` is the largest difference in test NLL of a replica from the loop's.

    Args:
        fits: rows of `fits.rows`, of all methods.
        kernels: rows of `kernels.times`.
        start: row of method `start`: seconds from the start of a fit job to the end of its first epoch.
    """
    summaries = []
    for (method, *where), own in fits.groupby(["method", *FITTED], sort=False):
        row = {"method": method, **dict(zip(FITTED, where, strict=True)), "n_replicas": len(own)}
        row |= {"n_trials": own["n_trials"].iloc[0], "seconds": own["seconds"].sum(), "epochs": own["epochs"].sum()}
        ok = own[own["status"] == "ok"]
        summaries.append({**row, "selected_test_nll": selected(own), "mean_test_nll": ok["test_nll"].mean()})
    table = pd.concat([pd.DataFrame(summaries), kernels], ignore_index=True).drop_duplicates(KEYS, ignore_index=True)
    table["seconds_per_epoch"] = table["seconds"] / table["epochs"]
    table["ns_per_trial"] = 1e9 * table["seconds_per_epoch"] / table["n_trials"]

    everything = table.groupby(FITTED)["n_replicas"].transform("max")
    partial = (table["method"] == LOOP) & (table["n_replicas"] < everything)
    table.loc[partial, "selected_test_nll"] = np.nan
    baseline = table[FITTED].merge(table[table["method"] == BASELINE], how="left", on=FITTED)
    fitted = ~table["method"].isin(ALONE)
    extrapolated = table["seconds_per_epoch"] * baseline["epochs"].to_numpy()
    table["protocol_seconds"] = table["seconds"].where(~partial, extrapolated).where(fitted)
    loop = table[FITTED].merge(table[table["method"] == LOOP], how="left", on=FITTED)
    for ratio, time in (("ratio_to_loop", "seconds_per_epoch"), ("protocol_ratio", "protocol_seconds")):
        table[ratio] = (loop[time].to_numpy() / table[time]).where(fitted)
    table = table.merge(_differences(fits), how="left", on=["method", *FITTED])
    return pd.concat([table, pd.DataFrame([{"method": START, **start}])], ignore_index=True)[[*KEYS, *VALUES]]


def selected(fits: pd.DataFrame) -> float:
    """Test NLL of selected fits, weighted by test choices (methods: selection; performance and error bars)."""
    rows = []
    for _, own in fits.groupby("outer"):
        row = selected_row({name: own[name].to_numpy() for name in own})
        if row is not None:
            rows.append(own.iloc[row])
    return float(np.average([r["test_nll"] for r in rows], weights=[r["n_test"] for r in rows])) if rows else np.nan


def _differences(fits: pd.DataFrame) -> pd.DataFrame:
    """Largest absolute difference in test NLL from the loop's, over the replicas that the loop ran too."""
    loop = fits.loc[fits["method"] == LOOP, [*REPLICA, "test_nll"]]
    both = fits[fits["method"] != LOOP].merge(loop, on=REPLICA, suffixes=("", "_loop"))
    both["difference_from_loop"] = (both["test_nll"] - both["test_nll_loop"]).abs()
    return both.groupby(["method", *FITTED], as_index=False)["difference_from_loop"].max()


def in_markdown(table: pd.DataFrame, machine: dict[str, Any]) -> str:
    """The table in short, for people."""
    fits = table[~table["method"].isin((*ALONE, START))]
    start = table.loc[table["method"] == START, "seconds"].item()
    head = (
        "| data | d | method | fits | epochs | ms per epoch | ns per trial | speed per epoch | speed of all fits |"
        " selected test NLL | mean test NLL |"
    )
    lines = [f"Measured on {in_words(machine)}.", "", head, "|---|---:|---|" + "---:|" * 8]
    for row in fits.itertuples():
        cells = [row.data, row.dim, row.method, row.n_replicas, f"{row.epochs:,}", f"{1e3 * row.seconds_per_epoch:.3f}"]
        cells += [f"{row.ns_per_trial:.1f}", _times(row.ratio_to_loop), _times(row.protocol_ratio)]
        cells += [_nll(row.selected_test_nll), _nll(row.mean_test_nll)]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    difference = fits.loc[fits["method"] == BASELINE, "difference_from_loop"].max()
    lines += [
        "",
        "Epochs are those of all fits together, ms per epoch those of one network. Speed is the loop's time divided by"
        " the method's: that of an epoch, and that of all fits. Where the loop ran fewer fits, its time is that for the"
        f" epochs of `{BASELINE}`, and its mean test NLL is over those fits alone; in them the test NLL of `{BASELINE}`"
        f" differs from the loop's by at most {difference:.0e} (a long fit amplifies rounding: a change of 1e-15 in one"
        f" initial weight can move it as far). A fit job's process ends its first epoch {start:.2f} s after its start.",
        "",
        *_kernels_in_markdown(table),
    ]
    return "\n".join(lines) + "\n"


def _kernels_in_markdown(table: pd.DataFrame) -> list[str]:
    """ns per trial and replica of the kernels, at the size at which most of them were timed."""
    kernels = table[table["method"].isin(ALONE)]
    if kernels.empty:
        return []
    replicas, trials = usual_size(kernels)
    same = kernels[(kernels["n_replicas"] == replicas) & (kernels["n_trials"] == trials)]
    wide = same.pivot_table(index="model", columns=["method", "dim"], values="ns_per_trial", sort=False)
    head = " | ".join(f"{method} d = {dim}" for method, dim in wide.columns)
    lines = [f"ns per trial and replica, {replicas} replicas of {trials:,} trials:", "", f"| cell | {head} |"]
    lines.append("|---|" + "---:|" * wide.shape[1])
    for cell, *row in wide.itertuples():
        lines.append(f"| {cell} | " + " | ".join(f"{value:.1f}" for value in row) + " |")
    return lines


def usual_size(kernels: pd.DataFrame) -> tuple[int, int]:
    """Numbers of replicas and of trials at which most kernels were timed."""
    return kernels.groupby(["n_replicas", "n_trials"]).size().idxmax()


def _times(ratio: float) -> str:
    return "" if np.isnan(ratio) else f"{ratio:.1f} x"


def _nll(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.4f}"
