"""Symmetries of tasks: how choices can be relabelled without changing what they mean (methods: relabelled copies)."""

from __future__ import annotations

import itertools
from typing import NamedTuple

from tinycog.tasks import Task

MOST_PERMUTED = 5  # arms: 119 copies of a block


class Relabelling(NamedTuple):
    """New label of each action, state reached and second action."""

    action: tuple[int, ...]
    state: tuple[int, ...]
    action2: tuple[int, ...] = (0, 1)


def relabellings(task: Task, level: int) -> list[Relabelling]:
    """The relabellings of a level, without the identity.

    Level 1: cyclic shifts of the actions of a one-stage task; in two-stage tasks every combination of exchanging the
    actions and exchanging the states, in the original one of exchanging first actions together with states and
    exchanging second actions. Level 2: every permutation of the actions of a one-stage task.

    Raises:
        ValueError: the task has no such level.
    """
    same, exchanged = (0, 1), (1, 0)
    if task.name == "perceptual":
        raise ValueError("augment: task 'perceptual' has none; exchanged actions would belong to another stimulus")
    if level == 2 and task.n_actions > MOST_PERMUTED:
        raise ValueError(
            f"augment: found 2 with {task.n_actions} arms; every order of more than {MOST_PERMUTED} is too many copies"
        )
    if task.one_stage:
        order = tuple(range(task.n_actions))
        shifts = [order[i:] + order[:i] for i in range(task.n_actions)]
        labels = shifts if level == 1 else list(itertools.permutations(order))
        return [Relabelling(one, one) for one in labels if one != order]
    if level != 1:
        raise ValueError(f"augment: found {level}; task {task.name!r} has level 1 only")
    if task.stages == 2:
        pairs = [(same, exchanged), (exchanged, same), (exchanged, exchanged)]
        return [Relabelling(first, first, second) for first, second in pairs]
    return [Relabelling(exchanged, same), Relabelling(same, exchanged), Relabelling(exchanged, exchanged)]
