"""Which tasks a table can be of, by what was recognised in its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tinycog.setup.codings import different
from tinycog.setup.recognising import Recognised, recognise
from tinycog.setup.vocabulary import by_name
from tinycog.sources.cells import Column
from tinycog.tasks import task_of

TWO_CHOICES, OWN_STATES = ("original_two_stage",), ("two_stage", "transition_reversal")
ONE_CHOICE = {2: ("reversal",), 3: ("three_armed_reversal",), 4: ("four_armed_bandit",)}


class Candidate(NamedTuple):
    """A task, and what is recognised of a table if it is of this task."""

    task: str
    n_actions: int | None
    found: Recognised

    @property
    def arms(self) -> int:
        return task_of(self.task, self.n_actions).n_actions

    @property
    def options(self) -> list[str]:
        """Of the command line."""
        return ["--task", self.task, *(["--n-actions", str(self.n_actions)] if self.n_actions else [])]


def candidates(
    columns: Mapping[str, Column], paths: Sequence[Path], file: np.ndarray, given: Mapping[str, Any]
) -> list[Candidate]:
    """Tasks that a table can be of: those that leave the fewest questions open.

    A table with second choices, or with states of their own, is of a task with these. Arms are one fewer than the
    choices have values where this leaves no question, as one of them means a missed trial; else as many.

    Args:
        columns, paths, file, given: as of `recognise`.
    """

    def tried(task: str, n_actions: int | None = None) -> Candidate:
        return Candidate(task, n_actions, recognise(columns, paths, file, task_of(task, n_actions), given))

    stated, header = given.get("columns") or {}, list(columns)
    if stated.get("action2") or given.get("choices2") or by_name("action2", header):
        tasks = [tried(task) for task in TWO_CHOICES]
    elif stated.get("state") or any(given.get(key) for key in ("states", "transition")) or _state(header):
        tasks = [tried(task) for task in OWN_STATES]
    else:
        first = tried("reversal")
        arms = _arms(first.found, columns, given)
        tasks = [tried(task, n if task == "bandit" and n > 2 else None) for n, task in arms] or [first]
    best = min(tasks, key=lambda one: len(one.found.questions))
    return [one for one in tasks if one.arms == best.arms and len(one.found.questions) == len(best.found.questions)]


def _state(header: Sequence[str]) -> bool:
    return bool(by_name("state", header) or by_name("transition", header))


def _arms(found: Recognised, columns: Mapping[str, Column], given: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Number of arms and task, for each number that the choices may have; none if the column is not known."""
    name = found.options["columns"].get("action")
    if name not in columns:
        return []
    n = len(given.get("choices") or different(columns[name]))
    numbers = [n] if given.get("choices") else [n - 1, n]
    return [(k, task) for k in numbers if 2 <= k <= 20 for task in (*ONE_CHOICE.get(k, ()), "bandit")]
