"""What in a trial table should make its owner look again: choices missed, actions never taken, too few choices."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from tinycog.tasks import Task
from tinycog.trials.copies import without_copies

MOST_MISSED = 0.1  # share of the choices of a subject
FEWEST_SCORED = 50  # choices of a subject


class Doubt(NamedTuple):
    """A doubt about a subject (empty: about all of them), and the statistic of the description that it is about."""

    subject: str
    statistic: str
    text: str


def doubts(table: pd.DataFrame, task: Task) -> list[Doubt]:
    """Every doubt about the trials of a data set, those about all subjects first.

    Args:
        table: trial table of all subjects; relabelled copies do not count.
    """
    table = without_copies(table)
    chosen = table["mask"] == 1
    taken = set(table["action"][chosen])
    found = [
        Doubt("", f"share_{code}", "nobody takes this action") for code in range(task.n_actions) if code not in taken
    ]
    rewards = table["reward"].dropna().to_numpy()
    if len(rewards) and (rewards == rewards[0]).all():
        found.append(Doubt("", "reward_rate", f"every reward is {rewards[0]:g}"))
    masks = [name for name in ("mask", "mask2") if name in table]
    for column, needed in (("state", not task.one_stage), ("action2", task.stages == 2)):
        values = table[column][table[masks].eq(1).all(axis=1)].unique() if needed else []
        if len(values) == 1:
            found.append(Doubt("", "trials", f"column {column} has one value in every row, {values[0]}"))
    for subject, own in table.groupby("subject", sort=False):
        scored, missed = int(own[masks].to_numpy().sum()), 1 - own[masks].to_numpy().mean()
        if missed > MOST_MISSED:
            found.append(Doubt(str(subject), "missing", f"{missed:.0%} of the choices are missed"))
        if scored < FEWEST_SCORED:
            found.append(Doubt(str(subject), "trials", f"only {scored} choices to score"))
    return found


def in_words(found: list[Doubt], most: int = 3) -> list[str]:
    """A line for each kind of doubt; of many subjects the first few by name."""
    of_all = [f"{doubt.statistic}: {doubt.text}" for doubt in found if not doubt.subject]
    kinds = {
        "missing": f"more than {MOST_MISSED:.0%} of choices missed",
        "trials": f"fewer than {FEWEST_SCORED} choices",
    }
    for statistic, what in kinds.items():
        own = [doubt for doubt in found if doubt.subject and doubt.statistic == statistic]
        if own:
            named = ", ".join(f"{doubt.subject!r} ({doubt.text})" for doubt in own[:most])
            more = f" and {len(own) - most} more" if len(own) > most else ""
            of_all.append(f"{what}: {len(own)} subject{'s' * (len(own) > 1)}: {named}{more}")
    return of_all
