"""Speed of fits and of kernels alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter

from tinycog.benchmark import ALONE, START
from tinycog.figures.style import COGNITIVE_COLOURS, DOUBLE, NETWORK_COLOURS, RC

METHOD_COLOURS = ("#000000", *NETWORK_COLOURS, *COGNITIVE_COLOURS[:2])
METHOD_MARKERS = "soD^vP"
NS = "ns per trial and replica"


def speeds(table: pd.DataFrame, size: tuple[int, int], machine: str) -> Figure:
    """Whole fits; cells alone; the gradient against numbers of replicas and of trials.

    Args:
        table: table `engine`.
        size: numbers of replicas and of trials at which cells alone are shown.
        machine: the processor and the versions that times were measured with, in words.
    """
    fits, alone = table[~table["method"].isin((*ALONE, START))], table[table["method"].isin(ALONE)]
    replicas, trials = size
    usual = (alone["n_replicas"] == replicas) & (alone["n_trials"] == trials)
    gradient = alone[alone["method"] == "gradient"]
    with plt.rc_context(RC):
        figure, axes = plt.subplot_mosaic(
            [["all", "epoch"], ["cells", "cells"], ["replicas", "trials"]], figsize=(DOUBLE, 7)
        )
        _fits(axes["all"], fits, "protocol_seconds")
        axes["all"].set_title("all fits of a protocol (open: extrapolated from some)")
        axes["all"].set_ylabel("seconds")
        _fits(axes["epoch"], fits, "ns_per_trial")
        axes["epoch"].set_title("an epoch of one network")
        axes["epoch"].set_ylabel("ns per trial")
        _cells(axes["cells"], alone[usual])
        axes["cells"].set_title(f"cells alone: {replicas} replicas, {trials:,} trials")
        _scaling(axes["replicas"], gradient[gradient["n_trials"] == trials], "n_replicas", f"{trials:,} trials")
        _scaling(axes["trials"], gradient[gradient["n_replicas"] == replicas], "n_trials", f"{replicas} replicas")
        figure.legend(*axes["all"].get_legend_handles_labels(), loc="outside upper center", ncols=len(METHOD_COLOURS))
        figure.supxlabel(machine, fontsize=6, color="0.35")
    return figure


def _fits(ax: Axes, fits: pd.DataFrame, time: str) -> None:
    """A time of whole fits, by data set and number of units; methods beside each other."""
    places = list(dict.fromkeys(zip(fits["data"], fits["dim"], strict=True)))
    methods = list(dict.fromkeys(fits["method"]))
    for i, method in enumerate(methods):
        own = fits[fits["method"] == method]
        x = np.array([places.index(place) for place in zip(own["data"], own["dim"], strict=True)])
        x = x + 0.18 * (i - (len(methods) - 1) / 2)
        colour, marker = METHOD_COLOURS[i % len(METHOD_COLOURS)], METHOD_MARKERS[i % len(METHOD_MARKERS)]
        style = {"ls": "", "ms": 4.5, "marker": marker, "mec": colour}
        ax.plot([], [], mfc=colour, label=method, **style)
        measured = (own["seconds"] == own["protocol_seconds"]).to_numpy() | (time != "protocol_seconds")
        ax.plot(x[measured], own[time][measured], mfc=colour, **style)
        ax.plot(x[~measured], own[time][~measured], mfc="none", **style)
    ax.set_xticks(range(len(places)), [f"d = {dim}" for _, dim in places])
    for data in dict.fromkeys(fits["data"]):
        own = [x for x, place in enumerate(places) if place[0] == data]
        ax.text(np.mean(own), -0.17, data, transform=ax.get_xaxis_transform(), ha="center", va="top", fontsize=7)
        if own[0]:
            ax.axvline(own[0] - 0.5, color="0.85", lw=0.8)
    _logarithmic(ax)


def _cells(ax: Axes, alone: pd.DataFrame) -> None:
    """Likelihood (open) and gradient (filled) of each cell, colours by number of units."""
    models, dims = list(dict.fromkeys(alone["model"])), sorted(set(alone["dim"]))
    for i, dim in enumerate(dims):
        colour, marker = NETWORK_COLOURS[i % len(NETWORK_COLOURS)], METHOD_MARKERS[i % len(METHOD_MARKERS)]
        for method in ALONE:
            own = alone[(alone["dim"] == dim) & (alone["method"] == method)]
            x = np.array([models.index(model) for model in own["model"]]) + 0.18 * (i - (len(dims) - 1) / 2)
            face, label = ("none", None) if method == "forward" else (colour, f"d = {dim}")
            ax.plot(x, own["ns_per_trial"], ls="", ms=4, marker=marker, mec=colour, mfc=face, label=label)
    ax.plot([], [], ls="", ms=4, marker="s", mec="0.3", mfc="none", label="forward")
    ax.plot([], [], ls="", ms=4, marker="s", mec="0.3", mfc="0.3", label="gradient")
    ax.set_xticks(range(len(models)), [model.replace("_torch", " by torch") for model in models])
    _logarithmic(ax)
    ax.set_ylabel(NS)
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))


def _scaling(ax: Axes, gradient: pd.DataFrame, size: str, fixed: str) -> None:
    """The gradient of the model that was timed at most sizes, against one of them."""
    model, dim = gradient.groupby(["model", "dim"])[size].nunique().idxmax()
    own = gradient[(gradient["model"] == model) & (gradient["dim"] == dim)].sort_values(size)
    ax.plot(own[size], own["ns_per_trial"], "o-", color=NETWORK_COLOURS[0], ms=3.5, lw=1.2)
    ax.set_xscale("log", base=2 if size == "n_replicas" else 10)
    if size == "n_replicas":
        ax.set_xticks(own[size], own[size])
    else:
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        ax.xaxis.set_minor_formatter(LogFormatter())  # the usual one writes formulas
    ax.set_ylim(0, 1.15 * own["ns_per_trial"].max())
    ax.set_xlabel({"n_replicas": "replicas trained together", "n_trials": "trials"}[size])
    ax.set_ylabel(NS)
    ax.set_title(f"gradient of {model}, d = {dim}: {fixed}")


def _logarithmic(ax: Axes) -> None:
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.yaxis.set_minor_formatter(LogFormatter())
    ax.grid(axis="y", color="0.9", lw=0.6)
    ax.set_axisbelow(True)
