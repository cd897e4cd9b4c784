"""Test NLL against the number of dynamical variables."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tinycog.figures.style import COGNITIVE_COLOURS, NETWORK_COLOURS, RC, shortened

LABELS_PER_INCH = 5.8  # lines of a legend
MAX_PANELS = 6  # with more subjects only their mean is drawn
MARKERS = "sD^vPX"
CURVES = ("rnn",)  # families whose models are curves over d; those of others are points


def nll_against_d(by_subject: pd.DataFrame, group: pd.DataFrame, dataset: str) -> Figure:
    """One panel for each subject of a data set, or one for their mean if there are many.

    Bars are the standard error over outer folds, or over subjects where their mean is drawn.

    Args:
        by_subject, group: tables `performance` and `performance_group`.
    """
    own = by_subject[by_subject["dataset"] == dataset]
    subjects = list(dict.fromkeys(own["subject"]))
    if len(subjects) <= MAX_PANELS:
        panels = {f"subject {shortened(subject)}": own[own["subject"] == subject] for subject in subjects}
        bars, over = "test_nll_sem_outer", "outer folds"
    else:
        mean = group[group["dataset"] == dataset]
        panels = {f"mean of {mean['n_subjects'].iloc[0]} subjects": mean}
        bars, over = "test_nll_sem", "subjects"
    width = np.clip(1.5 + 0.4 * np.ptp(own["n_dynamical"]), 2.5, 4.5)
    columns = min(3 if width < 3 else 2, len(panels))
    rows = -(-len(panels) // columns)
    height = 2.3 * rows + 0.2
    legend_columns = -(-own["model"].nunique() // int(height * LABELS_PER_INCH))
    with plt.rc_context(RC):
        size = (width * columns + 1.2 * legend_columns, height)
        figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, sharex=True)
        for ax, (title, table) in zip(axes.flat, panels.items(), strict=False):
            _panel(ax, table, bars)
            ax.set_title(title)
        for ax in axes.flat[len(panels) :]:
            ax.remove()
        for ax in axes[:, 0]:
            ax.set_ylabel(f"test NLL (nats per choice)\nbars: SE over {over}")
        for ax in axes.flat[max(0, len(panels) - columns) : len(panels)]:  # the lowest of each column
            ax.set_xlabel("dynamical variables d")
            ax.tick_params(labelbottom=True)
        handles, labels = axes.flat[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right center", ncols=legend_columns)
        figure.suptitle(dataset, fontsize=9)
    return figure


def _panel(ax: Axes, table: pd.DataFrame, bars: str) -> None:
    networks = table[table["family"].isin(CURVES)]
    others = table.drop(index=networks.index)
    for i, (name, curve) in enumerate(networks.groupby("model", sort=False)):
        curve = curve.sort_values("n_dynamical")
        colour = NETWORK_COLOURS[i % len(NETWORK_COLOURS)]
        ax.errorbar(
            curve["n_dynamical"] - 0.08 * i,
            curve["test_nll"],
            curve[bars],
            color=colour,
            marker="o",
            ms=4,
            lw=1.2,
            capsize=2,
            label=name,
        )
    at_same_d = others.groupby("n_dynamical")["model"]
    step = min(0.1, 0.7 / max(1, at_same_d.size().max())) if len(others) else 0.0
    place = at_same_d.cumcount() + 1
    for i, (name, point) in enumerate(others.groupby("model", sort=False)):
        ax.errorbar(
            point["n_dynamical"] + step * place[point.index],  # beside each other, right of the networks' point
            point["test_nll"],
            point[bars],
            color=COGNITIVE_COLOURS[i % len(COGNITIVE_COLOURS)],
            marker=MARKERS[i % len(MARKERS)],
            ms=4,
            lw=0,
            elinewidth=1,
            capsize=2,
            label=name,
        )
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set_xlim(table["n_dynamical"].min() - 0.4, table["n_dynamical"].max() + 0.8)
