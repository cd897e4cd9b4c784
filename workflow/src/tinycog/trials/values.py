"""What the columns of a trial may hold where a choice is scored: one place for whoever reads trials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinycog.tasks import Task


@dataclass(frozen=True)
class Allowed:
    """Numbers from `low` to `high`, whole ones or any."""

    low: int
    high: int
    whole: bool

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Where values are allowed; a missing one (NaN) is not."""
        inside = (values >= self.low) & (values <= self.high)
        return inside & (np.floor(values) == values) if self.whole else inside

    def __str__(self) -> str:
        return f"{'integers' if self.whole else 'a number'} from {self.low} to {self.high}"


def allowed(task: Task) -> dict[str, Allowed]:
    """By column: choices and states count from 0, and a reward is a share of the largest."""
    second = {"action2": Allowed(0, 1, whole=True)} if task.stages == 2 else {}
    return {
        "action": Allowed(0, task.n_actions - 1, whole=True),
        "state": Allowed(0, task.n_states - 1, whole=True),
        **second,
        "reward": Allowed(0, 1, whole=False),
    }
