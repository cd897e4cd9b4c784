"""A subject that the teacher has never seen: its vector is fitted to its first trials, all else stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.distillation import result
from tinycog.analyses.distillation.pool import OfTarget, of_targets
from tinycog.analyses.distillation.teacher import with_mean_vector
from tinycog.fitting import networks
from tinycog.fitting.objective import replicas
from tinycog.models import registry
from tinycog.results.parameters import choices, of_row
from tinycog.tasks import Task, task_of


def embed(
    trials: Sequence[Path],
    splits: Sequence[Path],
    teacher: Path,
    output: Path,
    *,
    task: str,
    n_actions: int,
    **options: Any,
) -> None:
    """Write the loss on each target's test blocks with a vector fitted to a subset of n blocks (.json).

    Args:
        trials, splits: one for each target.
        teacher: selected, ones that have never seen the targets.
        options: of `_embedded`.
    """
    the_task = task_of(task, n_actions)
    chosen = {choice["target"]: choice for choice in choices(teacher)}
    targets = of_targets(trials, splits, the_task)
    result.write(output, [_embedded(data, chosen[data.subject], the_task, **options) for data in targets])


def _embedded(
    data: OfTarget,
    chosen: dict[str, Any],
    task: Task,
    *,
    n: int,
    spec: dict[str, Any],
    dim: int,
    training: dict[str, Any],
    root: Path,
) -> dict[str, Any]:
    """A target's row.

    Its vector starts at the mean of the others', and training ends by the subset's validation blocks, as always.
    """
    own = data.sequences.subset(data.own)
    weights = {role: values[:, data.own] for role, values in data.roles(n).items()}
    keys = {"dataset": data.dataset, "target": data.subject, "method": "new_subject", "n_blocks": n}
    keys["n_trials"] = data.n_trials(n)
    keys |= {"model": "teacher", "dim": dim, "mode": "choices", "width": chosen["width"]}
    if chosen["status"] != "ok":
        return result.failed(keys, f"no teacher: {chosen['reason']}")
    params = with_mean_vector(of_row(root / chosen["parameters"], chosen["row"]), data.row)
    n_subjects, width = params["E_subject"].shape[1:]
    model = registry.build(task, {**spec, "subject_embedding": width}, dim, n_subjects)
    free = {name: np.zeros(shape, dtype=bool) for name, shape in model.shapes.items()}
    free["E_subject"][data.row] = True
    grid = replicas([weights], range(1), [0.0])
    fitted, nll, reason = networks.adapt(model, params, free, own, grid, training)
    if reason:
        return result.failed(keys, reason)
    of_fit = {"seed": chosen["seed"], "l1": chosen["l1"], "train_nll": float(nll[0]), "val_nll": float(nll[1])} | {
        "val_target_nll": np.nan
    }
    test = result.tested(model, fitted, own, weights["test"])
    vector = fitted["E_subject"][0, data.row].tolist()
    return {**result.succeeded(keys, of_fit, test), "vector": vector}
