"""What every analysis of one fitted model reads: logits, states and conditions along the subject's trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from tinycog.models.interface import Array, Model, Parameters, run
from tinycog.storage import reading, replacing
from tinycog.tasks import Task
from tinycog.trials.sequences import Sequences
from tinycog.trials.splits import ROLES


@dataclass(frozen=True)
class Scores:
    """One fitted model run over all blocks of a subject, block after block.

    A trial is one choice, or two in the original two-stage task. There is a row of logits and states before each
    choice, and one after a block's last: a block of C choices has C + 1 rows.

    Attributes:
        logits: (row, action).
        states: (row, n_state), the D dynamical variables first.
        condition: (trial,) code of the input condition, see `Task.condition`; a choice that is missing counts as what
            models are fed in its place, action 0 without a reward.
        mask: (choice,) 1 where the choice is scored.
        split: (choice,) role of each choice in the selected fit: train, val or test.
        row_start, trial_start: (block + 1,) where each block's rows and trials begin, and after the last one the number
            of all. The choices of a block begin at `trial_start` times the number of choices in a trial.
    """

    logits: np.ndarray
    states: np.ndarray
    condition: np.ndarray
    mask: np.ndarray
    split: np.ndarray
    row_start: np.ndarray
    trial_start: np.ndarray

    def before(self, rows: np.ndarray) -> np.ndarray:
        """Of an array (row, ...), the rows before each choice, (choice, ...)."""
        return np.delete(rows, self.row_start[1:] - 1, axis=0)

    def after(self, rows: np.ndarray) -> np.ndarray:
        """Of an array (row, ...), the rows after each choice, (choice, ...)."""
        return np.delete(rows, self.row_start[:-1], axis=0)

    def offered(self, task: Task) -> np.ndarray:
        """Logits before each choice of the actions that it offers, (choice, action)."""
        logits = self.before(self.logits)
        if task.stages == 1:
            return logits
        reached = self.condition[:, None] // 4 % task.n_states  # see `Task.condition`
        second = task.n_actions + 2 * reached + np.arange(2)
        first = np.broadcast_to(np.arange(task.n_actions), second.shape)
        return np.take_along_axis(logits, np.stack([first, second], axis=1).reshape(-1, 2), axis=1)


def relative(logits: np.ndarray) -> np.ndarray:
    """What the policy depends on (methods: relative logits).

    Of logits (choice, action), of two actions the first one minus the second, (choice, 1); of more each minus their
    mean, (choice, action).
    """
    if logits.shape[1] == 2:
        return logits[:, :1] - logits[:, 1:]
    return logits - logits.mean(axis=1, keepdims=True)


def score(task: Task, model: Model, params: Parameters, sequences: Sequences, weights: dict[str, np.ndarray]) -> Scores:
    """Run one fitted model (a stack of one) over every block, training, validation and test alike.

    Args:
        weights: by role, see `folds.read`.
    """
    states, logits = run(model, params, sequences, sequences.n_trials)
    lengths, n_trials = sequences.lengths, sequences.lengths // task.stages

    def ragged(array: Array, length: np.ndarray) -> np.ndarray:
        return np.concatenate([array[:n, block] for block, n in enumerate(length)])

    role = np.select([np.broadcast_to(weights[name] == 1, sequences.mask.shape) for name in ROLES], ROLES, default="")
    return Scores(
        logits=ragged(logits[0], lengths + 1),
        states=ragged(states[0], lengths + 1),
        condition=ragged(_conditions(task, sequences), n_trials).astype(np.int16),
        mask=ragged(sequences.mask, lengths).astype(np.int8),
        split=ragged(role, lengths),
        row_start=np.concatenate([[0], np.cumsum(lengths + 1)]),
        trial_start=np.concatenate([[0], np.cumsum(n_trials)]),
    )


def _conditions(task: Task, sequences: Sequences) -> np.ndarray:
    """Code of each trial's input condition, (trial, block)."""
    if task.stages == 1:
        return task.condition(sequences.action, sequences.state, sequences.reward)
    slot = sequences.action[1::2]  # of the second choice: two for each state, after those of the first
    action2 = (slot - task.n_actions) % 2
    return task.condition(sequences.action[::2], sequences.state[::2], sequences.reward[1::2], action2)


def write(path: Path, scores: list[Scores | None]) -> None:
    """Write the scores of a subject, or of each in a chunk; of None, where there is no fit to score, nothing.

    The arrays of one subject have the names of the attributes; in a chunk the subject's place and `/` come before them.
    """
    write_arrays(path, [vars(of_subject) if of_subject else {} for of_subject in scores])


def write_arrays(path: Path, arrays: Sequence[Mapping[str, np.ndarray]]) -> None:
    """Write arrays by name of a subject, or of each in a chunk, see `write`."""
    named = {
        f"{before}{name}": a
        for before, own in zip(_before(len(arrays)), arrays, strict=True)
        for name, a in own.items()
    }
    with replacing(path) as temporary:
        np.savez_compressed(temporary, allow_pickle=False, **named)


def read(path: Path, n_subjects: int = 1) -> list[Scores | None]:
    """The scores of each subject in a file of so many; None where there are none."""
    names = [field.name for field in fields(Scores)]
    return [Scores(**own) if own else None for own in read_arrays(path, names, n_subjects)]


def read_arrays(path: Path, names: Sequence[str], n_subjects: int) -> list[dict[str, np.ndarray]]:
    """The arrays of each subject in a file of so many; empty where there are none."""
    with reading(path), np.load(path, allow_pickle=False) as content:
        files = set(content.files)
        return [
            {name: content[f"{before}{name}"] for name in names} if f"{before}{names[0]}" in files else {}
            for before in _before(n_subjects)
        ]


def _before(n_subjects: int) -> list[str]:
    """What comes before the names of each subject's arrays."""
    return [""] if n_subjects == 1 else [f"{place}/" for place in range(n_subjects)]
