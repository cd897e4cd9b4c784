"""Phase portraits of one-dimensional models, and their setpoints (methods: one-step maps; setpoints)."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from tinycog.figures.style import (
    RC,
    SINGLE,
    apart,
    condition_colour,
    condition_dashes,
    condition_marker,
    condition_name,
)
from tinycog.tasks.conditions import parts_of

MARKERS = 4  # on each curve
EDGE = 1.3  # of the axis of setpoints, as in the reference; what lies further is drawn there, as a triangle


def phase_portrait(
    maps: pd.DataFrame,
    visited: pd.DataFrame,
    roots: pd.DataFrame,
    *,
    outer: int,
    actions: Sequence[str],
    title: str,
    limit: float | None = None,
) -> Figure:
    """Logit change against logit: exact map of each condition, visited trials and fixed points of one outer fold.

    Its curves are strong where trials were and faint elsewhere; those of the other folds lie behind them, where their
    trials were. Triangles along a curve, at other places for every condition, tell curves apart where they are the
    same. A filled circle is a fixed point that attracts, an open one repels. The tables are those of one model.

    Args:
        outer: the fold that is shown.
        actions: what the actions are called, by code.
        limit: of both axes; by default each is symmetric about 0 and fits the shown fold's trials.
    """
    conditions = list(dict.fromkeys(maps["condition"]))
    others = sorted(set(maps["outer"]) - {outer})
    with mpl.rc_context(RC):
        figure = Figure(figsize=(SINGLE, 2.2))
        ax = figure.subplots()
        for line in (ax.axhline, ax.axvline):
            line(0, color="0.6", lw=0.4, alpha=0.8, zorder=0)
        for i, condition in enumerate(conditions):
            curves, trials, fixed = (table[table["condition"] == condition] for table in (maps, visited, roots))
            colour = condition_colour(condition)
            for other in others:
                x, y, inside = curve(curves, trials, other)
                ax.plot(x[inside], y[inside], color=colour, lw=0.4, alpha=0.4, zorder=1)
            x, y, inside = curve(curves, trials, outer)
            own = trials[trials["outer"] == outer]
            ax.plot(own["logit"], own["change"], ".", color=colour, ms=2.5, alpha=0.4, mew=0, rasterized=True)
            style = condition_dashes(condition)
            ax.plot(x, np.where(inside, np.nan, y), color=colour, lw=0.6, ls=":", alpha=0.6)
            if inside.any():
                ax.plot(x[inside], y[inside], color=colour, lw=1.2, ls=style)
                at = np.linspace(x[inside].min(), x[inside].max(), MARKERS * len(conditions) + 1)
                at = at[i :: len(conditions)][:MARKERS]
                marks = {"marker": condition_marker(condition), "ms": 3.5, "mew": 0.6, "mfc": _face(condition)}
                ax.plot(at, np.interp(at, x, y), ls="", color=colour, **marks, zorder=3)
            size = np.linspace(6, 3, len(conditions))[i]  # nested where equal
            for attracts, face in ((True, colour), (False, "white")):
                root = fixed.loc[(fixed["attracts"] == attracts) & (fixed["outer"] == outer), "logit"]
                ax.plot(root, np.zeros(len(root)), "o", color=colour, mfc=face, ms=size, mew=0.8, zorder=4)
        own = visited[visited["outer"] == outer]
        reach = own["logit"].abs().max()
        far = roots.loc[roots["outer"] == outer, "logit"].abs()
        _ends(ax, "x", limit or 1.08 * max(reach, far[far < 1.5 * reach].max()))  # those near the trials are shown
        _ends(ax, "y", limit or 1.08 * own["change"].abs().max())
        ax.set_xlabel(f"logit L (positive: {apart(actions, 12)[0]})")
        ax.set_ylabel("logit change ΔL")
        figure.suptitle(title)
        figure.legend(handles=_legend(conditions, actions, bool(others)), loc="outside right center", handlelength=3)
    return figure


def curve(maps: pd.DataFrame, visited: pd.DataFrame, outer: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logit and logit change of one fold's map, and where its trials were."""
    curve = maps[maps["outer"] == outer].sort_values("logit")
    trials = visited.loc[visited["outer"] == outer, "logit"]
    x = curve["logit"].to_numpy()
    return x, curve["change"].to_numpy(), (x >= trials.min()) & (x <= trials.max())


def _ends(ax: Axes, axis: str, limit: float) -> None:
    if not limit > 0:  # no trial, or a logit that never changes
        limit = 1.0
    ax.set(**{f"{axis}lim": (-limit, limit)})
    getattr(ax, f"{axis}axis").set_major_locator(MaxNLocator(4, symmetric=True))


def _face(condition: str) -> str:
    return condition_colour(condition) if parts_of(condition)[2] else "white"


def _legend(conditions: Sequence[str], actions: Sequence[str], others: bool) -> list[Line2D]:
    lines = []
    for c in conditions:
        style = {"color": condition_colour(c), "ls": condition_dashes(c), "marker": condition_marker(c)}
        lines.append(Line2D([], [], lw=1.2, ms=3.5, mew=0.6, mfc=_face(c), label=condition_name(c, actions), **style))
    marker = {"color": "0.3", "marker": "o", "ms": 4, "ls": "none"}
    lines.append(Line2D([], [], **marker, label="stable fixed point"))
    lines.append(Line2D([], [], **marker, mfc="white", label="unstable fixed point"))
    lines.append(Line2D([], [], color="0.3", lw=0.6, ls=":", label="beyond the trials"))
    return lines + [Line2D([], [], color="0.3", lw=0.4, label="other outer folds")] * others


def setpoints(folds: pd.DataFrame, summary: pd.DataFrame, *, actions: Sequence[str], title: str) -> Figure:
    """Preference setpoints of each condition: median over outer folds, a bar from quartile to quartile, folds as dots.

    Args:
        folds, summary: what `tinycog.analyses.portraits.scaling.scaled` gives.
        actions: what the actions are called, by code.
    """
    places = list(dict.fromkeys(parts_of(condition)[:2] for condition in summary["condition"]))
    with mpl.rc_context(RC):
        figure = Figure(figsize=(SINGLE, 2.2))
        ax = figure.subplots()
        for level in (-1, 0, 1):
            ax.axhline(level, color="0.6", lw=0.5, ls="--", zorder=0)
        for row in summary.itertuples():
            action, state, reward = parts_of(row.condition)
            colour, face = condition_colour(row.condition), _face(row.condition)
            at = places.index((action, state)) + (0.2 if reward else -0.2)
            if row.n < row.n_folds:
                words = f"in {row.n} of\n{row.n_folds} folds" if row.n else "none"
                ax.text(at, -EDGE - 0.1, words, ha="center", va="bottom", fontsize=5, color=colour)
            if not row.n:
                continue
            label = condition_name(row.condition, actions)
            ends = [[row.median - row.low], [row.high - row.median]]
            style = {"marker": condition_marker(row.condition), "mfc": face, "mew": 0.8, "ms": 5}
            ax.errorbar(at, row.median, ends, color=colour, lw=1.2, capsize=2.5, label=label, **style, zorder=1)
            values = folds.loc[folds["condition"] == row.condition, "value"].to_numpy()
            x = at + (np.linspace(-0.11, 0.11, len(values)) if len(values) > 1 else np.zeros(1))
            within = np.abs(values) <= EDGE
            ax.plot(x[within], values[within], "o", color="black", ms=1.8, mew=0, zorder=3)
            for beyond, marker in ((values > EDGE, "^"), (values < -EDGE, "v")):
                ax.plot(x[beyond], np.sign(values[beyond]) * EDGE, marker, color="black", ms=2.5, mew=0, zorder=3)
        _places(ax, places, actions)
        ax.set_xlim(-0.5, len(places) - 0.5)
        ax.set_ylim(-EDGE - 0.1, EDGE + 0.1)
        ax.set_yticks([-1, 0, 1])
        ax.set_ylabel(f"normalised setpoint\n(positive: {apart(actions, 12)[0]})")
        figure.suptitle(title)
        handles, labels = ax.get_legend_handles_labels()
        dot = Line2D([], [], color="black", ls="", marker="o", ms=1.8, label="one outer fold")
        beyond = [Line2D([], [], color="black", ls="", marker="^", ms=2.5, mew=0, label=f"beyond ±{EDGE}")]
        beyond *= bool((folds["value"].abs() > EDGE).any())
        note = "symbol: median,\nbar: quartiles of folds"
        entries = [*handles, dot, *beyond]
        labels += [entry.get_label() for entry in entries[len(labels) :]]
        figure.legend(entries, labels, loc="outside right center", title=note, alignment="left")
    return figure


def _places(ax: Axes, places: Sequence[tuple[int, int | None]], actions: Sequence[str]) -> None:
    """Label the places of actions, or of each action's states with the action below them."""
    labels = apart(actions, 12)
    names = [labels[action] if state is None else f"state {state + 1}" for action, state in places]
    ax.set_xticks(range(len(places)), names)
    if places[0][1] is None:
        return
    for action in dict.fromkeys(action for action, _ in places):
        middle = np.mean([x for x, place in enumerate(places) if place[0] == action])
        below = {"transform": ax.get_xaxis_transform(), "ha": "center", "va": "top", "fontsize": 6}
        ax.text(middle, -0.14, labels[action], **below)
