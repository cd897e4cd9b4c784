"""What is measured: which choices a measure is about, and which action it asks the probability of (methods: behaviour).

A measure asks the same of data, where the action was chosen or not, and of a model, whose policy gives it a
probability. Cells are chosen by what happened before the choice alone, so that they are the same for the data and for
a model along the data; the one exception says so (`by_choices`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinycog.analyses.behaviour.choices import UNKNOWN, Choices

OUTCOMES = {False: ("reward", "omission"), True: ("reward_common", "reward_rare", "omission_common", "omission_rare")}
PATTERNS = ("AA", "Aa", "aA", "aa", "AB", "Ab", "aB", "ab")  # of the last two trials: capital if rewarded, B if changed
AFTER_SWITCH = 5  # trials after a switch
FEWEST = 10  # cases of a cell that are compared; runs are as long as the data have so many of


@dataclass(frozen=True)
class Measure:
    """Cells, the choices that belong to them, and what is made of the probabilities there.

    A choice may belong to several cells.

    Attributes:
        name: as table `behaviour_discrepancy` calls it.
        rows: of each value what tables say of it; without a `design` there is one for each cell.
        trial, block, cell, target: (case,) place of a choice, its cell, and the action whose probability is asked.
        n_cells: number of cells.
        switch: whether the value is 1 minus that probability.
        by_choices: whether cells depend on the choices that are asked about, so that a model along the data may differ
            from them even if it is true.
        design: (cell, coefficient) of the history regression, the intercept first; None for shares.
        combine: (value, coefficient) values as sums of coefficients.
    """

    name: str
    rows: list[dict[str, Any]]
    trial: np.ndarray
    block: np.ndarray
    cell: np.ndarray
    target: np.ndarray
    n_cells: int
    switch: bool = False
    by_choices: bool = False
    design: np.ndarray | None = None
    combine: np.ndarray | None = None


def measures(choices: Choices, window: int, lags: int, longest_run: int) -> list[Measure]:
    """Every measure of these choices.

    Args:
        window: trials before and after a reversal.
        lags: trials back of the history regression.
        longest_run: of rewarded choices, see `longest_run`.
    """
    outcome = outcomes(choices)
    return [
        _stay(choices, outcome),
        *_reversals(choices, window),
        _history(choices, outcome, lags),
        _patterns(choices),
        _runs(choices, longest_run),
        _after_switch(choices),
    ]


def outcomes(choices: Choices) -> np.ndarray:
    """Place of each trial's outcome in `OUTCOMES`, (trial, block); `UNKNOWN` where there is none."""
    omitted = (~choices.rewarded).astype(int)
    if choices.common is None:
        return np.where(choices.action == UNKNOWN, UNKNOWN, omitted)
    return np.where(choices.common == UNKNOWN, UNKNOWN, 2 * omitted + (choices.common == 0))


def earlier(values: np.ndarray, by: int, padding: Any = UNKNOWN) -> np.ndarray:
    """At each trial the value of `by` trials before, (trial, block); `padding` before the first trial."""
    moved = np.full_like(values, padding)
    moved[by:] = values[: max(0, len(values) - by)]
    return moved


def _measure(name: str, cell: np.ndarray, target: np.ndarray, rows: list[dict[str, Any]], **options: Any) -> Measure:
    """A measure with at most one cell for each choice: `cell` and `target` are (trial, block)."""
    trial, block = np.nonzero(cell != UNKNOWN)
    places = (trial, block, cell[trial, block], target[trial, block])
    return Measure(name, rows, *places, **{"n_cells": len(rows), **options})


def _stay(choices: Choices, outcome: np.ndarray) -> Measure:
    """Probability of the last action, by its outcome."""
    cell = np.where(choices.action == UNKNOWN, UNKNOWN, earlier(outcome, 1))
    rows = [{"after": word} for word in OUTCOMES[choices.common is not None]]
    return _measure("stay", cell, earlier(choices.action, 1), rows)


def _history(choices: Choices, outcome: np.ndarray, lags: int) -> Measure:
    """Logistic regression of a stay on the outcomes of the last trials; a cell is a sequence of these."""
    words = OUTCOMES[choices.common is not None]
    k = len(words)
    past = np.stack([earlier(outcome, lag) for lag in range(1, lags + 1)])
    known = (past != UNKNOWN).all(axis=0) & (choices.action != UNKNOWN)
    cell = np.where(known, (past * k ** np.arange(lags)[:, None, None]).sum(axis=0), UNKNOWN)
    of_lag = np.arange(k**lags)[:, None] // k ** np.arange(lags) % k  # (cell, lag)
    indicators = (of_lag[:, :, None] == np.arange(k)).reshape(k**lags, lags * k)
    rows, combine = _combinations(words, lags)
    options = {"design": np.column_stack([np.ones(k**lags), indicators]), "combine": combine}
    return _measure("history", cell, earlier(choices.action, 1), rows, n_cells=k**lags, **options)


def _combinations(words: tuple[str, ...], lags: int) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Rows of the history regression and how each is made of coefficients: themselves, sums over lags, and indices."""
    k = len(words)
    sums = np.column_stack([np.zeros(k), np.tile(np.eye(k), lags)])
    of_transitions = {"model_free": [1, 1, -1, -1], "planning": [1, -1, -1, 1]}  # in the order of `OUTCOMES`
    indices = {"reward": [1, -1]} if k == 2 else of_transitions
    one = [("intercept", None), *((word, lag) for lag in range(1, lags + 1) for word in words)]
    rows = [{"statistic": "coefficient", "term": term, "lag": lag} for term, lag in one]
    rows += [{"statistic": "sum", "term": word, "lag": None} for word in words]
    rows += [{"statistic": "index", "term": name, "lag": None} for name in indices]
    return rows, np.concatenate([np.eye(1 + lags * k), sums, np.array(list(indices.values())) @ sums])


def _patterns(choices: Choices) -> Measure:
    """Probability of a switch, by the choices and rewards of the last two trials (Beron et al. 2022)."""
    last, before = earlier(choices.action, 1), earlier(choices.action, 2)
    rewarded, rewarded_before = earlier(choices.rewarded, 1, False), earlier(choices.rewarded, 2, False)
    cell = 4 * (last != before) + 2 * ~rewarded_before + ~rewarded
    known = (choices.action != UNKNOWN) & (last != UNKNOWN) & (before != UNKNOWN)
    rows = [{"measure": "pattern", "cell": name} for name in PATTERNS]
    return _measure("pattern", np.where(known, cell, UNKNOWN), last, rows, switch=True)


def run_lengths(choices: Choices) -> np.ndarray:
    """How many consecutive rewarded choices of the same action end with each trial, (trial, block)."""
    same = (choices.action == earlier(choices.action, 1)) & (choices.action != UNKNOWN)
    runs = np.zeros(choices.action.shape, dtype=int)
    for trial, rewarded in enumerate(choices.rewarded):
        runs[trial] = np.where(rewarded, 1 + (np.where(same[trial], runs[trial - 1], 0) if trial else 0), 0)
    return runs


def longest_run(choices: Choices) -> int:
    """The largest n that comes `FEWEST` times before a choice; so do all smaller ones, since runs grow by one."""
    before = earlier(run_lengths(choices), 1, 0)[choices.action != UNKNOWN]
    return int((np.bincount(before)[1:] >= FEWEST).sum())


def _runs(choices: Choices, longest: int) -> Measure:
    """Probability of the same action after exactly n rewarded choices of it in a row."""
    before = earlier(run_lengths(choices), 1, 0)
    inside = (before >= 1) & (before <= longest) & (choices.action != UNKNOWN)
    rows = [{"measure": "run", "cell": str(n)} for n in range(1, longest + 1)]
    return _measure("run", np.where(inside, before - 1, UNKNOWN), earlier(choices.action, 1), rows)


def _after_switch(choices: Choices) -> Measure:
    """Probability of the new action, 1 to `AFTER_SWITCH` trials after a switch to it, whatever happened in between."""
    cases = []
    for by in range(1, AFTER_SWITCH + 1):
        new, old = earlier(choices.action, by), earlier(choices.action, by + 1)
        trial, block = np.nonzero((choices.action != UNKNOWN) & (new != UNKNOWN) & (old != UNKNOWN) & (new != old))
        cases.append((trial, block, np.full(len(trial), by - 1), new[trial, block]))
    rows = [{"measure": "after_switch", "cell": str(by)} for by in range(1, AFTER_SWITCH + 1)]
    return Measure("after_switch", rows, *map(np.concatenate, zip(*cases, strict=True)), n_cells=AFTER_SWITCH)


def _reversals(choices: Choices, window: int) -> Iterator[Measure]:
    """Probability of the action that was better before a reversal, by trials since it (0 is the first one after).

    The window ends where the schedule changes again. `schedule` says which action that was by the schedule;
    `behaviour` takes the action whose share falls most from before to after, reversal by reversal, as the reference
    does.
    """
    offset, number, previous = around(choices.best, window)
    side, trial, block = np.nonzero((offset != -window - 1) & (choices.action != UNKNOWN))
    cell, event = offset[side, trial, block] + window, number[side, trial, block]
    falling = _falling(choices, trial, block, cell < window, event, len(previous))
    for label, action in (("schedule", previous), ("behaviour", falling)):
        target = action[event]
        known = target != UNKNOWN
        places = (values[known] for values in (trial, block, cell, target))
        rows = [{"label": label, "offset": at} for at in range(-window, window)]
        yield Measure(f"reversal_{label}", rows, *places, n_cells=2 * window, by_choices=label == "behaviour")


def around(best: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Trials to the next and since the last reversal.

    Returns:
        (2, trial, block) trials since the reversal, negative for the next one (first side) and from 0 on for the last
        one (second side), `-window - 1` where there is none within the window; (2, trial, block) number of that
        reversal; and the best action before each.
    """
    last = earlier(best, 1)
    reversal = (best != UNKNOWN) & (last != UNKNOWN) & (best != last)
    numbers = np.full(best.shape, UNKNOWN)
    numbers[reversal] = np.arange(reversal.sum())
    none = -window - 1
    offset, number = np.full((2, *best.shape), none), np.full((2, *best.shape), UNKNOWN)
    for trial in range(len(best)):  # since the last one
        offset[1, trial] = np.where(reversal[trial], 0, none)
        number[1, trial] = numbers[trial]
        if trial:
            runs_on = ~reversal[trial] & (offset[1, trial - 1] >= 0) & (best[trial] == best[trial - 1])
            offset[1, trial] = np.where(runs_on, offset[1, trial - 1] + 1, offset[1, trial])
            number[1, trial] = np.where(runs_on, number[1, trial - 1], number[1, trial])
    for trial in range(len(best) - 2, -1, -1):  # until the next one
        comes = reversal[trial + 1]
        runs_on = ~comes & (offset[0, trial + 1] > none) & (best[trial] == best[trial + 1])
        offset[0, trial] = np.where(comes, -1, np.where(runs_on, offset[0, trial + 1] - 1, none))
        number[0, trial] = np.where(comes, numbers[trial + 1], np.where(runs_on, number[0, trial + 1], UNKNOWN))
    outside = (offset < -window) | (offset >= window)
    return np.where(outside, none, offset), number, last[reversal]


def _falling(
    choices: Choices, trial: np.ndarray, block: np.ndarray, before: np.ndarray, event: np.ndarray, n_events: int
) -> np.ndarray:
    """Of each reversal the action whose share of the choices falls most across it; `UNKNOWN` if none falls."""
    counts = np.zeros((2, n_events, choices.n_actions))  # after, before
    np.add.at(counts, (before.astype(int), event, choices.action[trial, block]), 1)
    n = counts.sum(axis=-1, keepdims=True)
    after, earlier_on = counts / np.maximum(n, 1)
    fall = np.where((n > 0).all(axis=0), earlier_on - after, 0.0)
    return np.where(fall.max(axis=-1, initial=0.0) > 0, fall.argmax(axis=-1), UNKNOWN)
