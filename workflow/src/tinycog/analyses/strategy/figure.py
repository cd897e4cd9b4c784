"""Evidence for each answer about a subject, and answers of many subjects."""

from __future__ import annotations

import json
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tinycog.analyses.strategy.traits import CANNOT
from tinycog.figures.style import COGNITIVE_COLOURS, DOUBLE, NETWORK_COLOURS, RC, shown

COUNTED = {
    **{"enough": "hand-written models are enough", "update": "update", "learning_rate": "learning rate"},
    **{"planning": "planning", "perseveration": "perseveration", "indifference": "indifference", "bias": "bias"},
    "stability": "stability",
}
TOLD, OTHER = NETWORK_COLOURS[0], "0.6"
MILLI = 1000  # nats to thousandths
LINEAR = 10


def of_subject(evidence: pd.DataFrame, title: str) -> Figure:
    """Loss of each set of assumptions with its interval, a row each, and of networks.

    Args:
        evidence: rows of table `strategy_evidence` of one subject.
    """
    with mpl.rc_context(RC):
        figure = Figure(figsize=(DOUBLE, 0.9 + 0.2 * len(evidence)))
        ax = figure.subplots()
        for y, row in enumerate(evidence.itertuples()):
            colour = COGNITIVE_COLOURS[0] if row.network else TOLD if row.remains else OTHER
            ax.plot([MILLI * row.low, MILLI * row.high], [y, y], color=colour, lw=1)
            marker = "s" if row.network else "o" if row.remains else "D"
            ax.plot(MILLI * row.loss, y, marker, ms=4 if row.remains else 3, color=colour)
        ax.set_yticks(range(len(evidence)), [_label(row) for row in evidence.itertuples()])
        for label, row in zip(ax.get_yticklabels(), evidence.itertuples(), strict=True):
            label.set_color("black" if row.remains or row.network else "0.45")
        ax.set_ylim(len(evidence) - 0.4, -0.6)
        ax.axvline(0, color="0.7", lw=0.6, zorder=0)
        ax.spines["left"].set_visible(False)
        ax.tick_params(axis="y", length=0)
        _symlog(ax, MILLI * evidence[["loss", "low", "high"]].abs().max(axis=None))
        ax.set_xlabel("test NLL above the best (nats per 1,000 choices; 95% bootstrap interval over test blocks)")
        figure.suptitle(title)
    return figure


def _symlog(ax: Axes, largest: float) -> None:
    """Small and large losses on one axis: linear within 10 nats per 1,000 choices, then logarithmic."""
    if largest > 3 * LINEAR:
        ax.set_xscale("symlog", linthresh=LINEAR)
        ticks = [-100, -10, 0, 5, 10, 20, 50, 100, 200, 500, 1000]
        low, high = ax.get_xlim()
        shown_ticks = [tick for tick in ticks if low <= tick <= high]
        ax.set_xticks(shown_ticks, [f"{tick:g}" for tick in shown_ticks])
        ax.minorticks_off()
        for side, at in ((-1, low), (1, high)):
            if side * at > LINEAR:
                ax.axvspan(side * LINEAR, at, color="0.96", lw=0, zorder=-1)
        ax.set_xlim(low, high)
        ax.annotate("logarithmic", (1, 1), xycoords="axes fraction", ha="right", va="bottom", fontsize=6, color="0.45")


def _label(row: Any) -> str:
    if row.network:
        return f"networks  ({_models(row.models)})"
    persevering = {"yes": "perseveration", "no": None}.get(row.perseveration)
    planning = row.planning if isinstance(row.planning, str) else None
    planning = {"both": "model-free and -based"}.get(planning, planning)
    return f"{', '.join(filter(None, (row.update, planning, persevering)))}  ({_models(row.models)})"


def _models(text: str) -> str:
    """The model that stands for a row in most outer folds."""
    times = json.loads(text)
    most = max(times, key=times.__getitem__)
    return shown(most, 20) if len(times) == 1 else f"{shown(most, 20)} and others"


def of_many(strategy: pd.DataFrame, title: str) -> Figure:
    """Subjects with each answer, a bar for each question.

    Args:
        strategy: rows of table `strategy` of one data set.
    """
    asked = [name for name in COUNTED if strategy[name].notna().any()]
    with mpl.rc_context(RC):
        figure = Figure(figsize=(DOUBLE, 0.7 + 0.42 * len(asked)))
        ax = figure.subplots()
        for y, question in enumerate(asked):
            counts = strategy[question].dropna().value_counts()
            left = 0
            for place, (answer, n) in enumerate(sorted(counts.items(), key=lambda item: (item[0] == CANNOT, -item[1]))):
                blues = mpl.colormaps.get_cmap("Blues")(0.75 - 0.2 * min(place, 3))
                ax.barh(y, n, left=left, height=0.7, color="0.85" if answer == CANNOT else blues, edgecolor="white")
                wide = n / len(strategy) > 0.012 * len(f"{answer} {n}")
                dark = answer != CANNOT and place < 2
                ax.text(left + n / 2, y, f"{answer} {n}" if wide else f"{n}", ha="center", va="center", fontsize=6,
                        color="white" if dark else "black")  # fmt: skip
                left += n
        ax.set_yticks(range(len(asked)), [COUNTED[name] for name in asked])
        ax.set_ylim(len(asked) - 0.5, -0.5)
        ax.set_xlim(0, len(strategy))
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_xlabel("subjects")
        figure.suptitle(title)
    return figure
