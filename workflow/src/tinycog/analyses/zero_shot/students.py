"""Students of held-out subjects: fits to what a teacher says of trials that it has never seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tinycog.analyses.zero_shot.held_out import held_out
from tinycog.errors import InputError
from tinycog.fitting import engine
from tinycog.models import registry
from tinycog.results import parameters
from tinycog.results.fits import write_each
from tinycog.results.teachers import said
from tinycog.tasks import Task, task_of
from tinycog.trials.copies import augmented, without_copies
from tinycog.trials.sequences import Sequences, from_columns
from tinycog.trials.subjects import directory


def teach(
    pooled: Path,
    fold: Path,
    teacher: Path,
    output: Path,
    *,
    subjects: Path,
    root: Path,
    task: str,
    n_actions: int,
    teacher_spec: dict[str, Any],
    relabel: int,
    name: str,
    spec: dict[str, Any],
    dim: int,
    training: dict[str, Any] | None,
) -> None:
    """Write the fits of a student of each subject who is held out in an outer fold, and their parameters beside it.

    Args:
        teacher: what was selected of the teacher in that fold.
        subjects: folder of the subjects' trial tables.
        relabel: of the analysis' section.
    """
    the_task, (choice,) = task_of(task, n_actions), parameters.choices(teacher)
    if choice["status"] != "ok":
        raise InputError(f"{teacher}: this teacher has no fit that could be followed: {choice['reason']}")
    guide = registry.build(the_task, teacher_spec, choice["dim"])
    params = parameters.of_selected(root, choice)
    keys = {"dataset": choice["dataset"], "model": name, "dim": dim, "outer": choice["outer"]}
    jobs, of_tables = [], []
    for subject in held_out(pooled, fold):
        table = pd.read_parquet(subjects / f"{directory(subject)}.parquet")
        data, own = with_copies(table, the_task, relabel)
        model = registry.build(the_task, spec, dim)
        if not model.uses_copies:
            data, own = data.subset(np.flatnonzero(own)), np.ones(own.sum(), dtype=bool)
        data = replace(data, target=said(guide, params, data))
        split = roles(own)
        key = (keys["dataset"], subject, name, keys["outer"], "zero shot")
        jobs.append(engine.job(model, spec, data, [split], key))
        unlearnt = np.array([engine.n_unlearnt(model, data, split)])
        of_tables.append(({**keys, "subject": subject}, slice(None), unlearnt))
    write_each(output, model, jobs, engine.fit_each(model, spec, jobs, training), of_tables)


def with_copies(table: pd.DataFrame, task: Task, relabel: int) -> tuple[Sequences, np.ndarray]:
    """A subject's blocks with relabelled copies, none of the table's, and which blocks are no copies, (block,)."""
    originals = without_copies(table).drop(columns="aug_of", errors="ignore").reset_index(drop=True)
    copied = augmented(originals, task, relabel)
    first = copied[copied["trial"] == 0]
    own = first["block"].eq(first["aug_of"]).to_numpy() if "aug_of" in first else np.ones(len(first), dtype=bool)
    return from_columns({column: copied[column].to_numpy() for column in copied}, task), own


def roles(own: np.ndarray) -> dict[str, np.ndarray]:
    """Weights of blocks by role: copies train, where there are any, and originals validate and test.

    Args:
        own: (block,) which are no copies.
    """
    trains = own if own.all() else ~own
    return {role: of[None].astype(float) for role, of in (("train", trains), ("val", own), ("test", own))}
