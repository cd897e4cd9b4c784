"""Phase portraits of one-dimensional models, and their setpoints (methods: one-step maps; setpoints)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tinycog.figures.style import RC, condition_colour, condition_dashes, condition_name

LIMIT = 5.0  # of both axes, as in the reference


def phase_portrait(maps: pd.DataFrame, visited: pd.DataFrame, fixed_points: pd.DataFrame, title: str) -> Figure:
    """Logit change against logit: the exact map of each condition, visited trials and fixed points of one outer fold.

    The curve is strong where trials were and faint elsewhere; a filled circle attracts, an open one repels. The tables
    are those of one model and one outer fold.
    """
    with plt.rc_context(RC):
        figure, ax = plt.subplots(figsize=(4.6, 2.8), layout="compressed")
        for line in (ax.axhline, ax.axvline):
            line(0, color="0.6", lw=0.4, alpha=0.8, zorder=0)
        conditions = list(dict.fromkeys(maps["condition"]))
        for size, condition in zip(np.linspace(7, 3, len(conditions)), conditions, strict=True):
            colour, style = condition_colour(condition), condition_dashes(condition)
            curve = maps[maps["condition"] == condition].sort_values("logit")
            points = visited[visited["condition"] == condition]
            x, y = curve["logit"].to_numpy(), curve["change"].to_numpy()
            ax.plot(x, y, color=colour, lw=0.7, ls=style, alpha=0.35)
            if len(points):
                inside = (x >= points["logit"].min()) & (x <= points["logit"].max())
                ax.plot(np.where(inside, x, np.nan), y, color=colour, lw=1.3, ls=style)
            ax.plot(points["logit"], points["change"], ".", color=colour, ms=3.5, alpha=0.5, mew=0, rasterized=True)
            fixed = fixed_points[fixed_points["condition"] == condition]
            for kind, face in (("stable", colour), ("unstable", "white")):
                at = fixed.loc[fixed["class"] == kind, "logit"]
                ax.plot(
                    at, np.zeros(len(at)), "o", color=colour, mfc=face, ms=size, mew=0.8, zorder=3
                )  # nested where equal
        ax.set(xlim=(-LIMIT - 0.1, LIMIT + 0.1), ylim=(-LIMIT - 0.1, LIMIT + 0.1))
        ax.set(xticks=(-LIMIT, 0, LIMIT), yticks=(-LIMIT, 0, LIMIT))
        ax.set_aspect("equal")
        ax.set_xlabel("logit L  (log-odds of action 1)")
        ax.set_ylabel("logit change ΔL")
        ax.set_title(title)
        figure.legend(handles=_legend(conditions), loc="outside right center")
    return figure


def _legend(conditions: list[str]) -> list[Line2D]:
    lines = [
        Line2D([], [], color=condition_colour(c), lw=1.3, ls=condition_dashes(c), label=condition_name(c))
        for c in conditions
    ]
    marker = {"color": "0.3", "marker": "o", "ms": 4, "ls": "none"}
    stable = Line2D([], [], **marker, label="stable fixed point")
    return [*lines, stable, Line2D([], [], **marker, mfc="white", label="unstable fixed point")]


def setpoints(table: pd.DataFrame, title: str) -> Figure:
    """Preference setpoints over outer folds, divided by the largest mean; bars are one SD, dots single folds.

    Args:
        table: rows of table `setpoints` of one subject and one model.
    """
    conditions = list(dict.fromkeys(table["condition"]))
    values = table.pivot(index="outer", columns="condition", values="setpoint")[conditions]
    scaled = values / np.nanmax(np.abs(values.mean()))
    pairs = list(dict.fromkeys(condition[:-2] for condition in conditions))
    with plt.rc_context(RC):
        figure, ax = plt.subplots(figsize=(2.0 + 0.8 * len(pairs), 2.4))
        for level in (-1, 0, 1):
            ax.axhline(level, color="0.6", lw=0.6, ls="--", zorder=0)
        for condition in conditions:
            colour, rewarded = condition_colour(condition), condition.endswith("R1")
            position = pairs.index(condition[:-2]) + (0.15 if rewarded else -0.15)
            folds = scaled[condition].dropna()
            spread = np.linspace(-0.05, 0.05, len(folds)) if len(folds) > 1 else np.zeros(len(folds))
            ax.plot(position + spread, folds, ".", color=colour, ms=3, alpha=0.6, mew=0)
            if len(folds):
                sd = folds.std(ddof=1) if len(folds) > 1 else 0.0
                face = colour if rewarded else "white"
                label = condition_name(condition)
                ax.errorbar(
                    position, folds.mean(), sd, color=colour, marker="o", mfc=face, ms=5, capsize=2, lw=1.2, label=label
                )
        names = [f"action {pair[1]}" + (f"\nstate {pair[3]}" if "S" in pair else "") for pair in pairs]
        ax.set_xticks(range(len(pairs)), names)
        ax.set_xlim(-0.6, len(pairs) - 0.4)
        low, high = np.nanmin(scaled.to_numpy(), initial=-1.2), np.nanmax(scaled.to_numpy(), initial=1.2)
        ax.set_ylim(low - 0.1, high + 0.1)
        ax.set_yticks([-1, 0, 1])
        ax.set_ylabel("normalised setpoint\n(positive prefers action 1)")
        ax.set_title(title)
        figure.legend(*ax.get_legend_handles_labels(), loc="outside right center")
    return figure
