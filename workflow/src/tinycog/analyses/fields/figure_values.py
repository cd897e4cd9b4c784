"""Fields of the values of two actions out of several, and of three logits (methods: fields of several logits)."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from tinycog.figures.style import DOUBLE, RC, SINGLE, apart, condition_colour, condition_name

LONGEST = 1.6  # arrow, in steps of the grid


def values(grid: pd.DataFrame, trials: pd.DataFrame, *, reward: int, actions: Sequence[str], title: str) -> Figure:
    """A row for each chosen action, a column for each other one: what a trial changes in both values.

    Args:
        grid, trials: tables `value_field` and `value_trials` of one outer fold, of conditions with this reward.
        actions: what the actions are called, by code.
    """
    k, labels = len(actions), apart(actions, 12)
    side = np.sort(grid["x"].unique())
    low, high = side[0], side[-1]
    longest = np.nanmax(np.hypot(grid["dx"], grid["dy"]))
    smaller = max(1, int(np.ceil(longest / (LONGEST * (side[1] - side[0])))))
    width = SINGLE if k == 3 else DOUBLE
    with mpl.rc_context(RC):
        size = width, 0.7 + k * (width - 0.4) / (k - 1)
        figure = Figure(figsize=size)
        panels = figure.subplots(k, k - 1, sharex=True, sharey=True, squeeze=False)
        for chosen, row in enumerate(panels):
            others = [action for action in range(k) if action != chosen]
            for ax, other in zip(row, others, strict=True):
                at = {"condition": f"A{chosen + 1}R{reward}", "other": other}
                own, visits = (table[(table[list(at)] == list(at.values())).all(axis=1)] for table in (grid, trials))
                ax.plot([low, high], [low, high], color="0.5", lw=0.5, ls="--", zorder=1)
                for line in (ax.axhline, ax.axvline):
                    line(0, color="0.7", lw=0.4, zorder=0)
                if own.empty:
                    ax.text(0.5, 0.5, "too few trials", transform=ax.transAxes, ha="center", va="center")
                ax.plot(visits["x"], visits["y"], "o", color="0.72", ms=2, mew=0, zorder=2)
                start, step = own[["x", "y"]].to_numpy().T, own[["dx", "dy"]].to_numpy().T / smaller
                style = {"angles": "xy", "scale_units": "xy", "scale": 1, "width": 0.008, "ec": "0.3", "lw": 0.2}
                ax.quiver(*start, *step, color=condition_colour(at["condition"]), zorder=3, **style)
                ax.set(xlim=(low, high), ylim=(low, high), aspect="equal")
                ax.set_title(f"{labels[chosen]} chosen", fontsize=6)
                ax.set_ylabel(f"value of {labels[other]}")
                for axis in (ax.xaxis, ax.yaxis):
                    axis.set_major_locator(MaxNLocator(4))
        for ax in panels[-1]:
            ax.set_xlabel("value of the chosen action")
        figure.suptitle(f"{title}, {'reward' if reward else 'no reward'}\n(values: logits minus their mean, in nats)")
        arrow = f"1/{smaller} of the change" if smaller > 1 else "change"
        handles = [
            Line2D([], [], color=condition_colour(f"A1R{reward}"), lw=1.2, label=f"arrows: {arrow} by a trial"),
            Line2D([], [], color="0.72", ls="", marker="o", ms=3, mew=0, label="real trials"),
            Line2D([], [], color="0.5", ls="--", lw=0.6, label="both alike"),
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def quiver(steps: pd.DataFrame, *, actions: Sequence[str], title: str) -> Figure:
    """Steps of real trials in three logits, a panel for each of 16 conditions.

    The axes are the logits of the first choice and of that in the state reached; colour is the change of the third, the
    logit in the other state. On paper the direction of an arrow in three dimensions cannot be read.

    Args:
        steps: table `logit_steps` of one outer fold.
        actions: what the first actions are called, by code.
    """
    labels = apart(actions, 12)
    places = steps[["x", "y"]].to_numpy()
    ends = places + steps[["dx", "dy"]].to_numpy()
    most = float(np.abs(np.concatenate([places, ends])).max()) * 1.05 or 1.0
    largest = float(steps["dz"].abs().max()) or 1.0
    with mpl.rc_context(RC):
        figure = Figure(figsize=(DOUBLE, DOUBLE))
        panels = figure.subplots(4, 4, sharex=True, sharey=True)
        for (i, j), ax in np.ndenumerate(panels):
            condition = f"A{i // 2 + 1}S{i % 2 + 1}B{j // 2 + 1}R{j % 2}"
            own = steps[steps["condition"] == condition]
            for line in (ax.axhline, ax.axvline):
                line(0, color="0.6", lw=0.4, zorder=0)
            style = {"angles": "xy", "scale_units": "xy", "scale": 1, "width": 0.009}
            colours = {"cmap": "berlin", "clim": (-largest, largest)}  # dark where it does not change
            if own.empty:
                ax.text(0.5, 0.5, "no trials", transform=ax.transAxes, ha="center", va="center")
            drawn = ax.quiver(own["x"], own["y"], own["dx"], own["dy"], own["dz"], **style, **colours)
            ax.set(xlim=(-most, most), ylim=(-most, most), aspect="equal")
            words = condition_name(condition, actions).split(", ")
            words = f"{', '.join(words[:2])},\n{', '.join(words[2:])}"
            ax.set_title(words, fontsize=6)
            for axis in (ax.xaxis, ax.yaxis):
                axis.set_major_locator(MaxNLocator(4))
        figure.supxlabel(f"logit of the first choice before the trial (positive: {labels[0]}), nats")
        figure.supylabel("logit in the state reached (positive: its first action), nats")
        figure.suptitle(title)
        bar = {"location": "right", "shrink": 0.4, "aspect": 30}
        figure.colorbar(drawn, ax=panels, label="change of the logit in the other state (nats)", **bar)
    return figure
