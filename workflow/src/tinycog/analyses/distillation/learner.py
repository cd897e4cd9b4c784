"""What learns from a subset of the target's blocks: students of a teacher, and networks and models without one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tinycog.analyses.distillation import design, result
from tinycog.analyses.distillation.compute import heated, softened
from tinycog.analyses.distillation.pool import OfTarget, of_targets
from tinycog.fitting import engine
from tinycog.fitting.engine import Fits
from tinycog.models import registry
from tinycog.models.interface import Model, Parameters
from tinycog.results import fits as results
from tinycog.results.parameters import choices
from tinycog.results.scores import read_arrays
from tinycog.results.selection import selected_row
from tinycog.tasks import task_of
from tinycog.trials.sequences import Sequences

ALIGN = "align"
ALONE = {"status": "ok", "width": None, "reason": ""}  # in the place of a teacher


def learn(
    trials: Sequence[Path],
    splits: Sequence[Path],
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
    mode: str = design.CHOICES,
    proportion: float = 1.0,
    temperature: float = 1.0,
    align: float = 0.0,
    teacher: Path | None = None,
    scores: Path | None = None,
) -> None:
    """Write which fit of each target is selected by validation, with its loss on the test blocks (.json), and all fits
    beside it. Each is fitted as if it were alone.

    Args:
        trials, splits: one for each target.
        method: `solo`, `cognitive`, `student` or `soft_cognitive`.
        n: blocks of a target that train or validate.
        mode: what is learnt: `choices`, or, with a teacher, `soft`, `mixed`, or `align`: choices, states being led.
        proportion, temperature: see `compute.softened`; a temperature is for networks alone.
        align: weight of 1 - CKA in mode `align`.
        teacher, scores: the selected teachers and what they say of the targets' trials.
    """
    the_task = task_of(task, n_actions)
    model = registry.build(the_task, spec, dim)
    chosen = choices(teacher) if teacher else [ALONE] * len(trials)
    said = read_arrays(scores, ["logits", "states"], len(trials)) if scores else [{}] * len(trials)
    found: dict[str, dict[str, Any]] = {}
    lessons = []
    for data, of_teacher, arrays in zip(of_targets(trials, splits, the_task), chosen, said, strict=True):
        keys = {"dataset": data.dataset, "target": data.subject, "method": method, "n_blocks": n}
        keys |= {"model": name, "dim": dim, "mode": mode, "n_trials": data.n_trials(n)}
        width, target, guide = of_teacher["width"], None, None
        found[data.subject] = result.failed({**keys, "width": width}, f"no teacher: {of_teacher['reason']}")
        if of_teacher["status"] != "ok":
            continue
        if mode == ALIGN:
            guide = arrays["states"].astype(np.float64)
        elif arrays:
            target = softened(arrays["logits"], data.sequences, temperature=temperature, proportion=proportion)
        sequences, weights = lesson(data, n, target, copies=model.uses_copies)
        lessons.append(Lesson(keys, width, replace(sequences, guide=guide), weights))
    if mode == ALIGN:
        training = {**training, "align": align}
    tables: list[dict[str, np.ndarray]] = []
    parameters = []
    fitted = _fitted(model, spec, lessons, training, temperature)
    for of_target, fits in zip(lessons, fitted, strict=True):
        of_fits = {"width": -1 if of_target.width is None else of_target.width, **results.results(model, fits)}
        columns = results.columns(of_target.keys, fits.replicas, of_target.sequences, **of_fits)
        first = sum(len(table["seed"]) for table in tables)
        found[of_target.keys["target"]] = _selected(of_target, columns, model, fits.params, first)
        tables.append(columns)
        parameters.append(fits.params)
    results.write(output.with_suffix(".parquet"), results.joined(tables), results.joined(parameters))
    result.write(output, list(found.values()))


class Lesson(NamedTuple):
    """What is learnt of a target: `keys` of its row, width of its teacher's vectors or None, trials and roles."""

    keys: dict[str, Any]
    width: int | None
    sequences: Sequences
    weights: dict[str, np.ndarray]


def _selected(
    of_target: Lesson, columns: dict[str, np.ndarray], model: Model, params: Parameters, first: int
) -> dict[str, Any]:
    """A target's row; `columns` and `params` are of its fits, which begin at row `first` of the file."""
    keys, row = {**of_target.keys, "width": of_target.width}, selected_row(columns)
    if row is None:
        return result.failed(keys, f"every fit failed; the first: {columns['reason'][0]}")
    of_fit = {column: columns[column][row].item() for column in result.OF_FIT}
    of_row = {parameter: values[row : row + 1] for parameter, values in params.items()}
    test = result.tested(model, of_row, of_target.sequences, of_target.weights["test"])
    return {**result.succeeded(keys, of_fit, test), "row": first + row}


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
    model: Model, spec: dict[str, Any], lessons: list[Lesson], training: dict[str, Any] | None, temperature: float
) -> list[Fits]:
    """The fits of each at a temperature T: as logits are linear in the readout, logits / T are fitted, and the readout
    is then multiplied by T. The loss is T^2 times that of logits / T, whose L1 weight is 1 / T^2 of the given.
    """
    cooler = spec if temperature == 1 else {**spec, "l1": [weight / temperature**2 for weight in spec["l1"]]}
    jobs = [engine.job(model, cooler, of.sequences, [of.weights], tuple(of.keys.values())) for of in lessons]
    found = engine.fit_each(model, cooler, jobs, training)
    if temperature == 1:
        return found
    for fits, (sequences, *_) in zip(found, jobs, strict=True):
        fits.params = heated(fits.params, temperature)
        fits.replicas = replace(fits.replicas, l1=fits.replicas.l1 * temperature**2)
        fits.nll, _, fits.test_accuracy = engine.evaluate(model, fits.params, sequences, fits.replicas)
        fits.followed = {role: loss * temperature**2 for role, loss in fits.followed.items()}
    return found
