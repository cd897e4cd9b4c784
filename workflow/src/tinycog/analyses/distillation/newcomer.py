"""A subject that the teacher has never seen: its vector is fitted to its first trials, all else stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.distillation import result
from tinycog.analyses.distillation.pool import of_target
from tinycog.analyses.distillation.teacher import with_mean_vector
from tinycog.fitting import networks
from tinycog.fitting.objective import replicas
from tinycog.models import registry
from tinycog.results.parameters import of_row
from tinycog.storage import read_json, write_json
from tinycog.tasks import task_of


def embed(
    trials: Path,
    split: Path,
    teacher: Path,
    output: Path,
    *,
    n: int,
    task: str,
    n_actions: int,
    spec: dict[str, Any],
    dim: int,
    training: dict[str, Any],
    root: Path,
) -> None:
    """Write the loss on the target's test blocks with a vector fitted to a subset of n blocks (.json).

    It starts at the mean of the others' vectors, and training ends by the subset's validation blocks, as always.

    Args:
        teacher: selected, one that has never seen the target.
    """
    the_task = task_of(task, n_actions)
    data, chosen = of_target(trials, split, the_task), read_json(teacher)
    own = data.sequences.subset(data.own)
    weights = {role: values[:, data.own] for role, values in data.roles(n).items()}
    keys = {"dataset": data.dataset, "target": data.subject, "method": "new_subject", "n_blocks": n}
    keys["n_trials"] = data.n_trials(n)
    keys |= {"model": "teacher", "dim": dim, "mode": "choices", "width": chosen["width"]}
    if chosen["status"] != "ok":
        write_json(output, result.failed(keys, f"no teacher: {chosen['reason']}"))
        return
    params = with_mean_vector(of_row(root / chosen["parameters"], chosen["row"]), data.row)
    n_subjects, width = params["E_subject"].shape[1:]
    model = registry.build(the_task, {**spec, "subject_embedding": width}, dim, n_subjects)
    free = {name: np.zeros(shape, dtype=bool) for name, shape in model.shapes.items()}
    free["E_subject"][data.row] = True
    grid = replicas([weights], range(1), [0.0])
    fitted, nll, reason = networks.adapt(model, params, free, own, grid, training)
    if reason:
        write_json(output, result.failed(keys, reason))
        return
    of_fit = {"seed": chosen["seed"], "l1": chosen["l1"], "train_nll": float(nll[0]), "val_nll": float(nll[1])} | {
        "val_target_nll": np.nan
    }
    test = result.tested(model, fitted, own, weights["test"])
    vector = fitted["E_subject"][0, data.row].tolist()
    write_json(output, {**result.succeeded(keys, of_fit, test), "vector": vector})
