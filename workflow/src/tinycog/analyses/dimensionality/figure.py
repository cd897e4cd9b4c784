"""d* of subjects: a histogram, or for a single subject each rule's d*, with what resamples of the folds give."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from tinycog.figures.style import DOUBLE, NETWORK_COLOURS, RC, SINGLE, apart, shown

RULE_COLOURS = dict(zip(("reference", "minimal", "validation", "argmin"), ("#000000", *NETWORK_COLOURS), strict=True))
NOTES = {"one_dim": "one dim only", "not_bounded": "not bounded by this grid"}
HATCHES = {"one_dim": "....", "not_bounded": "/////"}
COLUMNS = 3  # at most


def histogram(table: pd.DataFrame) -> Figure:
    """One panel per data set; the axis runs over all dims of its grid.

    With several subjects a histogram: the share of subjects at each d*, a bar for each rule; the hatched part of a bar
    is of subjects whose d* is no estimate (one dim only, or not bounded by the grid), and diamonds are the shares that
    resamples of the outer folds give. With one subject a row for each rule: the share of resamples at each dim in
    percent, and a disc at d*.

    Args:
        table: table of `tinycog.analyses.dimensionality.by_dim.by_dim`.
    """
    panels = dict(list(table.groupby("dataset", sort=False)))
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    with mpl.rc_context(RC):
        size = (SINGLE if columns == 1 else DOUBLE, 1.7 * rows + 0.4)
        figure = Figure(figsize=size)
        axes = figure.subplots(rows, columns, squeeze=False)
        first, entries = None, {}
        for ax, dataset, own in zip(axes.flat, apart(list(panels)), panels.values(), strict=False):
            if own["n_subjects"].max() == 1:
                _one_subject(ax, own)
                ax.set_title(f"{dataset}: {shown(own['subject'].iloc[0])}")
            else:
                entries |= _bars(ax, own)
                ax.set_title(f"{dataset} (n = {own['n_subjects'].max()})")
                if first is None:
                    first = ax
                    ax.set_ylim(0, 1.03)
                    ax.set_ylabel("share of subjects")
                else:
                    ax.sharey(first)
        for ax in axes.flat[len(panels) :]:
            ax.remove()
        if entries:
            figure.legend(entries.values(), entries, loc="outside lower center", ncols=3 if columns == 1 else 7)
    return figure


def _bars(ax: Axes, own: pd.DataFrame) -> dict[str, Patch | Line2D]:
    """Draw one; return what the legend says of it."""
    rules, dims = [rule for rule in RULE_COLOURS if rule in set(own["rule"])], sorted(own["dim"].unique())
    width, entries = 0.8 / len(rules), {}
    for i, rule in enumerate(rules):
        rows = own[own["rule"] == rule].sort_values("dim")
        colour, total = RULE_COLOURS[rule], rows["n_subjects"]
        x = [place + (i - (len(rules) - 1) / 2) * width for place in range(len(dims))]
        noted = rows[list(NOTES)].sum(axis=1)
        style = {"width": width, "edgecolor": colour, "linewidth": 0.6}
        ax.bar(x, (rows["n"] - noted) / total, color=colour, **style)
        below = rows["n"] - noted
        for kind, words in NOTES.items():
            ax.bar(x, rows[kind] / total, bottom=below / total, color="white", hatch=HATCHES[kind], **style)
            below = below + rows[kind]
            if rows[kind].any():
                entries[words] = Patch(facecolor="white", edgecolor="0.3", hatch=HATCHES[kind])
        ax.plot(x, rows["resampled"] / total, "D", ms=3, mfc="white", mec=colour, mew=0.8, clip_on=False, zorder=3)
    ax.set_xticks(range(len(dims)), dims)
    ax.set_xlim(-0.6, len(dims) - 0.4)
    ax.set_xlabel("dimensionality d*")
    if own["resampled"].notna().any():
        entries["resamples of\nouter folds"] = Line2D([], [], ls="", marker="D", ms=3, mfc="white", mec="0.3", mew=0.8)
    return {rule: Patch(color=RULE_COLOURS[rule]) for rule in rules} | entries


def _one_subject(ax: Axes, own: pd.DataFrame) -> None:
    rules, dims = [rule for rule in RULE_COLOURS if rule in set(own["rule"])], sorted(own["dim"].unique())
    names = []
    for y, rule in enumerate(rules):
        rows = own[own["rule"] == rule].set_index("dim")
        notes = [words for kind, words in NOTES.items() if rows[kind].any()]
        names.append("\n".join([rule, *notes]))
        for x, dim in enumerate(dims):
            row = rows.loc[dim]
            if row["n"]:
                ax.plot(x, y, "o", ms=15, mew=0, color=RULE_COLOURS[rule])
            text = f"{100 * row['resampled']:.0f}" if pd.notna(row["resampled"]) else "d*" if row["n"] else ""
            ax.text(x, y, text, ha="center", va="center", fontsize=6, color="white" if row["n"] else "0.2")
    ax.set_yticks(range(len(rules)), names)
    ax.set_ylim(len(rules) - 0.5, -0.5)
    ax.set_xticks(range(len(dims)), dims)
    ax.set_xlim(-0.5, len(dims) - 0.5)
    resampled = bool(own["resampled"].notna().any())
    ax.set_xlabel("dimensionality (disc: d*)" + "\nnumbers: % of resamples of folds" * resampled)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
