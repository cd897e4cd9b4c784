"""Nested shares of the blocks, and loss against number of trials (methods: data requirement)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tinycog.generators import generator
from tinycog.results.resampling import FEWEST_BLOCKS, LEVEL, interval
from tinycog.results.selection import common
from tinycog.trials.splits import k_folds

SMALL_SHARE, FEW_INNER = 0.2, 3  # below this share there are at most so many inner folds
CURVE = ["dataset", "subject", "generator"]
POINT = ["model", "dim", "share"]
TABLES = ("data_requirement", "data_requirement_difference", "data_requirement_crossing")

Point = tuple[dict[str, Any], np.ndarray]  # a row of table `data_requirement`, and its loss in the sample and resamples


def nested_subset(blocks: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """`n` of the blocks, sorted; the same generator's smaller subsets are parts of its larger ones."""
    return np.sort(rng.permutation(blocks)[:n])


def n_of_share(share: float, n_blocks: int) -> int:
    """How many of `n_blocks` a share takes, at least one."""
    return max(1, round(share * n_blocks))


def n_inner_of(share: float, n_inner: int) -> int:
    """Inner folds among which the blocks of a share are dealt, of the `n_inner` of the run."""
    return n_inner if share >= SMALL_SHARE else min(n_inner, FEW_INNER)


def inner_roles(n_subset: int, n_test: int, *, n_inner: int, inner: int, seed: int) -> list[dict[str, np.ndarray]]:
    """Weights by role of the first `inner` of `n_inner` folds: of the blocks of a subset, and then of the test blocks.

    The shuffle is that of the run's own inner folds, which a share of 1 has again.

    Returns:
        For each fold, role: (block,) of 0 and 1.
    """
    test = np.repeat([0.0, 1.0], [n_subset, n_test])
    folds = []
    for validation in k_folds(n_subset, n_inner, seed)[:inner]:
        val = np.zeros(n_subset + n_test)
        val[validation] = 1.0
        folds.append({"train": 1.0 - val - test, "val": val, "test": test})
    return folds


def n_to_simulate(n_outside: int, n_outer: int) -> int:
    """Blocks of which every one of `n_outer` test folds leaves at least `n_outside`."""
    n = n_outside + 1
    while n - -(-n // n_outer) < n_outside or n < n_outer:
        n += 1
    return n


def crossing(difference: np.ndarray, trials: np.ndarray) -> np.ndarray:
    """Number of trials from which on a difference is not above 0, (...).

    Args:
        difference: (..., size) of a network's loss minus that of another model.
        trials: (size,) ascending.

    Returns:
        Between the last size at which it is above 0 and the next one straight in log(trials); -inf if it never is above
        0, inf if it is at the largest size.
    """
    above = difference > 0
    n = len(trials)
    last = n - 1 - above[..., ::-1].argmax(-1)
    after = np.minimum(last + 1, n - 1)
    here, then = (np.take_along_axis(difference, i[..., None], -1)[..., 0] for i in (last, after))
    with np.errstate(divide="ignore", invalid="ignore"):
        places = np.log(trials)
        found = np.exp(places[last] + here / (here - then) * (places[after] - places[last]))
    return np.where(~above.any(-1), -np.inf, np.where(last == n - 1, np.inf, found))


def of_folds_and_blocks(fold: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """How often each test block is drawn, (1 + n, block): once, then outer folds with replacement, and of each drawn
    fold as many of its blocks as it has.

    Args:
        fold: (block,) outer fold of each block.
    """
    folds, sizes = np.unique(fold, return_counts=True)
    drawn = rng.multinomial(len(folds), np.full(len(folds), 1 / len(folds)), size=n)
    weights = np.ones((1 + n, len(fold)))
    for i, (number, size) in enumerate(zip(folds, sizes, strict=True)):
        weights[1:, fold == number] = rng.multinomial(drawn[:, i] * size, np.full(size, 1 / size))
    return weights


def tables(folds: pd.DataFrame, blocks: pd.DataFrame, *, resamples: int, seed: int) -> dict[str, list[dict[str, Any]]]:
    """Rows of tables `data_requirement`, `data_requirement_difference` and `data_requirement_crossing`.

    Args:
        folds: table `data_requirement_folds`.
        blocks: losses of its test blocks, see `tables.BLOCKS`.
    """
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    losses = dict(iter(blocks.groupby(CURVE, sort=False)))
    for names, own in folds.groupby(CURVE, sort=False):
        keys = dict(zip(CURVE, names, strict=True))
        draw = generator("data requirement", seed, *names)
        for name, rows in _of_curve(own, losses.get(names), resamples, draw).items():
            found[name] += [keys | row for row in rows]
    return found


def _of_curve(
    own: pd.DataFrame, losses: pd.DataFrame | None, n: int, draw: np.random.Generator
) -> dict[str, list[dict[str, Any]]]:
    """The rows of one subject and generator."""
    points = dict(iter(own.groupby(POINT, sort=False)))
    usable = {name: set(rows.loc[np.isfinite(rows["test_nll"]), "outer"]) for name, rows in points.items()}
    names, outer = common(usable)
    rows, compared = [], []
    curve = _Losses(losses, outer, n, draw) if names else None
    for name, of_point in points.items():
        about = dict(zip(POINT, name, strict=True)) | {"family": of_point["family"].iloc[0], "chosen": False}
        if name in names:
            kept = of_point[of_point["outer"].isin(outer)]
            row = about | _point(kept, curve.mean(name), curve.n_blocks)
            compared.append((row, curve.mean(name)))
        else:
            nothing = dict.fromkeys(("n_trials", "n_blocks", "val_nll", "test_nll", "sem", "low", "high"))
            row = about | nothing | {"n_outer": 0, "reason": _reason(of_point, len(usable[name]))}
        rows.append(row)
    differences, values = _differences(compared)
    n_blocks = curve.n_blocks if curve else 0
    with_ends = [row | _ends(value, n_blocks) for row, value in zip(differences, values, strict=True)]
    return dict(zip(TABLES, (rows, with_ends, [_crossing(differences, values, n_blocks, own)]), strict=True))


class _Losses:
    """Mean loss of every point over the test blocks of the common outer folds, in the sample and in resamples."""

    def __init__(self, losses: pd.DataFrame, outer: set[int], n: int, draw: np.random.Generator):
        own = losses[losses["outer"].isin(outer)]
        self.of_point = {name: rows.set_index("block") for name, rows in own.groupby(POINT, sort=False)}
        first = own.drop_duplicates("block").sort_values("block")
        self.blocks, self.n_blocks = first["block"], len(first)
        self.weights = of_folds_and_blocks(first["outer"].to_numpy(), n, draw)

    def mean(self, point: tuple[str, int, float]) -> np.ndarray:
        """Nats per choice, (1 + resample,)."""
        rows = self.of_point[point].reindex(self.blocks)
        return (self.weights @ rows["nll"].to_numpy()) / (self.weights @ rows["n"].to_numpy())


def _point(rows: pd.DataFrame, values: np.ndarray, n_blocks: int) -> dict[str, Any]:
    """A model at one size: `rows` of the outer folds that are compared, and its mean loss in the (re)samples."""
    n = len(rows)
    return {
        "n_trials": rows["n_trials"].mean(),
        "n_blocks": rows["n_blocks"].mean(),
        "n_outer": n,
        "val_nll": rows["val_nll"].mean(),
        "test_nll": values[0],
        "sem": rows["test_nll"].std(ddof=1) / np.sqrt(n) if n > 1 else None,
        **_ends(values, n_blocks),
        "reason": "",
    }


def _ends(values: np.ndarray, n_blocks: int) -> dict[str, Any]:
    return dict(zip(("low", "high"), map(float, interval(values, n_blocks)), strict=True))


def _reason(rows: pd.DataFrame, n_usable: int) -> str:
    reasons = [reason for reason in rows["reason"] if reason]
    if not n_usable:
        return reasons[0] if reasons else "no test NLL is finite"
    return f"too few of its outer folds ({n_usable}) are shared by the other models and sizes"


def _differences(compared: Sequence[Point]) -> tuple[list[dict[str, Any]], list[np.ndarray]]:
    """At each size the network and the cognitive model with the lowest validation NLL, marked as chosen, and how much
    their losses differ: rows and (1 + resample,) values, sizes in ascending order.
    """
    rows, values = [], []
    for share in sorted({row["share"] for row, _ in compared}):
        here = [pair for pair in compared if pair[0]["share"] == share]
        best = [_lowest(pair for pair in here if (pair[0]["family"] == "rnn") == network) for network in (True, False)]
        for pair in filter(None, best):
            pair[0]["chosen"] = True
        if all(best):
            (network, of_network), (cognitive, of_cognitive) = best
            values.append(of_network - of_cognitive)
            rows.append(
                {
                    "share": share,
                    "n_trials": network["n_trials"],
                    "network": network["model"],
                    "network_dim": network["dim"],
                    "cognitive": cognitive["model"],
                    "difference": values[-1][0],
                }
            )
    return rows, values


def _lowest(points: Iterator[Point]) -> Point | None:
    return min(points, key=lambda point: point[0]["val_nll"], default=None)


def _crossing(
    differences: list[dict[str, Any]], values: list[np.ndarray], n_blocks: int, own: pd.DataFrame
) -> dict[str, Any]:
    nothing = dict.fromkeys(("trials", "low", "high", "share_from_fewest", "share_not_reached", "fewest", "most"))
    if len(differences) < 2:
        families = set(own["family"])
        lacking = "network" if "rnn" not in families else "cognitive model" if families == {"rnn"} else None
        why = f"there is no {lacking} to compare" if lacking else "fewer than two sizes have both kinds of models"
        return {**nothing, "note": why}
    trials = np.array([row["n_trials"] for row in differences])
    found = crossing(np.stack(values, axis=-1), trials)
    notes = {-np.inf: "from the fewest trials on", np.inf: "not reached"}
    row = {**nothing, "trials": _inside(found[0]), "note": notes.get(found[0], "")}
    row |= {"fewest": trials[0], "most": trials[-1]}
    if n_blocks >= FEWEST_BLOCKS:
        tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
        low, high = np.quantile(found[1:], tails, method="inverted_cdf")  # no mean of a number and infinity
        row |= {"low": _inside(low), "high": _inside(high)}
        row |= {"share_from_fewest": (found[1:] == -np.inf).mean(), "share_not_reached": (found[1:] == np.inf).mean()}
    return row


def _inside(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
