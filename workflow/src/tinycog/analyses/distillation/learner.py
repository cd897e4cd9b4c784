"""What learns from a subset of the target's blocks: students of a teacher, and networks and models without one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.distillation import result
from tinycog.analyses.distillation.compute import heated, softened
from tinycog.analyses.distillation.pool import OfTarget, of_target
from tinycog.fitting import engine
from tinycog.fitting.engine import Fits
from tinycog.models import registry
from tinycog.models.interface import Model
from tinycog.results import fits as results
from tinycog.results.selection import selected_row
from tinycog.storage import read_json, write_json
from tinycog.tasks import task_of
from tinycog.trials.sequences import Sequences

CHOICES, ALIGN = "choices", "align"


def learn(
    trials: Path,
    split: Path,
    output: Path,
    *,
    method: str,
    n: int,
    task: str,
    n_actions: int,
    name: str,
    spec: dict[str, Any],
    dim: int,
    training: dict[str, Any] | None,
    mode: str = CHOICES,
    proportion: float = 1.0,
    temperature: float = 1.0,
    align: float = 0.0,
    teacher: Path | None = None,
    scores: Path | None = None,
) -> None:
    """Write which fit is selected by validation, with its loss on the test blocks (.json), and all fits beside it.

    Args:
        method: `solo`, `cognitive`, `student` or `soft_cognitive`.
        n: blocks of the target that train or validate.
        mode: what is learnt: `choices`, or, with a teacher, `soft`, `mixed`, or `align`: choices, states being led.
        proportion, temperature: see `compute.softened`; a temperature is for networks alone.
        align: weight of 1 - CKA in mode `align`.
        teacher, scores: the selected teacher and what it says of the target's trials.
    """
    the_task = task_of(task, n_actions)
    model = registry.build(the_task, spec, dim)
    data = of_target(trials, split, the_task)
    width = target = None
    keys = {"dataset": data.dataset, "target": data.subject, "method": method, "n_blocks": n}
    keys |= {"model": name, "dim": dim, "mode": mode}
    keys["n_trials"] = data.n_trials(n)
    if teacher is not None:
        chosen = read_json(teacher)
        if chosen["status"] != "ok":
            write_json(output, result.failed({**keys, "width": None}, f"no teacher: {chosen['reason']}"))
            results.write(output.with_suffix(".parquet"), {}, {})
            return
        width, said = chosen["width"], np.load(scores, allow_pickle=False)
        if mode != ALIGN:
            target = softened(said["logits"], data.sequences, temperature=temperature, proportion=proportion)
    sequences, weights = lesson(data, n, target, copies=model.uses_copies)
    if mode == ALIGN:
        sequences = replace(sequences, guide=said["states"].astype(np.float64))
        training = {**training, "align": align}
    fits = _fitted(model, spec, sequences, weights, training, temperature, key=tuple(keys.values()))
    of_fits = {"width": -1 if width is None else width, **results.results(model, fits)}
    columns = results.columns(keys, fits.replicas, sequences, **of_fits)
    results.write(output.with_suffix(".parquet"), columns, fits.params)
    keys["width"] = width
    row = selected_row(columns)
    if row is None:
        write_json(output, result.failed(keys, f"every fit failed; the first: {fits.reason[0]}"))
        return
    of_fit = {column: columns[column][row].item() for column in result.OF_FIT}
    params = {parameter: values[row : row + 1] for parameter, values in fits.params.items()}
    test = result.tested(model, params, sequences, weights["test"])
    write_json(output, {**result.succeeded(keys, of_fit, test), "row": row})


def lesson(
    data: OfTarget, n: int, target: np.ndarray | None, *, copies: bool
) -> tuple[Sequences, dict[str, np.ndarray]]:
    """What a model learns from n blocks of the target: its choices, or shares of a teacher; and weights by role.

    Args:
        target: (trial, block, action) shares, for the target's blocks and their copies.
        copies: whether the model learns from copies, too, where there are shares.
    """
    sequences, weights = replace(data.sequences, target=target), data.roles(n)
    if target is not None and copies:
        return sequences, weights
    return sequences.subset(data.own), {role: values[:, data.own] for role, values in weights.items()}


def _fitted(
    model: Model,
    spec: dict[str, Any],
    sequences: Sequences,
    weights: dict[str, np.ndarray],
    training: dict[str, Any] | None,
    temperature: float,
    key: tuple[Any, ...],
) -> Fits:
    """The fits at a temperature T: as logits are linear in the readout, logits / T are fitted, and the readout is then
    multiplied by T. The loss is T^2 times that of logits / T, whose L1 weight is therefore 1 / T^2 of what is given.
    """
    if temperature == 1:
        return engine.fit(model, spec, sequences, [weights], training, key=key)
    cooler = {**spec, "l1": [weight / temperature**2 for weight in spec["l1"]]}
    fits = engine.fit(model, cooler, sequences, [weights], training, key=key)
    fits.params = heated(fits.params, temperature)
    fits.replicas = replace(fits.replicas, l1=fits.replicas.l1 * temperature**2)
    fits.nll, _, fits.test_accuracy = engine.evaluate(model, fits.params, sequences, fits.replicas)
    fits.followed = {role: loss * temperature**2 for role, loss in fits.followed.items()}
    return fits
