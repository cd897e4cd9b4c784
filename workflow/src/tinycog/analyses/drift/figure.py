"""Mean changes of two values without a reward, and what they move to (methods: drift to the other)."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from tinycog.figures.style import DOUBLE, RC, apart, condition_colour, condition_name

COLOURS = {"delta": "#0072B2", "phi": "#D55E00"}  # Okabe-Ito
EQUATIONS = {"both": "decay to 0", "level": "decay to a fitted level"}
REGIONS = {"agree": "agree", "disagree": "disagree", "disagree_positive": "disagree,\n0 < value"}


def drift(
    arrows: pd.DataFrame, rates: pd.DataFrame, signs: pd.DataFrame, *, actions: Sequence[str], title: str
) -> Figure:
    """The plane of both values with mean changes; rates of the joint regression; changes by region.

    Args:
        arrows: table `drift_arrows` of one outer fold.
        rates, signs: tables `drift` and `drift_sign` of one model, of all outer folds.
        actions: what the actions are called, by code.
    """
    with mpl.rc_context(RC):
        figure = Figure(figsize=(DOUBLE, 3.0))
        grid = figure.add_gridspec(2, 3, width_ratios=[1.15, 1, 1])
        plane, regions = (figure.add_subplot(grid[:, column]) for column in (0, 2))
        above = figure.add_subplot(grid[0, 1])
        below = figure.add_subplot(grid[1, 1], sharex=above)
        _plane(plane, arrows, actions)
        for ax, (equation, words) in zip((above, below), EQUATIONS.items(), strict=True):
            ax.set_title(words, fontsize=6)
            _rates(ax, rates[rates["equation"] == equation])
        above.tick_params(labelbottom=False)
        below.set_xticks([0.5, 2.5], ["chosen value", "other value" if len(actions) == 2 else "other values"])
        for i, region in enumerate(REGIONS):
            own = signs[signs["region"] == region]
            _folds(regions, i, own["mean_change"], own["mean_change_low"], own["mean_change_high"], "0.25")
        regions.set_xticks(range(len(REGIONS)), REGIONS.values())
        regions.set_ylabel("mean change of the chosen value (nats)")
        for ax in (above, below, regions):
            ax.axhline(0, color="0.6", lw=0.6, ls="--", zorder=0)
            ax.tick_params(axis="x", length=0)
            ax.margins(x=0.08)
        figure.suptitle(title)
        dot = {"marker": "o", "ms": 3, "lw": 0.8}
        handles = [
            Line2D([], [], color=COLOURS["delta"], label="δ: drift to the other value", **dot),
            Line2D([], [], color=COLOURS["phi"], label="φ: decay", **dot),
            Line2D([], [], color="0.25", label="outer fold, 95% bootstrap interval over blocks", **dot),
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def _plane(ax: Axes, arrows: pd.DataFrame, actions: Sequence[str]) -> None:
    """Mean change in each bin, of true length; where the chosen value is the smaller one is shaded."""
    labels = apart(actions, 12)
    ax.set_xlabel(f"value of {labels[0]} (nats)")
    ax.set_ylabel(f"value of {labels[1]} (nats)" if len(actions) == 2 else "mean value of the others (nats)")
    if arrows.empty:
        ax.text(0.5, 0.5, "too few trials", transform=ax.transAxes, ha="center", va="center")
        return
    first = arrows.iloc[0]
    low, high = first["low"], first["high"]
    ax.fill_between([low, high], [low, high], high, color="0.93", lw=0, zorder=0)
    ax.plot([low, high], [low, high], color="0.5", lw=0.6, ls="--", zorder=1)
    for line in (ax.axhline, ax.axvline):
        line(0, color="0.6", lw=0.4, zorder=1)
    start, step = arrows[["x", "y"]].to_numpy().T, arrows[["dx", "dy"]].to_numpy().T
    colour = condition_colour(first["condition"])
    ax.plot(*start, ".", color=colour, ms=2, zorder=2)
    ax.quiver(*start, *step, color=colour, angles="xy", scale_units="xy", scale=1, width=0.009, zorder=3)
    corner = {"transform": ax.transAxes, "fontsize": 6, "color": "0.35"}
    ax.text(0.03, 0.97, "disagree", ha="left", va="top", **corner)
    ax.text(0.97, 0.03, "agree", ha="right", va="bottom", **corner)
    ax.set_title(f"{condition_name(first['condition'], actions)} (outer fold {first['outer']})", fontsize=6)
    ax.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(4))


def _rates(ax: Axes, rates: pd.DataFrame) -> None:
    """Rates of one equation, of both values."""
    groups = [(value, rate) for value in ("chosen", "unchosen") for rate in COLOURS]
    for i, (value, rate) in enumerate(groups):
        own = rates[rates["value"] == value]
        _folds(ax, i, own[rate], own[f"{rate}_low"], own[f"{rate}_high"], COLOURS[rate])
    ax.axvline(1.5, color="0.85", lw=0.6, zorder=0)
    ax.set_ylabel("rate (per trial)")


def _folds(ax: Axes, place: float, value: pd.Series, low: pd.Series, high: pd.Series, colour: str) -> None:
    """Value and interval of each outer fold, side by side around a place."""
    x = place + np.linspace(-0.3, 0.3, len(value)) * (len(value) > 1)
    ax.vlines(x, low, high, color=colour, lw=0.8)
    ax.plot(x, value, "o", color=colour, ms=2.5)
