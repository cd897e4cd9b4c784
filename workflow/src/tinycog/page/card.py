"""Figures about one subject: portrait, vector field, predictive checks, and what its models assume.

What is drawn of the files of an analysis is first made small (`curves_of`, `steps_of`), so that the known agents keep
the same numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from tinycog.figures.colours import condition_colour
from tinycog.page import svg
from tinycog.page.numbers import MILLI, PLAYED, named
from tinycog.tasks.conditions import in_words, parts_of

POINTS = 41  # of a curve
ARROWS = 60  # of a condition
DOTS, LONGEST = 150, 1.6  # of a field of values: trials, and the longest arrow in steps of the grid
EVERY = 2  # points of a field's grid whose speed is drawn
SHADES = ("#fff", "#eef0f2", "#dfe3e7", "#cfd5db", "#bec6ce")  # of speed, from no step to the fastest
DATA, PLAYING, ALONG = "#222", "#D55E00", "#0072B2"
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
KINDS = {
    kind: (PLAYED[kind], *look) for kind, look in {"teacher_forced": (ALONG, ""), "playing": (PLAYING, "5 3")}.items()
}
Numbers = dict[str, pd.DataFrame]


def curves_of(maps: pd.DataFrame, roots: pd.DataFrame, visited: pd.DataFrame) -> Numbers:
    """Of the first outer fold: `curves` (condition, x, y: logit and its change; inside: trials were there), `roots`."""
    if maps.empty:
        return {}
    outer = maps["outer"].min()
    maps, roots, visited = (table[table["outer"] == outer] for table in (maps, roots, visited))
    parts = []
    for condition, own in maps.groupby("condition", sort=False):
        own = own.sort_values("logit")
        trials = visited.loc[visited["condition"] == condition, "logit"]
        at = np.linspace(0, len(own) - 1, min(POINTS, len(own))).round().astype(int)
        kept = own.iloc[at]
        inside = kept["logit"].between(trials.min(), trials.max()) if len(trials) else False
        parts.append(pd.DataFrame({"condition": condition, "x": kept["logit"], "y": kept["change"], "inside": inside}))
    fixed = roots[["condition", "logit", "attracts"]].reset_index(drop=True)
    return {"curves": pd.concat(parts, ignore_index=True), "roots": fixed}


def portrait(numbers: Numbers, actions: Sequence[str]) -> Markup:
    """Change of the logit against the logit, a curve for each condition: dashed where no trial was; fixed points."""
    curves, roots = numbers["curves"], numbers["roots"]
    seen = curves[curves["inside"]] if curves["inside"].any() else curves
    x = svg.around(seen["x"], least=1.0)
    near = roots[roots["logit"].between(*svg.around(seen["x"], room=0.5))]
    x = svg.around(x, near["logit"], room=0.02)
    panel = svg.Panel(x, svg.around(seen["y"], [0.0], least=0.5), width=440, height=300)
    shown = curves[curves["x"].between(*x)]
    parts = [_zero(panel, across=True), _zero(panel, across=False)]
    parts.append(
        svg.axes(panel, f"logit L before the trial (nats; above 0: {actions[0]})", "change of the logit ΔL (nats)")
    )
    names = []
    for condition, own in shown.groupby("condition", sort=False):
        colour, words = condition_colour(condition), in_words(condition, actions)
        thick = "curve strong" if parts_of(condition)[2] != 0 else "curve strong unrewarded"
        parts.append(svg.path(svg.line(panel, own["x"], own["y"]), "curve faint", colour, words))
        inside = own[own["inside"]]
        parts.append(svg.path(svg.line(panel, inside["x"], inside["y"]), thick, colour, words))
        names.append((colour, words, thick))
    for root in near.itertuples():
        words = (
            f"{in_words(root.condition, actions)}: {'attracts' if root.attracts else 'repels'} at L = {root.logit:.2f}"
        )
        colour = condition_colour(root.condition)
        ring = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="4" stroke="{}" fill="{}" data-title="{}"/>')
        at = float(panel.across(root.logit)), float(panel.down(0.0))
        parts.append(ring.format(*at, colour, colour if root.attracts else "white", words))
    return svg.picture(panel, "change of the logit against the logit, by condition", *parts) + legend(names)


def legend(entries: Sequence[tuple[str, str, str]], heading: str = "") -> Markup:
    """Colour, words and kind of each line."""
    made = Markup('<span><svg width="22" height="8"><path class="{}" stroke="{}" d="{}"/></svg> {}</span>')
    lines = (
        made.format(kind, colour, "M11 4h0" if kind.startswith("dot") else "M1 4h20", words)
        for colour, words, kind in entries
    )
    return Markup('<div class="legend">{}{}</div>').format(heading, Markup("").join(lines))


def _zero(panel: svg.Panel, across: bool) -> Markup:
    ends = (panel.x, [0, 0]) if across else ([0, 0], panel.y)
    low, high = panel.y if across else panel.x
    return svg.path(svg.line(panel, *ends), "axis", "#ccc") if low <= 0 <= high else Markup("")


def steps_of(steps: pd.DataFrame, roots: pd.DataFrame, axes: pd.DataFrame, grid: pd.DataFrame) -> Numbers:
    """Some of the `steps` of each condition, evenly over them, with `roots`, the row of `axes`, and `speeds`.

    Args:
        steps, roots, axes, grid: tables `steps`, `field_roots`, `axes` and `field` of one fit.
    """
    if steps.empty or axes.empty:
        return {}
    parts = []
    for _, own in steps.groupby("condition", sort=False):
        at = np.linspace(0, len(own) - 1, min(ARROWS, len(own))).round().astype(int)
        parts.append(own.iloc[at])
    kept = pd.concat(parts, ignore_index=True)[["condition", "x", "y", "to_x", "to_y"]]
    fixed = roots[["condition", "x", "y", "stable", "free"]].reset_index(drop=True)
    names = ["x_name", "y_name", "along_x", "along_y", "offset", "exact"]
    spacing = EVERY * np.diff(np.sort(grid["x"].unique())).mean()
    about = axes[names].assign(fastest=grid["speed"].max(), spacing=spacing).reset_index(drop=True)
    return {"steps": kept, "roots": fixed, "axes": about, "speeds": speeds_of(grid)}


def speeds_of(grid: pd.DataFrame) -> pd.DataFrame:
    """How far a trial moves the state, from every second point of the grid, in few numbers: neighbours of one shade
    are one row.

    Args:
        grid: table `field` of one fit.

    Returns:
        condition, shade (of `SHADES`, in equal parts of the fastest step of all conditions; the first, which is white,
        is left out), y, and from_x and to_x, where the row begins and ends: points stand for the square around them.
    """
    rows, fastest = [], grid["speed"].max() or 1.0
    for condition, own in grid.groupby("condition", sort=False):
        speed = own.pivot(index="y", columns="x", values="speed").iloc[::EVERY, ::EVERY]
        shades = np.minimum(speed.to_numpy() / fastest * len(SHADES), len(SHADES) - 1).astype(int)
        half = np.diff(speed.columns).mean() / 2  # of the square that a point stands for
        ends = [*(speed.columns - half), speed.columns[-1] + half]
        for y, line in zip(speed.index, shades, strict=True):
            starts = [0, *(np.flatnonzero(np.diff(line)) + 1), len(line)]
            rows += [(condition, int(line[a]), y, ends[a], ends[b]) for a, b in pairwise(starts) if line[a]]
    return pd.DataFrame(rows, columns=["condition", "shade", "y", "from_x", "to_x"])


def field(numbers: Numbers, actions: Sequence[str]) -> Markup:
    """A panel for each condition: speed, steps of trials, fixed points, and the line where both actions are alike."""
    steps, roots, speeds, about = numbers["steps"], numbers["roots"], numbers["speeds"], numbers["axes"].iloc[0]
    labels = [str(about[name]).format(*actions) for name in ("x_name", "y_name")]
    x, y = svg.around(steps["x"], steps["to_x"]), svg.around(steps["y"], steps["to_y"])
    pictures = []
    for condition, own in steps.groupby("condition", sort=False):
        colour, words = condition_colour(condition), in_words(condition, actions)
        panel = svg.Panel(x, y, width=230, height=210, top=22)
        parts = [_speeds(panel, speeds[speeds["condition"] == condition], about), svg.axes(panel, *labels)]
        parts += [svg.text(panel.left, 13, words)]
        parts += [_alike(panel, about)] if about["exact"] else []
        for step in own.itertuples():
            title = f"({step.x:.2f}, {step.y:.2f}) to ({step.to_x:.2f}, {step.to_y:.2f})"
            drawn = svg.line(panel, [step.x, step.to_x], [step.y, step.to_y])
            parts.append(svg.path(drawn, "curve step", colour, title))
        ends = svg.dots(panel, own["to_x"], own["to_y"])
        parts.append(svg.path("".join(ends), "dot tip", colour))
        for root in roots[roots["condition"] == condition].itertuples():
            parts += [_fixed(panel, root)]
        pictures.append(svg.picture(panel, f"steps of trials: {words}", *parts))
    shades = [(colour, _range(i, about), "speed") for i, colour in enumerate(SHADES)]
    return Markup("").join(pictures) + legend(shades, "how far a trial moves the state (units of the axes):")


def _range(shade: int, about: pd.Series) -> str:
    """The speeds of a shade."""
    ends = (about["fastest"] * place / len(SHADES) for place in (shade, shade + 1))
    return " to ".join(f"{end:.2g}" for end in ends)


def _speeds(panel: svg.Panel, own: pd.DataFrame, about: pd.Series) -> Markup:
    """Shades of one condition, within the panel."""
    half = 0.52 * about["spacing"]  # no seam between rows whose y are rounded
    left, right = panel.across(own["from_x"]), panel.across(own["to_x"])
    top, bottom = panel.down(own["y"] + half), panel.down(own["y"] - half)
    pieces = pd.Series(
        [f"M{a:.1f} {b:.1f}H{c:.1f}V{d:.1f}H{a:.1f}z" for a, b, c, d in zip(left, top, right, bottom, strict=True)]
    )
    inside = (left < right) & (top < bottom)
    made = Markup('<path class="speed" fill="{}" d="{}" data-title="{}"/>')
    by_shade = pieces[inside].groupby(own["shade"].to_numpy()[inside]).sum()
    return Markup("").join(made.format(SHADES[i], d, f"moves by {_range(i, about)}") for i, d in by_shade.items())


def _alike(panel: svg.Panel, about: pd.Series) -> Markup:
    """The line along_x x + along_y y + offset = 0, within the panel."""
    a, b, c = (float(about[name]) for name in ("along_x", "along_y", "offset"))
    if not (a or b):
        return Markup("")
    if abs(b) > abs(a):
        x = np.linspace(*panel.x, 50)
        y = -(a * x + c) / b
    else:
        y = np.linspace(*panel.y, 50)
        x = -(b * y + c) / a
    inside = (x >= panel.x[0]) & (x <= panel.x[1]) & (y >= panel.y[0]) & (y <= panel.y[1])
    return svg.path(svg.line(panel, x[inside], y[inside]), "axis", "darkorange", "both actions alike, L = 0", "4 3")


def _fixed(panel: svg.Panel, root: Any) -> Markup:
    """A fixed point, or the line of them that it lies on."""
    if pd.notna(root.free):
        far = np.linspace(-1, 1, 200) * 2 * max(np.ptp(panel.x), np.ptp(panel.y))
        x, y = root.x + far * np.cos(root.free), root.y + far * np.sin(root.free)
        inside = (x >= panel.x[0] - 1e-9) & (x <= panel.x[1]) & (y >= panel.y[0] - 1e-9) & (y <= panel.y[1])
        return svg.path(svg.line(panel, x[inside], y[inside]), "curve strong", DATA, "fixed points")
    ring = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="4" stroke="{}" fill="{}" data-title="{}"/>')
    words = f"fixed point at ({root.x:.2f}, {root.y:.2f}), {'attracts' if root.stable else 'does not attract'}"
    at = float(panel.across(root.x)), float(panel.down(root.y))
    return ring.format(*at, DATA, DATA if root.stable else "white", words)


def values(grid: pd.DataFrame, trials: pd.DataFrame) -> Markup:
    """A panel without and one with a reward: what a trial does to the value of the chosen action and of another one,
    mean over chosen and other actions, from each point of the grid.

    Args:
        grid, trials: tables `value_field` and `value_trials` of one outer fold.
    """
    grid, trials = (
        table.assign(reward=table["condition"].map(lambda name: parts_of(name)[2])) for table in (grid, trials)
    )
    means = grid.groupby(["reward", "x", "y"])[["dx", "dy"]].mean().dropna().reset_index()
    side = np.sort(grid["x"].unique())
    longest = LONGEST * (side[1] - side[0])
    ends = side[0] - longest, side[-1] + longest  # every arrow is within
    smaller = max(1, int(np.ceil(np.hypot(means["dx"], means["dy"]).max() / longest)))
    pictures = []
    for reward, own in means.groupby("reward"):
        words = "reward" if reward else "no reward"
        panel = svg.Panel(ends, ends, width=300, height=280, top=22)
        seen = trials[trials["reward"] == reward]
        seen = seen.iloc[np.linspace(0, len(seen) - 1, min(DOTS, len(seen))).round().astype(int)]
        parts = [svg.path("".join(svg.dots(panel, seen["x"], seen["y"])), "dot tip", "#b5b9be", "trials")]
        parts.append(svg.axes(panel, "value of the chosen action (nats)", "value of another action (nats)"))
        parts += [
            svg.text(panel.left, 13, words),
            svg.path(svg.line(panel, ends, ends), "axis", "#888", "alike", "4 3"),
        ]
        to_x, to_y = own["x"] + own["dx"] / smaller, own["y"] + own["dy"] / smaller
        ends_of = zip(own["x"], to_x, own["y"], to_y, strict=True)
        arrows = (svg.line(panel, arrow[:2], arrow[2:]) for arrow in ends_of)
        parts.append(svg.path("".join(arrows), "curve step", DATA))
        parts.append(svg.path("".join(svg.dots(panel, to_x, to_y)), "dot tip", DATA))
        pictures.append(svg.picture(panel, f"changes of values by a trial: {words}", *parts))
    size = f"1/{smaller} of the change" if smaller > 1 else "the change"
    lines = [(DATA, f"arrows: {size} by a trial", "curve step"), ("#b5b9be", "trials", "dot tip")]
    return Markup("").join(pictures) + legend([*lines, ("#888", "both values alike", "curve unrewarded")])


def checked(behaviour: Mapping[str, pd.DataFrame], model: str, dim: int) -> Numbers:
    """`stay` and `reversal`: x, kind, value, low, high of the data and of one model; those that there are."""
    found = {}
    for name, column in (("behaviour_stay", "after"), ("behaviour_reversal", "offset")):
        table = behaviour.get(name, pd.DataFrame())
        if table.empty:
            continue
        if "label" in table:
            label = "schedule" if table["label"].eq("schedule").any() else "behaviour"
            table = table[table["label"] == label]
        own = table[(table["kind"] == "data") | ((table["source"] == model) & (table["dim"] == dim))]
        short = own[["kind", column, "value", "low", "high"]].rename(columns={column: "x"})
        found[name.removeprefix("behaviour_")] = short.reset_index(drop=True)
    return found


def checks(numbers: Numbers) -> Markup:
    """Data as dots with 95% intervals; the model along the subject's choices and playing the task as lines."""
    pictures = []
    for name, own in numbers.items():
        places = own.loc[own["kind"] == "data", "x"]
        words = {float(i): str(text).replace("_", " ") for i, text in enumerate(places)} if name == "stay" else None
        place = {value: float(i) if words else float(value) for i, value in enumerate(places)}
        own = own[own["x"].isin(place)].assign(at=lambda table, place=place: table["x"].map(place))
        y = svg.around(own["value"], own["low"], own["high"])
        x = (-0.5, len(place) - 0.5) if words else svg.around(own["at"], room=0.03)
        panel = svg.Panel(x, y, width=max(240, 110 * len(place)) if words else 420, height=220)
        labels = (
            ("after", "P(same action)") if words else ("trials since the reversal", "P(action that was better before)")
        )
        parts = [svg.axes(panel, *labels, x_ticks=words)]
        data = own[own["kind"] == "data"]
        bars = (svg.line(panel, [row.at] * 2, [row.low, row.high]) for row in data.itertuples())
        parts.append(svg.path("".join(bars), "axis", DATA))
        parts.append(svg.path("".join(svg.dots(panel, data["at"], data["value"])), "dot data", DATA, "data"))
        for kind, (title, colour, dashes) in KINDS.items():
            of = own[own["kind"] == kind].sort_values("at")
            if len(of):
                parts.append(svg.path(svg.line(panel, of["at"], of["value"]), "curve strong", colour, title, dashes))
        pictures.append(
            svg.picture(panel, "choices of the subject and of the model", *parts, tells="y" if words else "xy")
        )
    entries = [(DATA, "data, 95% interval", "dot data")]
    entries += [(colour, f"model {title}", "curve strong") for title, colour, _ in KINDS.values()]
    return Markup("").join(pictures) + legend(entries)


def evidence(table: pd.DataFrame) -> Markup:
    """Test NLL of each set of assumptions above the best, nats per 1,000 choices, with its interval: a row each."""
    values = MILLI * table[["loss", "low", "high"]].astype(float)
    left, step = 270, 22
    reach = float(np.nanmin([values.max(axis=None), 20 * max(values["loss"].nsmallest(3).max(), 1.0)]))
    low = min(0.0, float(np.nanmin([values.min(axis=None), 0.0])))
    panel = svg.Panel(
        svg.around([low, reach], least=1.0), (-0.5, len(table) - 0.5), 640, 48 + step * len(table), left, 38, 6
    )
    parts = [svg.axes(panel, "test NLL above the best (nats per 1,000 choices; 95% interval)", "", y_ticks={})]
    parts.append(svg.path(svg.line(panel, [0, 0], panel.y), "axis", "#bbb"))
    for place, (row, value) in enumerate(zip(table.itertuples(), values.itertuples(), strict=True)):
        y = len(table) - 1 - place
        colour = "#D55E00" if row.network else "#0072B2" if row.remains else "#999"
        words = assumptions(row)
        title = f"{words}: {value.loss:.1f}" + ("" if pd.isna(value.low) else f" ({value.low:.1f} to {value.high:.1f})")
        parts.append(svg.path(svg.line(panel, [value.low, value.high], [y, y]), "axis", colour, title))
        parts.append(svg.path("".join(svg.dots(panel, [value.loss], [y])), "dot data", colour, title))
        parts.append(svg.text(left - 6, float(panel.down(y)) + 3, words, "end"))
    entries = (("#0072B2", "remains"), ("#999", "ruled out, or not needed"), ("#D55E00", "networks"))
    dots = [(colour, words, "dot data") for colour, words in entries]
    return svg.picture(panel, "test NLL of each set of assumptions above the best", *parts, tells="x") + legend(dots)


def assumptions(row: Any) -> str:
    """What a row of table `strategy_evidence` assumes, in words."""
    times = json.loads(row.models)
    most = max(times, key=times.__getitem__).replace(" d=", ", d = ")
    if row.network:
        return f"networks ({most})"
    planning = {"both": "model-free and -based"}.get(row.planning, row.planning)
    told = [row.update, planning, "perseveration" if row.perseveration == "yes" else None]
    return f"{', '.join(one for one in told if isinstance(one, str))} ({most})"


def straight(setpoints: pd.DataFrame, actions: Sequence[str]) -> list[str]:
    """The map of a model with one variable as a straight line for each condition, medians over outer folds."""
    lines = []
    for condition, own in setpoints.groupby("condition", sort=False):
        slope, at = own["slope"].median(), own["setpoint"].median()
        if np.isfinite(slope + at):
            towards = f"ΔL ≈ {-slope:.2f} × ({at:.2f} − L)".replace("-", "−")
            lines.append(f"after {in_words(condition, actions)}: {towards}")
    return lines


def parameters(summary: pd.DataFrame, model: str, dim: int) -> list[dict[str, str]]:
    """name, value, and unit of each parameter of a cognitive model: of the fit to all choices, or mean of the folds."""
    own = summary[(summary["model"] == model) & (summary["dim"] == dim)]
    found = []
    for row in own.itertuples():
        whole = pd.notna(row.value)
        value = f"{row.value:.3g}" if whole else f"{row.mean:.3g}"
        if whole and pd.notna(row.low) and pd.notna(row.high):
            value += f" ({row.low:.3g} to {row.high:.3g}; {row.interval})"
        elif not whole and pd.notna(row.sd):
            value += f" ± {row.sd:.2g} (mean and standard deviation of {row.n_outer} outer folds)"
        found.append({"name": row.parameter, "value": value, "unit": row.unit})
    return found


def equations(symbolic: pd.DataFrame, actions: Sequence[str]) -> list[str]:
    """Equations that symbolic regression chose, of the first outer fold that has any."""
    own = symbolic[symbolic["selected"] & symbolic["expression"].notna()] if len(symbolic) else symbolic
    if own.empty:
        return []
    own = own[own["outer"] == own["outer"].min()]
    places = (f"{named(row.model, row.dim)}, after {in_words(row.condition, actions)}" for row in own.itertuples())
    changes = (f"Δ{row.target} = {typeset(row.expression)}" for row in own.itertuples())
    return [f"{place}: {change}" for place, change in zip(places, changes, strict=True)]


def typeset(expression: str) -> str:
    """An expression as SymPy reads it in signs that people read, numbers to three digits."""
    shorter = re.sub(r"\d+\.\d+(e[+-]?\d+)?|\d+e[+-]?\d+", lambda number: f"{float(number[0]):.3g}", expression)
    raised = re.sub(r"\*\*(\d+)", lambda power: power[1].translate(RAISED), shorter)
    return raised.replace("*", " · ").replace("-", "−")
