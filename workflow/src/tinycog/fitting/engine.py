"""One fit job: every replica of one model on one outer fold."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from tinycog.fitting.objective import FOLLOWED, Replicas, replicas
from tinycog.models.interface import Model, Parameters, run
from tinycog.sequences import Sequences, expected_log_likelihood, is_predicted, log_likelihood
from tinycog.splits import ROLES

EVALUATED = 100_000  # choices of all replicas that are evaluated together


@dataclass
class Fits:
    """The fits of one job, replica by replica.

    Attributes:
        params: name: (replica, ...) float64.
        nll: role: (replica,) nats per scored choice; NaN for a failed replica.
        test_accuracy: (replica,) share of test choices that had the highest probability.
        epochs: epochs of training, or likelihood evaluations of a cognitive model.
        best_epoch: epoch whose parameters were kept; for a cognitive model the last evaluation.
        reason: why a replica failed, or empty.
    """

    replicas: Replicas
    params: dict[str, np.ndarray]
    nll: dict[str, np.ndarray]
    test_accuracy: np.ndarray
    epochs: np.ndarray
    best_epoch: np.ndarray
    reason: list[str]


def fit(
    model: Model,
    spec: dict[str, Any],
    sequences: Sequences,
    splits: list[dict[str, np.ndarray]],
    training: dict[str, Any] | None = None,
    key: tuple[Any, ...] = (),
) -> Fits:
    """Fit `model` on the inner splits of one outer fold, by the module that it is `fitted_by`.

    That module has two functions: `starts(model, spec)`, the seeds and the L1 weights that multiply the inner folds,
    and `fit_replicas(model, spec, sequences, grid, training, key)`, which gives for each replica of the grid parameters
    by name, `epochs`, `best_epoch` and `reason` as in `Fits`.

    Args:
        splits: weights by role of every inner fold, see `folds.read`.
        spec: the model's config.
        training: options of network training, with `device`; None for a model that has none.
        key: names the job; what is random in a cognitive model's fits depends on it.

    A replica has failed if its loss was not finite, or if nothing can be learnt from its inner fold, see `_unfit`.
    """
    with np.errstate(invalid="ignore"):  # the mean over no choice
        method = import_module(model.fitted_by)
        grid = replicas(splits, *method.starts(model, spec))
        results = method.fit_replicas(model, spec, *_followed(sequences, grid), training, key)
        params, epochs, best_epoch, reason = results
        nll, accuracy = evaluate(model, params, sequences, grid)
    for role, values in nll.items():
        lost = f"{role} NLL not finite"
        reason = [why or ("" if ok else lost) for why, ok in zip(reason, np.isfinite(values), strict=True)]
    unfit = {inner: _unfit(model, sequences, splits[inner]) for inner in np.unique(grid.inner)}
    reason = [unfit[inner] or why for inner, why in zip(grid.inner, reason, strict=True)]
    failed = np.array([bool(why) for why in reason])
    for values in (*nll.values(), accuracy):
        values[failed] = np.nan
    return Fits(grid, params, nll, accuracy, epochs, best_epoch, reason)


def _unfit(model: Model, sequences: Sequences, split: dict[str, np.ndarray]) -> str:
    """Why an inner fold cannot be fitted, or empty.

    A role needs a scored choice; and a network that has weights of its own for each condition can predict only after
    conditions that came before some training choice, in the same block.
    """
    scored = {role: split[role] * sequences.mask > 0 for role in ROLES}
    for role in ROLES:
        if not scored[role].any():
            blocks = ", ".join(map(str, np.flatnonzero(split[role].any(0)))) or "none"
            return f"no choice to score in the role {role!r} (its blocks: {blocks})"
    if not model.by_condition:
        return ""
    before = {role: np.cumsum(of_role[:0:-1], axis=0)[::-1] > 0 for role, of_role in scored.items()}
    condition = sequences.condition[:-1]
    learnt = np.unique(condition[before["train"]])
    for role in ROLES[1:]:
        unknown = before[role] & ~np.isin(condition, learnt)
        if unknown.any():
            trial, block = np.argwhere(unknown)[0]
            return (
                f"input condition {condition[trial, block]} of the {role} choices (block {block}, trial {trial}) "
                "comes before no training choice: its weights cannot be learnt"
            )
    return ""


def _followed(sequences: Sequences, grid: Replicas) -> tuple[Sequences, Replicas]:
    """The blocks that some replica trains or validates on; test is measured once, at the end."""
    blocks = np.flatnonzero(sum(grid.weights[role].sum((0, 1)) for role in FOLLOWED))
    if len(blocks) in (0, sequences.n_blocks):
        return sequences, grid
    sequences = sequences.subset(blocks)
    return sequences, grid.of_blocks(blocks, sequences.n_trials)


def evaluate(
    model: Model, params: Parameters, sequences: Sequences, grid: Replicas
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """NLL of every role, training and validation with targets if there are any, and test accuracy, of every replica."""
    n_scored = grid.n_scored(sequences)
    total = {role: np.empty(len(grid)) for role in ROLES}
    n_predicted = np.empty(len(grid))
    size = max(1, EVALUATED // (sequences.n_trials * sequences.n_blocks))
    for rows in (slice(start, start + size) for start in range(0, len(grid), size)):
        some = {name: value[rows] for name, value in params.items()}
        _, logits = run(model, some, sequences, sequences.n_trials - 1)
        of_choices = of_targets = log_likelihood(logits, sequences, model.log_floor)
        if sequences.target is not None:
            of_targets = expected_log_likelihood(logits, sequences, model.log_floor)
        for role in ROLES:
            likelihood = of_targets if role in FOLLOWED else of_choices
            total[role][rows] = -(likelihood * grid.weights[role][rows]).sum((1, 2))
        n_predicted[rows] = (is_predicted(logits, sequences, model.ties_fail) * grid.weights["test"][rows]).sum((1, 2))
    return {role: total[role] / n_scored[role] for role in ROLES}, n_predicted / n_scored["test"]
