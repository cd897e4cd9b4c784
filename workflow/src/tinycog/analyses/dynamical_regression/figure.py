"""Coefficients of dynamical regressions, of one subject or of many, and their matrices (methods: dynamical regression).

A panel of coefficients has one source, a predictor or the constant; in it are the targets, and in each the conditions
in the order of the legend.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tinycog.figures.style import DOUBLE, RC, SINGLE, apart, condition_colour, condition_marker, condition_name
from tinycog.tasks.conditions import parts_of

MOST_PLACES = {3: 16, 2: 24}  # panels in a row: places in each, up to which so many fit
FEW = 3  # subjects below which they are drawn as points instead of a violin
REACH = 95  # percent of a panel's values that set its axis
LETTERS = {"S": "state reached", "B": "second action"}  # of ticks, which say what the legend does not
MOST_WRITTEN = 5  # arms of a matrix whose numbers are written


def of_subject(rows: pd.DataFrame, *, actions: Sequence[str], title: str) -> Figure:
    """Mean of each coefficient over outer folds, a bar of one standard deviation and the mean bootstrap interval.

    Args:
        rows: what `tinycog.analyses.dynamical_regression.summary.over_folds` gives for a subject.
        actions: what the actions are called, by code.
    """

    def draw(ax: Axes, row: pd.DataFrame, x: float) -> None:
        one, condition = row.iloc[0], row["condition"].iloc[0]
        colour = condition_colour(condition)
        if not one["n"]:
            ax.text(x, 0, "none", rotation=90, ha="center", va="center", fontsize=5, color=colour)
            return
        face = "white" if parts_of(condition)[2] == 0 else colour
        ax.plot([x, x], [one["low"], one["high"]], "-", color="0.25", lw=0.6, marker="_", ms=3, mew=0.6, zorder=3)
        style = {"marker": condition_marker(condition), "mfc": face, "mew": 0.8, "ms": 3.5}
        ax.errorbar(x, one["mean"], 0 if np.isnan(one["sd"]) else one["sd"], color=colour, lw=1.6, **style, zorder=2)
        if one["n"] < one["n_folds"]:
            place = {"transform": ax.get_xaxis_transform(), "ha": "center", "va": "bottom"}
            ax.text(x, 0.01, f"{one['n']}/{one['n_folds']}", fontsize=5, color=colour, **place)

    spread = Line2D([], [], color="0.4", lw=1.6, label="±1 SD over outer folds")
    ends = Line2D([], [], color="0.25", lw=0.6, marker="_", ms=3, label="95% of resampled blocks")
    return _coefficients(rows, draw, actions, title, [spread, ends])


def of_group(
    kept: pd.DataFrame,
    everybody: pd.DataFrame,
    counts: Mapping[str, tuple[int, int]],
    *,
    actions: Sequence[str],
    title: str,
) -> Figure:
    """Distribution of each coefficient over subjects: violins with lines at the quartiles.

    Args:
        kept: subjects that are shown, what `tinycog.analyses.dynamical_regression.summary.trimmed` gives.
        everybody: the same before it is trimmed.
        counts: source: subjects that are shown, of how many.
    """
    beyond = dict.fromkeys(counts, 0)
    limits = {source: _limits(rows["mean"]) for source, rows in kept.groupby("source")}

    def draw(ax: Axes, rows: pd.DataFrame, x: float) -> None:
        condition, source = rows[["condition", "source"]].iloc[0]
        own = kept[(kept[COLUMNS] == rows[COLUMNS].iloc[0]).all(axis=1)]["mean"].to_numpy()
        colour = condition_colour(condition)
        if len(own) < FEW:
            ax.plot(np.full(len(own), x), own, condition_marker(condition), color=colour, ms=2)
            return
        low, high = limits[source]
        beyond[source] += int(((own < low) | (own > high)).sum())
        if np.ptp(own) < 1e-9:  # a density needs some width
            ax.plot([x - 0.4, x + 0.4], [own[0]] * 2, color=colour, lw=1.6)
            return
        drawn = ax.violinplot([own], [x], widths=0.9, showextrema=False, quantiles=[[0.25, 0.5, 0.75]], points=200)
        drawn["bodies"][0].set(facecolor=colour, alpha=0.6, linewidth=0)
        drawn["cquantiles"].set(color="black", linewidth=0.6)

    def finish(ax: Axes, source: str) -> None:
        shown, everyone = counts[source]
        words = f"{shown} subjects" if shown == everyone else f"{shown} of {everyone} subjects"
        words += f", {beyond[source]} beyond the axis" if beyond[source] else ""
        ax.text(1, 0.99, words, transform=ax.transAxes, ha="right", va="top", fontsize=5)
        if source in limits:
            ax.set_ylim(limits[source])

    quartiles = Line2D([], [], color="black", lw=0.6, label="quartiles of subjects")
    return _coefficients(everybody, draw, actions, title, [quartiles], finish)


COLUMNS = ["condition", "target", "source"]


def _limits(values: pd.Series) -> tuple[float, float]:
    """Ends of an axis that shows most values well, and 0."""
    low, high = np.percentile(values, [(100 - REACH) / 2, (100 + REACH) / 2])
    room = max(high - low, 1e-3)
    return min(low, 0) - 0.5 * room, max(high, 0) + 0.7 * room


def _coefficients(
    rows: pd.DataFrame,
    draw: Callable[[Axes, pd.DataFrame, float], None],
    actions: Sequence[str],
    title: str,
    entries: list[Line2D],
    finish: Callable[[Axes, str], None] | None = None,
) -> Figure:
    """A panel for each source; `draw` draws the rows of one coefficient at a place, `finish` a panel's last.

    Args:
        entries: of the legend, after those of the conditions. Without `finish` these have their symbols, else colours.
    """
    sources, targets, conditions = (list(dict.fromkeys(rows[name])) for name in ("source", "target", "condition"))
    of_all = dict(iter(rows.groupby(COLUMNS, sort=False)))
    places = len(targets) * len(conditions)
    columns = min(next((n for n, most in MOST_PLACES.items() if places <= most), 1), len(sources))
    height = -(-len(sources) // columns)
    width = SINGLE if len(targets) == 1 and columns < 3 else DOUBLE
    labels = apart(actions, 8)
    with mpl.rc_context(RC):
        figure = Figure(figsize=(width, 1.6 * height + 1.0))
        grid = figure.subplots(height, columns, squeeze=False, sharex=True)
        for ax, source in zip(grid.flat, sources, strict=False):
            ax.axhline(0, color="0.6", lw=0.5, ls="--", zorder=0)
            for t, target in enumerate(targets):
                first = t * (len(conditions) + 1)
                for c, condition in enumerate(conditions):
                    if (condition, target, source) in of_all:
                        draw(ax, of_all[condition, target, source], first + c)
                middle = first + (len(conditions) - 1) / 2
                above = {"transform": ax.get_xaxis_transform(), "ha": "center", "va": "bottom", "fontsize": 6}
                ax.text(middle, 1.01, f"Δ {_variable(target, labels)}", **above)
            ax.set_ylabel(_source(source, targets, labels))
            if finish:
                finish(ax, source)
        for ax in list(grid.flat)[len(sources) :]:
            ax.set_axis_off()
        ticks = [t * (len(conditions) + 1) + c for t in range(len(targets)) for c in range(len(conditions))]
        for ax in grid.flat:
            ax.set_xticks(ticks, [_states(one) for one in conditions] * len(targets), rotation=90, fontsize=5)
            ax.set_xlim(-0.8, ticks[-1] + 0.8)
            ax.tick_params(axis="x", length=0)
        for ax in grid[-2, len(sources) - columns * (height - 1) :] if height > 1 else ():
            ax.tick_params(axis="x", labelbottom=True)  # there is no panel below
        figure.suptitle(title)
        handles = [*_legend(conditions, apart(actions, 12), finish is None), *entries]
        rows_of_entries = 3 if width == SINGLE else 2 if len(conditions) > len(actions) else 1
        figure.legend(
            handles=handles,
            loc="outside lower center",
            ncols=-(-len(handles) // rows_of_entries),
            title=_key(conditions[0]),
        )
    return figure


def _legend(conditions: Sequence[str], actions: Sequence[str], symbols: bool) -> list[Line2D]:
    """An entry for each colour: conditions that differ in state alone share it, ticks name them."""
    of_colour: dict[str, str] = {}
    for condition in conditions:
        action, _, reward = parts_of(condition)
        plain = f"A{action + 1}" + ("" if reward is None else f"R{reward}")
        of_colour.setdefault(condition_colour(condition), plain)
    style = {"ls": "", "ms": 3.5, "mew": 0.8}
    return [
        Line2D(
            [],
            [],
            color=colour,
            marker=condition_marker(condition) if symbols else "s",
            mfc="white" if symbols and parts_of(condition)[2] == 0 else colour,
            label=condition_name(condition, actions),
            **style,
        )
        for colour, condition in of_colour.items()
    ]


def _states(condition: str) -> str:
    """The condition without action and reward, which the legend has: S1B2 of A1S1B2R0."""
    return "".join(re.findall(f"[{''.join(LETTERS)}]\\d+", condition))


def _key(condition: str) -> str | None:
    """What the letters of ticks say."""
    return ", ".join(f"{letter}: {word}" for letter, word in LETTERS.items() if letter in condition) or None


def _source(source: str, targets: Sequence[str], actions: Sequence[str]) -> str:
    """Label of a panel. Constants of logits of single actions are shifted to a mean of 0."""
    if source == "constant":
        return f"{source}{' − mean' if targets[0].startswith('A') else ''}\n(nats)"
    return "× reward\n(nats)" if source == "reward" else f"× {_variable(source, actions)}\n(per trial)"


def _variable(name: str, actions: Sequence[str]) -> str:
    """A variable in words: a logit of two actions, or of one."""
    if name == "L":
        return "logit L"
    if name.startswith("L_S"):
        return f"logit in state {name.removeprefix('L_S')}"
    return f"logit of {actions[int(name.removeprefix('A')) - 1]}"


def matrices(of_conditions: Mapping[str, np.ndarray | None], *, actions: Sequence[str], title: str) -> Figure:
    """The matrix A of each condition: rows are what changes, columns what it depends on.

    Args:
        of_conditions: what `tinycog.analyses.dynamical_regression.summary.mean_matrices` gives.
        actions: what the actions are called, by code.
    """
    conditions = sorted(of_conditions, key=lambda condition: (parts_of(condition)[2] or 0, parts_of(condition)[0]))
    k = len(actions)
    columns = min(k, 5)
    height = -(-len(conditions) // columns)
    labels = apart(actions, 8)
    most = max(1.0, *(float(np.abs(matrix).max()) for matrix in of_conditions.values() if matrix is not None))
    with mpl.rc_context(RC):
        size = (SINGLE, 1.1 * height + 0.8) if k == 3 else (DOUBLE, 1.5 * height + 0.7)
        figure = Figure(figsize=size)
        grid = figure.subplots(height, columns, squeeze=False)
        image = None
        for ax in grid.flat:
            ax.set_axis_off()
        for place, (ax, condition) in enumerate(zip(grid.flat, conditions, strict=False)):
            ax.set_title("\n".join(condition_name(condition, actions).rsplit(", ", 1)))
            matrix = of_conditions[condition]
            if matrix is None:
                ax.text(0.5, 0.5, "none", transform=ax.transAxes, ha="center", va="center")
                continue
            ax.set_axis_on()
            image = ax.imshow(matrix, cmap="PuOr_r", vmin=-most, vmax=most)
            below = [of_conditions[other] for other in conditions[place + columns :: columns]]
            lowest = all(other is None for other in below)
            ax.set_xticks(range(k), labels if lowest else [""] * k, rotation=90 if max(map(len, labels)) > 2 else 0)
            ax.set_yticks(range(k), labels if ax in grid[:, 0] else [""] * k)
            ax.tick_params(length=0)
            ax.spines[:].set_visible(False)
            for i, j in np.ndindex(k, k) if k <= MOST_WRITTEN else ():
                dark = abs(matrix[i, j]) > 0.6 * most
                ax.text(j, i, f"{matrix[i, j]:z.2f}", ha="center", va="center", fontsize=5, color="w" if dark else "k")
        figure.supxlabel("logit before the trial, of")
        figure.supylabel("logit after it, of")
        figure.colorbar(image, ax=grid, label="entry of A", shrink=0.8)
        figure.suptitle(title)
    return figure
