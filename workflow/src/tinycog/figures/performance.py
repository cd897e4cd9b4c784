"""Test NLL against the number of dynamical variables."""

from __future__ import annotations

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tinycog.figures.style import COGNITIVE_COLOURS, NETWORK_COLOURS, RC, shortened

MAX_PANELS = 6  # with more subjects only their mean is drawn
MARKERS = "sD^vPX"


def nll_against_d(by_subject: pd.DataFrame, group: pd.DataFrame, dataset: str) -> Figure:
    """One panel for each subject of a data set, or one for their mean if there are many.

    Args:
        by_subject, group: tables `performance` and `performance_group`.
    """
    own = by_subject[by_subject["dataset"] == dataset]
    subjects = list(dict.fromkeys(own["subject"]))
    if len(subjects) <= MAX_PANELS:
        panels = {f"subject {shortened(subject)}": own[own["subject"] == subject] for subject in subjects}
    else:
        panels = {f"mean of {len(subjects)} subjects": group[group["dataset"] == dataset]}
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    with plt.rc_context(RC):
        figure, axes = plt.subplots(
            rows, columns, figsize=(2.5 * columns + 1.2, 2.3 * rows + 0.2), squeeze=False, sharex=True
        )
        for ax, (title, table) in zip(axes.flat, panels.items(), strict=False):
            _panel(ax, table)
            ax.set_title(title)
        for ax in axes.flat[len(panels) :]:
            ax.remove()
        for ax in axes[:, 0]:
            ax.set_ylabel("test NLL (nats per choice)")
        figure.supxlabel("number of dynamical variables d", fontsize=8)
        handles, labels = axes.flat[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right center")
        figure.suptitle(dataset, fontsize=9)
    return figure


def _panel(ax: Axes, table: pd.DataFrame) -> None:
    networks, cognitive = (table[table["family"] == family] for family in ("rnn", "cognitive"))
    for i, (name, curve) in enumerate(networks.groupby("model", sort=False)):
        curve = curve.sort_values("n_dynamical")
        colour = NETWORK_COLOURS[i % len(NETWORK_COLOURS)]
        ax.errorbar(
            curve["n_dynamical"] - 0.08 * i,
            curve["test_nll"],
            curve["test_nll_sem"],
            color=colour,
            marker="o",
            ms=4,
            lw=1.2,
            capsize=2,
            label=name,
        )
    models = cognitive.groupby("model", sort=False)
    crowd: dict[int, int] = {}
    for i, (name, point) in enumerate(models):
        d = int(point["n_dynamical"].iloc[0])
        crowd[d] = crowd.get(d, 0) + 1
        ax.errorbar(
            point["n_dynamical"] + 0.08 * crowd[d],  # beside each other, right of the networks' point
            point["test_nll"],
            point["test_nll_sem"],
            color=COGNITIVE_COLOURS[i % len(COGNITIVE_COLOURS)],
            marker=MARKERS[i % len(MARKERS)],
            ms=4,
            lw=0,
            elinewidth=1,
            capsize=2,
            label=name,
        )
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set_xlim(table["n_dynamical"].min() - 0.4, table["n_dynamical"].max() + 0.6)
