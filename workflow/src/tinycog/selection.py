"""Which fit is kept: validation decides among seeds and L1 weights, then training + validation (core.md 6.2).

And which kept fits are compared: those of the same outer folds, for every model.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Name = TypeVar("Name", bound=Hashable)


def inner_winners(fits: Mapping[str, np.ndarray]) -> np.ndarray:
    """Rows with the lowest validation NLL of each inner fold, among those that did not fail; ties to the first row.

    Args:
        fits: columns `inner`, `val_nll`, `status` of the fits of one outer fold.
    """
    ok = np.flatnonzero(fits["status"] == "ok")
    inner, val = fits["inner"][ok], fits["val_nll"][ok]
    return np.array([ok[inner == i][val[inner == i].argmin()] for i in np.unique(inner)], dtype=int)


def trainval_nll(fits: Mapping[str, np.ndarray]) -> np.ndarray:
    """NLL over training and validation choices together, nats per choice, of each fit."""
    total = fits["n_train"] * fits["train_nll"] + fits["n_val"] * fits["val_nll"]
    return total / (fits["n_train"] + fits["n_val"])


def kept(fits: Mapping[str, np.ndarray]) -> int | None:
    """Row of the outer fold's final model; None if every fit failed. Test losses play no part."""
    winners = inner_winners(fits)
    if not len(winners):
        return None
    return int(winners[trainval_nll(fits)[winners].argmin()])


def common(units: Mapping[Name, set[Any]]) -> tuple[list[Name], set[Any]]:
    """Who can be compared, and the units (outer folds, or subjects) that all of them have.

    A mean over other units than another's is no comparison: whoever lacks the hardest ones looks best. So all are
    compared on the units that they share, as long as these are at least half of the most that anyone has. Else the one
    with the fewest is left out, the last of equals, and so on. Whoever has no unit is left out from the start.
    """
    compared = {name: own for name, own in units.items() if own}
    most = max(map(len, compared.values()), default=0)
    while compared:
        shared = set.intersection(*compared.values())
        if 2 * len(shared) >= most:
            return list(compared), shared
        del compared[min(reversed(compared), key=lambda name: len(compared[name]))]
    return [], set()


def compared(selected: pd.DataFrame) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """The kept fits that comparisons rest on: of every subject the outer folds that all models and dims have.

    An outer fold counts for a model and dim if a fit was kept and its test NLL is finite; see `common`.

    Args:
        selected: the kept fit of every outer fold (table `selected`).

    Returns:
        Rows of `selected`, and what was left out (dataset, subject, model, dim, maybe outer) with the reason.
    """
    finite = np.isfinite(selected["test_nll"])
    keep, left_out = np.zeros(len(selected), dtype=bool), []
    for (dataset, subject), own in selected.groupby(["dataset", "subject"], sort=False):
        names = list(dict.fromkeys(zip(own["model"], own["dim"], strict=True)))
        rows = {(model, dim): own[(own["model"] == model) & (own["dim"] == dim)] for model, dim in names}
        folds = {name: set(of_one.loc[finite[of_one.index], "outer"]) for name, of_one in rows.items()}
        who, shared = common(folds)
        most = max(map(len, folds.values()))
        for (model, dim), of_one in rows.items():
            keys = {"dataset": dataset, "subject": subject, "model": model, "dim": dim}
            for outer, nll, n_test in of_one.loc[~finite[of_one.index], ["outer", "test_nll", "n_test"]].itertuples(
                index=False
            ):
                why = f"the kept fit's test NLL is {nll}" if n_test else "no test choice to score"
                left_out.append({**keys, "outer": int(outer), "reason": f"{why}: this outer fold is not compared"})
            if (model, dim) not in who:
                has = f"not compared with the other models: has {len(folds[model, dim])} outer folds where others have"
                left_out.append({**keys, "reason": f"{has} {most}, and too few in common with them"})
        chosen = own["outer"].isin(shared) & np.array([name in who for name in zip(own["model"], own["dim"], strict=True)])
        keep[selected.index.get_indexer(own.index[chosen])] = True
    return selected[keep], left_out
