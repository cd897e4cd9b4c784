"""Clouds of logit changes, and vector fields of two dynamical variables (methods: clouds and vector fields)."""

from __future__ import annotations

import json
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from tinycog.figures.style import DOUBLE, RC, SINGLE, apart, condition_colour, condition_marker, condition_name

LEVELS = 20  # of speed
ORANGE = "darkorange"


def cloud(trials: pd.DataFrame, spreads: pd.DataFrame, *, actions: Sequence[str], title: str) -> Figure:
    """Logit change against logit, trial by trial, a panel for each condition.

    Args:
        trials, spreads: tables `cloud` and `logit_changes` of one model and one outer fold.
        actions: what the actions are called, by code.
    """
    conditions = list(dict.fromkeys(spreads["condition"]))
    n_columns = 2 if len(conditions) <= 4 else 4
    n_rows = -(-len(conditions) // n_columns)
    width = SINGLE if n_columns == 2 else DOUBLE
    with mpl.rc_context(RC):
        figure = Figure(figsize=(width, 0.4 + 1.35 * n_rows))
        panels = figure.subplots(n_rows, n_columns, sharex=True, sharey=True, squeeze=False)
        for ax, condition in zip(panels.T.ravel() if n_columns == 2 else panels.ravel(), conditions, strict=True):
            own = trials[trials["condition"] == condition]
            spread = spreads.loc[spreads["condition"] == condition, "spread"].iloc[0]
            for line in (ax.axhline, ax.axvline):
                line(0, color="0.6", lw=0.4, zorder=0)
            style = {"color": condition_colour(condition), "marker": condition_marker(condition)}
            ax.plot(own["logit"], own["change"], ls="", ms=2, alpha=0.5, mew=0, rasterized=True, **style)
            words = f"spread {spread:.2f}" if np.isfinite(spread) else f"{len(own)} trials"
            ax.set_title(f"{condition_name(condition, actions)}\n{words}", fontsize=6)
        figure.supxlabel(f"logit L (positive: {apart(actions, 12)[0]})")
        figure.supylabel("logit change ΔL")
        figure.suptitle(title)
    return figure


def field(
    grid: pd.DataFrame,
    steps: pd.DataFrame,
    roots: pd.DataFrame,
    axes: pd.Series,
    *,
    actions: Sequence[str],
    title: str,
) -> Figure:
    """A panel for each condition: speed (grey), steps of real trials, fixed points, and the logit's direction.

    Args:
        grid, steps, roots: tables `field`, `steps` and `roots` of one model and one outer fold.
        axes: row of table `axes`.
        actions: what the actions are called, by code.
    """
    conditions = list(dict.fromkeys(grid["condition"]))
    n_columns = 2 if len(conditions) <= 4 else 4
    n_rows = -(-len(conditions) // n_columns)
    fastest = grid["speed"].max()
    labels = apart(actions, 12)
    names = [name.format(*labels) for name in (axes["x_name"], axes["y_name"])]
    low, high = grid["x"].min(), grid["x"].max()
    width = SINGLE if n_columns == 2 else DOUBLE
    with mpl.rc_context(RC):
        figure = Figure(figsize=(width, 1.05 + width / n_columns * n_rows))
        panels = figure.subplots(n_rows, n_columns, sharex=True, sharey=True, squeeze=False)
        for ax, condition in zip(panels.T.ravel() if n_columns == 2 else panels.ravel(), conditions, strict=True):
            own, moves, fixed = (table[table["condition"] == condition] for table in (grid, steps, roots))
            side = round(len(own) ** 0.5)
            x, y, speed = (own[name].to_numpy().reshape(side, side) for name in ("x", "y", "speed"))
            levels = np.linspace(0, 1, LEVELS + 1)
            shades = ax.contourf(x, y, speed / (fastest or 1.0), levels=levels, cmap="Greys", alpha=0.45)
            shades.set_rasterized(True)
            if len(moves):
                start, end = moves[["x", "y"]].to_numpy(), moves[["to_x", "to_y"]].to_numpy()
                colour = condition_colour(condition)
                ax.quiver(*start.T, *(end - start).T, color=colour, angles="xy", scale_units="xy", scale=1, width=0.007)
            if axes["exact"]:
                _readout(ax, axes, low, high)
            for stable, face in ((True, "black"), (False, "white")):
                at = fixed[(fixed["stable"] == stable) & fixed["free"].isna()]
                ax.plot(at["x"], at["y"], "o", color="black", mfc=face, ms=4.5, mew=0.9, zorder=5)
            for root in fixed.dropna(subset="free").itertuples():
                along = np.cos(root.free), np.sin(root.free)
                style = "solid" if root.stable else (0, (1, 1.5))
                ax.axline((root.x, root.y), (root.x + along[0], root.y + along[1]), color="black", lw=1.6, ls=style)
            for root in fixed.dropna(subset="lines").itertuples():
                _eigenlines(ax, root)
            ax.set_title(condition_name(condition, actions), fontsize=6)
            ax.set(xlim=(low, high), ylim=(low, high), aspect="equal")
            for axis in (ax.xaxis, ax.yaxis):
                axis.set_major_locator(MaxNLocator(4))
        for ax in panels[-1]:
            ax.set_xlabel(names[0])
        for ax in panels[:, 0]:
            ax.set_ylabel(names[1])
        figure.suptitle(title)
        figure.legend(
            handles=_legend(bool(axes["exact"]), labels[0], roots),
            loc="outside lower center",
            ncols=2,
        )
    return figure


def _readout(ax: Axes, axes: pd.Series, low: float, high: float) -> None:
    """The direction in which the logit grows, from the middle, and the line where it is 0."""
    along = np.array([axes["along_x"], axes["along_y"]], dtype=float)
    size = np.linalg.norm(along)
    if not size:
        return
    along, middle = along / size, (low + high) / 2
    tip = along * (high - low) / 5
    arrow = {"arrowstyle": "-|>", "color": ORANGE, "lw": 1.4, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=(middle + tip[0], middle + tip[1]), xytext=(middle, middle), arrowprops=arrow, zorder=4)
    nearest = -along * axes["offset"] / size  # the point of the line that is nearest to 0
    ax.axline(nearest, nearest + np.array([-along[1], along[0]]), color=ORANGE, ls=(0, (4, 3)), lw=1.0, zorder=3)


def _eigenlines(ax: Axes, root: tuple) -> None:
    """The lines along which a linear map only stretches, with their eigenvalues."""
    span = np.ptp(ax.get_xlim())
    for angle, value in json.loads(root.lines):
        along = np.array([np.cos(angle), np.sin(angle)])
        ax.axline((root.x, root.y), (root.x + along[0], root.y + along[1]), color="black", lw=0.6, ls=":", zorder=4)
        x, y = np.array([root.x, root.y]) + 0.22 * span * along * (1 if value < 1 else -1)
        ax.annotate(f"{value:.2f}", (x, y), fontsize=5, ha="center", va="center", clip_on=True, zorder=6,
                    bbox={"fc": "white", "ec": "none", "pad": 0.5, "alpha": 0.8})  # fmt: skip


def _legend(exact: bool, first: str, roots: pd.DataFrame) -> list[Line2D]:
    dot = {"color": "black", "marker": "o", "ms": 4, "ls": "none"}
    handles = [
        Line2D([], [], color="mediumblue", lw=1.2, label="steps of real trials"),
        Line2D([], [], color="0.7", lw=4, label="speed (darker: faster)"),
        Line2D([], [], **dot, label="stable fixed point"),
        Line2D([], [], **dot, mfc="white", label="unstable fixed point"),
    ]
    if exact:
        handles.append(Line2D([], [], color=ORANGE, lw=1.4, label=f"logit grows (towards {first})"))
        handles.append(Line2D([], [], color=ORANGE, lw=1.0, ls="--", label="both actions alike (L = 0)"))
    for style, width, name, column in (
        ("-", 1.6, "line of fixed points", "free"),
        (":", 0.6, "eigenvectors, eigenvalues", "lines"),
    ):
        if roots[column].notna().any():
            handles.append(Line2D([], [], color="black", lw=width, ls=style, label=name))
    return handles
