"""Evidence for each answer about a subject, and answers of many subjects."""

from __future__ import annotations

import json

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tinycog.analyses.strategy.compute import CANNOT
from tinycog.figures.style import COGNITIVE_COLOURS, DOUBLE, NETWORK_COLOURS, RC, shown

ASKED = {
    "enough": "do hand-written models predict as well as networks?",
    "update": "what do outcomes do to values?",
    "planning": "values of actions or of states?",
    "perseveration": "are choices repeated whatever they bring?",
}
COUNTED = {
    **{"enough": "hand-written models are enough", "update": "update", "learning_rate": "learning rate"},
    **{"planning": "planning", "perseveration": "perseveration", "indifference": "indifference", "bias": "bias"},
    "stability": "stability",
}
TOLD, OTHER, UNTOLD = NETWORK_COLOURS[0], "0.6", COGNITIVE_COLOURS[1]
MILLI = 1000  # nats to thousandths


def of_subject(evidence: pd.DataFrame, title: str) -> Figure:
    """Loss of each answer with its interval, a row each, questions below one another.

    Args:
        evidence: rows of table `strategy_evidence` of one subject.
    """
    questions = [name for name in ASKED if name in set(evidence["question"])]
    rows = [evidence[evidence["question"] == name] for name in questions]
    with plt.rc_context(RC):
        height = 0.75 + sum(0.5 + 0.19 * len(own) for own in rows)
        figure, axes = plt.subplots(
            len(rows), 1, figsize=(DOUBLE, height), height_ratios=[len(own) + 0.6 for own in rows], squeeze=False
        )
        for ax, question, own in zip(axes[:, 0], questions, rows, strict=True):
            _answers(ax, own)
            ax.set_title(f"{ASKED[question]}  {own['verdict'].iloc[0]}", loc="left")
            ax.xaxis.set_major_locator(MaxNLocator(6))
        axes[-1, 0].set_xlabel("test NLL above the best answer (nats per 1,000 choices; 95% bootstrap over blocks)")
        figure.suptitle(title)
    return figure


def _answers(ax: Axes, own: pd.DataFrame) -> None:
    for y, row in enumerate(own.itertuples()):
        told = row.answer == row.verdict
        colour = UNTOLD if row.verdict == CANNOT else TOLD if told else OTHER
        ax.plot([MILLI * row.low, MILLI * row.high], [y, y], color=colour, lw=1)
        ax.plot(MILLI * row.loss, y, "o" if told else "D", ms=4 if told else 3, color=colour)
    names = {"yes": "hand-written models", "no": "networks"} if own["question"].iloc[0] == "enough" else {}
    labels = [f"{names.get(row.answer, row.answer)}  ({_models(row.models)})" for row in own.itertuples()]
    ax.set_yticks(range(len(own)), labels)
    ax.set_ylim(len(own) - 0.4, -0.6)
    ax.axvline(0, color="0.7", lw=0.6, zorder=0)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)


def _models(text: str) -> str:
    """The model that stands for an answer in most outer folds."""
    times = json.loads(text)
    most = max(times, key=times.__getitem__)
    return shown(most, 20) if len(times) == 1 else f"{shown(most, 20)} and others"


def of_many(strategy: pd.DataFrame, title: str) -> Figure:
    """Subjects with each answer, a bar for each question.

    Args:
        strategy: rows of table `strategy` of one data set.
    """
    asked = [name for name in COUNTED if strategy[name].notna().any()]
    with plt.rc_context(RC):
        figure, ax = plt.subplots(figsize=(DOUBLE, 0.7 + 0.42 * len(asked)))
        for y, question in enumerate(asked):
            counts = strategy[question].dropna().value_counts()
            left = 0
            for place, (answer, n) in enumerate(sorted(counts.items(), key=lambda item: (item[0] == CANNOT, -item[1]))):
                blues = plt.get_cmap("Blues")(0.75 - 0.2 * min(place, 3))
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
