"""Test NLL against the number of trials, and how much the best network gains on the best cognitive model."""

from __future__ import annotations

import itertools

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from tinycog.figures.style import COGNITIVE_COLOURS, DOUBLE, NETWORK_COLOURS, RC, apart, shown

MARKERS = "sD^vPX"
DASHES = ("solid", (0, (4, 1.5)), (0, (1, 1)), (0, (4, 1, 1, 1)))


def requirement(curves: pd.DataFrame, differences: pd.DataFrame, crossings: pd.DataFrame) -> Figure:
    """A row for each generator of choices: left a line for each model, right the difference that decides the crossing.

    Bands are 95% bootstrap intervals over outer folds and their blocks; the dotted line is where the network overtakes.

    Args:
        curves, differences, crossings: rows of one subject in tables `data_requirement`, `..._difference` and
            `..._crossing`.
    """
    curves = curves[curves["test_nll"].notna()]
    generators = list(dict.fromkeys(curves["generator"]))
    looks = _looks(curves)
    with mpl.rc_context(RC):
        figure = Figure()
        axes = figure.subplots(len(generators), 2, squeeze=False, sharex="row", width_ratios=(1, 1))
        for (left, right), generator in zip(axes, generators, strict=True):
            rows = [table[table["generator"] == generator] for table in (curves, differences, crossings)]
            _curves(left, rows[0], looks)
            _difference(right, *rows[1:])
            who = "the subject's choices" if generator == "subject" else f"choices of {shown(generator, 24)}"
            left.set_title(who)
            _trials(left, rows[0]["n_trials"].unique())
        for ax in axes[-1]:
            ax.set_xlabel("trials to train and validate on")
        entries = {}  # of all rows, each once
        for ax in axes[:, 0]:
            handles, labels = ax.get_legend_handles_labels()
            entries |= dict(zip(labels, handles, strict=True))
        figure.legend(entries.values(), entries, loc="outside right center", handlelength=3)
        first = curves.iloc[0]
        figure.suptitle(f"{shown(first['dataset'])}: {shown(first['subject'])}")
        figure.set_size_inches(DOUBLE, 1.9 * len(generators) + 0.5)
    return figure


def _looks(curves: pd.DataFrame) -> dict[tuple[str, int], dict]:
    """Label and style of each model and dim: networks have a colour for each model and dashes for each dim."""
    models = list(dict.fromkeys(curves["model"]))
    labels = dict(zip(models, apart(models), strict=True))
    is_network = curves["family"] == "rnn"
    looks = {}
    for colour, model in zip(itertools.cycle(NETWORK_COLOURS), dict.fromkeys(curves.loc[is_network, "model"])):
        dims = sorted(curves.loc[curves["model"] == model, "dim"].unique())
        for dashes, dim in zip(itertools.cycle(DASHES), dims):
            style = {"color": colour, "ls": dashes, "marker": "o"}
            looks[model, dim] = {**style, "label": f"{labels[model]}, d = {dim}"}
    others = curves.loc[~is_network, ["model", "dim"]].drop_duplicates().itertuples(index=False)
    for colour, marker, (model, dim) in zip(itertools.cycle(COGNITIVE_COLOURS), itertools.cycle(MARKERS), others):
        looks[model, dim] = {"color": colour, "marker": marker, "label": labels[model]}
    return looks


def _curves(ax: Axes, rows: pd.DataFrame, looks: dict[tuple[str, int], dict]) -> None:
    for (model, dim), own in rows.groupby(["model", "dim"], sort=False):
        own = own.sort_values("n_trials")
        look = looks[model, dim]
        ax.plot(own["n_trials"], own["test_nll"], ms=3, lw=1, mfc="white", **look)
        chosen = own[own["chosen"]]
        ax.plot(chosen["n_trials"], chosen["test_nll"], look["marker"], ms=3, color=look["color"], zorder=3)
    ax.set_ylabel("test NLL (nats per choice)\nfilled: chosen by validation")


def _difference(ax: Axes, rows: pd.DataFrame, crossings: pd.DataFrame) -> None:
    rows = rows.sort_values("n_trials")
    note = crossings["note"].iloc[0]
    if rows.empty:
        ax.text(0.5, 0.5, note, transform=ax.transAxes, ha="center", va="center")
        return
    ax.axhline(0, color="0.6", lw=0.6)
    ax.fill_between(rows["n_trials"], rows["low"], rows["high"], color="0.85", lw=0)
    ax.plot(rows["n_trials"], rows["difference"], "k-o", ms=3, lw=1)
    place = crossings["trials"].iloc[0]
    if np.isfinite(place):
        ax.axvline(place, color=NETWORK_COLOURS[0], lw=1, ls=":")
    ax.set_title(_overtakes(crossings.iloc[0]))
    ax.set_ylabel("best network minus\nbest cognitive (nats)")


def _overtakes(row: pd.Series) -> str:
    """When the network overtakes, with its interval where there is one."""
    if not np.isfinite(row["trials"]):
        return f"network ahead: {row['note']}"
    if not np.isfinite(row["share_not_reached"]):
        return f"network ahead from {row['trials']:,.0f} trials"
    low = f"{row['low']:,.0f}" if np.isfinite(row["low"]) else f"under {row['fewest']:,.0f}"
    high = f"{row['high']:,.0f}" if np.isfinite(row["high"]) else f"over {row['most']:,.0f}"
    return f"network ahead from {row['trials']:,.0f} trials ({low} to {high})"


def _trials(ax: Axes, sizes: np.ndarray) -> None:
    """A logarithmic axis with the sizes as its ticks."""
    ax.set_xscale("log")
    ax.set_xticks(sizes)
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
