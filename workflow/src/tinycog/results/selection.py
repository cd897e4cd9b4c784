"""Which fit is selected: by validation, then by training and validation (methods: selection).

And which selected fits are compared: those of the same outer folds, for every model.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Name = TypeVar("Name", bound=Hashable)


def inner_winners(fits: Mapping[str, np.ndarray]) -> np.ndarray:
    """Rows with the lowest validation NLL of each inner fold, among those that did not fail; ties to the first row.

    Args:
        fits: columns `inner`, `val_nll`, `status` of the fits of one outer fold, and `val_target_nll` of those that may
            have followed a teacher: they compete by how near they are to it.
    """
    ok = np.flatnonzero(fits["status"] == "ok")
    target = fits.get("val_target_nll", np.full(len(fits["inner"]), np.nan))
    inner, val = fits["inner"][ok], np.where(np.isnan(target), fits["val_nll"], target)[ok]
    return np.array([ok[inner == i][val[inner == i].argmin()] for i in np.unique(inner)], dtype=int)


def trainval_nll(fits: Mapping[str, np.ndarray]) -> np.ndarray:
    """NLL over training and validation choices together, nats per choice, of each fit."""
    total = fits["n_train"] * fits["train_nll"] + fits["n_val"] * fits["val_nll"]
    return total / (fits["n_train"] + fits["n_val"])


def selected_row(fits: Mapping[str, np.ndarray]) -> int | None:
    """Row of the outer fold's final model; None if every fit failed. Test losses play no part."""
    winners = inner_winners(fits)
    if not len(winners):
        return None
    return int(winners[trainval_nll(fits)[winners].argmin()])


def of_each_fold(fits: pd.DataFrame) -> pd.DataFrame:
    """The selected rows of fits of many models and outer folds (table `fits`); none of a fold in which all failed."""
    keys = ["dataset", "subject", "model", "dim", "outer"]
    fits, found = fits.reset_index(drop=True), []
    for _, own in fits.groupby(keys, sort=False):
        row = selected_row({name: own[name].to_numpy() for name in own})
        found += [] if row is None else [own.index[row]]
    return fits.loc[found].reset_index(drop=True)


def best_by_validation(choices: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Of the model and dim with the lowest mean validation NLL over the outer folds that all have, see `common`, the
    selected fit of the first of these folds; None where there is none.

    Args:
        choices: selected fits of one subject, as files of `selected` have them.
    """
    found: dict[tuple[str, int], dict[int, Mapping[str, Any]]] = {}
    for choice in choices:
        if choice["status"] == "ok":
            found.setdefault((choice["model"], choice["dim"]), {})[choice["outer"]] = choice
    names, folds = common({name: set(of_folds) for name, of_folds in found.items()})
    if not names:
        return None
    best = min(names, key=lambda name: sum(found[name][fold]["val_nll"] for fold in sorted(folds)))
    return found[best][min(folds)]


def common(units: Mapping[Name, set[Any]]) -> tuple[list[Name], set[Any]]:
    """Which names can be compared, and the units (outer folds, or subjects) that all of these have.

    Means over different units cannot be compared: a model that lacks the hardest ones looks best. So all are compared
    on the units that they share, as long as these are at least half as many as the most that one of them has. Otherwise
    the name with the fewest units is left out (the last of equals), and so on. A name without units is left out from
    the start.
    """
    compared = {name: own for name, own in units.items() if own}
    most = max(map(len, compared.values()), default=0)
    while compared:
        shared = set.intersection(*compared.values())
        if 2 * len(shared) >= most:
            return list(compared), shared
        del compared[min(reversed(compared), key=lambda name: len(compared[name]))]
    return [], set()


def comparable(rows: pd.DataFrame, unit: str, what: str) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Which rows (model, dim, and a unit each) are compared, and the models and dims left out, with the reason.

    Args:
        unit: column of the units, see `common`.
        what: plural name of the units, for the reason.
    """
    units = {name: set(own[unit]) for name, own in rows.groupby(["model", "dim"], sort=False)}
    names, of_all = common(units)
    most = max(map(len, units.values()), default=0)
    left_out = []
    for model, dim in (name for name in units if name not in names):
        its = f"its {what} ({len(units[model, dim])}) have too few in common with those of the other models"
        reason = f"left out of comparisons: {its} (up to {most})"
        left_out.append({"model": model, "dim": int(dim), "reason": reason})
    return rows.set_index(["model", "dim"]).index.isin(names) & rows[unit].isin(of_all).to_numpy(), left_out


def compared(selected: pd.DataFrame) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """The selected fits that comparisons rest on: of each subject the outer folds that all its models and dims share.

    An outer fold counts for a model and dim if a fit was selected and its test NLL is finite; see `common`.

    Args:
        selected: the selected fit of every outer fold (table `selected`).

    Returns:
        Rows of `selected`, and what was left out (dataset, subject, model, dim, maybe outer) with the reason.
    """
    finite = np.isfinite(selected["test_nll"].to_numpy(dtype=float))
    left_out = []
    for row in selected[~finite].itertuples():
        why = (
            f"the test NLL of its selected fit is {row.test_nll}" if row.n_test else "there is no test choice to score"
        )
        keys = {key: getattr(row, key) for key in ("dataset", "subject", "model", "dim", "outer")}
        left_out.append({**keys, "reason": f"outer fold left out of comparisons: {why}"})
    usable = selected[finite].reset_index(drop=True)
    keep = np.zeros(len(usable), dtype=bool)
    for (dataset, subject), own in usable.groupby(["dataset", "subject"], sort=False):
        keep[own.index], without = comparable(own, "outer", "outer folds")
        left_out += [{"dataset": dataset, "subject": subject, **row} for row in without]
    return usable[keep], left_out


def compared_subjects(rows: pd.DataFrame) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Which rows (dataset, subject, model, dim) means over subjects rest on, the same subjects for every model and dim.

    Returns:
        (row,) booleans, and the models and dims that share too few subjects with others, with the reason.
    """
    keep, left_out = np.zeros(len(rows), dtype=bool), []
    for dataset in dict.fromkeys(rows["dataset"]):
        own = (rows["dataset"] == dataset).to_numpy()
        keep[own], without = comparable(rows[own], "subject", "subjects")
        left_out += [{"dataset": dataset, **row} for row in without]
    return keep, left_out
