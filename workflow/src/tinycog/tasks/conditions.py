"""What the label of an input condition says, as in A1S2R0: action, state and reward of a trial."""

from __future__ import annotations

import re
from collections.abc import Sequence


def parts_of(condition: str) -> tuple[int, int | None, int | None]:
    """Action, state and reward, from 0, of a label such as A1S2R0: the state is None where the action is the state
    reached, the reward where the label is of trials with any. A second action is left out.
    """
    action, state, _, reward = _parts(condition)
    return action, state, reward


def in_words(condition: str, actions: Sequence[str]) -> str:
    """A condition in words, with what the data set calls its actions."""
    action, state, second, reward = _parts(condition)
    words = [actions[action]]
    words += [] if state is None else [f"state {state + 1}"]
    words += [] if second is None else [f"second action {second + 1}"]
    return ", ".join(words + ([] if reward is None else ["reward" if reward else "no reward"]))


def _parts(condition: str) -> tuple[int, int | None, int | None, int | None]:
    """Action, state, second action and reward, from 0."""
    action, state, second, reward = re.fullmatch(r"A(\d+)(?:S(\d+))?(?:B(\d+))?(?:R(\d))?", condition).groups()
    counted = (None if number is None else int(number) - 1 for number in (action, state, second))
    return *counted, None if reward is None else int(reward)
