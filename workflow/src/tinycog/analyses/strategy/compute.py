"""Answers to questions about one subject, from how well models with each answer predict (methods: verdicts)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinycog.analyses.strategy.traits import CANNOT, Traits
from tinycog.generators import generator
from tinycog.results.resampling import resamples
from tinycog.results.scores import Scores
from tinycog.results.selection import common
from tinycog.tasks import Task
from tinycog.trials.sequences import guarded, log_softmax

QUESTIONS = ("update", "planning", "perseveration")
FEWEST_BLOCKS = 10  # of test blocks behind an interval

Name = tuple[str, int]  # model and dim


@dataclass(frozen=True)
class Fold:
    """A model's selected fit of one outer fold.

    Attributes:
        validation: mean NLL over validation choices of the best fit of every inner fold, nats per choice.
        nll, n: (block,) summed NLL of test choices and their number.
        lean: (2, block), see `lean`; None of models that may prefer an action, and where a choice is not of two.
    """

    validation: float
    nll: np.ndarray
    n: np.ndarray
    lean: np.ndarray | None = None


@dataclass(frozen=True)
class Fitted:
    """A model and dim of one subject.

    Attributes:
        traits: what a cognitive model assumes; None of a network.
        folds: outer fold: its selected fit.
    """

    traits: Traits | None
    folds: Mapping[int, Fold]


def by_block(scores: Scores, task: Task, log_floor: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Summed NLL of the scored test choices of each block, nats, and their number."""
    action, second = (task.trial_of(scores.condition)[place] for place in (0, 2))
    chosen = action if task.stages == 1 else np.stack([action, second], axis=1).ravel()
    log_p = np.take_along_axis(log_softmax(scores.offered(task)), chosen[:, None].astype(int), axis=1)[:, 0]
    tested = _tested(scores)
    nll, n = (
        _of_blocks(scores, task, values) for values in (np.where(tested, -guarded(log_p, log_floor), 0.0), tested)
    )
    return nll, n


def lean(scores: Scores, task: Task) -> np.ndarray:
    """What says that a subject prefers the first of two actions more than the model does, (2, block).

    Sums over scored test choices of y - p and of p (1 - p), where p is the model's probability of the first action and
    y is 1 where it was chosen. Their ratio is what one step of Newton's method would add to all logits.
    """
    p, tested = np.exp(log_softmax(scores.offered(task))[:, 0]), _tested(scores)
    first = task.trial_of(scores.condition)[0] == 0
    return np.stack([_of_blocks(scores, task, np.where(tested, of, 0.0)) for of in (first - p, p * (1 - p))])


def _tested(scores: Scores) -> np.ndarray:
    return (scores.mask == 1) & (scores.split == "test")


def _of_blocks(scores: Scores, task: Task, values: np.ndarray) -> np.ndarray:
    """Sums of values (choice,) over the choices of each block."""
    starts = scores.trial_start * task.stages
    return np.bincount(np.repeat(np.arange(len(starts) - 1), np.diff(starts)), values, len(starts) - 1)


def evidence(
    fitted: Mapping[Name, Fitted], *, tolerance: float, bootstrap: int, key: tuple[Any, ...]
) -> Iterator[dict[str, Any]]:
    """Rows of table `strategy_evidence` of one subject: each set of assumptions, the best first, and its networks.

    For each stands, in every outer fold, the model with these assumptions that validation prefers. Its loss is its test
    NLL above that of the best set of assumptions; the interval is over test blocks, which all share.

    Args:
        tolerance: nats per choice.
        bootstrap: number of resamples of blocks.
        key: of the resamples.
    """
    shared = Shared.of(fitted)
    alike: dict[Traits | None, list[Name]] = {}
    for name in shared.names:
        alike.setdefault(fitted[name].traits, []).append(name)
    stands = {
        traits: [min(own, key=lambda name, o=o: fitted[name].folds[o].validation) for o in shared.outer]
        for traits, own in alike.items()
    }
    nll = {traits: shared.nll(fitted, own) for traits, own in stands.items()}
    best = min((traits for traits in nll if traits), key=lambda traits: nll[traits].sum(), default=None)
    if best is None:
        return
    losses = compared(nll, shared.n, bootstrap, (*key, "assumptions"), best)
    reasons = remaining({traits: loss for traits, loss in losses.items() if traits}, tolerance)
    for traits, loss in losses.items():
        times = {f"{model} d={dim}": stands[traits].count((model, dim)) for model, dim in stands[traits]}
        assumed = vars(traits) if traits else dict.fromkeys(QUESTIONS)
        yield {
            **{"network": traits is None, **assumed, "n_mechanisms": traits.n_mechanisms if traits else None},
            **{"remains": traits is not None and not reasons[traits], "reason": reasons.get(traits, "")},
            **{"models": json.dumps(times), **shared.row(nll[traits], loss)},
        }


def comparison(fitted: Mapping[Name, Fitted], *, bootstrap: int, key: tuple[Any, ...]) -> Iterator[dict[str, Any]]:
    """Rows of table `model_comparison` of one subject: every model against the one that validation prefers."""
    shared = Shared.of(fitted)
    validation = {
        name: float(np.mean([fitted[name].folds[o].validation for o in shared.outer])) for name in shared.names
    }
    nll = {name: shared.nll(fitted, [name] * len(shared.outer)) for name in shared.names}
    of_draws = drawn(len(shared.n), bootstrap, (*key, "bias"))
    best = min(shared.names, key=validation.__getitem__) if shared.names else None
    for (model, dim), loss in compared(nll, shared.n, bootstrap, (*key, "models"), best).items() if best else ():
        yield {
            **{"model": model, "dim": dim, "family": "cognitive" if fitted[model, dim].traits else "rnn"},
            **{"validation_nll": validation[model, dim], **shared.row(nll[model, dim], loss)},
            **_bias([fitted[model, dim].folds[o].lean for o in shared.outer], shared.tested, of_draws),
        }


def _bias(leans: list[np.ndarray | None], tested: np.ndarray, counts: np.ndarray | None) -> dict[str, float | None]:
    """What has to be added to a model's logits, nats, with its 95 % interval; see `lean`."""
    if any(of is None for of in leans):
        return dict.fromkeys(("bias", "bias_low", "bias_high"))
    pull, give = np.concatenate(leans, axis=1)[:, tested]
    low, high = np.nan, np.nan
    with np.errstate(divide="ignore", invalid="ignore"):  # a model that is certain of every choice
        value = pull.sum() / give.sum()
        if counts is not None:
            low, high = np.quantile(_sums(counts, pull) / _sums(counts, give), (0.025, 0.975))
    return {"bias": float(value), "bias_low": float(low), "bias_high": float(high)}


@dataclass(frozen=True)
class Shared:
    """The models of a subject that are compared, and the test blocks of the outer folds that all of them have.

    Attributes:
        n: (block,) test choices of each block.
        tested: which blocks of which outer folds these are, among all.
    """

    names: list[Name]
    outer: list[int]
    n: np.ndarray
    tested: np.ndarray

    @classmethod
    def of(cls, fitted: Mapping[Name, Fitted]) -> Shared:
        names, folds = common({name: set(own.folds) for name, own in fitted.items()})
        outer = sorted(folds)
        n = np.concatenate([fitted[names[0]].folds[o].n for o in outer]) if names else np.zeros(0)
        return cls(names, outer, n[n > 0], n > 0)

    def nll(self, fitted: Mapping[Name, Fitted], chosen: list[Name]) -> np.ndarray:
        """Summed NLL of each block, of a model for each outer fold."""
        each = [fitted[name].folds[o].nll for name, o in zip(chosen, self.outer, strict=True)]
        return np.concatenate(each)[self.tested]

    def validation(self, fitted: Mapping[Name, Fitted], chosen: list[Name]) -> float:
        """Mean validation NLL of a model for each outer fold."""
        return float(np.mean([fitted[name].folds[o].validation for name, o in zip(chosen, self.outer, strict=True)]))

    def row(self, nll: np.ndarray, loss: Loss) -> dict[str, Any]:
        return {
            **{"test_nll": float(nll.sum() / self.n.sum()), **vars(loss)},
            **{"n_blocks": len(self.n), "n_test": int(self.n.sum()), "n_outer": len(self.outer)},
        }


@dataclass(frozen=True)
class Loss:
    """How much worse something predicts than what it is compared with, nats per test choice, with its 95 % interval."""

    loss: float
    low: float
    high: float


def compared(
    nll: Mapping[Any, np.ndarray], n: np.ndarray, bootstrap: int, key: tuple[Any, ...], best: Any = None
) -> dict[Any, Loss]:
    """Loss of each set of assumptions, or model, the best first. With too few blocks there is no interval.

    Args:
        nll: (block,) summed test NLL of each.
        n: (block,) test choices.
        best: what the others are compared with, by default the one with the lowest test NLL.
    """
    best = min(nll, key=lambda answer: nll[answer].sum()) if best is None else best
    found = {best: Loss(0.0, 0.0, 0.0)}
    counts = drawn(len(n), bootstrap, key)
    for answer in sorted(set(nll) - {best}, key=lambda answer: nll[answer].sum()):
        above = nll[answer] - nll[best]
        low, high = np.nan, np.nan
        if counts is not None:
            low, high = np.quantile(_sums(counts, above) / _sums(counts, n), (0.025, 0.975))
        found[answer] = Loss(float(above.sum() / n.sum()), float(low), float(high))
    return found


def drawn(n_blocks: int, bootstrap: int, key: tuple[Any, ...]) -> np.ndarray | None:
    """How often each block is drawn in each resample, (resample, block); None with too few blocks."""
    if n_blocks < FEWEST_BLOCKS:
        return None
    return resamples(n_blocks, bootstrap, generator("strategy", *key))[1:]


def _sums(counts: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Of each resample. Einsum adds up in one order; the sums of a matrix product depend on the number of threads."""
    return np.einsum("ij,j->i", counts, values)


def remaining(losses: Mapping[Traits, Loss], tolerance: float) -> dict[Traits, str]:
    """Why each set of assumptions is left out; empty for those that remain (methods: verdicts).

    Args:
        losses: the best first.
        tolerance: nats per choice.
    """
    best = next(iter(losses))
    if any(np.isnan(loss.low) for loss in losses.values()):
        return dict.fromkeys(losses, "")
    reasons = {of: "predicts worse" if of != best and loss.low > 0 else "" for of, loss in losses.items()}
    possible = [of for of, why in reasons.items() if not why]
    enough = [of.n_mechanisms for of in possible if losses[of].high < tolerance]
    for of in possible:
        if enough and of.n_mechanisms > min(enough):
            reasons[of] = f"what assumes less loses less than {tolerance:g} nats per choice"
    return reasons


def told(assumed: Collection[Traits], remain: Collection[Traits]) -> dict[str, str | None]:
    """The answer to each question: what all assumptions that remain share.

    None for a question in which models do not differ. Perseveration cannot be told of an update with which no model
    has another answer.
    """
    found: dict[str, str | None] = {}
    for question in QUESTIONS:
        possible = {getattr(of, question) for of in assumed} - {None}
        answers = {getattr(of, question) for of in remain}
        found[question] = None if len(possible) < 2 or answers == {None} else CANNOT
        if found[question] and len(answers) == 1:
            (found[question],) = answers
    updates = {of.update for of in remain}
    tried = {of.perseveration for of in assumed if of.update in updates}
    if found["perseveration"] and len(tried) < 2:
        found["perseveration"] = CANNOT
    return found
