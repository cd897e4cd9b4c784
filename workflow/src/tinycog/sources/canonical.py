"""Columns of a trial table that a user's own table may have, by their canonical names. Light: the help lists them."""

from __future__ import annotations

from collections.abc import Iterable

COLUMNS = {
    "action": "the choice, an integer from 0, or as `choices` says; empty where it was missed (required)",
    "reward": "its reward, from 0 to 1, or as `reward` says (required)",
    "state": "state reached, an integer from 0 (required where the task has transitions; else it is the action)",
    "action2": "second choice of the trial, 0 or 1 (required where a trial has two)",
    "subject": "who chose; without it all rows are of one subject",
    "session": "session of the subject; without it there is one",
    "block": "stretch of trials over which a model's state runs on; without it a session is one block",
    "trial": "number that increases within a block; without it the order of the rows counts",
    "mask": "1 where the choice counts, 0 elsewhere; without it every choice counts that was not missed",
    "mask2": "the same of the second choice",
    "forced": "1 where the subject had no choice, 0 elsewhere",
    "stim_*": "stimuli under any such name, a number in every row",
    "task_*": "annotations under any such name, which no model sees",
}


def listed(names: Iterable[str] = COLUMNS) -> str:
    """A line for each name with its meaning."""
    names = list(names)
    width = max(map(len, names))
    return "\n".join(f"  {name:<{width}}  {COLUMNS[name]}" for name in names)
