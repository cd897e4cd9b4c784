"""Two matrices, agents by fitted models: how much worse than the agent's own model, and how often the best."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from tinycog.figures.style import DOUBLE, RC, SINGLE, apart

EMPTY = "0.93"
NARROW = 6  # models of a figure of one column
LARGEST = 0.1  # nats per choice; the colour of larger differences


def matrices(table: pd.DataFrame, margin: float) -> Figure:
    """A row for each generator, a column for each fitted model; grey where a model is not fitted.

    Frames are around the agent's own model.

    Args:
        table: rows of table `recovery`: of simulated data sets, or of the models that play of one data set.
        margin: nats per choice within which a model is as good.
    """
    generators = table.drop_duplicates("generator")
    columns = table.drop_duplicates(["model", "dim"]).sort_values("family", ascending=False, kind="stable")
    names = dict(zip(columns["model"].unique(), apart(list(columns["model"].unique()), 12), strict=True))
    several = columns.groupby("model")["dim"].transform("size") > 1
    of_network = (columns["family"] == "rnn") | several
    labels = [
        f"{names[row.model]}, d = {row.dim}" if with_dim else names[row.model]
        for row, with_dim in zip(columns.itertuples(), of_network, strict=True)
    ]
    kept = generators["source"].iloc[0] == "kept"
    called = generators["agent" if kept else "generator"]
    shown = dict(zip(called.unique(), apart(list(called.unique())), strict=True))
    rows = [_row(row, shown[name], kept) for row, name in zip(generators.itertuples(), called, strict=True)]
    places = {key: x for x, key in enumerate(zip(columns["model"], columns["dim"], strict=True))}
    with mpl.rc_context(RC):
        width = SINGLE if len(places) <= NARROW else DOUBLE
        figure = Figure(figsize=(width, 2 * (0.2 * len(rows) + 0.45) + 1.1))
        above, below = figure.subplots(2, 1, sharex=True)
        for ax, column, scale, colours, largest in (
            (above, "delta_nll", 1000, "YlOrBr", 1000 * LARGEST),
            (below, "wins", 100, "Blues", 100.0),
        ):
            grid = np.full((len(rows), len(places)), np.nan)
            for y, name in enumerate(generators["generator"]):
                own = table[table["generator"] == name]
                for row in own.itertuples():
                    x = places[row.model, row.dim]
                    grid[y, x] = scale * getattr(row, column)
                    if column == "delta_nll" and row.verdict == "as good":
                        ax.plot(x + 0.38, y - 0.3, ".", ms=2.5, color="#0072B2")
                    if row.own:
                        ax.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, fill=False, ec="k", lw=1, zorder=3))
            _matrix(ax, grid, colours, largest)
            ax.set_yticks(range(len(rows)), rows)
            ax.set_ylabel("model that plays" if kept else "simulated data")
        below.set_xticks(range(len(labels)), labels, rotation=45, ha="right", rotation_mode="anchor")
        below.set_xlabel("fitted model")
        above.set_title(
            f"test NLL minus that of the agent's own model\n(thousandths of a nat; dot: within {1000 * margin:g})"
        )
        below.set_title("agents for which the model\nhas the lowest test NLL (percent)")
    return figure


def _row(row: Any, label: str, kept: bool) -> str:
    """A generator, with its number of variables and d*."""
    d_star = [f"d* = {row.d_star:g}"] if np.isfinite(row.d_star) else []
    if kept:
        return f"{label}, d = {row.agent_d}" + "".join(f" ({text})" for text in d_star)
    return f"{label} ({', '.join([f'D = {row.agent_d}', *d_star])})"


def _matrix(ax: Axes, grid: np.ndarray, colours: str, largest: float) -> None:
    ax.set_facecolor(EMPTY)
    ax.imshow(np.clip(grid, 0, largest), cmap=colours, vmin=0, vmax=largest, aspect="auto")
    for (y, x), value in np.ndenumerate(grid):
        if np.isfinite(value):
            dark = value > 0.6 * largest
            ax.text(x, y, f"{value:.0f}", ha="center", va="center", fontsize=6, color="w" if dark else "k")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
