"""What the label of an input condition says, as in A1S2R0: action, state and reward of a trial."""

from __future__ import annotations

import re
from collections.abc import Sequence


def parts_of(condition: str) -> tuple[int, int | None, int]:
    """Action, state (None where the action is the state reached) and reward, from 0, of a label such as A1S2R0."""
    action, state, reward = re.fullmatch(r"A(\d+)(?:S(\d+))?R(\d)", condition).groups()
    return int(action) - 1, None if state is None else int(state) - 1, int(reward)


def in_words(condition: str, actions: Sequence[str]) -> str:
    """A condition in words, with what the data set calls its actions."""
    action, state, reward = parts_of(condition)
    where = "" if state is None else f", state {state + 1}"
    return f"{actions[action]}{where}, {'reward' if reward else 'no reward'}"
