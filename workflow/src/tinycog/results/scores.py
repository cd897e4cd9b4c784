"""What every analysis of one fitted model reads: logits, states and conditions along the subject's trials."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinycog.models.interface import Array, Model, Parameters, run
from tinycog.storage import replacing
from tinycog.tasks import Task
from tinycog.trials.sequences import Sequences
from tinycog.trials.splits import ROLES


@dataclass(frozen=True)
class Scores:
    """One fitted model run over all blocks of a subject. A block of T trials has T + 1 rows of logits and states.

    Attributes:
        logits: (row, action). The last row of a block follows its last trial.
        states: (row, n_state), the D dynamical variables first.
        condition: (trial,) code of the input condition; mask: (trial,) 1 where the choice is scored.
        split: (trial,) role of each choice in the kept fit: train, val or test.
        row_start, trial_start: (block + 1,) where each block's rows and trials begin.
    """

    logits: np.ndarray
    states: np.ndarray
    condition: np.ndarray
    mask: np.ndarray
    split: np.ndarray
    row_start: np.ndarray
    trial_start: np.ndarray

    def before(self, rows: np.ndarray) -> np.ndarray:
        """Of an array with a row each, those before a trial, in order of the trials."""
        return np.delete(rows, self.row_start[1:] - 1, axis=0)

    def after(self, rows: np.ndarray) -> np.ndarray:
        """Of an array with a row each, those after a trial, in order of the trials."""
        return np.delete(rows, self.row_start[:-1], axis=0)


def score(task: Task, model: Model, params: Parameters, sequences: Sequences, weights: dict[str, np.ndarray]) -> Scores:
    """Run one fitted model (a stack of one) over every block, training, validation and test alike.

    Args:
        weights: of each role, see `folds.read`.
    """
    states, logits = run(model, params, sequences, sequences.n_trials)
    lengths = sequences.lengths

    def ragged(array: Array, length: np.ndarray) -> np.ndarray:
        return np.concatenate([array[:n, block] for block, n in enumerate(length)])

    role = np.select([np.broadcast_to(weights[name] == 1, sequences.mask.shape) for name in ROLES], ROLES, default="")
    return Scores(
        logits=ragged(logits[0], lengths + 1),
        states=ragged(states[0], lengths + 1),
        condition=ragged(task.condition(sequences.action, sequences.state, sequences.reward), lengths).astype(np.int16),
        mask=ragged(sequences.mask, lengths).astype(np.int8),
        split=ragged(role, lengths),
        row_start=np.concatenate([[0], np.cumsum(lengths + 1)]),
        trial_start=np.concatenate([[0], np.cumsum(lengths)]),
    )


def write(path: Path, scores: Scores | None) -> None:
    """Write `scores`; None, where there is no fit to score, becomes an empty archive."""
    with replacing(path) as temporary:
        np.savez_compressed(temporary, allow_pickle=False, **(vars(scores) if scores else {}))


def read(path: Path) -> Scores | None:
    with np.load(path, allow_pickle=False) as content:
        return Scores(**{name: content[name] for name in content.files}) if content.files else None
