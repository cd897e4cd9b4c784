"""How often the first action follows, by the logit, without a model's policy (methods: choice frequency)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import betaincinv, ndtri  # scipy.stats takes a second to load

from tinycog.results.scores import Scores
from tinycog.tasks import Task

N_BINS = 300
WIDTH = 0.5  # nats; bins overlap
LEVEL = 0.68  # of the band of a frequency
ODDS_LEVEL = 0.95


@dataclass(frozen=True)
class Frequencies:
    """Next choices around each logit.

    Attributes:
        logit: (bin,) middles of the bins.
        counts: (condition, bin, action) next choices of each action, counted from 1.
    """

    logit: np.ndarray
    counts: np.ndarray

    @property
    def share(self) -> np.ndarray:
        """(condition, bin) of the first action."""
        return self.counts[..., 0] / self.counts.sum(axis=-1)

    def band(self) -> tuple[np.ndarray, np.ndarray]:
        """Clopper-Pearson interval of the share, (condition, bin) each."""
        first, second = self.counts[..., 0], self.counts[..., 1]
        tail = (1 - LEVEL) / 2
        return betaincinv(first, second + 1, tail), betaincinv(first + 1, second, 1 - tail)


def frequencies(along: Scores, task: Task) -> Frequencies | None:
    """Next choices of a task of two actions; None if no scored trial is followed by another in its block."""
    logit = along.before(along.logits[:, 0] - along.logits[:, 1])
    lengths = np.diff(along.trial_start)
    block = np.repeat(np.arange(len(lengths)), lengths)
    scored = along.mask == 1
    followed = (block[:-1] == block[1:]) & scored[:-1] & scored[1:]
    if not followed.any():
        return None
    x, condition = logit[:-1][followed], along.condition[:-1][followed]
    first = task.trial_of(along.condition[1:][followed])[0] == 0
    middles = np.linspace(x.min(), x.max(), N_BINS)
    counts = np.ones((len(task.conditions), N_BINS, 2), dtype=np.int64)
    for code in range(len(counts)):
        for action, its in enumerate((first, ~first)):
            own = np.sort(x[(condition == code) & its])
            ends = (np.searchsorted(own, middles + side * WIDTH / 2, at) for side, at in ((1, "right"), (-1, "left")))
            upper, lower = ends
            counts[code, :, action] += upper - lower
    return Frequencies(middles, counts)


def stretches(of: Frequencies, labels: list[str]) -> list[dict[str, Any]]:
    """Stretches of logits where two conditions differ: where the interval of their log odds ratio leaves out 0.

    One row for each: the two conditions, where it begins and ends, and the log odds ratio with its 95% normal interval
    where it is furthest from 0, in standard errors.
    """
    z = ndtri((1 + ODDS_LEVEL) / 2)
    rows = []
    for one, two in itertools.combinations(range(len(labels)), 2):
        cells = np.concatenate([of.counts[one], of.counts[two]], axis=1)  # (bin, 4)
        odds = np.log(cells[:, 0] * cells[:, 3] / (cells[:, 1] * cells[:, 2]))
        se = np.sqrt((1 / cells).sum(axis=1))
        differs = np.abs(odds) > z * se
        edges = np.flatnonzero(np.diff(np.concatenate([[False], differs, [False]]).astype(int)))
        for begin, end in edges.reshape(-1, 2):
            at = begin + int(np.argmax(np.abs(odds / se)[begin:end]))
            rows.append(
                {
                    "condition": labels[one],
                    "other": labels[two],
                    "from_logit": of.logit[begin],
                    "to_logit": of.logit[end - 1],
                    "logit": of.logit[at],
                    "log_odds": odds[at],
                    "low": odds[at] - z * se[at],
                    "high": odds[at] + z * se[at],
                    "n": int(cells[at].sum() - 4),
                }
            )
    return rows
