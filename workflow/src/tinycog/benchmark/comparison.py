"""Table `engine`: speed and results of the loop, of the engine's methods and of kernels alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tinycog.benchmark import ALONE, BASELINE, KERNEL, LOOP, REFERENCES, STACKED, START, TORCH
from tinycog.benchmark.host import in_words
from tinycog.results.selection import selected_row

KEYS = ["method", "model", "dim", "data", "n_replicas", "n_trials"]
FITTED = ["model", "dim", "data"]  # the same fits, by different methods
REPLICA = [*FITTED, "outer", "inner", "seed", "l1"]
EVALUATED = ["method", "cell", "dim", "data", "n_replicas", "n_trials", "block_length"]  # the same, in different ways
VALUES = [
    *("seconds", "epochs", "ns_per_trial", "selected_test_nll", "mean_test_nll"),
    *("median_seconds", "spread", "wall_seconds", "wall_median_seconds", "wall_spread"),
    *("cell", "by", "block_length", "seconds_per_epoch", "protocol_seconds"),
    *(f"{ratio}_to_{name}" for ratio in ("ratio", "protocol_ratio") for name in REFERENCES),
    *("ratio_to_torch", "difference_from_loop"),
]


def engine_table(fits: pd.DataFrame, times: pd.DataFrame, kernels: pd.DataFrame, start: dict[str, Any]) -> pd.DataFrame:
    """One row for each method on each model, dim and data set.

    Times are summaries of turns, `timing.summary`, of `epochs` epochs (evaluations of the gradient) of `n_replicas`
    fits together: `seconds_per_epoch` = seconds / epochs is the time of one epoch of one network, and `ns_per_trial`
    its time per trial. Test NLLs are those of fits that ran to their end: `selected_test_nll` of those that validation
    selects, null where not every replica was run. `ratio_to_{reference}` is the reference's seconds per epoch divided
    by the method's. `protocol_seconds` is the time of all replicas; for the loops in torch it is their seconds per
    epoch times the epochs of `adam`, whose fits are the same. (A stack gets slower, for each network, as others finish.
    That is not counted.) `protocol_ratio_to_{reference}` compares protocol seconds. `difference_from_loop` is the
    largest difference in test NLL of a replica from the loop's. `ratio_to_torch` and `ratio_to_stacked` of an
    evaluation alone compare it with the same one by the package's torch path and by the stacked loop's.

    Args:
        fits: rows of `fits.rows`, of the loop and the engine's methods.
        times: rows of the step `time_together`.
        kernels: rows of `kernels.times`.
        start: row of method `start`: seconds from the start of a fit job to the end of its first epoch.
    """
    results = []
    for (method, *where), own in fits.groupby(["method", *FITTED], sort=False):
        ok = own[own["status"] == "ok"]
        row = {"method": method, **dict(zip(FITTED, where, strict=True)), "n_fits": len(own)}
        results.append({**row, "selected_test_nll": selected(own), "mean_test_nll": ok["test_nll"].mean()})
    timed = times.merge(pd.DataFrame(results), how="left", on=["method", *FITTED])
    timed.loc[timed["n_fits"] < timed.groupby(FITTED)["n_fits"].transform("max"), "selected_test_nll"] = np.nan
    kernels = kernels.copy()
    for table in (timed, kernels):
        table["seconds_per_epoch"] = table["seconds"] / table["epochs"]
        table["ns_per_trial"] = 1e9 * table["seconds_per_epoch"] / table["n_trials"]

    epochs = _of_reference(timed, "epochs", timed["method"] == BASELINE, FITTED)
    in_part = timed["method"].isin(REFERENCES)
    timed["protocol_seconds"] = timed["seconds"].where(~in_part, timed["seconds_per_epoch"] * epochs)
    for ratio, time in (("ratio", "seconds_per_epoch"), ("protocol_ratio", "protocol_seconds")):
        for name in REFERENCES:
            timed[f"{ratio}_to_{name}"] = _of_reference(timed, time, timed["method"] == name, FITTED) / timed[time]
    for way in (TORCH, STACKED):
        reference = _of_reference(kernels, "seconds_per_epoch", kernels["by"] == way, EVALUATED)
        kernels[f"ratio_to_{way}"] = reference / kernels["seconds_per_epoch"]
    timed = timed.merge(_differences(fits), how="left", on=["method", *FITTED])
    return pd.concat([timed, kernels, pd.DataFrame([{"method": START, **start}])], ignore_index=True)[[*KEYS, *VALUES]]


def _of_reference(table: pd.DataFrame, column: str, reference: pd.Series, keys: list[str]) -> np.ndarray:
    """For each row, the value of the reference's row with the same keys; NaN where there is none."""
    return table[keys].merge(table.loc[reference, [*keys, column]], how="left", on=keys)[column].to_numpy()


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
    head = ["data", "d", "method", "fits", "epochs", "ms per epoch", "ns per trial", "spread", "wall / processor"]
    head += [f"speed of all fits: to {name.replace('_', ' ')}" for name in REFERENCES] + ["per epoch: to stacked"]
    head += ["selected test NLL", "mean test NLL"]
    lines = [*headline(fits), "", f"Measured on {in_words(machine)}.", ""]
    lines += ["| " + " | ".join(head) + " |", "|---|---:|---|" + "---:|" * (len(head) - 3)]
    for row in fits.itertuples():
        cells = [row.data, row.dim, row.method, row.n_replicas, f"{row.epochs:,}", f"{1e3 * row.seconds_per_epoch:.3f}"]
        cells += [f"{row.ns_per_trial:.1f}", f"{row.spread:.0%}", f"{row.wall_median_seconds / row.median_seconds:.2f}"]
        cells += [_times(getattr(row, f"protocol_ratio_to_{name}")) for name in REFERENCES]
        cells += [_times(row.ratio_to_stacked), _nll(row.selected_test_nll), _nll(row.mean_test_nll)]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    difference = fits.loc[fits["method"] == BASELINE, "difference_from_loop"].max()
    lines += [
        "",
        "Times are the fastest of several turns, which all methods of a data set and d took one after the other, by the"
        " processor's clock. The spread is (slowest - fastest) / fastest; wall / processor, of the medians, is above 1"
        " where other work had the core. Fits and epochs are those of a turn, ms per epoch those of one network. Speed"
        f" is the time of `{LOOP}` (one network at a time), `{STACKED}` (all networks of a job at once, float64) or"
        f" `{REFERENCES[-1]}` divided by the method's: that of all fits, where the loops have as many epochs as"
        f" `{BASELINE}`, at the speed of their first ones, and that of an epoch. The loop's mean test NLL is over the"
        f" few fits that it ran to their end; in them the test NLL of `{BASELINE}` differs from the loop's by at most"
        f" {difference:.0e} (a long fit amplifies rounding: a change of 1e-15 in one initial weight can move it as"
        f" far). A fit job's process ends its first epoch {start:.2f} s after its start.",
        "",
        *_kernels_in_markdown(table),
    ]
    return "\n".join(lines) + "\n"


def headline(fits: pd.DataFrame) -> list[str]:
    """What each method of the engine gains over the stacked loop: the least and the most over data sets and dims."""
    lines = []
    for method, own in fits[~fits["method"].isin(REFERENCES)].groupby("method", sort=False):
        ratio = own[f"protocol_ratio_to_{STACKED}"]
        lines.append(
            f"- All fits by `{method}`: {_times(ratio.min())} to {_times(ratio.max())} as fast as all networks of a job"
            " stacked in torch (float64)."
        )
    return lines


def _kernels_in_markdown(table: pd.DataFrame) -> list[str]:
    """ns per trial and replica of cells alone, and of the gradient of few replicas."""
    alone = table[table["by"] == KERNEL]
    if alone.empty:
        return []
    usual = is_usual(alone)
    size = alone[usual].iloc[0]
    lines = [
        f"ns per trial and replica, {size.n_replicas:.0f} replicas of {size.n_trials:,.0f} trials; speed to the same"
        f" evaluation by the loop that is `{STACKED}` and to that of the package's cells by torch:"
    ]
    same = alone[usual].set_index(["cell", "dim", "method"])
    head = [f"{method}{versus}" for method in ALONE for versus in ("", ", to stacked", ", to torch")]
    lines += ["", "| cell | d | " + " | ".join(head) + " |", "|---|---:|" + "---:|" * len(head)]
    for cell, dim in dict.fromkeys((cell, dim) for cell, dim, _ in same.index):
        cells = [cell, dim]
        for method in ALONE:
            row = same.loc[(cell, dim, method)]
            cells += [f"{row.ns_per_trial:.1f}", _times(row.ratio_to_stacked), _times(row.ratio_to_torch)]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return [*lines, *_few_in_markdown(alone[~usual])]


def _few_in_markdown(few: pd.DataFrame) -> list[str]:
    """The gradient's ns per trial and replica, blocks against numbers of replicas."""
    if few.empty:
        return []
    sizes = zip(few["n_trials"] // few["block_length"], few["block_length"], strict=True)
    wide = few.assign(blocks=[f"{n:,.0f} x {length:,.0f}" for n, length in sizes]).pivot_table(
        index=["cell", "dim", "blocks"], columns="n_replicas", values="ns_per_trial", sort=False
    )
    head = " | ".join(f"{n} replica" + "s" * (n > 1) for n in wide.columns)
    lines = ["", "ns per trial and replica of the gradient, by blocks x trials in each, and by replicas:", ""]
    lines += [f"| cell | d | blocks | {head} |", "|---|---:|---:|" + "---:|" * wide.shape[1]]
    for (cell, dim, own), row in wide.iterrows():
        lines.append(f"| {cell} | {dim} | {own} | " + " | ".join(f"{value:.1f}" for value in row) + " |")
    return lines


def is_usual(table: pd.DataFrame) -> pd.Series:
    """Which rows are evaluations alone of the size at which most were timed."""
    size = ["n_replicas", "n_trials", "block_length"]
    alone = table["method"].isin(ALONE)
    return alone & (table[size] == list(table[alone].groupby(size).size().idxmax())).all(axis=1)


def _times(ratio: float) -> str:
    return "" if np.isnan(ratio) else f"{ratio:.1f} x"


def _nll(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.4f}"
