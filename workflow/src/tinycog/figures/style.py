"""The style of all figures: print size, colours that colour-blind readers can tell apart, reproducible files."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from tinycog.storage import replacing

mpl.use("agg")

RC = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "legend.fontsize": 7,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "pdf.fonttype": 42,
    "svg.hashsalt": "tinycog",
}

# input conditions (methods: one-step maps): hue = action (blue or red), darkness = reward
CONDITION_COLOURS = {
    ("A1", "R0"): "cornflowerblue",
    ("A1", "R1"): "mediumblue",
    ("A2", "R0"): "tomato",
    ("A2", "R1"): "firebrick",
}


def condition_colour(condition: str) -> str:
    """Colour of a condition such as A1R0 or A1S2R0: by action and reward, the same for both states."""
    return CONDITION_COLOURS[condition[:2], condition[-2:]]


def condition_dashes(condition: str) -> str | tuple:
    """Line style, legible without colour: dashed without reward; where states differ, dotted for the second."""
    if "S2" in condition:
        return (0, (1, 1.2)) if condition.endswith("R1") else (0, (3, 1.2, 1, 1.2))
    return "solid" if condition.endswith("R1") else (0, (4, 1.5))


def condition_name(condition: str) -> str:
    """A condition in words."""
    state = f", state {condition[3]}" if "S" in condition else ""
    return f"action {condition[1]}{state}, {'reward' if condition.endswith('R1') else 'no reward'}"


NETWORK_COLOURS = ("#0072B2", "#009E73", "#CC79A7")  # Okabe-Ito
COGNITIVE_COLOURS = ("#D55E00", "#E69F00", "#56B4E9", "#000000", "#F0E442")


def shortened(name: str, longest: int = 16) -> str:
    """A long id cut in the middle, so that a title fits its panel."""
    return name if len(name) <= longest else f"{name[: longest // 2]}…{name[-longest // 2 + 1 :]}"


def note(text: str) -> Figure:
    """A figure that says in words why there is nothing to see."""
    figure = Figure(figsize=(2.5, 1.0))
    figure.text(0.5, 0.5, text, ha="center", va="center", fontsize=8)
    return figure


def save(figure: Figure, stem: Path) -> None:
    """Write `stem.png` (300 dpi) and `stem.pdf`, the same bytes for the same figure."""
    for suffix, metadata in (
        (".png", {"Software": None}),
        (".pdf", {"CreationDate": None, "Producer": None, "Creator": None}),
    ):
        with replacing(Path(f"{stem}{suffix}")) as temporary:
            figure.savefig(temporary, dpi=300, metadata=metadata)
