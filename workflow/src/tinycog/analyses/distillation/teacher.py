"""Teachers: fitted to a pool at one width of the subjects' vectors, selected, and run on the target's trials."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.distillation import design, result
from tinycog.analyses.distillation.compute import losses
from tinycog.analyses.distillation.pool import OfTarget, of_targets
from tinycog.errors import InputError
from tinycog.fitting import engine
from tinycog.models import registry
from tinycog.models.interface import run
from tinycog.results import fits as results
from tinycog.results.parameters import of_row
from tinycog.results.scores import write_arrays
from tinycog.results.selection import selected_row
from tinycog.storage import read_columns
from tinycog.tasks import task_of
from tinycog.trials.sequences import read_table
from tinycog.trials.subjects import directory


def fit(
    pooled: Path,
    splits: Sequence[Path],
    output: Path,
    *,
    n: int,
    task: str,
    n_actions: int,
    spec: dict[str, Any],
    dim: int,
    training: dict[str, Any],
) -> None:
    """Write all seeds of the teacher of each target (.parquet) and, beside it, their parameters (.safetensors).

    Args:
        pooled: trial table of all subjects.
        splits: one for each target.
        n: blocks of the target that train or validate; 0 for a teacher that never sees it.
    """
    the_task = task_of(task, n_actions)
    table = read_table(pooled, the_task)
    data, width = table.sequences, spec["subject_embedding"]
    model = registry.build(the_task, spec, dim, data.n_subjects)
    tables, parameters = [], []
    for split in map(read_columns, splits):
        target = design.subject_of(split)
        weights = design.roles(split, n, others=True)
        key = ("teacher", table.dataset, directory(target), n, width)
        try:
            fits = engine.fit(model, spec, data, [weights], training, key=key)
        except InputError as error:
            where = f"data set {table.dataset!r}, teacher of width {width} for target {target!r} with {n} blocks"
            raise InputError(f"{where}: {error}") from None
        keys = {"dataset": table.dataset, "target": target, "n_blocks": n, "width": width, "dim": dim}
        tables.append(results.columns(keys, fits.replicas, data, **results.results(model, fits)))
        parameters.append(fits.params)
    results.write(output, results.joined(tables), results.joined(parameters))


def select(
    fits: Sequence[Path],
    splits: Sequence[Path],
    trials: Sequence[Path],
    output: Path,
    scores: Path,
    *,
    n: int,
    task: str,
    n_actions: int,
    spec: dict[str, Any],
    dim: int,
    root: Path,
) -> None:
    """Write which teacher of each target is selected with its loss on the test blocks, and its scores (.npz).

    Of each width the seed with the lowest NLL on all validation blocks, of these the one with the lowest NLL on the
    target's own, where it has any. A teacher that never saw the target (n = 0) is selected on the others' alone, and
    has the mean of their vectors.

    Args:
        fits: of every width, of all targets.
        splits, trials: one for each target.
        spec: of any of them.
        scores: of each target `logits` before each choice, (trial, block, action), of its blocks and their copies, and
            `states`, (trial, block, unit) float32, of the blocks alone; nothing where every teacher failed.
        root: results folder of the run, from which parameters are named.
    """
    the_task = task_of(task, n_actions)
    tables = {path: read_columns(path) for path in fits}
    found = [_selected(data, tables, n, spec, dim, the_task, root) for data in of_targets(trials, splits, the_task)]
    rows, arrays = zip(*found, strict=True)
    result.write(output, rows)
    write_arrays(scores, arrays)


def _selected(
    data: OfTarget,
    tables: dict[Path, dict[str, np.ndarray]],
    n: int,
    spec: dict[str, Any],
    dim: int,
    task: Any,
    root: Path,
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """A target's row, and its arrays of scores; `tables` are of the fits of every width."""
    weights = data.roles(n)
    keys = {"dataset": data.dataset, "target": data.subject, "n_blocks": n}
    keys |= {"method": "teacher" if n else "mean_embedding", "model": "teacher", "mode": "choices", "dim": dim}
    keys["n_trials"] = data.n_trials(n)
    has_own = bool((weights["val"] * data.sequences.mask).any())
    candidates, reasons = [], []
    for path, columns in tables.items():
        rows = np.flatnonzero(columns["target"] == data.subject)
        own = {name: values[rows] for name, values in columns.items()}
        row, width = selected_row(own), int(own["width"][0])
        if row is None:
            reasons.append(f"width {width}: {own['reason'][0]}")
            continue
        where = {"parameters": str(path.with_suffix(".safetensors").relative_to(root)), "row": int(rows[row])}
        params, model = _for_target(path, where["row"], spec, dim, task, data, unseen=n == 0)
        val = _own_nll(model, params, data, weights["val"]) if has_own else float(own["val_nll"][row])
        of_fit = {name: own[name][row].item() for name in result.OF_FIT}
        candidates.append((val, width, of_fit, where, params, model))
    if not candidates:
        return result.failed({**keys, "width": None}, f"every teacher failed; {'; '.join(reasons)}"), {}
    val, width, of_fit, where, params, model = min(candidates, key=lambda candidate: candidate[0])
    test = result.tested(model, params, data.sequences, weights["test"])
    of_width = result.succeeded({**keys, "width": width}, of_fit, test)
    states, logits = run(model, params, data.sequences, data.sequences.n_trials - 1)
    arrays = {"logits": logits[0], "states": states[0][:, data.own].astype(np.float32)}
    return {**of_width, **where, "own_val_nll": val if has_own else None}, arrays


def _for_target(
    path: Path, row: int, spec: dict[str, Any], dim: int, task: Any, data: OfTarget, *, unseen: bool
) -> tuple[dict[str, np.ndarray], Any]:
    """Parameters of one fit, (1, ...), and its model; the target's vector is the others' mean if it was unseen."""
    params = of_row(path.with_suffix(".safetensors"), row)
    n_subjects, width = params["E_subject"].shape[1:] if "E_subject" in params else (0, 0)
    model = registry.build(task, {**spec, "subject_embedding": width}, dim, n_subjects)
    return (with_mean_vector(params, data.row) if unseen else params), model


def with_mean_vector(params: dict[str, np.ndarray], row: int) -> dict[str, np.ndarray]:
    """The parameters, the vector of one subject being the mean of the others'."""
    table = params["E_subject"].copy()
    table[:, row] = np.delete(table, row, axis=1).mean(axis=1)
    return params | {"E_subject": table}


def _own_nll(model: Any, params: dict[str, np.ndarray], data: OfTarget, weights: np.ndarray) -> float:
    """NLL per choice of the target's own blocks of a role, copies left out."""
    blocks = data.own[weights[0, data.own] == 1]
    some = data.sequences.subset(blocks)
    return float(losses(model, params, some).sum() / some.mask.sum())
