"""Difference of each model's test NLL from that of the best cognitive model."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from tinycog.analyses.advantage.tables import ANY_D, SAME_D
from tinycog.figures.style import COGNITIVE_COLOURS, DOUBLE, NETWORK_COLOURS, RC, apart, shown

ROW, BESIDE = 0.26, 0.75  # inches: height of a model, and what axes and legend take


def ahead(rows: pd.DataFrame) -> Figure:
    """A line for each model from above: against the best rival of the same d, filled, and of any d, open.

    Args:
        rows: of table `advantage`, of one data set.
    """
    models = list(dict.fromkeys(zip(rows["model"], rows["n_dynamical"], strict=True)))
    names = dict(zip(dict.fromkeys(rows["model"]), apart(list(dict.fromkeys(rows["model"]))), strict=True))
    with mpl.rc_context(RC):
        figure = Figure(figsize=(DOUBLE, ROW * len(models) + BESIDE))
        ax = figure.subplots()
        ax.axvline(0, color="0.6", lw=0.6)
        looks = {SAME_D: ("s", NETWORK_COLOURS[0], -0.15), ANY_D: ("o", COGNITIVE_COLOURS[0], 0.15)}
        for rivals, (marker, colour, below) in looks.items():
            own = rows[rows["rivals"] == rivals]
            y = [models.index(key) + below for key in zip(own["model"], own["n_dynamical"], strict=True)]
            ends = own[["low", "high"]].sub(own["difference"], axis=0).abs().T
            face = "white" if rivals == ANY_D else colour
            style = {"color": colour, "mfc": face, "marker": marker, "ms": 3.5, "lw": 0, "elinewidth": 1}
            ax.errorbar(
                own["difference"],
                y,
                xerr=ends,
                capsize=2,
                label=f"against the best cognitive model of {rivals}",
                **style,
            )
            right = own["high"].fillna(own["difference"])
            for x, height, rival in zip(right, y, own["rival"], strict=True):
                style = {"va": "center", "fontsize": 5, "color": colour}
                ax.annotate(shown(rival), (x, height), (4, 0), textcoords="offset points", **style)
        ax.set_yticks(range(len(models)), [f"{names[model]}, d = {d}" for model, d in models])
        ax.set_ylim(len(models) - 0.4, -0.6)
        ax.margins(x=0.12)
        ax.set_xlabel(
            "test NLL minus that of the rival (nats per choice; left of 0: ahead)\n95% bootstrap interval over subjects"
        )
        ax.set_title(f"{shown(rows['dataset'].iloc[0], 40)}: {rows['n_subjects'].iloc[0]} subjects")
        figure.legend(loc="outside lower center", ncols=2)
    return figure
