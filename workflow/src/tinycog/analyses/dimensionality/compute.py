"""The number d* of dynamical variables beyond which nothing is gained (methods: behavioural dimensionality)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtr

from tinycog.generators import generator
from tinycog.results.selection import compared

ALPHA = 0.05
RULES = ("reference", "minimal", "validation", "argmin")


def p_values(nll: np.ndarray) -> np.ndarray:
    """One-sided paired t-tests between dimensions over outer folds.

    Args:
        nll: (..., fold, dim) test NLL.

    Returns:
        (..., dim, dim): entry [i, j] tests mean(nll_i - nll_j) < 0 with df = folds - 1, so that a small value says
        that dim i predicts better than dim j. NaN where the differences are all zero or there is one fold.
    """
    if nll.shape[-2] < 2:
        return np.full((*nll.shape[:-2], nll.shape[-1], nll.shape[-1]), np.nan)
    difference = nll[..., :, :, None] - nll[..., :, None, :]
    n = nll.shape[-2]
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = difference.mean(-3) / (difference.std(-3, ddof=1) / np.sqrt(n))
        return stdtr(n - 1, statistic)


def reference_flags(nll: np.ndarray) -> np.ndarray:
    """Flag of each dim, (..., dim): significantly better than every smaller one; the smallest is always flagged."""
    better = p_values(nll) <= ALPHA  # NaN compares False
    n = nll.shape[-1]
    larger_or_same = ~np.tri(n, k=-1, dtype=bool)
    return (better | larger_or_same).all(-1)


def d_star_index(nll: np.ndarray, weights: np.ndarray, rule: str) -> np.ndarray:
    """Index of d* among the dims, (...).

    Args:
        nll: (..., fold, dim) test NLL by outer fold, dims in ascending order.
        weights: (..., fold) scored test choices.
        rule: `reference` and `validation`: the largest flagged dim; `minimal`: the smallest dim that no larger one
            beats significantly; `argmin`: lowest aggregated NLL, ties to the smaller dim.
    """
    if rule == "argmin":
        return (nll * weights[..., None]).sum(-2).argmin(-1)
    if rule == "minimal":
        beaten = (p_values(nll) <= ALPHA) & np.tri(nll.shape[-1], k=-1, dtype=bool)  # [larger, smaller]
        return (~beaten.any(-2)).argmax(-1)
    flags = reference_flags(nll)
    return nll.shape[-1] - 1 - flags[..., ::-1].argmax(-1)


def resamples(n_folds: int, n_draws: int, rng: np.random.Generator) -> np.ndarray:
    """Outer folds drawn with replacement, (draw, fold), at least two different ones in each draw.

    A draw of a single fold, repeated, has no variance in the differences between dims, so that no test is possible: it
    is drawn again. With 3 folds one draw in 9 would be of this kind, with 10 folds one in 10^9.
    """
    draws = rng.integers(n_folds, size=(n_draws, n_folds))
    while (same := (draws == draws[:, :1]).all(1)).any():
        draws[same] = rng.integers(n_folds, size=(same.sum(), n_folds))
    return draws


@dataclass(frozen=True)
class BestByDim:
    """Test NLL of one subject, one network for each dim, over the outer folds that all models have."""

    dims: list[int]
    models: list[str]
    outer: list[int]
    nll: np.ndarray  # (fold, dim)
    weights: np.ndarray  # (fold,)


def best_by_dim(chosen: pd.DataFrame, choose_by: str) -> BestByDim:
    """For each dim the network with the lowest aggregated `choose_by` (test or val) NLL.

    Args:
        chosen: selected fits of one subject's competing networks, the same outer folds of each.
    """
    total = chosen.assign(loss=chosen[f"{choose_by}_nll"] * chosen[f"n_{choose_by}"])
    sums = total.groupby(["dim", "model"], sort=True)[["loss", f"n_{choose_by}"]].sum()
    mean = sums["loss"] / sums[f"n_{choose_by}"]
    best = mean.groupby("dim").idxmin()
    parts = [chosen[(chosen["dim"] == dim) & (chosen["model"] == model)].set_index("outer") for dim, model in best]
    outer = sorted(parts[0].index)
    nll = np.stack([part["test_nll"].reindex(outer) for part in parts], axis=1)
    weights = parts[0]["n_test"].reindex(outer).to_numpy(dtype=float)
    return BestByDim([int(dim) for dim, _ in best], [model for _, model in best], outer, nll, weights)


def estimates(chosen: pd.DataFrame) -> dict[str, tuple[BestByDim, int]]:
    """By each rule the network of each dim, and the index of d* among the dims; with one outer fold, which leaves
    nothing to test, `argmin` alone.

    Args:
        chosen: see `best_by_dim`.
    """
    best = {by: best_by_dim(chosen, by) for by in ("test", "val")}
    found = {}
    for rule in RULES if len(best["test"].outer) > 1 else ("argmin",):
        data = best["val" if rule == "validation" else "test"]
        found[rule] = data, int(d_star_index(data.nll, data.weights, rule))
    return found


def dimensionality(
    selected: pd.DataFrame, competing: list[str], *, bootstrap: int, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """d* of every subject by every rule, how much it depends on the outer folds, and the p-values behind it.

    `d_star_shares` holds the share of resamples of the outer folds with each d*, as JSON. It is null where resampling
    says nothing: with one dim there is no choice, and with two folds every resample contains both.

    Args:
        selected: selected fit of every outer fold (table `selected`).
        competing: models that compete: networks with a full readout, of the cells that the config names.
        bootstrap: resamples of the outer folds, see `resamples`; the same for every rule.
        seed: of the run.

    Returns:
        Table `dimensionality`, and the subjects for which d* could not be estimated with the reason.
    """
    rows, excluded = [], []
    compared_fits, _ = compared(selected)
    networks = compared_fits[compared_fits["model"].isin(competing)]
    found = dict(list(networks.groupby(["dataset", "subject"])))
    asked = selected.loc[selected["model"].isin(competing), ["dataset", "subject"]].drop_duplicates()
    for dataset, subject in asked.itertuples(index=False):
        if (dataset, subject) not in found:
            reason = "d* needs an outer fold in which a network can be compared; see table excluded"
            excluded.append({"dataset": dataset, "subject": subject, "reason": reason})
            continue
        by_rule = estimates(found[dataset, subject])
        of_any, _ = by_rule["argmin"]
        n_folds, n_dims = of_any.nll.shape
        draws = None
        if n_folds > 2 and n_dims > 1:
            draws = resamples(n_folds, bootstrap, generator("d*", seed, dataset, subject))
        for rule, (data, best) in by_rule.items():
            rows.append(
                {
                    "dataset": dataset,
                    "subject": subject,
                    "rule": rule,
                    "d_star": data.dims[best],
                    "d_star_shares": None if draws is None else _shares(data, draws, rule),
                    "note": _note(best, n_dims),
                    "n_outer": n_folds,
                    **_evidence(data),
                }
            )
    return pd.DataFrame(rows), pd.DataFrame(excluded, columns=["dataset", "subject", "reason"])


def _note(best: int, n_dims: int) -> str:
    """Why d* is no estimate, or empty; `best` is the index of d* among the dims."""
    if n_dims == 1:
        return "one dim only"
    return "not bounded by this grid" if best == n_dims - 1 else ""


def _shares(data: BestByDim, draws: np.ndarray, rule: str) -> str:
    """Share of resamples of the outer folds, (draw, fold), with d* at each dim, as JSON."""
    counts = np.bincount(d_star_index(data.nll[draws], data.weights[draws], rule), minlength=len(data.dims))
    return json.dumps(dict(zip(map(str, data.dims), (counts / len(draws)).tolist(), strict=True)))


def _evidence(data: BestByDim) -> Mapping[str, str]:
    """Dims, networks, flags and p-values as JSON; p-values as {"larger<smaller": p}."""
    p = p_values(data.nll)
    pairs = {
        f"{data.dims[i]}<{data.dims[j]}": None if np.isnan(p[i, j]) else float(p[i, j])
        for i in range(len(data.dims))
        for j in range(i)
    }
    flags = dict(zip(map(str, data.dims), reference_flags(data.nll).tolist(), strict=True))
    return {
        "dims": json.dumps(data.dims),
        "models": json.dumps(data.models),
        "flags": json.dumps(flags),
        "p_values": json.dumps(pairs),
    }
