"""Colours that colour-blind readers can tell apart, for figures and for the page; it imports no plotting library."""

from __future__ import annotations

from tinycog.tasks.conditions import parts_of

NETWORK_COLOURS = ("#0072B2", "#009E73", "#CC79A7")  # Okabe-Ito
COGNITIVE_COLOURS = ("#D55E00", "#E69F00", "#56B4E9", "#000000", "#888888")

# input conditions (methods: one-step maps): hue = action (blue, red, green, gold, further ones grey), darkness = reward
CONDITION_COLOURS = (
    ("cornflowerblue", "mediumblue"),
    ("tomato", "firebrick"),
    ("mediumseagreen", "darkgreen"),
    ("gold", "darkgoldenrod"),
)
FURTHER_COLOURS = ("darkgrey", "black")


def condition_colour(condition: str) -> str:
    """Colour of a condition: by action and reward, the same for both states."""
    action, _, reward = parts_of(condition)
    colours = CONDITION_COLOURS[action] if action < len(CONDITION_COLOURS) else FURTHER_COLOURS
    return colours[1 if reward is None else reward]
