"""Paths of states in a plane (methods: trajectories).

Trials after a reversal are coloured by their number, because a mean over reversals has no condition; streams by the
condition that is repeated.
"""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from tinycog.figures.style import CONDITION_MARKERS, DOUBLE, RC, SINGLE, apart, condition_colour, condition_name

ORANGE = "darkorange"
ALIGNED = "value of the action better before", "value of the other action"


def trajectories(
    after: pd.DataFrame, streams: pd.DataFrame, plane: pd.Series, *, actions: Sequence[str], title: str
) -> Figure:
    """The mean path after reversals, where there are any, and streams of each condition.

    Args:
        after, streams: tables `after_reversals` and `streams` of one outer fold.
        plane: row of table `planes`.
        actions: what the actions are called, by code.
    """
    conditions = list(dict.fromkeys(streams["condition"]))
    labels = apart(actions, 12)
    n_columns, left = len(conditions) // 2, int(not after.empty)
    width = DOUBLE if left or n_columns > 2 else SINGLE
    names = [name.format(*labels) for name in (plane["x_name"], plane["y_name"])]
    with mpl.rc_context(RC):
        figure = Figure(figsize=(width, 0.6 + 0.5 * (not left) + 2 * width / (n_columns + left)))
        grid = figure.add_gridspec(2, n_columns + left)
        if left:
            path, key = (figure.add_subplot(grid[row, 0]) for row in (0, 1))
            points = _reversals(path, after, plane, names)
            key.set_axis_off()
            bar = key.inset_axes((0.05, 0.68, 0.9, 0.06))
            figure.colorbar(points, cax=bar, orientation="horizontal", label="trials since the reversal")
        shared: dict[str, Axes] = {}
        for i, condition in enumerate(conditions):
            # actions side by side and rewards below each other; with states of their own an action has a row
            row, column = (i % 2, i // 2) if n_columns == 2 else divmod(i, n_columns)
            ax = figure.add_subplot(grid[row, column + left], **shared)
            shared = {"sharex": ax, "sharey": ax}
            colour = condition_colour(condition)
            for _, own in streams[streams["condition"] == condition].groupby("stream"):
                ax.plot(own["x"], own["y"], "-o", color=colour, lw=0.6, ms=1.2, mew=0, alpha=0.7, zorder=2)
                ax.plot(own["x"].iloc[0], own["y"].iloc[0], "o", color=colour, mfc="white", ms=2.8, mew=0.7, zorder=3)
                ax.plot(own["x"].iloc[-1], own["y"].iloc[-1], "o", color="black", ms=2.4, mew=0, zorder=4)
            _frame(ax, plane)
            ax.set_title(condition_name(condition, actions), fontsize=6)
            ax.set_xlabel(names[0] if row else "")
            ax.set_ylabel("" if column else names[1])
            ax.tick_params(labelbottom=bool(row), labelleft=not column)
        figure.suptitle(title)
        handles = _legend(conditions, bool(plane["exact"])) + _sources(after, labels)
        if left:
            key.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, 0.4), borderaxespad=0)
        else:
            figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


def _reversals(ax: Axes, after: pd.DataFrame, plane: pd.Series, names: Sequence[str]) -> PathCollection:
    """Mean paths after reversals, those from each action or of all together."""
    for action, own in after.groupby("better_before", dropna=False):
        ax.plot(own["x"], own["y"], color="0.5", lw=0.8, zorder=2)
        points = ax.scatter(
            own["x"],
            own["y"],
            c=own["offset"],
            cmap="viridis",
            vmin=0,
            vmax=after["offset"].max(),
            marker=_marker(action),
            s=14,
            lw=0,
            zorder=3,
        )
    _frame(ax, plane)
    aligned = after["better_before"].isna().all()
    ax.set(xlabel=(ALIGNED if aligned else names)[0], ylabel=(ALIGNED if aligned else names)[1])
    ax.set_title(f"after reversals, mean of {after.loc[after['offset'] == 0, 'n'].sum()}", fontsize=6)
    return points


def _marker(action: int | float) -> str:
    """Of a mean over reversals from an action, or of all."""
    return "o" if pd.isna(action) else CONDITION_MARKERS[int(action)]


def _sources(after: pd.DataFrame, labels: Sequence[str]) -> list[Line2D]:
    """Which action was better before, where that tells means apart."""
    return [
        Line2D(
            [],
            [],
            color="0.4",
            ls="",
            marker=_marker(action),
            ms=3.5,
            mew=0,
            label=f"{labels[action]} was better before",
        )
        for action in sorted(after["better_before"].dropna().astype(int).unique())
    ]


def _frame(ax: Axes, plane: pd.Series) -> None:
    """Limits, and the line on which both actions are alike."""
    ax.set(xlim=(plane["x_low"], plane["x_high"]), ylim=(plane["y_low"], plane["y_high"]))
    if (plane["x_low"], plane["x_high"]) == (plane["y_low"], plane["y_high"]):
        ax.set_aspect("equal")
    else:
        ax.set_box_aspect(1)
    along = plane[["along_x", "along_y"]].to_numpy(dtype=float)
    if plane["exact"] and (size := along @ along):
        nearest = -along * plane["offset"] / size  # the point of the line that is nearest to 0
        end = nearest + np.array([-along[1], along[0]])
        ax.axline(nearest, end, color=ORANGE, ls=(0, (4, 3)), lw=0.9, zorder=1)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(4))


def _legend(conditions: Sequence[str], exact: bool) -> list[Line2D]:
    colour = condition_colour(conditions[-1])
    handles = [
        Line2D([], [], color=colour, lw=0.6, marker="o", ms=1.5, label="one trial, repeated 30 times"),
        Line2D(
            [], [], color=colour, ls="", marker="o", mfc="white", ms=3, mew=0.7, label="start: a state along trials"
        ),
        Line2D([], [], color="black", ls="", marker="o", ms=2.4, label="end"),
    ]
    if exact:
        handles.append(Line2D([], [], color=ORANGE, ls="--", lw=0.9, label="both actions alike (L = 0)"))
    return handles
