"""The style of all figures: print size, colours that colour-blind readers can tell apart, reproducible files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import takewhile
from pathlib import Path

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font

from tinycog.figures.colours import COGNITIVE_COLOURS as COGNITIVE_COLOURS
from tinycog.figures.colours import NETWORK_COLOURS as NETWORK_COLOURS
from tinycog.figures.colours import condition_colour as condition_colour
from tinycog.storage import replacing
from tinycog.tasks.conditions import in_words, parts_of

SINGLE, DOUBLE = 89 / 25.4, 183 / 25.4  # inches: the journal's one column and two, the only widths of figures

FONT = "DejaVu Sans"  # it comes with Matplotlib, so that figures look alike on every machine
RC = {
    "font.family": FONT,
    "font.size": 7,  # points; all text is between 5 and 8, as the journal asks
    "axes.titlesize": 7,
    "axes.labelsize": 7,
    "figure.titlesize": 8,
    "figure.labelsize": 7,
    "legend.fontsize": 6,
    "legend.title_fontsize": 6,
    "xtick.labelsize": 6,
    "ytick.labelsize": 6,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "pdf.fonttype": 42,
    "svg.hashsalt": "tinycog",
    "text.parse_math": False,  # names are the user's, and may have any number of dollars
    "text.usetex": False,
}

CONDITION_MARKERS = "^vsD"


def condition_dashes(condition: str) -> str | tuple:
    """Line style, legible without colour: dashed without reward; where states differ, dotted for the second.

    The dashes of one action lie in the gaps of the other's, so that both are seen where two curves are the same.
    """
    action, state, reward = parts_of(condition)
    if state == 1:
        return (1.1 * action, (1, 1.2)) if reward else (4.2 * action, (3, 1.2, 1, 3.2))
    return "solid" if reward else (3 * action, (3, 3))


def condition_marker(condition: str) -> str:
    """Marker of a condition, by action: the triangle of the first points up, that of the second down."""
    action = parts_of(condition)[0]
    return CONDITION_MARKERS[action] if action < len(CONDITION_MARKERS) else "o"


def condition_name(condition: str, actions: Sequence[str]) -> str:
    """A condition in words, as figures show it."""
    return in_words(condition, apart(actions, 12))


@cache
def _letters() -> frozenset[int]:
    """What the font has a shape for."""
    return frozenset(FT2Font(font_manager.findfont(FONT)).get_charmap())


def _drawable(text: str) -> str:
    letters = (" " if not letter.isprintable() else letter for letter in text)
    return "".join(letter if ord(letter) in _letters() else f"U+{ord(letter):04X}" for letter in letters)


def shown(text: str, longest: int = 16) -> str:
    """A text that a user gave (an id, a name, a label) as figures show it. Every such text goes through here.

    A long one is cut in the middle, so that it fits its panel. A letter that the font lacks is written as its code
    point, U+7334; what would break the line becomes a space. Two texts may therefore look alike: see `apart`. A legend
    leaves out what begins with an underscore, hence the invisible space before it.
    """
    text = _drawable(text)
    if len(text) > longest:
        text = f"{text[: longest // 2]}…{text[-(longest - longest // 2 - 1) :]}"
    return f"\u200b{text}" if text.startswith("_") else text


def apart(texts: Sequence[str], longest: int = 16) -> list[str]:
    """Different texts that stand in one figure, as it shows them: each as by `shown`, but no two of them alike.

    Where long ones would look alike, what they begin with is left out, up to two letters before they differ. What
    still looks alike, such as a tab and a space, is numbered.
    """
    texts = [_drawable(text) for text in texts]
    looks = [shown(text, longest) for text in texts]
    for look in [look for look in dict.fromkeys(looks) if looks.count(look) > 1]:
        alike = [i for i, other in enumerate(looks) if other == look and len(texts[i]) > longest]
        of_all = {texts[i] for i in alike}
        same = takewhile(lambda letters: len(set(letters)) == 1, zip(*of_all, strict=False))
        start = max(0, len(list(same)) - 2)
        for i in alike if len(of_all) > 1 else ():
            looks[i] = shown(f"…{texts[i][start:]}", longest)
    for i, look in enumerate(looks):
        number = 1
        while looks[i] in looks[:i]:
            number += 1
            looks[i] = f"{look} ({number})"
    return looks


def note(text: str) -> Figure:
    """A figure that says in words why there is nothing to see."""
    with mpl.rc_context(RC):
        figure = Figure(figsize=(SINGLE, 0.6))
        figure.text(0.5, 0.5, text, ha="center", va="center")
    return figure


def save(figure: Figure, stem: Path) -> None:
    """Write `stem.png` (300 dpi) and `stem.pdf`, the same bytes for the same figure.

    Panels are laid out once: it takes as long as drawing them.
    """
    for suffix, metadata in (
        (".png", {"Software": None}),
        (".pdf", {"CreationDate": None, "Producer": None, "Creator": None}),
    ):
        # tick labels are made while a figure is drawn: they need its settings, too
        with replacing(Path(f"{stem}{suffix}")) as temporary, mpl.rc_context(RC):
            figure.savefig(temporary, dpi=300, metadata=metadata)
        with mpl.rc_context({"figure.constrained_layout.use": False}):
            figure.set_layout_engine(None)
