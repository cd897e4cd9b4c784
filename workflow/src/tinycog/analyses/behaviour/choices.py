"""Choices of one source as arrays, and what the trial table says of the schedule behind them (methods: behaviour)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tinycog.tasks import Task
from tinycog.trials.transitions import common

UNKNOWN = -1
DRIFTING = 0.25  # share of trials with new probabilities from which on a schedule drifts and has no reversals


@dataclass(frozen=True)
class Choices:
    """First choices of every trial, (trial, block), padded at the end of short blocks.

    Attributes:
        action: the action chosen; `UNKNOWN` where there is no choice.
        rewarded: whether the trial was rewarded; False where there is no choice.
        common: 1 after a common transition, 0 after a rare one, else `UNKNOWN`; None where states are actions.
        best: the action that the schedule pays best; `UNKNOWN` where the table does not say, or where several are.
        lengths: trials of each block.
        n_actions: actions of a choice.
    """

    action: np.ndarray
    rewarded: np.ndarray
    common: np.ndarray | None
    best: np.ndarray
    lengths: np.ndarray
    n_actions: int

    def one_hot(self) -> np.ndarray:
        """The choices as probabilities of every action, (trial, block, action); 0 where there is none."""
        return (self.action[..., None] == np.arange(self.n_actions)).astype(np.float64)


def reward_threshold(table: pd.DataFrame) -> float:
    """The reward from which on a trial counts as rewarded: the subject's median where rewards are graded."""
    rewards = table["reward"].dropna()
    return 0.5 if rewards.isin([0, 1]).all() else float(rewards.median())


def from_table(table: pd.DataFrame, task: Task, threshold: float) -> Choices:
    """Choices of a trial table without copies, of one subject or of one model that played, rows in their order."""
    place = Places.of(table)
    scored = table["mask"].eq(1).to_numpy()
    action = np.where(scored, table["action"], UNKNOWN)
    rewarded = scored & table["reward"].ge(threshold).to_numpy()  # a missing reward is none
    kind = None if task.one_stage else common(table, task).fillna(UNKNOWN).astype(int).to_numpy()
    return Choices(
        action=place(action, UNKNOWN),
        rewarded=place(rewarded, False),
        common=None if kind is None else place(np.where(scored, kind, UNKNOWN), UNKNOWN),
        best=place(best_action(table, task), UNKNOWN),
        lengths=place.lengths,
        n_actions=task.n_actions,
    )


@dataclass(frozen=True)
class Places:
    """Trial and block of each row of a trial table; blocks are counted from 0 in the table's order."""

    trial: np.ndarray
    block: np.ndarray

    @classmethod
    def of(cls, table: pd.DataFrame) -> Places:
        return cls(table["trial"].to_numpy(), np.cumsum(table["trial"].to_numpy() == 0) - 1)

    @property
    def lengths(self) -> np.ndarray:
        return np.bincount(self.block)

    def __call__(self, rows: np.ndarray, padding: float | bool) -> np.ndarray:
        """Values of rows, (row, ...), at their trial and block, (trial, block, ...)."""
        full = np.full((self.lengths.max(), len(self.lengths), *rows.shape[1:]), padding, dtype=rows.dtype)
        full[self.trial, self.block] = rows
        return full


def best_action(table: pd.DataFrame, task: Task) -> np.ndarray:
    """The (first) action that each trial's schedule pays best, (row,); `UNKNOWN` where the annotations do not say.

    They are asked in this order: reward probabilities of actions, or of states and which transitions are common; the
    correct action; whether the best of two actions was chosen; the state of the mouse reversal rig. Probabilities that
    drift have no reversals, and count as unknown.
    """
    unknown = np.full(len(table), UNKNOWN)
    columns = [f"task_p{'' if task.one_stage else '_s'}{i}" for i in range(task.n_states)]
    if set(columns) <= set(table):
        return _best_paid(table, table[columns].to_numpy(dtype=float), task)
    if not task.one_stage:
        return unknown
    if "task_correct" in table:
        return table["task_correct"].fillna(UNKNOWN).to_numpy(dtype=int)
    if task.n_actions > 2:
        return unknown
    if "task_best_chosen" in table:
        best = table["action"].where(table["task_best_chosen"].eq(1), 1 - table["action"]).astype(float)
        best = best.where(table["mask"].eq(1) & table["task_best_chosen"].notna())
        missed = table["mask"].ne(1)  # a trial without a choice does not say what was best: as before
        known = best.groupby(table["trial"].eq(0).cumsum()).ffill().where(missed, best)
        return known.fillna(UNKNOWN).to_numpy(dtype=int)
    if "task_reward_state" in table:
        return table["task_reward_state"].map({0: 1, 2: 0}).fillna(UNKNOWN).to_numpy(dtype=int)
    return unknown


def _best_paid(table: pd.DataFrame, levels: np.ndarray, task: Task) -> np.ndarray:
    first = table["trial"].eq(0).to_numpy()
    changes = (levels[1:] != levels[:-1]).any(axis=1) & ~first[1:]
    unknown = np.full(len(table), UNKNOWN)
    if changes.mean() > DRIFTING if len(changes) else False:
        return unknown
    known = ((levels == levels.max(axis=1, keepdims=True)).sum(axis=1) == 1) & np.isfinite(levels).all(axis=1)
    best = np.where(known, levels.argmax(axis=1), UNKNOWN)
    if task.name != "transition_reversal":
        return best
    if "task_transition_reversed" not in table:
        return unknown
    return np.where(known, best ^ table["task_transition_reversed"].to_numpy(dtype=int), UNKNOWN)
