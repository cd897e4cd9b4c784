"""Rewards that are more than there or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tinycog.tasks import Task
from tinycog.trials.sequences import read_table


def graded_rewards(path: Path, task: Task) -> tuple[str, np.ndarray | None]:
    """The subject of a trial table, and the reward of each trial in the order of scores, (trial,); None if there are no
    more than two different ones.
    """
    table = read_table(path, task)
    data, stages = table.sequences.subset(table.own), task.stages
    last = slice(stages - 1, None, stages)  # the choice that brings the reward
    reward = np.concatenate([data.reward[last, b][: n // stages] for b, n in enumerate(data.lengths)])
    scored = np.concatenate([data.mask[last, b][: n // stages] for b, n in enumerate(data.lengths)])
    return table.subject, reward if len(np.unique(reward[scored == 1])) > 2 else None
