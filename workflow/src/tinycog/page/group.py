"""Figures of all subjects of a data set (or of all agents of a kind), from the numbers of `tinycog.page.numbers`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup

from tinycog.figures.colours import COGNITIVE_COLOURS, NETWORK_COLOURS, condition_colour
from tinycog.page import svg
from tinycog.page.numbers import RULES
from tinycog.tasks.conditions import in_words

GREY, DARK = "#9aa0a6", "#222"
FAR = 0.95  # share of the setpoints that the axis holds, and half as much again
STRIP = 22  # pixels of an index


@dataclass(frozen=True)
class Shown:
    """A figure with its heading; `kind` says how it is read (`tinycog.page.reading`)."""

    kind: str
    title: str
    picture: Markup


def losses(numbers: pd.DataFrame, row_of: Mapping[str, int]) -> Markup:
    """Test NLL against d: a line for each subject and network, a dot for each other model; means on top."""
    panel = svg.Panel(
        svg.around(numbers["d"], room=0.25, least=1.0), svg.around(numbers["value"]), width=420, height=260
    )
    parts, named = [_d_axes(panel, numbers["d"], "test NLL (nats per choice)")], []
    networks = numbers[numbers["family"] == "rnn"]
    for place, (model, own) in enumerate(networks.groupby("model", sort=False)):
        wide = own.pivot(index="subject", columns="d", values="value").reindex(dict.fromkeys(own["subject"]))
        pieces = [svg.line(panel, wide.columns, values) for values in wide.to_numpy()]
        parts.append(svg.of_rows(pieces, [row_of[name] for name in wide.index], "curve", GREY, str(model)))
        mean, colour = wide.mean(), NETWORK_COLOURS[place % len(NETWORK_COLOURS)]
        named.append((svg.line(panel, mean.index, mean), "mean", colour, str(model)))
    others = numbers[numbers["family"] != "rnn"]
    for place, (model, own) in enumerate(others.groupby("model", sort=False)):
        rows = [row_of[name] for name in own["subject"]]
        at = own["d"] + svg.jitter(rows, 0.3)
        parts.append(svg.of_rows(svg.dots(panel, at, own["value"]), rows, "dot", GREY, str(model)))
        colour = COGNITIVE_COLOURS[place % len(COGNITIVE_COLOURS)]
        mean, d = own["value"].mean(), own["d"].iloc[0]
        kind = "mean again" if place >= len(COGNITIVE_COLOURS) else "mean"  # dashed: there are no more colours
        named.append((svg.line(panel, [d - 0.2, d + 0.2], [mean, mean]), kind, colour, str(model)))
    parts += [svg.path(d, kind, colour, f"{name}: mean") for d, kind, colour, name in named]
    return svg.picture(
        panel, "test NLL of every model against its number of dynamical variables", *parts, tells="y"
    ) + _legend([(kind, colour, name) for _, kind, colour, name in named])


def _legend(entries: Sequence[tuple[str, str, str]]) -> Markup:
    """`entries`: class, colour and name of each line."""
    made = Markup('<span><svg width="14" height="8"><path class="{}" stroke="{}" d="M1 4h12"/></svg> {}</span>')
    return Markup('<div class="legend">{}</div>').format(Markup("").join(made.format(*entry) for entry in entries))


def _d_axes(panel: svg.Panel, dims: pd.Series, y_label: str, y_ticks: dict[float, str] | None = None) -> Markup:
    whole = {float(d): str(d) for d in sorted(set(dims.astype(int)))}
    return svg.axes(panel, "dynamical variables d", y_label, x_ticks=whole, y_ticks=y_ticks)


def dims_told(numbers: pd.DataFrame, row_of: Mapping[str, int]) -> Markup:
    """How many subjects have which d*, a bar for each rule; a dot for each subject lies in its bar."""
    rules = [rule for rule in RULES if rule in set(numbers["rule"])]
    counts = numbers.groupby(["rule", "value"]).size()
    panel = svg.Panel(
        svg.around(numbers["value"], room=0.4, least=1.0), (0, float(counts.max()) * 1.05), width=420, height=220
    )
    whole = {tick: f"{tick:g}" for tick in svg.ticks(panel.y) if tick.is_integer()}
    parts = [_d_axes(panel, numbers["value"], "subjects", whole)]
    width = 0.8 / len(rules)
    shades = [f"#{0x55 + 0x28 * i:02x}{0x88 + 0x1C * i:02x}{0xBB + 0x10 * i:02x}" for i in range(len(rules))]
    for place, rule in enumerate(rules):
        own = numbers[numbers["rule"] == rule].sort_values("value", kind="stable")
        shift = (place - (len(rules) - 1) / 2) * width
        shade = shades[place]
        for d, n in own["value"].value_counts().sort_index().items():
            words = f"{rule}: d* = {d} in {n} of {len(own)}"
            parts.append(svg.bar(panel, d + shift, width * 0.92, 0, n, shade, words))
        rows = [row_of[name] for name in own["subject"]]
        height = own.groupby("value").cumcount() + 0.5
        pieces = svg.dots(panel, own["value"] + shift, height)
        parts.append(svg.of_rows(pieces, rows, "dot quiet", shade, rule))
    return svg.picture(panel, "subjects with each d*, by rule", *parts, tells="") + _legend(
        [("mean", *entry) for entry in zip(shades, rules, strict=True)]
    )


def setpoints(numbers: pd.DataFrame, row_of: Mapping[str, int], actions: Sequence[str]) -> Markup:
    """Setpoints of each condition: a dot for each subject, the median as a line."""
    conditions = list(dict.fromkeys(numbers["condition"].sort_values()))
    reach = 1.5 * float(numbers["value"].abs().quantile(FAR)) or 1.0
    limit = min(reach, 1.1 * float(numbers["value"].abs().max()) or 1.0)
    words = {float(i): in_words(name, actions) for i, name in enumerate(conditions)}
    width, bottom = max(420, 60 + 92 * len(conditions)), svg.room_below(words.values())
    panel = svg.Panel((-0.6, len(conditions) - 0.4), (-limit, limit), width, height=222 + bottom, bottom=bottom)
    parts = [
        _zero(panel),
        svg.axes(panel, "after this trial", f"setpoint (nats; above 0: {actions[0]})", x_ticks=words),
    ]
    for place, condition in enumerate(conditions):
        own = numbers[numbers["condition"] == condition]
        rows = [row_of[name] for name in own["subject"]]
        pieces = svg.dots(panel, place + svg.jitter(rows, 0.5), own["value"])
        parts.append(svg.of_rows(pieces, rows, "dot", condition_colour(condition), words[place]))
        median = own["value"].median()
        at = svg.line(panel, [place - 0.35, place + 0.35], [median, median])
        parts.append(svg.path(at, "mean", DARK, f"median {median:.2f}"))
    return svg.picture(panel, "setpoints of the group, by what happened in the trial", *parts, tells="y")


def _zero(panel: svg.Panel) -> Markup:
    return svg.path(svg.line(panel, panel.x, [0, 0]), "axis", "#bbb")


def indices(numbers: pd.DataFrame, row_of: Mapping[str, int]) -> Markup:
    """A strip for each index with an axis of its own: a dot for each subject, the median as a line."""
    names = list(dict.fromkeys(numbers["index"]))
    left, width, top = 290, 600, 6
    parts = []
    for place, name in enumerate(names):
        own = numbers[numbers["index"] == name]
        ends = svg.around(own["value"])
        rows = [row_of[subject] for subject in own["subject"]]
        strip = svg.Panel(ends, (0, 1), width, top + STRIP * (place + 1), left, 3, top + STRIP * place, 70)
        parts.append(svg.path(svg.line(strip, ends, [0.5, 0.5]), "axis", "#ddd"))
        pieces = svg.dots(strip, own["value"], 0.5 + svg.jitter(rows, 0.6))
        parts.append(svg.of_rows(pieces, rows, "dot", GREY, name))
        median = own["value"].median()
        parts.append(svg.path(svg.line(strip, [median, median], [0, 1]), "mean", DARK, f"median {median:.3g}"))
        middle = top + STRIP * (place + 0.5) + 3
        parts.append(svg.text(left - 60, middle, name, "end"))
        parts.append(svg.text(left - 4, middle, _short(own["value"].min()), "end", "tick"))
        parts.append(svg.text(width - 66, middle, _short(own["value"].max()), "start", "tick"))
    whole = svg.Panel((0, 1), (0, 1), width, 2 * top + STRIP * len(names), 0, 0, 0, 0)
    return svg.picture(whole, "indices of the group", *parts, tells="")


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


DRAWN: dict[str, Callable[..., Markup]] = {"losses": losses, "dims": dims_told, "indices": indices}
HEADINGS = {
    "losses": "Test NLL against d",
    "dims": "Behavioural dimensionality d*",
    "setpoints": "Setpoints",
    "indices": "Indices",
}


def figures(numbers: Mapping[str, pd.DataFrame], row_of: Mapping[str, int], actions: Sequence[str]) -> list[Shown]:
    """Every figure of a group for which there are numbers.

    Args:
        numbers: by kind of figure, see `HEADINGS`; `row_of` has every subject in them.
        actions: what the data set calls its actions, by code.
    """
    found = []
    for kind, heading in HEADINGS.items():
        own = numbers.get(kind)
        if own is None or own.empty:
            continue
        drawn = setpoints(own, row_of, actions) if kind == "setpoints" else DRAWN[kind](own, row_of)
        found.append(Shown(kind, heading, drawn))
    return found


def ranges(numbers: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, tuple[float, float]]]:
    """Of each kind of figure: what it shows, in words, and the lowest and highest value of the group."""

    def ends(own: pd.DataFrame, names: pd.Series) -> dict[str, tuple[float, float]]:
        by_name = own["value"].astype(float).groupby(names, sort=False)
        return {str(name): (float(np.min(of)), float(np.max(of))) for name, of in by_name}

    labels: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
        "losses": lambda own: own["model"] + ", d = " + own["d"].astype(str),
        "dims": lambda own: own["rule"],
        "setpoints": lambda own: own["condition"],
        "indices": lambda own: own["index"],
    }
    return {kind: ends(own, labels[kind](own)) for kind, own in numbers.items() if len(own)}
