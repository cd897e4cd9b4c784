"""Signatures of a strategy, of several outer folds and resamples at once (methods: signatures).

The first resample is the sample itself, so that what resamples give is what the sample gives. Where something is not
defined the values are NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tinycog.analyses.dynamical_regression.compute import Trials, regress
from tinycog.analyses.dynamical_regression.quantity import LOGIT
from tinycog.analyses.signatures.compute import STEP, Curves, of_pair, pairs
from tinycog.results.resampling import FEWEST_BLOCKS, interval
from tinycog.tasks import Task

CENTRE = 0.5  # nats: logits nearer to 0 are central
OUTER = 0.1  # share of the visited logits at either end that are outer
MIDDLE = 0.025, 0.975  # between these shares of the visited logits the range of learning rates is taken
FEWEST_TRIALS = 4  # of a condition
WORDS = {1: "rewarded", 0: "unrewarded"}
RATES = ("rate_centre", "rate_range", "rate_curvature")
OF_MAP = (
    *(f"{rate}{word}" for rate in RATES for word in ("", "_rewarded", "_unrewarded")),
    *("gap_centre", "gap_outer", "gap_change"),
    *("bias_rewarded", "bias_unrewarded", "bias_difference"),
)
SLOPES = ("slope_rewarded", "slope_unrewarded", "slope_difference", "slope_ratio", "slope_mean")
OF_SETPOINTS = (
    *("action_asymmetry", "reward_dependence", "one_reward_utility", "no_reward_utility", "utility_deviation"),
    *("state_dependence", "indifference"),  # of tasks with states of their own
)


@dataclass(frozen=True)
class Fold:
    """What signatures are made of, of one outer fold.

    Attributes:
        curves: None where the logit does not depend on the state.
        trials: of the logit, see `dynamical_regression.compute.trials`.
        setpoint: (condition,) NaN where nothing attracts.
        in_range: (condition,) whether trials came near to it.
    """

    curves: Curves | None
    trials: Trials
    setpoint: np.ndarray
    in_range: np.ndarray


def names(task: Task) -> list[str]:
    """All signatures of a task, in their order."""
    return [*OF_MAP, *SLOPES, *OF_SETPOINTS[: 5 if task.one_stage else None]]


def visits(of: Curves, trials: Trials, n_conditions: int, weights: np.ndarray) -> np.ndarray:
    """Trials in the bin around each logit of the grid, (condition, 1 + resample, node); the rest is in the last bins.

    Args:
        weights: (1 + resample, block) how often each block counts.
    """
    n = len(of.logit) // 2
    node = np.clip(np.floor(trials.x[:, 0] / STEP).astype(int) + n, 0, 2 * n - 1)
    counts = np.zeros((n_conditions, weights.shape[1], 2 * n))
    np.add.at(counts, (trials.condition, trials.block, node), 1)
    return weights @ counts  # whole numbers, whose sums are exact in any order


def of_map(fold: Fold, task: Task, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Signatures of the map at the logits that trials visited, (1 + resample,) each."""
    nothing = np.full(len(weights), np.nan)
    if fold.curves is None or not len(fold.curves.logit):
        return dict.fromkeys(OF_MAP, nothing)
    seen = visits(fold.curves, fold.trials, len(task.conditions), weights)
    x = fold.curves.logit
    of_rewards: dict[str, list[np.ndarray]] = {}
    for pair in pairs(task):
        own, word = of_pair(fold.curves, pair), WORDS[pair.reward]
        here = seen[pair.first] + seen[pair.mirror][:, ::-1]  # logits of the mirror count with the other sign
        values = {
            "rate_centre": mean(own.rate, here * (np.abs(x) < CENTRE)),
            "rate_range": spread(own.rate, here),
            "rate_curvature": curvature(x, own.symmetric, here),
            "bias": mean(own.bias, here),
        }
        if not pair.reward:
            both = seen[pair.first] + seen[pair.other]
            of_rewards.setdefault("gap_centre", []).append(mean(own.gap, both * (np.abs(x) < CENTRE)))
            of_rewards.setdefault("gap_outer", []).append(mean(own.gap, tails(both)))
        few = here[0].sum() < FEWEST_TRIALS
        for name, value in values.items():
            of_rewards.setdefault(f"{name}_{word}", []).append(nothing if few else value)
    found = {name: sum(each) / len(each) for name, each in of_rewards.items()}
    for name in RATES:
        found[name] = (found[f"{name}_rewarded"] + found[f"{name}_unrewarded"]) / 2
    found["gap_change"] = found["gap_outer"] - found["gap_centre"]
    found["bias_difference"] = found["bias_rewarded"] - found["bias_unrewarded"]
    return found


def mean(values: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """Weighted mean of values (node,), weights (..., node); NaN without any weight."""
    total = mass.sum(axis=-1)
    return np.where(total > 0, (mass * values).sum(axis=-1) / np.where(total > 0, total, 1), np.nan)


def tails(mass: np.ndarray) -> np.ndarray:
    """The part of the weights (..., node) that lies in the lowest and in the highest `OUTER` of them."""
    upper = mass.cumsum(axis=-1)
    lower, total = upper - mass, upper[..., -1:]
    low = np.minimum(upper, OUTER * total) - np.minimum(lower, OUTER * total)
    high = np.maximum(upper, (1 - OUTER) * total) - np.maximum(lower, (1 - OUTER) * total)
    return low + high


def spread(values: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """Largest minus smallest value (node,) where the middle 95% of the weights (..., node) are."""
    upper = mass.cumsum(axis=-1)
    total = upper[..., -1:]
    inside = (upper > MIDDLE[0] * total) & (upper - mass < MIDDLE[1] * total) & (total > 0)
    highest, lowest = np.where(inside, values, -np.inf).max(axis=-1), np.where(inside, values, np.inf).min(axis=-1)
    return np.where(inside.any(axis=-1), highest - lowest, np.nan)


def curvature(x: np.ndarray, y: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """Coefficient of x² in the weighted least-squares parabola of y over x, (node,); weights (resample, node)."""
    powers = x ** np.arange(5)[:, None]
    moments = (mass[:, None] * powers).sum(axis=-1)
    gram = moments[:, np.add.outer(np.arange(3), np.arange(3))]
    cross = (mass[:, None] * (powers[:3] * y)).sum(axis=-1)
    few = (mass > 0).sum(axis=-1) < 3
    gram[few] = np.eye(3)
    return np.where(few, np.nan, np.linalg.solve(gram, cross[..., None])[:, 2, 0])


def of_slopes(trials: Trials, task: Task, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Slopes of the logit change over the logit, by least squares over trials; means over conditions."""
    slopes = [regress(trials, code, weights, LOGIT).full.slopes[:, 0, 0] for code in range(len(task.conditions))]
    without, rewarded = (sum(slopes[reward::2]) / len(slopes[reward::2]) for reward in (0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = rewarded / without
    found = (rewarded, without, rewarded - without, np.where(np.isfinite(ratio), ratio, np.nan))
    return dict(zip(SLOPES, (*found, (rewarded + without) / 2), strict=True))


def of_setpoints(setpoint: np.ndarray, task: Task) -> dict[str, np.ndarray]:
    """Signatures of setpoints (..., condition), which are divided by the largest in size."""
    size = np.abs(setpoint)
    largest = np.where(np.isfinite(size), size, 0).max(axis=-1, keepdims=True)
    scaled = setpoint / np.where(largest > 0, largest, np.nan)
    u = scaled.reshape(*setpoint.shape[:-1], 2, -1, 2)  # action, state, reward
    first, second = u[..., 0, :, :], u[..., 1, :, :]
    utility = (first - second).mean(axis=-2) / 2  # by reward
    values = (
        np.abs(first + second).mean(axis=(-2, -1)),
        np.abs(u[..., 0] - u[..., 1]).mean(axis=(-2, -1)),
        utility[..., 1],
        utility[..., 0],
        1 - utility[..., 1],
    )
    if not task.one_stage:
        states = np.abs(u[..., 0, :] - u[..., 1, :]).mean(axis=(-2, -1))
        values = (*values, states, (first[..., 1, 1] - second[..., 0, 1]) / 2)
    return dict(zip(names(task)[-len(values) :], values, strict=True))


def over_folds(values: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Mean over the outer folds that are drawn, of those with a value.

    Args:
        values: (fold, 1 + resample, ...).
        draws: (1 + resample, fold) how often each fold counts.
    """
    there = np.isfinite(values)
    weights = draws.T.reshape(*draws.T.shape, *[1] * (values.ndim - 2)) * there
    total = weights.sum(axis=0)
    return np.where(total > 0, (weights * np.where(there, values, 0)).sum(axis=0) / np.maximum(total, 1), np.nan)


def rows(folds: list[Fold], task: Task, weights: np.ndarray, draws: np.ndarray) -> list[dict[str, Any]]:
    """Rows of table `signatures` of one subject and model, without their keys.

    Args:
        weights: (1 + resample, block) how often each block counts, in all folds.
        draws: (1 + resample, fold) how often each fold counts.
    """
    n_folds, n_blocks = len(folds), weights.shape[1]
    of_each = [of_map(fold, task, weights) | of_slopes(fold.trials, task, weights) for fold in folds]
    stacks = {name: np.stack([each[name] for each in of_each]) for name in (*OF_MAP, *SLOPES)}
    setpoints = np.stack([fold.setpoint for fold in folds])
    repeated = np.broadcast_to(setpoints[:, None], (n_folds, len(draws), len(task.conditions)))
    of_mean = of_setpoints(over_folds(repeated, draws), task)
    general, about_setpoints = _remarks(folds, task)
    found = []
    for name in names(task):
        if name in stacks:
            values, fewest = over_folds(stacks[name], draws), n_blocks
            n_outer = int(np.isfinite(stacks[name][:, 0]).sum())
            varies = "outer folds and blocks" if n_folds > 1 else "blocks"
        else:
            values, fewest, varies = of_mean[name], n_folds, "outer folds"
            n_outer = int(np.isfinite(setpoints).any(axis=1).sum())
        low, high = interval(values, fewest)
        remarks = [*general, *(about_setpoints if name in of_mean else [])]
        if not np.isfinite(values[0]) and name in stacks:
            remarks.append("no trials, or all of one logit, where it is measured")
        if np.isfinite(values[0]) and not np.isfinite(low):
            unit = "outer folds" if name in of_mean else "blocks"
            remarks.append(
                f"no interval: {fewest} {unit}, fewer than {FEWEST_BLOCKS}"
                if fewest < FEWEST_BLOCKS
                else "no interval: too few of the resamples have a value"
            )
        found.append(
            {
                "measure": name,
                "value": _number(values[0]),
                "low": _number(low),
                "high": _number(high),
                "varies": varies if np.isfinite(low) else None,
                "n_outer": n_outer,
                "note": "; ".join(remarks) or None,
            }
        )
    return found


def _remarks(folds: list[Fold], task: Task) -> tuple[list[str], list[str]]:
    """What speaks against the values of a subject: against all of them, and against those of setpoints."""
    counts = np.bincount(folds[0].trials.condition, minlength=len(task.conditions))  # the same in all folds
    rare = [label for label, n in zip(task.conditions, counts, strict=True) if n < FEWEST_TRIALS]
    flat = sum(fold.curves is None for fold in folds)
    one_sided = sum(fold.curves is not None and not len(fold.curves.logit) for fold in folds)
    none = [
        f"{label} in {n}"
        for i, label in enumerate(task.conditions)
        if (n := sum(np.isnan(f.setpoint[i]) for f in folds))
    ]
    beyond = sum(int((np.isfinite(fold.setpoint) & ~fold.in_range).sum()) for fold in folds)
    of = f"of {len(folds)} outer folds"
    general = {
        f"fewer than {FEWEST_TRIALS} trials: {', '.join(rare)}": rare,
        f"the logit does not depend on the state in {flat} {of}": flat,
        f"the logit keeps one sign in {one_sided} {of}": one_sided,
    }
    about_setpoints = {
        f"no setpoint: {', '.join(none)} {of}": none,
        f"{beyond} of {len(folds) * len(task.conditions)} setpoints lie beyond the trials": beyond,
    }
    return [text for text, holds in general.items() if holds], [
        text for text, holds in about_setpoints.items() if holds
    ]


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
