"""Figures of the page as SVG text: scales, axes and marks of numbers. A path holds the marks of all subjects, in the
order of `data-rows`, one piece (from its M on) for each: the page's script shows a subject by drawing its piece again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

GOLDEN = 0.6180339887  # steps of this share never come near each other: an even spread without a random number
LINE = 11  # pixels from one line of words to the next


@dataclass(frozen=True)
class Panel:
    """Axes: where data lie in the picture. What is beyond the axes is drawn at their ends.

    Attributes:
        x, y: lowest and highest value of each axis.
        width, height: of the picture, in pixels.
        left, bottom: room for labels, in pixels.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    width: int = 300
    height: int = 210
    left: int = 52
    bottom: int = 38
    top: int = 10
    right: int = 10

    def across(self, values: np.ndarray | float) -> np.ndarray:
        """Pixels from the left."""
        return _scaled(values, self.x, self.left, self.width - self.right)

    def down(self, values: np.ndarray | float) -> np.ndarray:
        """Pixels from the top."""
        return _scaled(values, self.y, self.height - self.bottom, self.top)


def _scaled(values: np.ndarray | float, ends: tuple[float, float], first: float, last: float) -> np.ndarray:
    low, high = ends
    share = (np.asarray(values, dtype=float) - low) / ((high - low) or 1)
    return first + np.clip(share, 0, 1) * (last - first)


def around(*values: Iterable[float], room: float = 0.06, least: float = 0.0) -> tuple[float, float]:
    """Ends of an axis that holds all finite values, with some room; at least `least` wide."""
    every = np.concatenate([np.asarray(list(one), dtype=float) for one in values] or [np.zeros(0)])
    every = every[np.isfinite(every)]
    low, high = (every.min(), every.max()) if len(every) else (0.0, 1.0)
    spread = max(high - low, least, 1e-9 * max(abs(low), abs(high), 1))
    middle = (low + high) / 2
    half = spread * (0.5 + room)
    return middle - half, middle + half


def ticks(ends: tuple[float, float], about: int = 4) -> list[float]:
    """Round numbers within the ends of an axis, two at least: steps of 1, 2 or 5 times a power of ten."""
    low, high = ends
    rough = (high - low) / about
    power = 10.0 ** np.floor(np.log10(rough))
    steps = [power * n for n in (0.5, 1, 2, 5, 10)]
    first = next(i for i, step in enumerate(steps) if i and step >= rough * 0.999)
    for step in (steps[first], steps[first - 1]):  # two numbers make a scale
        found = np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1) * step + 0.0  # no -0
        if len(found) > 1:
            break
    return [float(f"{value:.10g}") for value in found]


def dots(panel: Panel, x: Iterable[float], y: Iterable[float]) -> list[str]:
    """A piece of path for each point; empty where a number is missing. Round line ends make it a dot."""
    return [f"M{a:.1f} {b:.1f}h0" if np.isfinite(a + b) else "" for a, b in _places(panel, x, y)]


def line(panel: Panel, x: Iterable[float], y: Iterable[float]) -> str:
    """One piece of path through all points that have both numbers."""
    places = [f"{a:.1f} {b:.1f}" for a, b in _places(panel, x, y) if np.isfinite(a + b)]
    return f"M{'L'.join(places)}" + ("h0" if len(places) == 1 else "") if places else ""


def _places(panel: Panel, x: Iterable[float], y: Iterable[float]) -> zip:
    across, down = panel.across(np.asarray(list(x), dtype=float)), panel.down(np.asarray(list(y), dtype=float))
    return zip(across.tolist(), down.tolist(), strict=True)


def jitter(rows: Sequence[int], width: float) -> np.ndarray:
    """Shifts between -width/2 and width/2, the same ones for the same rows."""
    return ((np.asarray(rows) * GOLDEN + 0.5) % 1 - 0.5) * width


def of_rows(pieces: Sequence[str], rows: Sequence[int], kind: str, colour: str, title: str = "") -> Markup:
    """The path of all subjects.

    Args:
        pieces: of the path, one for each of `rows`; those of subjects without one are empty.
        rows: rows of the table of subjects.
        kind: `dot` or `curve`.
    """
    kept = [(piece, row) for piece, row in zip(pieces, rows, strict=True) if piece]
    path = Markup('<path class="all {}" stroke="{}" data-rows="{}" d="{}" data-title="{}"/>')
    return path.format(kind, colour, _runs([row for _, row in kept]), "".join(piece for piece, _ in kept), title)


def _runs(rows: Sequence[int]) -> str:
    """Rows with runs of them in short: `0-4 7 9-12`."""
    starts = [i for i, row in enumerate(rows) if i == 0 or row != rows[i - 1] + 1]
    ends = [*(i - 1 for i in starts[1:]), len(rows) - 1]
    found = ((rows[i], rows[j]) for i, j in zip(starts, ends, strict=True)) if starts else ()
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


def path(d: str, kind: str, colour: str, title: str = "", dashes: str = "") -> Markup:
    """One path that belongs to no subject in particular; `title` is shown where the pointer rests."""
    made = Markup('<path class="{}" stroke="{}" stroke-dasharray="{}" d="{}" data-title="{}"/>')
    return made.format(kind, colour, dashes or "none", d, title)


def bar(panel: Panel, x: float, width: float, low: float, high: float, colour: str, title: str = "") -> Markup:
    """A bar that stands around x from `low` to `high`, all in the units of the axes."""
    left, right = panel.across(np.array([x - width / 2, x + width / 2]))
    top, bottom = panel.down(high), panel.down(low)
    made = Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}" data-title="{}"/>')
    return made.format(left, top, right - left, max(bottom - top, 0), colour, title)


def text(x: float, y: float, words: str, anchor: str = "start", kind: str = "") -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}" class="{}">{}</text>').format(x, y, anchor, kind, words)


def axes(
    panel: Panel,
    x_label: str,
    y_label: str,
    x_ticks: dict[float, str] | None = None,
    y_ticks: dict[float, str] | None = None,
) -> Markup:
    """Both axes with their numbers, or the given words, and labels."""
    bottom, end = panel.height - panel.bottom, panel.width - panel.right
    parts = [path(f"M{panel.left} {panel.top}V{bottom}H{end}", "axis", "#888")]
    for value, word in (x_ticks if x_ticks is not None else {t: _number(t) for t in ticks(panel.x)}).items():
        at = float(panel.across(value))
        parts += [path(f"M{at:.1f} {bottom}v3", "axis", "#888"), *_below(at, bottom + 13, word)]
    for value, word in (y_ticks if y_ticks is not None else {t: _number(t) for t in ticks(panel.y)}).items():
        at = float(panel.down(value))
        parts += [path(f"M{panel.left} {at:.1f}h-3", "axis", "#888"), text(panel.left - 5, at + 3, word, "end", "tick")]
    parts.append(text((panel.left + end) / 2, panel.height - 6, x_label, "middle"))
    turned = Markup('<text transform="translate(11 {:.1f}) rotate(-90)" text-anchor="middle">{}</text>')
    parts.append(turned.format((panel.top + bottom) / 2, y_label))
    return Markup("").join(parts)


def room_below(words: Iterable[str]) -> int:
    """Pixels that words below an axis, as `_below` sets them, and its label need."""
    return 26 + LINE * max(word.count(",") + 1 for word in words)


def _below(x: float, y: float, words: str) -> list[Markup]:
    """Words below an axis, in a line for each part between commas."""
    return [text(x, y + LINE * i, part.strip(), "middle", "tick") for i, part in enumerate(words.split(","))]


def _number(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def picture(panel: Panel, label: str, *parts: Markup, tells: str = "xy") -> Markup:
    """The whole figure; `label` says in words what it shows, for readers of the screen.

    Its axes are written down, so that the script can tell the numbers under the pointer.

    Args:
        tells: those axes whose numbers say something: `xy`, `y`, `x`, or none.
    """
    head = Markup(
        '<svg viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}" data-axes="{}" data-tells="{}">'
    )
    sides = (panel.left, panel.width - panel.right, panel.height - panel.bottom, panel.top)
    numbers = " ".join(f"{value:.6g}" for value in (*sides, *panel.x, *panel.y))
    size = (panel.width, panel.height)
    return Markup("").join([head.format(*size, *size, label, numbers, tells), *parts, Markup("</svg>")])
