"""Histogram of d* over subjects."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tinycog.figures.style import NETWORK_COLOURS, RC

BINS = ("1", "2", "3", "4", "≥5")
RULE_COLOURS = dict(zip(("reference", "minimal", "validation", "argmin"), ("#000000", *NETWORK_COLOURS), strict=True))


def d_star_histogram(table: pd.DataFrame) -> Figure:
    """One panel for each data set: number of subjects at each d*, a bar for each rule.

    Args:
        table: table `dimensionality`.
    """
    datasets = list(dict.fromkeys(table["dataset"]))
    # with a single outer fold there are no tests, and the rules that need them have no rows
    colours = {rule: colour for rule, colour in RULE_COLOURS.items() if rule in set(table["rule"])}
    with plt.rc_context(RC):
        figure, axes = plt.subplots(
            1, len(datasets), figsize=(2.3 * len(datasets) + 1.0, 2.2), squeeze=False, sharey=True
        )
        for ax, dataset in zip(axes[0], datasets, strict=True):
            own = table[table["dataset"] == dataset]
            width = 0.8 / len(colours)
            for i, (rule, colour) in enumerate(colours.items()):
                counts = np.bincount(own.loc[own["rule"] == rule, "d_star"].clip(1, len(BINS)) - 1, minlength=len(BINS))
                shift = (i - (len(colours) - 1) / 2) * width
                ax.bar(np.arange(len(BINS)) + shift, counts, width, color=colour, label=rule)
            ax.set_xticks(range(len(BINS)), BINS)
            ax.set_title(f"{dataset} (n = {own['subject'].nunique()})")
            ax.set_xlabel("dimensionality d*")
            ax.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes[0, 0].set_ylabel("subjects")
        figure.legend(
            *axes[0, 0].get_legend_handles_labels(), loc="outside right center", title="rule", title_fontsize=7
        )
    return figure
