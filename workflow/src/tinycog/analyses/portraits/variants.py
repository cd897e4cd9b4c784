"""Other views of a phase portrait, on one sheet (methods: views of a portrait)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from tinycog.analyses.portraits.figure import curve
from tinycog.figures.style import DOUBLE, RC, SINGLE, apart, condition_colour, condition_dashes, condition_name
from tinycog.tasks.conditions import parts_of

BIN = 0.05  # nats, as in the reference
MOST_COLUMNS = 4


@dataclass(frozen=True)
class View:
    """A portrait on other axes.

    Attributes:
        place: x and y of a logit, the next logit, and the sign of the chosen action: 1 the first, -1 the second.
        x, y: labels, with `{}` for the first action.
        diagonal: whether a line shows where nothing changes.
        grid: where lines are drawn: (x, y), or None.
    """

    place: Callable[[np.ndarray, np.ndarray, int], tuple[np.ndarray, np.ndarray]]
    x: str
    y: str
    diagonal: bool = False
    grid: tuple[float | None, float | None] = (None, None)


def _probability(logit: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logit))


LOGIT, PROBABILITY = "logit L (positive: {})", "probability of {}"
VIEWS = {
    "next_logit": View(lambda now, then, sign: (now, then), LOGIT, "next logit", True, (0, 0)),
    "next_probability": View(
        lambda now, then, sign: (now, _probability(then)), LOGIT, "next probability of {}", grid=(0, 0.5)
    ),
    "probability_next": View(
        lambda now, then, sign: (_probability(now), _probability(then)),
        PROBABILITY,
        "next probability of {}",
        True,
        (0.5, 0.5),
    ),
    "probability_change": View(
        lambda now, then, sign: (_probability(now), _probability(then) - _probability(now)),
        PROBABILITY,
        "change of the probability",
        grid=(0.5, 0),
    ),
    "relative_action": View(
        lambda now, then, sign: (sign * now, sign * (then - now)),
        "logit towards the choice",
        "change towards the choice",
        grid=(0, 0),
    ),
}


def sheet(
    maps: pd.DataFrame,
    visited: pd.DataFrame,
    *,
    variants: Sequence[str],
    outer: int,
    actions: Sequence[str],
    title: str,
) -> Figure:
    """A panel for each variant: exact maps where trials were, trials as dots, of one outer fold.

    Args:
        maps, visited: tables of one model.
        variants: what is drawn, of `VIEWS`, `histograms` and `delay`.
        outer: the fold that is shown; maps of the others are thin lines.
        actions: what the actions are called, by code.
    """
    label = apart(actions, 8)[0]
    n_rows = -(-len(variants) // MOST_COLUMNS)
    n_columns = -(-len(variants) // n_rows)
    room = len(variants) < n_rows * n_columns  # for the legend
    with mpl.rc_context(RC):
        size = DOUBLE if n_columns > 2 else SINGLE, (0.3 if room else 0.8) + 1.8 * n_rows
        figure = Figure(figsize=size)
        grid = figure.add_gridspec(n_rows, n_columns)
        for cell, variant in zip(grid, variants, strict=False):
            if variant == "histograms":
                _histograms(figure, cell, visited[visited["outer"] == outer])
            elif variant == "delay":
                _delay(figure.add_subplot(cell), visited[visited["outer"] == outer])
            else:
                _view(figure.add_subplot(cell), VIEWS[variant], maps, visited, outer, label)
        handles = [
            Line2D([], [], color=condition_colour(c), ls=condition_dashes(c), lw=1.2, label=condition_name(c, actions))
            for c in dict.fromkeys(maps["condition"])
        ]
        handles += [Line2D([], [], color="0.3", lw=0.4, label="other outer folds")] * (len(set(maps["outer"])) > 1)
        if room:
            last = figure.add_subplot(grid[-1, -1])
            last.axis("off")
            last.legend(handles=handles, loc="center", handlelength=3)
        else:
            columns = 3 if n_columns > 2 else 2
            figure.legend(handles=handles, loc="outside lower center", ncols=columns, handlelength=3)
        figure.suptitle(title)
    return figure


def _view(ax: Axes, view: View, maps: pd.DataFrame, visited: pd.DataFrame, outer: int, label: str) -> None:
    across, down = view.grid
    for line, at in ((ax.axvline, across), (ax.axhline, down)):
        if at is not None:
            line(at, color="0.6", lw=0.4, alpha=0.8, zorder=0)
    for condition in dict.fromkeys(maps["condition"]):
        curves, trials = (table[table["condition"] == condition] for table in (maps, visited))
        colour, sign = condition_colour(condition), 1 - 2 * parts_of(condition)[0]
        own = trials[trials["outer"] == outer]
        x, y = view.place(own["logit"].to_numpy(), (own["logit"] + own["change"]).to_numpy(), sign)
        ax.plot(x, y, ".", color=colour, ms=2, alpha=0.4, mew=0, rasterized=True)
        for fold in sorted(set(maps["outer"]), key=lambda fold: fold == outer):
            logit, change, inside = curve(curves, trials, fold)
            x, y = view.place(logit[inside], (logit + change)[inside], sign)
            style = {"lw": 1.2, "ls": condition_dashes(condition)} if fold == outer else {"lw": 0.4, "alpha": 0.4}
            ax.plot(x, y, color=colour, zorder=2 if fold == outer else 1, **style)
    if view.diagonal:
        low, high = ax.get_xlim()
        ax.plot([low, high], [low, high], color="0.6", lw=0.6, ls=":", zorder=0)
        ax.set_xlim(low, high)
    ax.set(xlabel=view.x.format(label), ylabel=view.y.format(label))
    _ticks(ax)


def _histograms(figure: Figure, cell: SubplotSpec, own: pd.DataFrame) -> None:
    """Logit change against logit, with how many trials of each condition have which, above and on the right."""
    inner = cell.subgridspec(2, 2, width_ratios=[2.2, 1], height_ratios=[1, 2.2], wspace=0, hspace=0)
    ax = figure.add_subplot(inner[1, 0])
    above, beside = figure.add_subplot(inner[0, 0], sharex=ax), figure.add_subplot(inner[1, 1], sharey=ax)
    for condition in dict.fromkeys(own["condition"]):
        trials, colour = own[own["condition"] == condition], condition_colour(condition)
        ax.plot(trials["logit"], trials["change"], ".", color=colour, ms=2, alpha=0.4, mew=0, rasterized=True)
        for panel, name, way in ((above, "logit", "vertical"), (beside, "change", "horizontal")):
            first, last = np.floor(trials[name].min() / BIN), np.floor(trials[name].max() / BIN) + 1
            edges = np.arange(first, last + 1) * BIN
            panel.hist(trials[name], edges, histtype="step", orientation=way, color=colour, lw=0.5)
    above.tick_params(labelbottom=False)
    beside.tick_params(labelleft=False)
    above.set_ylabel("trials")
    beside.set_xlabel("trials")
    above.yaxis.set_major_locator(MaxNLocator(2))
    beside.xaxis.set_major_locator(MaxNLocator(2))
    ax.set(xlabel="logit L", ylabel="logit change ΔL")
    _ticks(ax)


def _delay(ax: Axes, own: pd.DataFrame) -> None:
    """The logit against the one before it, trial after trial of the first block; an arrow for what each trial does."""
    for line in (ax.axhline, ax.axvline):
        line(0, color="0.6", lw=0.4, alpha=0.8, zorder=0)
    block = own[own["block"] == own["block"].min()].sort_values("trial")
    logit, change, trial = (block[name].to_numpy() for name in ("logit", "change", "trial"))
    after = np.flatnonzero(np.diff(trial) == 1) + 1  # a missed trial interrupts the line
    x, y = logit[after - 1], logit[after]
    colours = [condition_colour(condition) for condition in block["condition"].to_numpy()[after]]
    ax.quiver(x, y, y - x, change[after], color=colours, angles="xy", scale_units="xy", scale=1, width=0.008)
    ends = np.concatenate([x, y, y + change[after]])
    low, high = (ends.min(), ends.max()) if len(ends) else (-1.0, 1.0)
    margin = 0.05 * (high - low) + 1e-6
    ax.set(xlim=(low - margin, high + margin), ylim=(low - margin, high + margin))
    ax.set(xlabel="previous logit L", ylabel="logit L, first block")
    _ticks(ax)


def _ticks(ax: Axes) -> None:
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_locator(MaxNLocator(4))
