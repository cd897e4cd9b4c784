"""Signatures of one-dimensional models, and indifference over subjects (methods: signatures; indifference)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from tinycog.figures.style import DOUBLE, RC, SINGLE, apart, condition_colour, condition_dashes, condition_name
from tinycog.tasks.conditions import parts_of

# hue: whether the state has the action's number; darkness: reward (Okabe-Ito)
PAIR_COLOURS = {True: ("#56B4E9", "#0072B2"), False: ("#E69F00", "#D55E00")}
GAP_COLOURS = ("black", "#CC79A7")  # by state
LEAST = 0.02  # height of a panel of curves, so that a curve of nothing looks like nothing
NAMES = {"block_length": "block length (trials)", "reward_rate": "reward rate"}


def signatures(
    folds: pd.DataFrame, mean: pd.DataFrame, frequency: pd.DataFrame, *, actions: Sequence[str], title: str
) -> Figure:
    """Learning rate, bias and unrewarded gap over the logit, and choices that followed beside the model's.

    Thick lines are means over outer folds, thin ones the folds. Frequencies are of one outer fold: bands are 68%
    intervals, lines the model.

    Args:
        folds, mean: what `tinycog.analyses.signatures.summary` gives for one subject and one model.
        frequency: table `choice_frequency` of the same.
        actions: what the actions are called, by code.
    """
    labels = apart(actions, 12)
    states = list(dict.fromkeys(parts_of(condition)[1] for condition in mean["first"]))
    unrewarded = [first for first in dict.fromkeys(mean["first"]) if not parts_of(first)[2]]
    two_rows = len(states) > 1
    with mpl.rc_context(RC):
        shape = (2, 3) if two_rows else (1, 4)
        figure = Figure(figsize=(DOUBLE, 4.0 if two_rows else 2.3))
        panels = figure.subplots(*shape)
        rate, bias, gap, *choices = panels.ravel()
        firsts = list(dict.fromkeys(mean["first"]))
        for ax, name in ((rate, "rate"), (bias, "bias")):
            _curves(ax, folds, mean, firsts, name, _pair_style)
        rate.set(xlabel="logit towards the choice", ylabel="effective learning rate", title="learning rate")
        bias.set(xlabel="logit towards the choice", ylabel=f"towards {labels[0]} (nats)", title="action bias")
        _curves(gap, folds, mean, unrewarded, "gap", _gap_style)
        xlabel = f"logit (positive: {labels[0]})"
        gap.set(
            xlabel=xlabel, ylabel=f"ΔL after {labels[0]}\n− ΔL after {labels[1]} (nats)", title="gap without reward"
        )
        for ax, state in zip(choices, states, strict=False):
            _choices(ax, frequency, state)
            after = "next choice" if state is None else f"next choice after state {state + 1}"
            ax.set(xlabel=xlabel, ylabel=f"frequency of {labels[0]}", title=after)
        for letter, ax in zip("abcde", (rate, bias, gap, *choices), strict=False):
            ax.set_title(letter, loc="left", fontweight="bold")
            ax.xaxis.set_major_locator(MaxNLocator(4))
            ax.yaxis.set_major_locator(MaxNLocator(5))
        figure.suptitle(title)
        conditions = [c for c in dict.fromkeys(frequency["condition"]) if parts_of(c)[1] in (None, 0)]
        handles = _legend(firsts, unrewarded, conditions, labels, len(set(folds["outer"])) > 1)
        if two_rows:
            panels[-1, -1].axis("off")
            panels[-1, -1].legend(handles=handles, loc="center left", handlelength=3)
        else:
            figure.legend(handles=handles, loc="outside lower center", ncols=4, handlelength=3)
    return figure


def _curves(
    ax: Axes,
    folds: pd.DataFrame,
    mean: pd.DataFrame,
    firsts: Sequence[str],
    name: str,
    style: Callable[[str], dict[str, Any]],
) -> None:
    for line in (ax.axhline, ax.axvline):
        line(0, color="0.6", lw=0.4, alpha=0.8, zorder=0)
    for first in firsts:
        own = folds[folds["first"] == first]
        for _, fold in own.groupby("outer", sort=False):
            ax.plot(fold["logit"], fold[name], color=style(first)["color"], lw=0.4, alpha=0.4, zorder=1)
        of_all = mean[mean["first"] == first]
        ax.plot(of_all["logit"], of_all[name], lw=1.4, zorder=2, **style(first))
    low, high = ax.get_ylim()
    if high - low < LEAST:  # rounding errors would fill the panel
        ax.set_ylim((low + high - LEAST) / 2, (low + high + LEAST) / 2)


def _pair_style(first: str) -> dict[str, Any]:
    _, state, reward = parts_of(first)
    return {"color": PAIR_COLOURS[state in (None, 0)][reward], "ls": "solid" if reward else (0, (3, 2))}


def _gap_style(first: str) -> dict[str, Any]:
    state = parts_of(first)[1] or 0
    return {"color": GAP_COLOURS[state], "ls": "solid" if state == 0 else (0, (4, 1, 1, 1))}


def _choices(ax: Axes, frequency: pd.DataFrame, state: int | None) -> None:
    """Bands of the subject's next choices where there are any, and the model's lines."""
    for condition in dict.fromkeys(frequency["condition"]):
        if parts_of(condition)[1] != state:
            continue
        own = frequency[frequency["condition"] == condition]
        there = own["n_first"] + own["n_second"] > 0
        within = there.cummax() & there[::-1].cummax()
        colour = condition_colour(condition)
        ax.fill_between(own["logit"], own["low"], own["high"], where=there, color=colour, alpha=0.25, lw=0)
        ax.plot(own["logit"], own["model_share"].where(within), color=colour, lw=1.2,
                ls="solid" if parts_of(condition)[2] else condition_dashes(condition.replace("S2", "S1")))  # fmt: skip
    ax.set_ylim(0, 1)


def _legend(
    firsts: Sequence[str], unrewarded: Sequence[str], conditions: Sequence[str], labels: Sequence[str], several: bool
) -> list[Artist]:
    """Of all panels; conditions of the first state stand for those of both."""
    handles = []
    for first in firsts:
        _, state, reward = parts_of(first)
        words = ["reward" if reward else "no reward"]
        words += [] if state is None else ["state = action" if state == 0 else "state ≠ action"]
        handles.append(Line2D([], [], lw=1.4, label=", ".join(words), **_pair_style(first)))
    if len(unrewarded) > 1:
        handles += [
            Line2D([], [], lw=1.4, label=f"gap, state {parts_of(first)[1] + 1}", **_gap_style(first))
            for first in unrewarded
        ]
    for condition in conditions:
        name = condition_name(condition, labels).replace(", state 1", "")
        style = {"color": condition_colour(condition), "ls": condition_dashes(condition)}
        handles.append(Line2D([], [], lw=1.2, label=f"after {name}", **style))
    band = Patch(color="0.8", lw=0, label="choices (68% interval)")
    return [*handles, band, *[Line2D([], [], color="0.3", lw=0.4, label="one outer fold")] * several]


def indifference(subjects: pd.DataFrame, correlations: pd.DataFrame, lines: pd.DataFrame, *, title: str) -> Figure:
    """Performance of each subject against its utility deviation, with the regression line and its 95% band.

    Args:
        subjects, correlations, lines: tables `indifference_subjects`, `indifference` and `indifference_lines` of one
            data set and model.
    """
    with mpl.rc_context(RC):
        figure = Figure(figsize=(SINGLE, 1.9))
        panels = figure.subplots(1, len(correlations), squeeze=False)
        for ax, row in zip(panels[0], correlations.to_dict("records"), strict=True):
            name = row["against"]
            own, line = subjects.dropna(subset=["utility_deviation", name]), lines[lines["against"] == name]
            ax.fill_between(line["utility_deviation"], line["low"], line["high"], color="0.85", lw=0)
            ax.plot(line["utility_deviation"], line["mean"], color="black", lw=1.0)
            ax.plot(own["utility_deviation"], own[name], "o", color="#0072B2", ms=3, mew=0)
            if pd.isna(row["r"]):
                words = str(row["note"]).replace(", ", ",\n")
                ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center", fontsize=6)
            else:
                ax.set_title(f"r = {row['r']:.2f}, p = {row['p']:.2g}, n = {row['n']}".replace("-0", "−0"))
            ax.set(xlabel="utility deviation", ylabel=NAMES[name])
            ax.xaxis.set_major_locator(MaxNLocator(4))
            ax.yaxis.set_major_locator(MaxNLocator(4))
        figure.suptitle(title)
    return figure
