"""Behavioural dimensionality d* (core.md 7): the number of dynamical variables beyond which nothing is gained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student_t

from tinycog.generators import generator

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
        return student_t.cdf(statistic, df=n - 1)


def reference_flags(nll: np.ndarray) -> np.ndarray:
    """Flag of each dim, (..., dim): significantly better than every smaller one; the smallest is always flagged."""
    better = p_values(nll) <= ALPHA  # NaN compares False
    n = nll.shape[-1]
    larger_or_same = ~np.tri(n, k=-1, dtype=bool)
    return (better | larger_or_same).all(-1)


def d_star(nll: np.ndarray, weights: np.ndarray, rule: str) -> np.ndarray:
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


@dataclass(frozen=True)
class Folds:
    """Test NLL of one subject, one architecture for each dim; only outer folds that every dim has."""

    dims: list[int]
    models: list[str]
    outer: list[int]
    nll: np.ndarray  # (fold, dim)
    weights: np.ndarray  # (fold,)


def folds(selected: pd.DataFrame, choose_by: str) -> Folds:
    """For each dim take the architecture with the lowest aggregated `choose_by` (test or val) NLL.

    Args:
        selected: kept fits of one subject's competing networks.
    """
    total = selected.assign(loss=selected[f"{choose_by}_nll"] * selected[f"n_{choose_by}"])
    sums = total.groupby(["dim", "model"], sort=True)[["loss", f"n_{choose_by}"]].sum()
    mean = sums["loss"] / sums[f"n_{choose_by}"]
    best = mean.groupby("dim").idxmin()
    dims, models = [int(dim) for dim, _ in best], [model for _, model in best]
    parts = [selected[(selected["dim"] == dim) & (selected["model"] == model)] for dim, model in best]
    common = sorted(set.intersection(*(set(part["outer"]) for part in parts)))
    nll = np.array([part.set_index("outer")["test_nll"].reindex(common) for part in parts]).T.reshape(
        len(common), len(dims)
    )
    weights = parts[0].set_index("outer")["n_test"].reindex(common).to_numpy(dtype=float)
    return Folds(dims, models, common, nll, weights)


def dimensionality(
    selected: pd.DataFrame, competing: list[str], *, bootstrap: int, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """d* of every subject by every rule, and the p-values behind it.

    Args:
        selected: kept fit of every outer fold (table `selected`).
        competing: models that compete at each dim: networks with a full readout.
        bootstrap: resamples of the outer folds for the 95% interval.
        seed: of the run.

    Returns:
        Table `dimensionality`, and the subjects for which d* could not be estimated with the reason.
    """
    rows, excluded = [], []
    networks = selected[selected["model"].isin(competing)]
    for (dataset, subject), own in networks.groupby(["dataset", "subject"], sort=False):
        chosen = {by: folds(own, by) for by in ("test", "val")}
        n_folds = min(len(data.outer) for data in chosen.values())
        if n_folds == 0:
            reason = "d* needs an outer fold with a kept fit at every dim"
            excluded.append({"dataset": dataset, "subject": subject, "reason": reason})
            continue
        for rule in (
            RULES if n_folds > 1 else ("argmin",)
        ):  # one test value for each dim: nothing to test (core.md 7, 6)
            data = chosen["val" if rule == "validation" else "test"]
            dims = np.array(data.dims)
            draws = generator("d*", seed, dataset, subject, rule).integers(
                len(data.outer), size=(bootstrap, len(data.outer))
            )
            resampled = dims[d_star(data.nll[draws], data.weights[draws], rule)]
            low, high = np.quantile(resampled, [0.025, 0.975], method="inverted_cdf")
            rows.append(
                {
                    "dataset": dataset,
                    "subject": subject,
                    "rule": rule,
                    "d_star": int(dims[d_star(data.nll, data.weights, rule)]),
                    "d_star_low": int(low),
                    "d_star_high": int(high),
                    "n_outer": len(data.outer),
                    **_evidence(data),
                }
            )
    return pd.DataFrame(rows), pd.DataFrame(excluded, columns=["dataset", "subject", "reason"])


def _evidence(data: Folds) -> Mapping[str, str]:
    """Dims, architectures, flags and p-values as JSON; p-values as {"larger<smaller": p}."""
    import json

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
