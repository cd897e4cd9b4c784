"""How often d* would be found, by each rule."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tinycog.analyses.dimensionality.figure import RULE_COLOURS
from tinycog.figures.style import DOUBLE, RC, SINGLE, apart, shown

COLOURS = {"below": "#E69F00", "equal": "#0072B2", "above": "#CC79A7"}  # Okabe-Ito
WORDS = {"below": "d* too small", "equal": "d* found", "above": "d* too large"}
COLUMNS = 3  # at most


def found(table: pd.DataFrame) -> Figure:
    """One panel for each data set, a bar for each rule: simulations in which d* is below, at and above the true d.

    With several subjects a bar is their mean. The number is the share that was found; of one subject with its 95%
    interval (Clopper and Pearson).

    Args:
        table: rows of table `dimensionality_power` that have an estimate.
    """
    panels = dict(list(table.groupby("dataset", sort=False)))
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    with mpl.rc_context(RC):
        figure = Figure(figsize=(SINGLE if columns == 1 else DOUBLE, 1.5 * rows + 0.5))
        axes = figure.subplots(rows, columns, squeeze=False, sharex=True)
        for ax, dataset, own in zip(axes.flat, apart(list(panels)), panels.values(), strict=False):
            rules = [rule for rule in RULE_COLOURS if rule in set(own["rule"])]
            names = []
            for y, rule in enumerate(rules):
                of_rule = own[own["rule"] == rule]
                left = 0.0
                for kind, colour in COLOURS.items():
                    width = of_rule[kind].mean()
                    ax.barh(y, width, left=left, color=colour, height=0.7, label=WORDS[kind])
                    left += width
                names.append(f"{rule}\n{_share(of_rule)}")
            ax.set_yticks(np.arange(len(rules)), names)
            ax.invert_yaxis()
            ax.set_xlim(0, 1)
            ax.tick_params(axis="y", length=0)
            words = [dataset, *_whose(own)]
            ax.set_title(f"{words[0]}: {', '.join(words[1:])}" if columns == 1 else "\n".join(words))
        for ax in axes.flat[len(panels) :]:
            ax.remove()
        for ax in axes.flat[max(0, len(panels) - columns) : len(panels)]:  # the lowest of each column
            ax.set_xlabel("share of simulations")
            ax.tick_params(labelbottom=True)
        handles, labels = axes.flat[0].get_legend_handles_labels()
        once = dict(zip(labels, handles, strict=True))
        figure.legend(once.values(), once, loc="outside lower center", ncols=3)
    return figure


def _share(rows: pd.DataFrame) -> str:
    percent = f"{100 * rows['equal'].mean():.0f}%"
    if len(rows) > 1:
        return percent
    return f"{percent} ({100 * rows['low'].iloc[0]:.0f} to {100 * rows['high'].iloc[0]:.0f})"


def _whose(own: pd.DataFrame) -> list[str]:
    """What was simulated."""
    subjects, n = own["subject"].unique(), own["n"].max()
    if len(subjects) > 1:
        return [f"{len(subjects)} subjects"]
    return [shown(subjects[0]), f"true d = {own['true_d'].iloc[0]}, {n} simulation{'s' if n > 1 else ''}"]
