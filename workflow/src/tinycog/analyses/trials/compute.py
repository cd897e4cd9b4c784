"""What one fitted model says of each choice (methods: trials of a fit)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tinycog.errors import InputError
from tinycog.models.interface import Model, Trial
from tinycog.results.scores import Scores, relative
from tinycog.tasks import Task
from tinycog.trials.sequences import guarded, log_softmax

Columns = dict[str, np.ndarray]


def choices(table: Mapping[str, np.ndarray], task: Task) -> Columns:
    """The choices of a trial table, (choice,) each, in the order of `Scores`: copies of blocks are left out.

    `action` and `reward` are NaN where they are missing, and a reward belongs to the last choice of its trial.
    """
    own = table["aug_of"] == table["block"] if "aug_of" in table else np.ones(len(table["block"]), dtype=bool)
    columns = {name: np.repeat(values[own], task.stages) for name, values in table.items()}
    last = np.arange(len(columns["block"])) % task.stages == task.stages - 1
    scored, action = columns["mask"], columns["action"]
    if task.stages == 2:
        scored, action = (np.where(last, columns[f"{name}2"], columns[name]) for name in ("mask", "action"))
    return columns | {
        "choice": np.where(last, task.stages, 1),
        "scored": scored == 1,
        "action": np.where(scored == 1, action, np.nan),
        "reward": np.where((scored == 1) & last, columns["reward"], np.nan),
    }


def names(model: Model, task: Task) -> tuple[list[str], list[str], list[str]]:
    """Names of the actions, of the columns of logits, and of the state's variables."""
    actions = [str(action) for action in range(task.n_actions)]
    logits = ["logit"] if len(actions) == 2 else [f"logit_{action}" for action in actions]
    return actions, logits, list(model.state_names)


def of_fold(model: Model, task: Task, chosen: Columns, scores: Scores) -> Columns:
    """What a model says of each choice, (choice,) each; NaN where it says nothing.

    Raises:
        InputError: the scores are of other choices.
    """
    if not np.array_equal(scores.mask, chosen["scored"]):
        raise InputError(
            f"subject {chosen['subject'][0]!r}: scores of {len(scores.mask)} choices do not fit the trial table's "
            f"{len(chosen['scored'])}; make them again with: snakemake --forcerun score_model ..."
        )
    offered = scores.offered(task)
    log_p = log_softmax(offered)
    actions, logits, variables = names(model, task)
    code = np.where(chosen["scored"], chosen["action"], 0).astype(int)
    likelihood = guarded(np.take_along_axis(log_p, code[:, None], axis=1)[:, 0], model.log_floor)
    nll = np.where(chosen["scored"], 0.0 - likelihood, np.nan)
    return {
        **{f"p_{name}": column for name, column in zip(actions, np.exp(log_p).T, strict=True)},
        **dict(zip(logits, relative(offered).T, strict=True)),
        **dict(zip(variables, scores.before(scores.states).T, strict=True)),
        "prediction_error": _prediction_error(model, task, chosen, code, scores),
        "nll": nll,
        "test_nll": np.where(scores.split == "test", nll, np.nan),
    }


def _prediction_error(model: Model, task: Task, chosen: Columns, code: np.ndarray, scores: Scores) -> np.ndarray:
    paid = chosen["choice"] == task.stages
    reached = chosen["state"][paid]
    slot = code[paid] if task.stages == 1 else task.n_actions + 2 * reached + code[paid]
    trial = Trial(slot, reached, chosen["reward"][paid], task.stages - 1)
    errors = np.full(len(paid), np.nan)
    found = model.prediction_error(scores.before(scores.states)[None, paid], trial)
    if found is not None:
        errors[paid] = found[0]
    return errors


def averaged(folds: Sequence[Columns], unlike: Sequence[str]) -> tuple[Columns, Columns]:
    """Mean and SD (n - 1) over outer folds of each column, over the folds that have a value.

    Args:
        unlike: columns that do not mean the same in different fits, which are NaN.
    """
    means, spreads = {}, {}
    for name, first in folds[0].items():
        values = np.ma.masked_invalid([fold[name] for fold in folds])
        if name in unlike:
            values = np.ma.masked_all((1, len(first)))
        means[name] = values.mean(axis=0).filled(np.nan)
        spreads[name] = values.std(axis=0, ddof=1).filled(np.nan)
    return means, spreads
