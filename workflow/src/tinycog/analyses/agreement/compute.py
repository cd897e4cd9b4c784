"""Correlations of logits between fits (methods: agreement of fits)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from tinycog.results.scores import Scores, relative
from tinycog.tasks import Task

CONSTANT = 1e-6  # nats: logits that vary less than this follow nothing

Name = tuple[str, int]  # model and dim


@dataclass(frozen=True)
class Fit:
    """One selected fit along the scored choices of its subject.

    Attributes:
        logits: (choice,) of two actions, (choice x action,) of more.
        n_choices, n_train: scored choices, and those of them that trained it.
    """

    logits: np.ndarray
    n_choices: int
    n_train: int

    @classmethod
    def of(cls, scores: Scores, task: Task) -> Fit:
        scored = scores.mask == 1
        logits = relative(scores.offered(task)[scored]).ravel()
        return cls(logits, int(scored.sum()), int((scores.split[scored] == "train").sum()))


def rows(fits: Mapping[Name, list[Fit]]) -> Iterator[dict[str, Any]]:
    """Rows of the table for one subject: each model with itself and with every model after it."""
    r = correlations([fit.logits for own in fits.values() for fit in own])
    ends = np.cumsum([len(own) for own in fits.values()])
    place = {name: slice(end - len(own), end) for end, (name, own) in zip(ends, fits.items(), strict=True)}
    for a, b in combinations_with_replacement(fits, 2):
        between = r[place[a], place[b]]
        pairs = between[np.triu_indices(len(between), 1)] if a == b else between.ravel()
        both = fits[a] if a == b else [*fits[a], *fits[b]]
        yield {
            **{"model_a": a[0], "dim_a": a[1], "model_b": b[0], "dim_b": b[1]},
            **summary(pairs),
            "n_choices": both[0].n_choices,
            "n_train": float(np.mean([fit.n_train for fit in both])),
        }


def correlations(sequences: list[np.ndarray]) -> np.ndarray:
    """Pearson's correlation of every two sequences, (sequence, sequence); NaN where one of them is constant."""
    values = np.stack(sequences)
    if not values.size:
        return np.full((len(values), len(values)), np.nan)
    centred = values - values.mean(axis=1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    length[np.ptp(values, axis=1) < CONSTANT] = np.nan
    unit = centred / length
    # einsum adds up in one order; the sums of a matrix product depend on the number of threads
    return np.clip(np.einsum("ik,jk->ij", unit, unit), -1, 1)


def summary(pairs: np.ndarray) -> dict[str, Any]:
    """What the table says of the correlations of some pairs."""
    known = pairs[~np.isnan(pairs)]
    if len(known):
        found = {"mean": float(known.mean()), "min": float(known.min()), "max": float(known.max()), "reason": ""}
    else:
        reason = "the logits of one of each two fits are constant" if len(pairs) else "one outer fold alone has a fit"
        found = {"mean": np.nan, "min": np.nan, "max": np.nan, "reason": reason}
    return {**found, "n_pairs": len(known), "n_constant": len(pairs) - len(known)}
