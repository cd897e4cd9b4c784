"""Teachers: fitted to a pool at one width of the subjects' vectors, selected, and run on the target's trials."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.distillation import design, result
from tinycog.analyses.distillation.compute import losses
from tinycog.analyses.distillation.pool import OfTarget, of_target
from tinycog.errors import InputError
from tinycog.fitting import engine
from tinycog.models import registry
from tinycog.models.interface import run
from tinycog.results import fits as results
from tinycog.results.parameters import of_row
from tinycog.results.selection import selected_row
from tinycog.storage import read_columns, replacing, write_json
from tinycog.tasks import task_of
from tinycog.trials.sequences import read_table

KEYS = ("dataset", "target", "method", "n_blocks", "n_trials", "model", "dim", "mode", "width")


def fit(
    pooled: Path,
    split: Path,
    output: Path,
    *,
    target: str,
    n: int,
    task: str,
    n_actions: int,
    spec: dict[str, Any],
    dim: int,
    training: dict[str, Any],
) -> None:
    """Write all seeds of a teacher (.parquet) and, beside it, their parameters (.safetensors).

    Args:
        pooled: trial table of all subjects.
        target: directory name.
        n: blocks of the target that train or validate; 0 for a teacher that never sees it.
    """
    the_task = task_of(task, n_actions)
    table = read_table(pooled, the_task)
    weights = design.roles(read_columns(split), n, others=True)
    model = registry.build(the_task, spec, dim, table.sequences.n_subjects)
    width = spec["subject_embedding"]
    try:
        fits = engine.fit(
            model, spec, table.sequences, [weights], training, key=("teacher", table.dataset, target, n, width)
        )
    except InputError as error:
        where = f"data set {table.dataset!r}, teacher of width {width} for target {target!r} with {n} blocks"
        raise InputError(f"{where}: {error}") from None
    keys = {"dataset": table.dataset, "target": target, "n_blocks": n, "width": width, "dim": dim}
    of_fits = results.results(model, fits)
    results.write(output, results.columns(keys, fits.replicas, table.sequences, **of_fits), fits.params)


def select(
    fits: list[Path],
    split: Path,
    trials: Path,
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
    """Write which teacher is selected with its loss on the target's test blocks, and its scores of the target (.npz).

    Of each width the seed with the lowest NLL on all validation blocks, of these the one with the lowest NLL on the
    target's own, where it has any. A teacher that never saw the target (n = 0) is selected on the others' alone, and
    has the mean of their vectors.

    Args:
        fits: of every width.
        spec: of any of them.
        scores: `logits` before each choice, (trial, block, action), of the target's blocks and their copies, and
            `states`, (trial, block, unit) float32, of the blocks alone; empty where every teacher failed.
        root: results folder of the run, from which parameters are named.
    """
    the_task = task_of(task, n_actions)
    data = of_target(trials, split, the_task)
    weights = data.roles(n)
    keys = {"dataset": data.dataset, "target": data.subject, "n_blocks": n}
    keys |= {"method": "teacher" if n else "mean_embedding", "model": "teacher", "mode": "choices", "dim": dim}
    keys["n_trials"] = data.n_trials(n)
    has_own = bool((weights["val"] * data.sequences.mask).any())
    candidates, reasons = [], []
    for path in fits:
        columns = read_columns(path)
        row, width = selected_row(columns), int(columns["width"][0])
        if row is None:
            reasons.append(f"width {width}: {columns['reason'][0]}")
            continue
        params, model = _for_target(path, row, spec, dim, the_task, data, unseen=n == 0)
        val = _own_nll(model, params, data, weights["val"]) if has_own else float(columns["val_nll"][row])
        of_fit = {name: columns[name][row].item() for name in result.OF_FIT}
        where = {"parameters": str(path.with_suffix(".safetensors").relative_to(root)), "row": row}
        candidates.append((val, width, of_fit, where, params, model))
    arrays: dict[str, np.ndarray] = {}
    if candidates:
        val, width, of_fit, where, params, model = min(candidates, key=lambda candidate: candidate[0])
        test = result.tested(model, params, data.sequences, weights["test"])
        found = {
            **result.succeeded({**keys, "width": width}, of_fit, test),
            **where,
            "own_val_nll": val if has_own else None,
        }
        states, logits = run(model, params, data.sequences, data.sequences.n_trials - 1)
        arrays = {"logits": logits[0], "states": states[0][:, data.own].astype(np.float32)}
    else:
        found = result.failed({**keys, "width": None}, f"every teacher failed; {'; '.join(reasons)}")
    write_json(output, found)
    with replacing(scores) as temporary:
        np.savez_compressed(temporary, allow_pickle=False, **arrays)


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
