"""Fitted against true parameters of simulated agents."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinycog.figures.style import COGNITIVE_COLOURS, DOUBLE, NETWORK_COLOURS, RC, SINGLE, shown

COLUMNS = 4  # at most
OUTSIDE = COGNITIVE_COLOURS[0]
SPARE = 0.25  # of the true values' range is shown beyond it; what lies further is drawn at the edge, as a triangle


def recovered(agents: pd.DataFrame, summary: pd.DataFrame) -> Figure:
    """One panel for each parameter of one model: a dot for each agent, and the line on which fits are exact.

    Args:
        agents, summary: rows of tables `parameter_recovery_agents` and `parameter_recovery` of one data set and model.
    """
    table = summary.set_index("parameter")
    rows = -(-len(table) // COLUMNS)
    columns = -(-len(table) // rows)
    with mpl.rc_context(RC):
        size = (SINGLE if columns < 3 else DOUBLE, 1.9 * rows + 0.4)
        figure = Figure(figsize=size)
        axes = figure.subplots(rows, columns, squeeze=False)
        for ax, (parameter, row) in zip(axes.flat, table.iterrows(), strict=False):
            _panel(ax, agents[agents["parameter"] == parameter])
            r = "undefined" if np.isnan(row["correlation"]) else f"{row['correlation']:.2f}"
            ax.set_title(f"{parameter}\nr = {r}, bias {row['bias']:+.2g}")
        for ax in axes.flat[len(table) :]:
            ax.remove()
        figure.get_layout_engine().set(h_pad=0.08)
        figure.supxlabel("true")
        figure.supylabel("fitted")
        first, n_agents = agents.iloc[0], agents["agent"].nunique()
        of = f"{shown(first['model'])}, {shown(first['dataset'])}"
        figure.suptitle(f"{of}: {n_agents} agents of {first['n_choices']:,} choices")
    return figure


def _panel(ax: Axes, agents: pd.DataFrame) -> None:
    true, fitted = agents["true"].to_numpy(), agents["fitted"].to_numpy()
    low, high = true.min(), true.max()
    spare = SPARE * (high - low) or 1.0
    low, high = low - spare, high + spare
    inside = (fitted >= low) & (fitted <= high)
    ax.plot([low, high], [low, high], color="0.6", lw=0.8, zorder=0)
    ax.plot(true[inside], fitted[inside], "o", ms=3, mew=0, alpha=0.7, color=NETWORK_COLOURS[0])
    for beyond, marker, edge in ((fitted > high, "^", high), (fitted < low, "v", low)):
        if beyond.any():
            ax.plot(true[beyond], np.full(beyond.sum(), edge), marker, ms=4, mew=0, color=OUTSIDE, clip_on=False)
    ax.set_xlim(low, high)
    ax.set_ylim(low, high)
    ax.set_box_aspect(1)
    ax.locator_params(nbins=4)
