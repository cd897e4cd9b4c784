"""Equations of a model, and what they predict as models of their own (methods: symbolic regression; formulas)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from tinycog.figures.style import (
    COGNITIVE_COLOURS,
    DOUBLE,
    NETWORK_COLOURS,
    RC,
    SINGLE,
    apart,
    condition_colour,
    condition_dashes,
    condition_marker,
    condition_name,
)

COLUMNS = 4  # panels in a row
LOWEST = 1e-10  # share of the largest loss of a panel at which smaller ones are drawn
ENGINES = {"sparse": "s", "operon": "o", "pysr": "D"}
LOOKS = {
    "found": ("its equations, as found in its trials", NETWORK_COLOURS[0], "o"),
    "formula": ("its equations, fitted to choices", NETWORK_COLOURS[1], "D"),
    "classical": ("best cognitive model of the run", COGNITIVE_COLOURS[0], "s"),
}
MOST_APART = 4  # subjects whose points do not overlap
POWERS = {"2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶"}


def equations(
    rows: pd.DataFrame, points: pd.DataFrame, curves: pd.DataFrame, *, actions: Sequence[str], title: str
) -> Figure:
    """Loss against complexity for each condition and target; below, what is selected, as text and over trials.

    Args:
        rows: table `symbolic_regression` of one outer fold.
        points, curves: trials and selected equations of a model with one variable; empty for one with two.
    """
    conditions, targets = list(dict.fromkeys(rows["condition"])), list(dict.fromkeys(rows["target"]))
    columns = min(COLUMNS, len(conditions))
    blocks = [conditions[i : i + columns] for i in range(0, len(conditions), columns)]
    n_rows, n_lines = len(blocks) * len(targets), len(conditions) * len(targets)
    below = max(1.9 if len(points) else 0.0, 0.2 + 0.135 * n_lines)
    with mpl.rc_context(RC):
        figure = Figure(figsize=(DOUBLE, 1.45 * n_rows + below + 0.6))
        upper, lower = figure.subfigures(2, 1, height_ratios=[1.45 * n_rows + 0.6, below])
        panels = upper.subplots(n_rows, columns, squeeze=False, sharex=True, sharey=True)
        for i, (block, target) in enumerate((block, target) for block in blocks for target in targets):
            for ax, condition in zip(panels[i], block, strict=False):
                own = rows[(rows["condition"] == condition) & (rows["target"] == target)]
                _front(ax, own, condition)
                ax.set_title(f"Δ{target} after {condition_name(condition, actions)}", fontsize=6)
        upper.supxlabel("complexity (operators, variables, constants)")
        upper.supylabel("loss (mean squared error, nats²)")
        upper.legend(handles=_engines(rows), loc="outside upper right", ncols=4)
        figure.suptitle(title, x=0.01, ha="left")
        if len(points):
            left, right = lower.subfigures(1, 2, width_ratios=[1, 2.3])
            _curves(left.subplots(), points, curves)
        else:
            right = lower
        _text(right, rows, conditions, targets, actions)
    return figure


def _front(ax: Axes, own: pd.DataFrame, condition: str) -> None:
    known = own[own["complexity"].notna()]
    if known.empty:
        ax.text(
            0.5,
            0.5,
            "\n".join(own["reason"].str.wrap(24)),
            ha="center",
            va="center",
            fontsize=5,
            transform=ax.transAxes,
        )
        ax.set_yticks([])
        return
    colour = condition_colour(condition)
    loss = known["loss"].clip(lower=max(LOWEST * known["loss"].max(), 1e-30))
    usable = known["reason"] == ""
    ax.plot(known["complexity"][usable], loss[usable], "-", color=colour, lw=0.8)
    for row, y in zip(known.itertuples(), loss, strict=True):
        x, marker = int(row.complexity), ENGINES[row.engine]
        ax.plot(x, y, marker, color=colour, ms=3.5, mfc="white" if row.reason else colour)
        if row.selected:
            ax.plot(x, y, "o", ms=8, mfc="none", mec="black", mew=0.8)
            ax.annotate(
                "" if np.isnan(row.r2_test) else f"test R² {row.r2_test:.3f}",
                (1, 1), xycoords="axes fraction", ha="right", va="top", fontsize=5,
            )  # fmt: skip
    ax.set_yscale("log")
    ax.margins(0.12, 0.2)
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.tick_params(labelbottom=True)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    ax.minorticks_off()


def _engines(rows: pd.DataFrame) -> list[Line2D]:
    grey = {"color": "0.4", "ls": "none", "ms": 3.5}
    found = dict.fromkeys(rows["engine"][rows["complexity"].notna()])
    handles = [Line2D([], [], marker=ENGINES[name], label=f"found by {name}", **grey) for name in found]
    handles.append(Line2D([], [], color="black", ls="none", marker="o", ms=8, mfc="none", mew=0.8, label="selected"))
    if rows["reason"][rows["complexity"].notna()].any():
        handles.append(Line2D([], [], marker="o", mfc="white", label="has a pole", **grey))
    return handles


def _curves(ax: Axes, points: pd.DataFrame, curves: pd.DataFrame) -> None:
    ax.axhline(0, color="0.6", lw=0.4)
    ax.axvline(0, color="0.6", lw=0.4)
    for condition, own in points.groupby("condition", sort=False):
        colour, marker = condition_colour(condition), condition_marker(condition)
        ax.plot(own["logit"], own["change"], marker, color=colour, ms=1.8, alpha=0.35, mew=0)
    for condition, own in curves.groupby("condition", sort=False):
        ax.plot(own["logit"], own["change"], color=condition_colour(condition), ls=condition_dashes(condition), lw=1)
    ax.set(xlabel="logit L (nats)", ylabel="ΔL (nats)")
    ax.set_title("equations (lines) over trials", fontsize=6)


def _text(
    figure: Figure, rows: pd.DataFrame, conditions: list[str], targets: list[str], actions: Sequence[str]
) -> None:
    """The selected equations, a line each."""
    lines = [(condition, target) for condition in conditions for target in targets]
    for i, (condition, target) in enumerate(lines):
        own = rows[(rows["condition"] == condition) & (rows["target"] == target) & rows["selected"]]
        words = readable(own["expression"].iloc[0]) if len(own) else "none"
        y = 0.95 - 0.9 * (i + 0.5) / len(lines)
        style = {"va": "center", "fontsize": 6, "color": condition_colour(condition)}
        figure.text(0.03, y, f"{condition_name(condition, actions)}:", **style)
        figure.text(0.3 if len(targets) == 1 else 0.26, y, f"Δ{target} = {words}", **style)


def readable(expression: str) -> str:
    """An expression with three digits, raised powers and no signs of multiplication."""
    short = re.sub(r"\d+\.\d+(e[+-]\d+)?", lambda number: f"{float(number.group()):.3g}", expression)
    raised = re.sub(r"\*\*(\d)", lambda power: POWERS.get(power.group(1), power.group()), short)
    return raised.replace("*", " ").replace("-", "−")


def formulas(table: pd.DataFrame, *, title: str) -> Figure:
    """Test NLL of each model's equations, and of the best cognitive model, relative to that of the model.

    Args:
        table: rows of table `formulas`, of one data set.
    """
    kinds = list(dict.fromkeys(zip(table["model"], table["dim"], strict=True)))
    names = dict(zip(dict.fromkeys(table["model"]), apart(list(dict.fromkeys(table["model"]))), strict=True))
    subjects = list(dict.fromkeys(table["subject"]))
    step = 0.8 / (len(LOOKS) * len(subjects) + 1)
    with mpl.rc_context(RC):
        height = max(0.4, 0.07 * len(LOOKS) * min(len(subjects), MOST_APART))
        figure = Figure(figsize=(SINGLE, 1.1 + height * len(kinds)))
        ax = figure.subplots()
        ax.axvline(0, color="0.4", lw=0.6)
        for row in table.itertuples():
            first = kinds.index((row.model, row.dim)) - 0.4 + step * (1 + len(LOOKS) * subjects.index(row.subject))
            for i, (name, (_, colour, marker)) in enumerate(LOOKS.items()):
                value, sem = getattr(row, f"{name}_minus_model"), getattr(row, f"{name}_minus_model_sem")
                style = {"fmt": marker, "color": colour, "ms": 3, "elinewidth": 0.8}
                ax.errorbar(value, first + step * i, xerr=0 if np.isnan(sem) else sem, **style)
        ax.set_yticks(range(len(kinds)), [f"{names[model]}, d = {dim}" for model, dim in kinds])
        ax.set_ylim(len(kinds) - 0.5, -0.5)
        ax.xaxis.set_major_locator(MaxNLocator(5))
        ax.set_xlabel("test NLL minus that of the model (nats per choice)\nbars: SE of the difference over outer folds")
        looks = [
            Line2D([], [], marker=marker, color=colour, label=label, ls="none", ms=3)
            for label, colour, marker in LOOKS.values()
        ]
        figure.legend(handles=looks, loc="outside lower center")
        ax.set_title(title)
    return figure
