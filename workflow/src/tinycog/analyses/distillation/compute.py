"""Targets for students, losses by block, and curves over subsets with intervals (methods: distillation)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinycog.generators import generator
from tinycog.models.interface import Model, Parameters, run
from tinycog.results.resampling import FEWEST_BLOCKS, LEVEL, interval, resamples
from tinycog.results.selection import common
from tinycog.trials.sequences import Sequences, log_likelihood, log_policy, shares

READOUTS = ("W_out", "b_out", "c")  # parameters in which a network's logits are linear
CURVE = ("method", "model", "dim", "mode")  # columns that say which curve a result is of
BOTH, BLOCKS = "95% bootstrap over targets and blocks", "95% bootstrap over blocks"


def softened(logits: np.ndarray, sequences: Sequences, *, temperature: float, proportion: float) -> np.ndarray:
    """What a student is compared with, (trial, block, action): shares of the teacher, and of the choice.

    Args:
        logits: the teacher's, (trial, block, action).
        proportion: weight of the teacher; the rest is the choice's.
    """
    teacher = np.exp(log_policy(logits[None] / temperature, sequences)[0])
    return proportion * teacher + (1 - proportion) * shares(sequences, logits.shape[-1])


def heated(params: Parameters, temperature: float) -> dict[str, np.ndarray]:
    """A network whose logits are those of `params` times the temperature."""
    return {name: value * temperature if name in READOUTS else value for name, value in params.items()}


def losses(model: Model, params: Parameters, sequences: Sequences) -> np.ndarray:
    """Negative log-likelihood of the choices of each block, (block,), nats, of one fit (a stack of one)."""
    _, logits = run(model, params, sequences, sequences.n_trials - 1)
    return -log_likelihood(logits, sequences, model.log_floor)[0].sum(axis=0)


@dataclass(frozen=True)
class ByBlock:
    """Test blocks of one fit: NLL (block,), nats, and number of scored choices (block,)."""

    nll: np.ndarray
    n: np.ndarray

    def mean(self, weights: np.ndarray) -> np.ndarray:
        """NLL per choice where blocks count so often, (resample, block); NaN without a choice."""
        with np.errstate(invalid="ignore"):
            return (weights * self.nll).sum(axis=1) / (weights * self.n).sum(axis=1)


def drawn(targets: Mapping[str, int], n: int, key: tuple[Any, ...]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """How often targets, and the test blocks of each, are drawn: (1 + n, target), and by target (1 + n, block).

    The first row is the sample. Blocks of a target are drawn alike whatever the method, the subset and the other
    targets. Fewer than five targets are not drawn: each counts once.

    Args:
        targets: numbers of their test blocks.
    """
    rng = generator("distillation targets", *key, *targets)
    of_targets = resamples(len(targets), n, rng) if _over_targets(len(targets)) else np.ones((1 + n, len(targets)))
    of_blocks = {
        target: resamples(n_blocks, n, generator("distillation blocks", *key, target))
        for target, n_blocks in targets.items()
    }
    return of_targets, of_blocks


def _over_targets(n_targets: int) -> bool:
    return n_targets >= FEWEST_BLOCKS


def complete(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Results of the targets and the subsets that make the largest table without a gap, the last of equals.

    Not every target has as many blocks as the largest subsets: along a curve the number of trials alone is to change,
    and not the targets.

    Args:
        rows: see `curves`.
    """
    targets: dict[str, set[str]] = {}
    for row in rows:
        targets.setdefault(row["subset"], set()).add(row["target"])
    sizes = {len(own) * sum(own <= other for other in targets.values()): own for own in targets.values()}
    kept = sizes[max(sizes)] if sizes else set()
    return [row for row in rows if row["target"] in kept and kept <= targets[row["subset"]]]


def curves(rows: Sequence[Mapping[str, Any]], n_draws: int, key: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Mean test NLL of each method and subset of one data set, over the targets that all methods of a subset have.

    Args:
        rows: `target`, columns `CURVE`, `subset`, `n_blocks`, `n_trials`, and `tested`, a `ByBlock`, of each result.

    Returns:
        Columns `CURVE`, `subset`, mean `n_blocks` and `n_trials`, `n_targets`, and `values`, (1 + draw,), the mean NLL
        of the sample and of each resample.
    """
    found = []
    for subset in dict.fromkeys(row["subset"] for row in rows):
        own = {(tuple(row[name] for name in CURVE), row["target"]): row for row in rows if row["subset"] == subset}
        names = list(dict.fromkeys(curve for curve, _ in own))
        units = {name: {target for curve, target in own if curve == name} for name in names}
        kept, shared = common(units)
        targets = [target for target in dict.fromkeys(target for _, target in own) if target in shared]
        n_blocks = {target: len(next(own[c, target] for c in kept)["tested"].n) for target in targets}
        of_targets, of_blocks = drawn(n_blocks, n_draws, key)
        for curve in kept:
            results = [own[curve, target] for target in targets]
            by_target = [row["tested"].mean(of_blocks[row["target"]]) for row in results]
            counted = np.where(of_targets > 0, np.stack(by_target, axis=1), 0.0)  # without a draw, maybe no value
            found.append(
                {**dict(zip(CURVE, curve, strict=True)), "subset": subset}
                | {name: float(np.mean([row[name] for row in results])) for name in ("n_blocks", "n_trials")}
                | {"n_targets": len(targets), "values": (of_targets * counted).sum(1) / of_targets.sum(1)}
                | {"n_units": len(targets) if _over_targets(len(targets)) else min(n_blocks.values())}
            )
    return found


def summarised(curve: Mapping[str, Any]) -> dict[str, Any]:
    """A curve's point with its interval, a row of the summary without the data set."""
    low, high = interval(curve["values"], curve["n_units"])
    kept = {name: curve[name] for name in (*CURVE, "subset", "n_blocks", "n_trials", "n_targets")}
    ends = {"low": float(low), "high": float(high)}
    return {**kept, "test_nll": float(curve["values"][0]), **ends, "interval": _words(curve)}


def _words(curve: Mapping[str, Any]) -> str:
    return BOTH if _over_targets(curve["n_targets"]) else BLOCKS


def crossings(points: Sequence[Mapping[str, Any]], baseline: str) -> list[dict[str, Any]]:
    """The smallest subset from the smallest on with which each curve is below the baseline with the same subset.

    Args:
        points: what `curves` gives for one data set.
        baseline: cognitive model.
    """
    base = {p["subset"]: p["values"] for p in points if p["method"] == "cognitive" and p["model"] == baseline}
    found = []
    for curve in dict.fromkeys(tuple(point[name] for name in CURVE) for point in points):
        own = [p for p in points if tuple(p[name] for name in CURVE) == curve and p["subset"] in base]
        if curve[:2] == ("cognitive", baseline) or not own:
            continue
        own.sort(key=lambda point: point["n_trials"])
        below = np.stack([point["values"] < base[point["subset"]] for point in own])  # (subset, 1 + draw)
        trials = np.array([point["n_trials"] for point in own] + [np.inf])
        first = trials[np.where(below.any(axis=0), below.argmax(axis=0), len(own))]
        ends = np.quantile(first[1:], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="inverted_cdf")
        if min(point["n_units"] for point in own) < FEWEST_BLOCKS:
            ends = np.full(2, np.inf)
        values = [float(value) if np.isfinite(value) else None for value in (first[0], *ends)]
        found.append(
            {**dict(zip(CURVE, curve, strict=True)), "baseline": baseline}
            | dict(zip(("n_trials", "low", "high"), values, strict=True))
            | {"share_reached": float(np.isfinite(first[1:]).mean()), "interval": _words(own[0])}
            | {"note": _note(values[0], own)}
        )
    return found


def _note(reached: float | None, own: Sequence[Mapping[str, Any]]) -> str:
    if reached is None:
        return "never better than the baseline"
    return "better with the smallest subset already" if reached == own[0]["n_trials"] else ""
