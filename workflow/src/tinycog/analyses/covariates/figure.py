"""Forest plot of the largest effects of each covariate."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinycog.figures.style import DOUBLE, RC, apart, condition_name, note, shown

MOST_COVARIATES, MOST_ROWS = 6, 8
ROW, BESIDE = 0.16, 0.75  # inches: height of a row, and what axes and titles take beside the rows
CALLED = 0.05  # q from which on an effect is drawn open
AXES = {
    "Welch t": "difference of means, in standard deviations within groups",
    "Wilcoxon signed rank": "difference, in standard deviations of differences between conditions",
    "Spearman": "Spearman's rho",
    "Kruskal-Wallis": "epsilon squared",
}
KINDS = {"d_star": "d*", "setpoint": "setpoint", "behaviour": "", "loss": "test NLL", "parameter": ""}


def forest(tests: pd.DataFrame, actions: Sequence[str]) -> Figure:
    """A panel for each covariate (two conditions), of those with the smallest p-values; its largest effects from above.

    Args:
        tests: rows of table `covariates` of one data set.
        actions: what the data set calls its actions.
    """
    tested = tests.dropna(subset=["p"])
    panels = [rows for _, rows in tested.groupby(["covariate", "contrast", "test"], sort=False)]
    if not panels:
        return note("no covariate can be compared: see table covariates, column reason")
    best = sorted(range(len(panels)), key=lambda i: panels[i]["p"].min())[:MOST_COVARIATES]
    panels = [_largest(panels[i]) for i in sorted(best)]
    with mpl.rc_context(RC):
        heights = [ROW * len(rows) + BESIDE for rows in panels]
        figure = Figure(figsize=(DOUBLE, sum(heights)))
        axes = figure.subplots(len(panels), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
        for ax, rows in zip(axes, panels, strict=True):
            _panel(ax, rows, actions)
        axes[0].set_title(f"filled: q at most {CALLED}", loc="right")
    return figure


def _largest(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the largest effects, of equal ones the first."""
    return rows.loc[rows["effect"].abs().sort_values(ascending=False, kind="stable").index[:MOST_ROWS]]


def _panel(ax: Axes, rows: pd.DataFrame, actions: Sequence[str]) -> None:
    test, contrast = rows[["test", "contrast"]].iloc[0]
    for place, row in enumerate(rows.itertuples()):
        face = "black" if row.q <= CALLED else "white"
        if pd.notna(row.low):
            ax.plot([row.low, row.high], [place, place], color="black", lw=0.9, zorder=1)
        ax.plot(row.effect, place, "o", color="black", mfc=face, ms=4, mew=0.8, clip_on=False)
        words = f"n {row.n}   q {_number(row.q)}"
        ax.text(1.02, place, words, transform=ax.get_yaxis_transform(), va="center", fontsize=6)
    if test == "Kruskal-Wallis":
        ax.set_xlim(left=0)
    else:
        ax.axvline(0, color="0.6", lw=0.6, zorder=0)
    ax.set_yticks(range(len(rows)), apart([_name(row, actions) for row in rows.itertuples()], 48))
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlabel(f"{AXES[test]}{'' if test == 'Kruskal-Wallis' else ', 95% interval'}")
    title = shown(rows["covariate"].iloc[0], 40)
    ax.set_title(f"{title}: {shown(contrast, 40)}" if contrast else title, loc="left")


def _name(row: tuple, actions: Sequence[str]) -> str:
    """A quantity in words."""
    what = condition_name(row.quantity, actions) if row.kind == "setpoint" else row.quantity.replace("_", " ")
    model = "" if pd.isna(row.model) else row.model
    model += f" d = {row.dim}" if row.kind == "setpoint" else ""
    unit = " (log)" if row.unit.startswith("log ") and row.kind == "parameter" else ""
    return " ".join(part for part in (model, KINDS[row.kind], what) if part) + unit


def _number(q: float) -> str:
    return f"{q:.1e}" if q < 0.001 else f"{q:.3f}"
