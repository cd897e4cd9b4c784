"""Answers to questions about one subject, from how well models with each answer predict (methods: verdicts)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinycog.analyses.strategy.traits import NO, SIMPLER, YES, Traits
from tinycog.generators import generator
from tinycog.results.scores import Scores
from tinycog.results.selection import common
from tinycog.tasks import Task
from tinycog.trials.sequences import guarded, log_softmax

CANNOT = "cannot be told"
QUESTIONS = ("enough", "update", "planning", "perseveration")
FEWEST_BLOCKS = 10  # of test blocks behind an interval

Name = tuple[str, int]  # model and dim


@dataclass(frozen=True)
class Fold:
    """A model's selected fit of one outer fold.

    Attributes:
        validation: mean NLL over validation choices of the best fit of every inner fold, nats per choice.
        nll, n: (block,) summed NLL of test choices and their number.
    """

    validation: float
    nll: np.ndarray
    n: np.ndarray


@dataclass(frozen=True)
class Fitted:
    """A model and dim of one subject.

    Attributes:
        answers: question: the model's answer, of the questions that it answers.
        folds: outer fold: its selected fit.
    """

    answers: Mapping[str, str]
    folds: Mapping[int, Fold]


def answers(traits: Traits | None) -> dict[str, str]:
    """Of a cognitive model with some traits, or of a network, which has none."""
    found = {"enough": YES if traits else NO} | (vars(traits) if traits else {})
    return {question: answer for question, answer in found.items() if answer}


def by_block(scores: Scores, task: Task, log_floor: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Summed NLL of the scored test choices of each block, nats, and their number."""
    action, second = (task.trial_of(scores.condition)[place] for place in (0, 2))
    chosen = action if task.stages == 1 else np.stack([action, second], axis=1).ravel()
    log_p = np.take_along_axis(log_softmax(scores.offered(task)), chosen[:, None].astype(int), axis=1)[:, 0]
    counts = (scores.mask == 1) & (scores.split == "test")
    nll = np.where(counts, -guarded(log_p, log_floor), 0.0)
    starts = scores.trial_start * task.stages
    block = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    return np.bincount(block, nll, len(starts) - 1), np.bincount(block, counts, len(starts) - 1)


def evidence(
    fitted: Mapping[Name, Fitted], *, tolerance: float, bootstrap: int, key: tuple[Any, ...]
) -> Iterator[dict[str, Any]]:
    """Rows of table `strategy_evidence` of one subject: each answer to each question that its models differ in.

    For an answer stands, in every outer fold, the model with this answer that validation prefers. The loss of an answer
    is its test NLL above that of the best one; its interval is over test blocks, which all answers share. Perseveration
    is asked among models of one update, the one that validation prefers: else a subject whose values change in another
    way than those of models with perseveration would seem to have none.

    Args:
        tolerance: nats per choice.
        bootstrap: number of resamples of blocks.
        key: of the resamples.
    """
    shared = Shared.of(fitted)
    update = None
    for question in QUESTIONS:
        of_answer: dict[str, list[Name]] = {}
        for name in shared.names:
            says = fitted[name].answers
            if question in says and (question != "perseveration" or update in (says["update"], None)):
                of_answer.setdefault(says[question], []).append(name)
        if len(of_answer) < 2:
            continue
        stands = {
            answer: [min(own, key=lambda name, o=o: fitted[name].folds[o].validation) for o in shared.outer]
            for answer, own in of_answer.items()
        }
        if question == "update":
            update = min(stands, key=lambda answer: shared.validation(fitted, stands[answer]))
        nll = {answer: shared.nll(fitted, own) for answer, own in stands.items()}
        losses = compared(nll, shared.n, bootstrap, (*key, question))
        verdict, why = decided(losses, SIMPLER[question], tolerance)
        for answer, loss in losses.items():
            times = {f"{model} d={dim}": stands[answer].count((model, dim)) for model, dim in stands[answer]}
            yield {
                **{"question": question, "answer": answer, "verdict": verdict, "reason": why},
                **{"models": json.dumps(times), **shared.row(nll[answer], loss)},
            }


def comparison(fitted: Mapping[Name, Fitted], *, bootstrap: int, key: tuple[Any, ...]) -> Iterator[dict[str, Any]]:
    """Rows of table `model_comparison` of one subject: every model against the one that validation prefers."""
    shared = Shared.of(fitted)
    validation = {
        name: float(np.mean([fitted[name].folds[o].validation for o in shared.outer])) for name in shared.names
    }
    nll = {name: shared.nll(fitted, [name] * len(shared.outer)) for name in shared.names}
    best = min(shared.names, key=validation.__getitem__) if shared.names else None
    for (model, dim), loss in compared(nll, shared.n, bootstrap, (*key, "models"), best).items() if best else ():
        network = fitted[model, dim].answers["enough"] == NO
        yield {
            **{"model": model, "dim": dim, "family": "rnn" if network else "cognitive"},
            **{"validation_nll": validation[model, dim], **shared.row(nll[model, dim], loss)},
        }


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
    """How much worse an answer predicts than the best one, nats per test choice, with its 95 % interval."""

    loss: float
    low: float
    high: float


def compared(
    nll: Mapping[Any, np.ndarray], n: np.ndarray, bootstrap: int, key: tuple[Any, ...], best: Any = None
) -> dict[Any, Loss]:
    """Loss of each answer, or model, the best first. With too few blocks there is no interval.

    Args:
        nll: (block,) summed test NLL of each answer.
        n: (block,) test choices.
        best: what the others are compared with, by default the one with the lowest test NLL.
    """
    best = min(nll, key=lambda answer: nll[answer].sum()) if best is None else best
    found = {best: Loss(0.0, 0.0, 0.0)}
    counts = None
    if len(n) >= FEWEST_BLOCKS:
        draws = generator("strategy", *key).integers(len(n), size=(bootstrap, len(n)))
        counts = np.stack([np.bincount(draw, minlength=len(n)) for draw in draws])
    for answer in sorted(set(nll) - {best}, key=lambda answer: nll[answer].sum()):
        above = nll[answer] - nll[best]
        low, high = np.nan, np.nan
        if counts is not None:
            # einsum adds up in one order; the sums of a matrix product depend on the number of threads
            resampled = np.einsum("ij,j->i", counts, above) / np.einsum("ij,j->i", counts, n)
            low, high = np.quantile(resampled, (0.025, 0.975))
        found[answer] = Loss(float(above.sum() / n.sum()), float(low), float(high))
    return found


def decided(losses: Mapping[str, Loss], simpler: Mapping[str, set[str]], tolerance: float) -> tuple[str, str]:
    """The answer, or that it cannot be told, and why.

    Answers whose interval lies above 0 are ruled out. Of several that remain, one is believed if it is a special case
    of every other, and the best of them gains less than `tolerance` by all that the interval holds.
    """
    best = next(iter(losses))
    if any(np.isnan(loss.low) for loss in losses.values()):
        return CANNOT, f"fewer than {FEWEST_BLOCKS} test blocks"
    remain = [answer for answer, loss in losses.items() if answer == best or loss.low <= 0]
    if len(remain) == 1:
        return best, "every other answer predicts worse"
    for answer in remain:
        others = set(remain) - {answer}
        if others <= simpler.get(answer, set()) and losses[answer].high < tolerance:
            return answer, f"nothing richer gains {tolerance:g} nats per choice"
    return CANNOT, f"{' or '.join(remain)}: their intervals include both"
