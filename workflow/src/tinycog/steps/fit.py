"""Fit one model to one outer fold of one subject: all inner folds, seeds and L1 weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from tinycog.errors import InputError
from tinycog.fitting import engine
from tinycog.models import registry
from tinycog.storage import read_columns, replacing, write_columns
from tinycog.tasks import task_of
from tinycog.trials import folds, sequences
from tinycog.trials.subjects import POOLED


def fit(
    trials: Path,
    fold: Path,
    output: Path,
    *,
    task: str,
    n_actions: int,
    name: str,
    spec: dict[str, Any],
    dim: int | None,
    training: dict[str, Any] | None,
) -> None:
    """Write `output` (one row per replica) and, beside it, the parameters of every replica as `.safetensors`."""
    the_task = task_of(task, n_actions)
    data = sequences.read(trials, the_task)
    outer, splits = folds.read(fold, data)
    own = sequences.blocks_without_copies(trials)
    model = registry.build(the_task, spec, dim, data.n_subjects)
    if not model.uses_copies:
        data, splits, own = data.subset(own), folds.of_blocks(splits, own), slice(None)
    ids = read_columns(trials, ["dataset", "subject"])
    subjects = set(ids["subject"])
    labels = {"dataset": ids["dataset"][0], "subject": subjects.pop() if len(subjects) == 1 else POOLED, "model": name}
    try:
        fits = engine.fit(model, spec, data, splits, training, key=(*labels.values(), outer))
    except InputError as error:
        raise InputError(f"{trials}, outer fold {outer}: {error}") from None
    n = len(fits.replicas)
    columns: dict[str, Any] = {key: np.full(n, label) for key, label in labels.items()}
    columns |= {"dim": _int(model.n_dynamical, n), "outer": _int(outer, n)}
    columns |= {"inner": fits.replicas.inner, "seed": fits.replicas.seed, "l1": fits.replicas.l1}
    columns |= {"family": np.full(n, model.family), "n_dynamical": _int(model.n_dynamical, n)}
    columns |= {"n_parameters": _int(model.n_parameters, n), "epochs": fits.epochs, "best_epoch": fits.best_epoch}
    columns |= {"ended": fits.ended}
    columns |= {f"{role}_nll": values for role, values in fits.nll.items()}
    columns |= {"test_accuracy": fits.test_accuracy}
    columns |= {f"n_{role}": n for role, n in fits.replicas.n_scored(data, own).items()}
    unlearnt = np.array([engine.n_unlearnt(model, data, split, own) for split in splits])
    columns |= {"n_unlearnt": unlearnt[fits.replicas.inner]}
    reason = np.array(fits.reason)
    columns |= {"status": np.where(reason == "", "ok", "failed"), "reason": reason}
    parameters = {key: np.ascontiguousarray(value) for key, value in fits.params.items()}
    with replacing(output.with_suffix(".safetensors")) as temporary:
        save_file(parameters, temporary)
    write_columns(output, columns)  # last: where the table is, the parameters are


def _int(value: int, n: int) -> np.ndarray:
    return np.full(n, value, dtype=np.int64)
