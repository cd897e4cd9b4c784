"""One fit job: every replica of one model on one outer fold."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from tinycog.errors import InputError
from tinycog.fitting.objective import FOLLOWED, Replicas, replicas
from tinycog.models.interface import Model, Parameters, run
from tinycog.trials.sequences import Sequences, expected_log_likelihood, is_predicted, log_likelihood
from tinycog.trials.splits import ROLES

# Of every replica: parameters by name (replica, ...), epochs, best epoch, how it ended, and why it failed; see `Fits`
Replicated = tuple[dict[str, np.ndarray], np.ndarray, np.ndarray, np.ndarray, list[str]]
EVALUATED = 1_000_000  # numbers in the states of all choices that are evaluated together


@dataclass
class Fits:
    """The fits of one job, replica by replica.

    Attributes:
        params: name: (replica, ...) float64.
        nll: role: (replica,) nats per scored choice; NaN for a failed replica. Test values are only reported: they may
            be infinite, and are NaN where no test choice is scored.
        followed: role: (replica,) what training minimises and validation follows: the same, or, where there are a
            teacher's targets, the loss against these.
        test_accuracy: (replica,) share of test choices that had the highest probability.
        epochs: epochs of training, or likelihood evaluations of a cognitive model.
        best_epoch: epoch whose parameters were kept; for a cognitive model the last evaluation.
        ended: (replica,) how the fit ended: `patience` or `max_epochs`; of a cognitive model `converged` or
            `max_evaluations`; `failed`.
        reason: why a replica failed, or empty.
    """

    replicas: Replicas
    params: dict[str, np.ndarray]
    nll: dict[str, np.ndarray]
    followed: dict[str, np.ndarray]
    test_accuracy: np.ndarray
    epochs: np.ndarray
    best_epoch: np.ndarray
    ended: np.ndarray
    reason: list[str]


def fit(
    model: Model,
    spec: dict[str, Any],
    sequences: Sequences,
    splits: list[dict[str, np.ndarray]],
    training: dict[str, Any] | None = None,
    key: tuple[Any, ...] = (),
) -> Fits:
    """Fit `model` on the inner splits of one outer fold; see `job` and `fit_each`."""
    return fit_each(model, spec, [job(model, spec, sequences, splits, key)], training)[0]


class Job(NamedTuple):
    """What is fitted of one subject's outer fold; see `job`."""

    sequences: Sequences
    grid: Replicas
    key: tuple[Any, ...]


def job(
    model: Model, spec: dict[str, Any], sequences: Sequences, splits: list[dict[str, np.ndarray]], key: tuple[Any, ...]
) -> Job:
    """Every replica of a model on the inner splits of one outer fold.

    Args:
        splits: weights by role of every inner fold, see `folds.read`.
        spec: the model's config.
        key: names the job; what is random in a cognitive model's fits depends on it.

    Raises:
        InputError: a cell that is fed a condition would not see how large the rewards are.
    """
    _refuse_graded_rewards(model, sequences)
    return Job(sequences, replicas(splits, *_method(model).starts(model, spec)), key)


def _method(model: Model) -> ModuleType:
    return import_module(model.fitted_by)


def fit_each(model: Model, spec: dict[str, Any], jobs: list[Job], training: dict[str, Any] | None = None) -> list[Fits]:
    """The fits of each job, each as if it were alone, by the module that the model's `fitted_by` names.

    That module has two functions: `starts(model, spec)`, the seeds and the L1 weights that multiply the inner folds,
    and `fit_replicas(model, spec, sequences, grid, training, key)`, which gives for each replica of the grid what
    `Replicated` says. It may have a third, `fit_each(model, spec, jobs, training)`, which does so for all jobs at once.

    A replica has failed if its parameters, or its NLL in training or validation, are not finite, or if its inner fold
    has no choice to train or to validate on. Test choices play no part.

    Args:
        training: options of network training, with `device`; None for a model that has none.
    """
    followed = [Job(*_followed(sequences, grid), key) for sequences, grid, key in jobs]
    with np.errstate(invalid="ignore"):  # the mean over no choice
        if hasattr(_method(model), "fit_each"):
            results = _method(model).fit_each(model, spec, followed, training)
        else:
            fit_replicas = _method(model).fit_replicas
            results = [fit_replicas(model, spec, *of_job, training, key) for *of_job, key in followed]
        return [_fits(model, *of_job, of_each) for (*of_job, _), of_each in zip(jobs, results, strict=True)]


def _fits(model: Model, sequences: Sequences, grid: Replicas, results: Replicated) -> Fits:
    params, epochs, best_epoch, ended, reason = results
    nll, followed, accuracy = evaluate(model, params, sequences, grid)
    for role in FOLLOWED:
        lost = f"{role} NLL not finite"
        reason = [why or ("" if ok else lost) for why, ok in zip(reason, np.isfinite(followed[role]), strict=True)]
    of_inner = zip(*np.unique(grid.inner, return_index=True), strict=True)
    unfit = {i: _unfit(sequences, {role: of[row] for role, of in grid.weights.items()}) for i, row in of_inner}
    reason = [unfit[inner] or why for inner, why in zip(grid.inner, reason, strict=True)]
    failed = np.array([bool(why) for why in reason])
    for values in (*nll.values(), *followed.values(), accuracy):
        values[failed] = np.nan
    return Fits(grid, params, nll, followed, accuracy, epochs, best_epoch, np.where(failed, "failed", ended), reason)


def _refuse_graded_rewards(model: Model, sequences: Sequences) -> None:
    """Refuse rewards between 0 and 1 for a cell that has one set of weights for reward and one for none."""
    if not model.by_condition:
        return
    graded = np.argwhere(~np.isin(sequences.reward, (0.0, 1.0)).T)
    if len(graded):
        block, trial = graded[0]
        raise InputError(
            f"cell {model.cell!r} has weights for reward and for no reward, and none in between: found reward "
            f"{sequences.reward[trial, block]:g} (block {block}, trial {trial}); allowed: rewards 0 and 1, or a cell "
            "that is fed the reward itself, such as gru"
        )


def _unfit(sequences: Sequences, split: dict[str, np.ndarray]) -> str:
    """Why an inner fold cannot be fitted, or empty: no scored choice to train or to validate on."""
    for role in FOLLOWED:
        if not (split[role] * sequences.mask).any():
            blocks = ", ".join(map(str, np.flatnonzero(split[role].any(0)))) or "none"
            return f"no choice to score in the role {role!r} (its blocks: {blocks})"
    return ""


def n_unlearnt(model: Model, sequences: Sequences, split: dict[str, np.ndarray], blocks: Any = slice(None)) -> int:
    """Number of scored test choices, in all blocks or in some, predicted with weights that were never trained.

    A network with separate weights for each input condition learns the weights of a condition only from training
    choices that follow the condition in their block. Weights of other conditions keep their initial values, apart from
    the L1, and predictions after such a condition in a block depend on them, in validation and in test.
    """
    if not model.by_condition:
        return 0
    trained = split["train"] * sequences.mask > 0
    before_training = np.cumsum(trained[:0:-1], axis=0)[::-1] > 0
    condition = sequences.condition[:-1]
    unlearnt = ~np.isin(condition, condition[before_training])
    after_unlearnt = np.logical_or.accumulate(unlearnt, axis=0)
    tested = (split["test"] * sequences.mask > 0)[1:]
    return int((tested & after_unlearnt)[:, blocks].sum())


def _followed(sequences: Sequences, grid: Replicas) -> tuple[Sequences, Replicas]:
    """The blocks that some replica trains or validates on; test is measured once, at the end."""
    blocks = np.flatnonzero(sum(grid.weights[role].sum((0, 1)) for role in FOLLOWED))
    if len(blocks) in (0, sequences.n_blocks):
        return sequences, grid
    sequences = sequences.subset(blocks)
    return sequences, grid.of_blocks(blocks, sequences.n_trials)


def evaluate(
    model: Model, params: Parameters, sequences: Sequences, grid: Replicas
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], np.ndarray]:
    """Of every replica the NLL of choices in every role, what training and validation follow, and the test accuracy."""
    n_scored = grid.n_scored(sequences)
    total = {role: np.zeros(len(grid)) for role in ROLES}
    of_targets = {role: np.zeros(len(grid)) for role in FOLLOWED if sequences.target is not None}
    n_predicted = np.zeros(len(grid))
    used = np.flatnonzero(sum(weights.sum((0, 1)) for weights in grid.weights.values()))
    n_choices = EVALUATED // max(1, model.n_state)
    n_blocks = max(1, min(len(used), n_choices // sequences.n_trials))
    size = max(1, n_choices // (sequences.n_trials * n_blocks))
    for start in range(0, len(used), n_blocks):
        blocks = used[start : start + n_blocks]
        data = sequences.subset(blocks)
        for rows in (slice(first, first + size) for first in range(0, len(grid), size)):
            some = {name: value[rows] for name, value in params.items()}
            logits = run(model, some, data, data.n_trials - 1)[1]
            own = {role: weights[rows][:, : data.n_trials, blocks] for role, weights in grid.weights.items()}
            for sums, likelihood_of in ((total, log_likelihood), (of_targets, expected_log_likelihood)):
                likelihood = likelihood_of(logits, data, model.log_floor) if sums else 0.0
                for role in sums:
                    counted = likelihood * own[role]
                    np.copyto(counted, 0.0, where=own[role] == 0)  # a block outside of this role may be infinite
                    sums[role][rows] -= counted.sum((1, 2))
            n_predicted[rows] += (is_predicted(logits, data, model.ties_fail) * own["test"]).sum((1, 2))
    nll, followed = ({role: of[role] / n_scored[role] for role in of} for of in (total, of_targets))
    followed = followed or {role: nll[role].copy() for role in FOLLOWED}
    return nll, followed, n_predicted / n_scored["test"]
