"""Speed of fits and of kernels alone."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter

from tinycog.benchmark import ALONE, KERNEL, REFERENCES, STACKED, START, TORCH
from tinycog.figures.style import COGNITIVE_COLOURS, DOUBLE, NETWORK_COLOURS, RC

METHOD_COLOURS = ("#000000", *NETWORK_COLOURS, *COGNITIVE_COLOURS[:2])
METHOD_MARKERS = "soD^vP"
EVALUATED = {"forward": "likelihood", "gradient": "gradient"}
WORDS = {STACKED: "stacked in torch", TORCH: "package's torch"}
LINES = {KERNEL: "-", STACKED: "--", TORCH: ":"}
NS = "ns per trial and replica"


def speeds(table: pd.DataFrame, usual: pd.Series, machine: str) -> Figure:
    """Whole fits; cells alone against the number of units; the gradient against the number of replicas.

    Args:
        table: table `engine`.
        usual: which rows are evaluations of the size at which cells are compared.
        machine: the processor and the versions that times were measured with, in words.
    """
    fits, alone = table[~table["method"].isin((*ALONE, START))], table[usual]
    few = table[table["method"].isin(ALONE) & ~usual]
    size = alone.iloc[0]
    dims = sorted(set(few["dim"]))
    with mpl.rc_context(RC):
        figure = Figure(figsize=(DOUBLE, 7.6))
        axes = figure.subplots(3, 2)
        for ax, time in zip(axes[0], ("protocol_seconds", "ns_per_trial"), strict=True):
            _fits(ax, fits, time)
        axes[0, 0].set(title="all fits of a protocol (open: from some epochs)", ylabel="seconds")
        axes[0, 1].set(title="an epoch of one network", ylabel="ns per trial")
        for ax, method in zip(axes[1], reversed(ALONE), strict=True):
            _cells(ax, alone[alone["method"] == method])
            ax.set_title(f"{EVALUATED[method]} alone: {size.n_replicas} replicas, {size.n_trials:,} trials")
        for ax, dim in zip(axes[2], dims, strict=False):
            _few(ax, few[few["dim"] == dim])
        for ax in axes[2, len(dims) :]:
            ax.set_axis_off()
        axes[0, 1].legend(loc="center left", bbox_to_anchor=(1, 0.5))
        axes[1, 1].legend(loc="center left", bbox_to_anchor=(1, 0.5))
        axes[2, min(len(dims), 2) - 1].legend(title="blocks x trials", loc="center left", bbox_to_anchor=(1, 0.5))
        figure.supxlabel(machine, fontsize=6, color="0.35")
    return figure


def _fits(ax: Axes, fits: pd.DataFrame, time: str) -> None:
    """A time of whole fits, by data set and number of units; methods beside each other."""
    places = list(dict.fromkeys(zip(fits["data"], fits["dim"], strict=True)))
    methods = list(dict.fromkeys(fits["method"]))
    for i, method in enumerate(methods):
        own = fits[fits["method"] == method]
        x = np.array([places.index(place) for place in zip(own["data"], own["dim"], strict=True)])
        x = x + 0.16 * (i - (len(methods) - 1) / 2)
        colour, marker = METHOD_COLOURS[i % len(METHOD_COLOURS)], METHOD_MARKERS[i % len(METHOD_MARKERS)]
        style = {"ls": "", "ms": 4.5, "marker": marker, "mec": colour}
        measured = method not in REFERENCES or time != "protocol_seconds"
        ax.plot(x, own[time], mfc=colour if measured else "none", label=method.replace("_", ", "), **style)
    ax.set_xticks(range(len(places)), [f"d = {dim}" for _, dim in places])
    for data in dict.fromkeys(fits["data"]):
        own = [x for x, place in enumerate(places) if place[0] == data]
        ax.text(np.mean(own), -0.17, data, transform=ax.get_xaxis_transform(), ha="center", va="top", fontsize=7)
        if own[0]:
            ax.axvline(own[0] - 0.5, color="0.85", lw=0.8)
    _logarithmic(ax)


def _cells(ax: Axes, alone: pd.DataFrame) -> None:
    """Time of each cell against its number of units, by its kernel and in torch."""
    cells = list(dict.fromkeys(alone["cell"]))
    for (cell, way), own in alone.groupby(["cell", "by"], sort=False):
        i = cells.index(cell) % len(METHOD_COLOURS)
        style = {"color": METHOD_COLOURS[i], "marker": METHOD_MARKERS[i], "ms": 3.5, "lw": 1.2, "ls": LINES[way]}
        label = cell if way == KERNEL else f"{cell}, {WORDS[way]}"
        ax.plot(own["dim"], own["ns_per_trial"], label=label, **style)
    ax.set_xscale("log")
    ax.set_xticks(sorted(set(alone["dim"])), sorted(set(alone["dim"])))
    ax.minorticks_off()
    ax.set_xlabel("units")
    _logarithmic(ax)
    ax.set_ylabel(NS)


def _few(ax: Axes, few: pd.DataFrame) -> None:
    """The gradient of one cell against the number of replicas, by blocks."""
    for i, ((length, n_trials), own) in enumerate(few.groupby(["block_length", "n_trials"])):
        style = {"color": METHOD_COLOURS[i % len(METHOD_COLOURS)], "marker": METHOD_MARKERS[i % len(METHOD_MARKERS)]}
        label = f"{n_trials // length:,.0f} x {length:,.0f}"
        ax.plot(own["n_replicas"], own["ns_per_trial"], ms=3.5, lw=1.2, label=label, **style)
    ax.set_xscale("log", base=2)
    ax.set_xticks(sorted(set(few["n_replicas"])), sorted(set(few["n_replicas"])))
    ax.set_ylim(bottom=0)
    ax.set_xlabel("replicas trained together")
    ax.set_ylabel(NS)
    ax.set_title(f"gradient of {few['cell'].iloc[0]}, d = {few['dim'].iloc[0]}")


def _logarithmic(ax: Axes) -> None:
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.yaxis.set_minor_formatter(LogFormatter())
    ax.grid(axis="y", color="0.9", lw=0.6)
    ax.set_axisbelow(True)
