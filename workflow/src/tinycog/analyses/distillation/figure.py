"""Test NLL against the number of a target's trials, with crossing points (methods: distillation)."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from tinycog.figures.style import COGNITIVE_COLOURS, DOUBLE, RC, SINGLE, shown

CURVE = ["method", "model", "dim", "mode"]
OF_STUDENTS = ("student", "solo")  # methods that each network has for itself; the others are in every panel
COLOURS = {"solo": "#009E73", "student": "#0072B2", "teacher": "#CC79A7"} | {
    "new_subject": "0",
    "mean_embedding": "0.5",
}
MARKERS = {"solo": "s", "student": "o", "teacher": "^", "cognitive": "D", "new_subject": "v"}
DASHED, DOTTED = (0, (3, 2)), (0, (1, 1.5))
EDGE = {"ha": "center", "va": "top", "fontsize": 6}
APART = 0.012  # of the axis, between error bars at the same number of trials


def curves(summary: pd.DataFrame, crossings: pd.DataFrame, *, title: str) -> Figure:
    """One panel for each network that learns; lines at the bottom are crossing points with their intervals.

    Args:
        summary, crossings: the tables of that name, of one data set; some method has a point in `summary`.
    """
    networks = summary[summary["method"].isin(OF_STUDENTS)]
    panels = list(dict.fromkeys(zip(networks["model"], networks["dim"], strict=True))) or [(None, 0)]
    columns = min(len(panels), 2)
    rows = -(-len(panels) // columns)
    with mpl.rc_context(RC):
        figure = Figure(figsize=(SINGLE if columns == 1 else DOUBLE, 2.2 * rows + 0.9))
        grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
        for ax in grid[len(panels) :]:
            ax.axis("off")
        for ax, (model, dim) in zip(grid, panels, strict=False):
            _axes(ax, summary)
            for table, draw in ((summary, _draw), (crossings, _cross)):
                draw(ax, table[_in_panel(table, model, dim)], _styles(summary))
            if len(panels) > 1:
                ax.set_title(f"{shown(model)}, d = {dim}")
            ax.set_xlabel("trials of the target, training and validation")
            ax.set_ylabel("test NLL (nats per choice)")
        figure.suptitle(title)
        handles = [Line2D([], [], label=label, **style) for label, style in _legend(summary)]
        figure.legend(handles=handles, loc="outside lower center", ncols=2 * columns, handlelength=3)
    return figure


def _in_panel(table: pd.DataFrame, model: str | None, dim: int) -> pd.Series:
    return ~table["method"].isin(OF_STUDENTS) | ((table["model"] == model) & (table["dim"] == dim))


def _styles(summary: pd.DataFrame) -> dict[tuple[str, str, str], dict]:
    """Method, model (of cognitive ones) and mode: its line."""
    cognitive = list(dict.fromkeys(summary.loc[summary["method"].str.endswith("cognitive"), "model"]))
    found = {}
    for method, model, mode in dict.fromkeys(zip(summary["method"], summary["model"], summary["mode"], strict=True)):
        if method.endswith("cognitive"):
            style = {"color": COGNITIVE_COLOURS[cognitive.index(model) % len(COGNITIVE_COLOURS)], "marker": "D"}
        else:
            style = {"color": COLOURS[method], "marker": MARKERS.get(method, "")}
        light = method == "soft_cognitive" or mode in ("mixed", "align")
        dashed = light or method == "mean_embedding"
        style["ls"] = DOTTED if mode == "align" else DASHED if dashed else "-"
        style["mfc"] = "white" if light else style["color"]
        found[_key(method, model, mode)] = style | {"lw": 1.0, "ms": 3.5, "mew": 0.7}
    return found


def _key(method: str, model: str, mode: str) -> tuple[str, str, str]:
    return method, "" if method in OF_STUDENTS else model, mode


def _draw(ax: Axes, table: pd.DataFrame, styles: dict) -> None:
    curves = [(key, own) for key, own in table.groupby(CURVE, sort=False)]
    for i, ((method, model, _, mode), own) in enumerate(curves):
        style = styles[_key(method, model, mode)]
        if method == "mean_embedding":
            ax.axhline(own["test_nll"].iloc[0], color=style["color"], ls=style["ls"], lw=style["lw"], zorder=0)
            continue
        own = own.sort_values("n_trials")
        trials = own["n_trials"] * 10 ** (APART * (i - len(curves) / 2))
        ax.plot(trials, own["test_nll"], **style)
        ax.vlines(trials, own["low"], own["high"], color=style["color"], lw=0.6)
        top = ax.get_ylim()[1]
        for n, nll in zip(trials, own["test_nll"], strict=True):
            if nll > top:  # outside: its value is said at the edge
                ax.annotate(f"↑ {nll:.2f}", (n, top), (0, -1), textcoords="offset points", color=style["color"], **EDGE)


def _cross(ax: Axes, table: pd.DataFrame, styles: dict) -> None:
    """A marker at each crossing point, a line along its interval, to the edge where that has no upper end."""
    inside = ax.get_xaxis_transform()
    table = table[table["method"].isin((*OF_STUDENTS, "teacher")) & table["n_trials"].notna()]
    for i, row in enumerate(table.itertuples()):
        style, height = styles[_key(row.method, row.model, row.mode)], 0.03 + 0.035 * i
        if np.isfinite(row.low):
            high = row.high if np.isfinite(row.high) else ax.get_xlim()[1]
            ax.plot([row.low, high], [height, height], color=style["color"], lw=0.8, transform=inside, zorder=0)
        marks = {key: style[key] for key in ("color", "marker", "mfc", "mew")}
        ax.plot(row.n_trials, height, **marks, ms=3, transform=inside, zorder=1)
    if len(table):
        words = f"better than {shown(table['baseline'].iloc[0])} from:"
        ax.text(0.01, 0.03 + 0.035 * len(table), words, transform=ax.transAxes, fontsize=6)


def _axes(ax: Axes, summary: pd.DataFrame) -> None:
    points = summary[summary["n_trials"] > 0]
    ax.set_xscale("log")
    ax.set_xlim(points["n_trials"].min() / 1.25, points["n_trials"].max() * 1.25)
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    low = summary[["test_nll", "low"]].min(axis=None)
    # a network alone with few trials may be far worse than everything else, whose differences are to be seen
    others = summary[summary["method"] != "solo"]
    high = (others if len(others) else summary)[["test_nll", "high"]].max(axis=None)
    ax.set_ylim(low - 0.25 * (high - low), high + 0.05 * (high - low))  # room for crossing points
    ax.yaxis.set_major_locator(MaxNLocator(5))


def _legend(summary: pd.DataFrame) -> Iterator[tuple[str, dict]]:
    words = {"solo": "solo", "teacher": "teacher", "new_subject": "vector fitted to trials"}
    words["mean_embedding"] = "mean vector"
    modes = {"soft": "student", "mixed": "student, mixed", "align": "student, aligned"}
    for (method, model, mode), style in _styles(summary).items():
        if method.endswith("cognitive"):
            yield f"{shown(model)}{', taught' if method == 'soft_cognitive' else ''}", style
        else:
            yield modes[mode] if method == "student" else words[method], style
