"""Correlations of logits: a matrix of models, strips within and between models, and against training choices."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinycog.figures.style import COGNITIVE_COLOURS, DOUBLE, NETWORK_COLOURS, RC, apart

WRITTEN = 10  # models, at most, with numbers in the cells of their matrix
MANY = 50  # pairs of models, above which their dots are smaller
COLUMNS = 4  # panels in a row
WITHIN, BETWEEN = NETWORK_COLOURS[0], COGNITIVE_COLOURS[0]
MISSING = "0.85"


def of_subject(table: pd.DataFrame, title: str) -> Figure:
    """Mean correlations of all pairs of models as a matrix, and as strips within models and between two.

    Args:
        table: rows of `logit_correlations` of one subject.
    """
    a, b = _names(table, "a"), _names(table, "b")
    models = list(dict.fromkeys([*a, *b]))
    place = {name: i for i, name in enumerate(models)}
    matrix = np.full((len(models), len(models)), np.nan)
    for first, second, mean in zip(a, b, table["mean"], strict=True):
        matrix[place[first], place[second]] = matrix[place[second], place[first]] = mean
    labels = _labels(models)
    with mpl.rc_context(RC):
        height = min(max(2.4, 0.24 * len(models) + 1.2), 4.6)
        figure = Figure(figsize=(DOUBLE, height))
        (left, right) = figure.subplots(1, 2, width_ratios=(4, 3))
        _matrix(left, matrix, labels)
        _strips(right, table, np.array([first == second for first, second in zip(a, b, strict=True)]))
        figure.suptitle(title)
    return figure


def _matrix(ax: Axes, matrix: np.ndarray, labels: list[str]) -> None:
    colours = colormaps["cividis"].with_extremes(bad=MISSING)
    low = min(0.0, float(np.nanmin(matrix)))
    image = ax.imshow(np.ma.masked_invalid(matrix), cmap=colours, vmin=low, vmax=1)
    if len(labels) <= WRITTEN:
        for (row, column), r in np.ndenumerate(matrix):
            dark = np.isfinite(r) and (r - low) / (1 - low) < 0.6
            text = f"{r:.2f}" if np.isfinite(r) else "–"
            ax.text(column, row, text, ha="center", va="center", fontsize=5.5, color="white" if dark else "black")
    small = {"fontsize": 6 if len(labels) <= 2 * WRITTEN else 5}
    ax.set_xticks(range(len(labels)), labels, rotation=90, **small)
    ax.set_yticks(range(len(labels)), labels, **small)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.8)
    bar.set_label("mean correlation of logits")
    bar.outline.set_visible(False)


def _strips(ax: Axes, table: pd.DataFrame, within: np.ndarray) -> None:
    """A dot for the mean of each pair of models, and a line from its lowest to its highest pair of fits."""
    for x, (rows, colour) in enumerate(((table[within], WITHIN), (table[~within], BETWEEN))):
        rows = rows.dropna(subset="mean").sort_values("mean")
        at = x + np.linspace(-0.3, 0.3, len(rows)) if len(rows) > 1 else np.full(len(rows), float(x))
        ax.vlines(at, rows["min"], rows["max"], color=colour, lw=0.6, alpha=0.6)
        ax.plot(at, rows["mean"], "o", ms=3 if len(rows) <= MANY else 1.5, mew=0, color=colour)
    ax.set_xticks([0, 1], ["within\na model", "between\ntwo models"])
    ax.set_xlim(-0.5, 1.5)
    ax.set_ylim(top=1.02)
    ax.set_ylabel("correlation of logits")


def over_subjects(table: pd.DataFrame, title: str) -> Figure:
    """Correlation within each model against the number of training choices, a dot for each subject.

    Args:
        table: rows of `logit_correlations` of models with themselves, of one data set, each with a correlation.
    """
    names = _names(table, "a")
    models = list(dict.fromkeys(names))
    rows = -(-len(models) // COLUMNS)
    columns = -(-len(models) // rows)
    with mpl.rc_context(RC):
        size = (DOUBLE * max(columns, 2) / COLUMNS, 1.5 * rows + 0.5)
        figure = Figure(figsize=size)
        axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        for ax, model, label in zip(axes.flat, models, _labels(models), strict=False):
            own = table[[name == model for name in names]]
            ax.vlines(own["n_train"], own["min"], own["max"], color=WITHIN, lw=0.6, alpha=0.5)
            ax.plot(own["n_train"], own["mean"], "o", ms=3, mew=0, color=WITHIN)
            ax.set_title(label)
            ax.locator_params(nbins=4)
        for ax in axes.flat[len(models) :]:
            ax.remove()
        for ax in axes[-2, len(models) % columns or columns :] if rows > 1 else ():
            ax.tick_params(labelbottom=True)  # nothing is below it
        figure.supxlabel("training choices")
        figure.supylabel("correlation of logits\nbetween outer folds")
        figure.suptitle(title)
    return figure


def _names(table: pd.DataFrame, side: str) -> list[tuple[str, int]]:
    return list(zip(table[f"model_{side}"], table[f"dim_{side}"], strict=True))


def _labels(models: list[tuple[str, int]]) -> list[str]:
    """Model and d; keys of the config may be long."""
    shown = dict(
        zip(dict.fromkeys(name for name, _ in models), apart(list(dict.fromkeys(n for n, _ in models))), strict=True)
    )
    return [f"{shown[name]}, d = {dim}" for name, dim in models]
