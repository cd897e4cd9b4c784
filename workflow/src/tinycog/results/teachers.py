"""A fitted teacher, and what it expects of a subject (methods: targets of a teacher)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from tinycog.errors import InputError
from tinycog.models import registry
from tinycog.models.interface import Model, Parameters, run
from tinycog.results import parameters
from tinycog.storage import read_json
from tinycog.tasks import Task
from tinycog.trials.sequences import Sequences, TrialTable, log_policy


def followed(path: Path, root: Path, task: Task, table: TrialTable) -> Sequences:
    """The trials of a table, copies included, with a teacher's probabilities of every action as targets.

    Args:
        path: what was selected of the teacher, see `tinycog.steps.teach`.

    Raises:
        InputError: every fit of the teacher failed.
    """
    teacher = read_json(path)
    if teacher["status"] != "ok":
        raise InputError(f"{path}: this teacher has no fit that could be followed: {teacher['reason']}")
    subjects = teacher["subjects"]
    model = registry.build(task, teacher["spec"], teacher["dim"], len(subjects))
    own = np.full(table.sequences.n_blocks, subjects.index(table.subject))
    expected = said(model, parameters.of_selected(root, teacher), replace(table.sequences, subject_code=own))
    return replace(table.sequences, target=expected)


def said(teacher: Model, params: Parameters, sequences: Sequences) -> np.ndarray:
    """A teacher's probability of every action, (time point, block, action); `params` are one replica's, (1, ...)."""
    _, logits = run(teacher, params, sequences, sequences.n_trials - 1)
    return np.exp(log_policy(logits, sequences))[0]
