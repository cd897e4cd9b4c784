"""Test NLL against the number of dynamical variables."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from tinycog.analyses.performance.compute import OFTEN
from tinycog.figures.style import COGNITIVE_COLOURS, DOUBLE, NETWORK_COLOURS, RC, SINGLE, apart, shown

MAX_PANELS = 6  # with more subjects only their mean is drawn
MARKERS = "sD^vPX"
CURVE_MARKERS = "ooo^^^DDD"  # three networks differ in colour, further ones in the marker, too
EVEN = 8  # up to so many dynamical variables the axis has equal steps
CURVES = ("rnn",)  # families whose models are curves over d; those of others are points
CUT_SHORT = f"over {100 * OFTEN:.0f}% of the fits\nended at max_epochs"


def nll_against_d(by_subject: pd.DataFrame, group: pd.DataFrame, dataset: str) -> Figure:
    """One panel for each subject of a data set, all with the same axes, or one for their mean if there are many.

    Bars are the standard error over outer folds, or over subjects where their mean is drawn. An open circle says that
    many fits of the network ended at `max_epochs`, so that it may predict better than is shown.

    Args:
        by_subject, group: tables `performance` and `performance_group`.
    """
    own = by_subject[by_subject["dataset"] == dataset]
    subjects = list(dict.fromkeys(own["subject"]))
    if len(subjects) <= MAX_PANELS:
        titles = [f"subject {name}" for name in apart(subjects)]
        panels = [(title, own[own["subject"] == subject]) for title, subject in zip(titles, subjects, strict=True)]
        bars, over = "test_nll_sem_outer", "outer folds"
    else:
        own = group[group["dataset"] == dataset]
        panels = [(f"mean of {own['n_subjects'].iloc[0]} subjects", own)]
        bars, over = "test_nll_sem", "subjects"
    models = list(dict.fromkeys(own["model"]))
    labels = dict(zip(models, apart(models), strict=True))
    looks = {}  # label, colour and marker of each model, the same in all panels
    curves = own["family"].isin(CURVES)
    for rows, colours, markers in ((curves, NETWORK_COLOURS, CURVE_MARKERS), (~curves, COGNITIVE_COLOURS, MARKERS)):
        style = zip(itertools.cycle(colours), itertools.cycle(markers), strict=False)
        looks |= {model: (labels[model], *next(style)) for model in dict.fromkeys(own.loc[rows, "model"])}
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    width = SINGLE if columns == 1 else DOUBLE
    with mpl.rc_context(RC):
        figure = Figure()
        axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        for ax, (title, table) in zip(axes.flat, panels, strict=False):
            _panel(ax, table, bars, looks)
            ax.set_title(title)
        for ax in axes.flat[len(panels) :]:
            ax.remove()
        for ax in axes[:, 0]:
            ax.set_ylabel(f"test NLL (nats per choice)\nbars: SE over {over}")
        for ax in axes.flat[max(0, len(panels) - columns) : len(panels)]:  # the lowest of each column
            ax.set_xlabel("dynamical variables d")
            ax.tick_params(labelbottom=True)
        entries = {}  # of all panels, each once
        for ax in axes.flat:
            entries |= {line.get_label(): line for line in ax.containers}
        if (own["share_max_epochs"] > OFTEN).any():
            entries[CUT_SHORT] = Line2D([], [], ls="", marker="o", ms=4, color="0.3", mfc="white")
        longest = max(len(line) for label in entries for line in label.split("\n"))
        legend_columns = min(len(entries), int(width / (0.4 + 0.05 * longest)))
        figure.legend(entries.values(), entries, loc="outside lower center", ncols=legend_columns)
        figure.suptitle(shown(dataset, 40))
        figure.set_size_inches(width, 1.8 * rows + 0.5 + 0.14 * -(-len(entries) // legend_columns))
    return figure


def _panel(ax: Axes, table: pd.DataFrame, bars: str, looks: Mapping[str, tuple[str, str, str]]) -> None:
    dims = np.unique(table["n_dynamical"])

    def place(d: Any) -> Any:
        """A doubling is as far as any other where some networks are large, so that the small ones do not crowd."""
        return d if dims.max() <= EVEN else 1 + 2 * np.log2(d)

    networks = table[table["family"].isin(CURVES)]
    others = table.drop(index=networks.index)
    for i, (name, curve) in enumerate(networks.groupby("model", sort=False)):
        curve = curve.sort_values("n_dynamical")
        x, (label, colour, marker) = place(curve["n_dynamical"]) - 0.08 * i, looks[name]
        style = {"label": label, "color": colour, "marker": marker, "ms": 3.5, "lw": 1, "capsize": 2}
        ax.errorbar(x, curve["test_nll"], curve[bars], **style)
        cut = curve["share_max_epochs"] > OFTEN
        ax.plot(x[cut], curve["test_nll"][cut], marker, ms=3.5, color=colour, mfc="white", zorder=3)
    at_same_d = others.groupby("n_dynamical")["model"]
    step = min(0.1, 0.7 / max(1, at_same_d.size().max())) if len(others) else 0.0
    rank = at_same_d.cumcount() + 1
    for name, point in others.groupby("model", sort=False):
        x = place(point["n_dynamical"]) + step * rank[point.index]  # right of the networks'
        label, colour, marker = looks[name]
        style = {"label": label, "color": colour, "marker": marker, "ms": 3.5, "lw": 0, "elinewidth": 1, "capsize": 2}
        ax.errorbar(x, point["test_nll"], point[bars], **style)
    if dims.max() > EVEN:
        ax.set_xticks(place(dims), dims)
    else:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set_xlim(place(dims.min()) - 0.4, place(dims.max()) + 0.8)
