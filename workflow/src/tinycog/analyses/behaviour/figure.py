"""Behaviour of one subject and of models: along its choices, and playing the task (methods: behaviour)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from tinycog.figures.style import COGNITIVE_COLOURS, DOUBLE, NETWORK_COLOURS, RC

DATA = "0.1"
HEADINGS = {
    "teacher_forced": "models along the subject's own choices",
    "playing": "models that play the task themselves",
}
SHORT = {"reward_common": "CR", "reward_rare": "UR", "omission_common": "CO", "omission_rare": "UO"}
INDEX = {"reward": "reward -\nomission", "model_free": "model-\nfree", "planning": "plan-\nning"}
AS_WORDS = "sums over lags, index"
AS_LETTERS = "sums over lags (C common, U rare,\nR reward, O omission), indices"


@dataclass(frozen=True)
class Shown:
    """A model of the figure: rows of the tables with this source and dim."""

    source: str
    dim: int
    family: str
    label: str


def behaviour(
    stay: pd.DataFrame,
    reversal: pd.DataFrame,
    history: pd.DataFrame,
    switch: pd.DataFrame,
    *,
    models: Sequence[Shown],
    title: str,
) -> Figure:
    """Data as points with 95% intervals and models as lines, in the upper half along the data, in the lower playing.

    Args:
        stay, reversal, history, switch: tables of this analysis, rows of one subject.
    """
    panels = _panels(stay, reversal, history, switch)
    kinds = [kind for kind in HEADINGS if stay["kind"].eq(kind).any()] or ["teacher_forced"]
    looks = looks_of(models)
    with mpl.rc_context(RC):
        figure = Figure(figsize=(DOUBLE, 0.6 + 3.2 * len(kinds)))
        halves = np.atleast_1d(figure.subfigures(len(kinds), 1, hspace=0.03))
        for half, kind in zip(halves, kinds, strict=True):
            half.suptitle(HEADINGS[kind], fontsize=7)
            _half(half, panels, kind, looks)
        handles = [Line2D([], [], color=DATA, marker="o", ms=3, ls="", label="data, 95% interval")]
        handles += [Line2D([], [], ms=3, label=shown.label, **look) for shown, look in looks]
        figure.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), 6), handlelength=2.5)
        figure.suptitle(title)
    return figure


def looks_of(models: Sequence[Shown]) -> list[tuple[Shown, dict[str, Any]]]:
    """Colour, line and marker of each model: networks have solid lines."""
    # at most five are shown: no colour twice, however many of them are networks
    solid = iter((*NETWORK_COLOURS, COGNITIVE_COLOURS[2], COGNITIVE_COLOURS[4]))
    dashed = iter((*COGNITIVE_COLOURS[:3], COGNITIVE_COLOURS[4], NETWORK_COLOURS[2]))
    styles, markers = iter(("--", "-.", ":", (0, (4, 1, 1, 1, 1, 1))) * 2), iter("sD^vP" * 2)
    return [
        (
            shown,
            {"color": next(solid), "ls": "-", "marker": next(markers)}
            if shown.family == "rnn"
            else {"color": next(dashed), "ls": next(styles), "marker": next(markers)},
        )
        for shown in models
    ]


Panel = tuple[pd.DataFrame, Callable[[Axes], None]]  # rows with `x` and `value`, and what the axes say


def _panels(stay: pd.DataFrame, reversal: pd.DataFrame, history: pd.DataFrame, switch: pd.DataFrame) -> list[Panel]:
    """The panels for which the data have rows."""
    summed = history[history["statistic"].isin(("sum", "index"))]
    letters = summed["term"].isin(SHORT).any()
    names = [
        INDEX[term] if of == "index" else SHORT.get(term, term)
        for of, term in zip(summed["statistic"], summed["term"], strict=True)
    ]
    summed = summed.assign(name=names)
    by_measure = {name: switch[switch["measure"] == name] for name in ("pattern", "run", "after_switch")}
    label = "schedule" if reversal["label"].eq("schedule").any() else "behaviour"
    reversed_ = reversal[reversal["label"] == label]
    pattern = {"xlabel": "last two trials (A a: same action, B b: another;\ncapital: rewarded)", "ylabel": "P(switch)"}
    n_run, n_after = (_numbers(by_measure[name], "cell") for name in ("run", "after_switch"))
    panels = [
        _categories(stay, "after", {"ylabel": "P(same action)", "xlabel": "last outcome"}),
        _categories(by_measure["pattern"], "cell", pattern),
        _categories(summed, "name", {"ylabel": "log odds of a stay", "xlabel": AS_LETTERS if letters else AS_WORDS}),
        (n_run, _axes(xlabel="rewarded choices of it in a row", ylabel="P(same action)")),
        (n_after, _axes(xlabel="trials after a switch", ylabel="P(new action)")),
        (
            _numbers(reversed_, "offset"),
            _axes(xlabel="trials since the reversal", ylabel="P(better before)", reversal=True),
        ),
    ]
    return [panel for panel in panels if len(panel[0])]


def _numbers(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    return rows.assign(x=rows[column].astype(float))


def _categories(rows: pd.DataFrame, column: str, labels: dict[str, str]) -> Panel:
    """A place on the axis for each text of a column, in the order of the data."""
    places = list(dict.fromkeys(rows.loc[rows["kind"] == "data", column]))
    rows = rows[rows[column].isin(places)]
    words = [place.replace("_", "\n") for place in places]
    x = rows[column].map({place: i for i, place in enumerate(places)}).astype(float)
    return rows.assign(x=x), _axes(**labels, words=words)


def _axes(xlabel: str, ylabel: str, words: Sequence[str] = (), reversal: bool = False) -> Callable[[Axes], None]:
    def finish(ax: Axes) -> None:
        ax.set_xlabel(xlabel)
        ax.set_ylabel(ylabel)
        if words:
            ax.set_xticks(range(len(words)), words)
            ax.set_xlim(-0.5, len(words) - 0.5)
        else:
            ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        if reversal:
            ax.axvline(-0.5, color="0.6", lw=0.6, ls="--", zorder=0)
        if ylabel.startswith("log"):
            ax.axhline(0, color="0.6", lw=0.5, zorder=0)

    return finish


def _half(half: SubFigure, panels: list[Panel], kind: str, looks: list[tuple[Shown, dict[str, Any]]]) -> None:
    axes = list(half.subplots(2, 3).flat)
    for ax, (rows, finish) in zip(axes, panels, strict=False):
        data = rows[rows["kind"] == "data"].sort_values("x")
        many = len(data) > 12
        ends = np.abs(data[["low", "high"]].to_numpy().T - data["value"].to_numpy())
        ax.errorbar(
            data["x"], data["value"], ends, color=DATA, ls="", marker="o", ms=2 if many else 3, elinewidth=0.7, zorder=3
        )
        for shown, look in looks:
            own = _of(rows[rows["kind"] == kind], shown).sort_values("x")
            marks = {"marker": ""} if many else {"ms": 2.5}
            ax.plot(own["x"], own["value"], lw=1, alpha=0.9, **{**look, **marks})
        everything = pd.concat([data["low"], data["high"], *(_of(rows, shown)["value"] for shown, _ in looks)])
        margin = 0.06 * max(everything.max() - everything.min(), 0.1)
        ax.set_ylim(everything.min() - margin, everything.max() + margin)  # the same in both halves
        finish(ax)
    for ax in axes[len(panels) :]:
        ax.remove()


def _of(rows: pd.DataFrame, shown: Shown) -> pd.DataFrame:
    return rows[(rows["source"] == shown.source) & (rows["dim"] == shown.dim)]
