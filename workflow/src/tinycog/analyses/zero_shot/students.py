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
from tinycog.results.fits import columns as fit_columns
from tinycog.results.fits import joined, results, write
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
    found = []
    for subject in held_out(pooled, fold):
        table = pd.read_parquet(subjects / f"{directory(subject)}.parquet")
        data, own = with_copies(table, the_task, relabel)
        data = replace(data, target=said(guide, params, data))
        found.append(_fitted({**keys, "subject": subject}, the_task, data, own, spec, training))
    write(output, *map(joined, zip(*found, strict=True)))


def with_copies(table: pd.DataFrame, task: Task, relabel: int) -> tuple[Sequences, np.ndarray]:
    """A subject's blocks with relabelled copies, none of the table's, and which blocks are no copies, (block,)."""
    originals = without_copies(table).drop(columns="aug_of", errors="ignore").reset_index(drop=True)
    copied = augmented(originals, task, relabel)
    first = copied[copied["trial"] == 0]
    own = first["block"].eq(first["aug_of"]).to_numpy() if "aug_of" in first else np.ones(len(first), dtype=bool)
    return from_columns({column: copied[column].to_numpy() for column in copied}, task), own


def _fitted(
    keys: dict[str, Any],
    task: Task,
    data: Sequences,
    own: np.ndarray,
    spec: dict[str, Any],
    training: dict[str, Any] | None,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The fits of one student: copies train, where there are any that the model learns from, and originals validate."""
    model = registry.build(task, spec, keys["dim"])
    if not model.uses_copies:
        data, own = data.subset(np.flatnonzero(own)), np.ones(own.sum(), dtype=bool)
    trains = own if own.all() else ~own
    split = {role: of[None].astype(float) for role, of in (("train", trains), ("val", own), ("test", own))}
    key = (keys["dataset"], keys["subject"], keys["model"], keys["outer"], "zero shot")
    fits = engine.fit(model, spec, data, [split], training, key=key)
    of_fits = {"n_unlearnt": engine.n_unlearnt(model, data, split), **results(model, fits)}
    return fit_columns(keys, fits.replicas, data, **of_fits), fits.params
