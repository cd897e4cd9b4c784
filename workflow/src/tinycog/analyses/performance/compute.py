"""Test performance of models, by subject and over subjects (methods: performance and error bars)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from tinycog.results.findings import OFTEN
from tinycog.results.selection import compared, compared_subjects, inner_winners, of_each_fold

KEYS = ["dataset", "subject", "model", "dim"]


def sem(values: pd.Series | np.ndarray) -> float:
    """Standard error of the mean, with n - 1; NaN for fewer than two values, or if one is not finite."""
    values = np.asarray(values, dtype=float)
    usable = len(values) > 1 and np.isfinite(values).all()
    return float(values.std(ddof=1) / np.sqrt(len(values))) if usable else np.nan


def performance(
    fits: pd.DataFrame, selected: pd.DataFrame, n_outer: dict[str, int], further: pd.DataFrame | None = None
) -> pd.DataFrame:
    """One row for each subject, model and dim; all rows of a subject are over the same outer folds.

    `n_outer` is the number of these folds, `n_outer_own` the number of folds in which the model has a fit, and
    `n_outer_missing` the number in which it has none. `share_max_epochs` is the share of a network's fits that reached
    `max_epochs` before the validation NLL stopped them; failed fits do not count.

    Args:
        fits: every fit (table `fits`).
        selected: the selected fit of every outer fold (table `selected`).
        n_outer: data set: outer folds asked for.
        further: fits of models that are not the run's. They do not decide which outer folds count, and one that lacks
            a fold is left out.
    """
    chosen, _ = compared(selected)
    if further is not None and len(further):
        selected, fits = pd.concat([selected, of_each_fold(further)]), pd.concat([fits, further])
        chosen = pd.concat([chosen, _of_same_folds(of_each_fold(further), chosen)])
    n_own = selected[np.isfinite(selected["test_nll"])].groupby(KEYS).size()
    of_all_folds = dict(list(fits.groupby(KEYS, sort=False)))
    rows = []
    for keys, group in chosen.groupby(KEYS, sort=False):
        weights, own = group["n_test"], of_all_folds[keys]
        folds = own[own["outer"].isin(group["outer"])].groupby("outer")
        rows.append(
            {
                **dict(zip(KEYS, keys, strict=True)),
                "family": group["family"].iloc[0],
                "n_dynamical": group["n_dynamical"].iloc[0],
                "n_parameters": group["n_parameters"].iloc[0],
                "test_nll": np.average(group["test_nll"], weights=weights),
                "test_nll_sem": sem(np.concatenate([_winning_test_nll(fold) for _, fold in folds])),
                "test_nll_sem_outer": sem(group["test_nll"]),
                "test_accuracy": np.average(group["test_accuracy"], weights=weights),
                "n_test": weights.sum(),
                "n_outer": len(group),
                "n_outer_own": n_own[keys],
                "n_outer_missing": n_outer[keys[0]] - n_own[keys],
                "share_max_epochs": _share_max_epochs(own),
            }
        )
    return pd.DataFrame(rows)


def _of_same_folds(further: pd.DataFrame, chosen: pd.DataFrame) -> pd.DataFrame:
    """Selected fits of further models in the outer folds that are compared, of those models that have all of these."""
    parts = []
    folds_of = {key: set(own["outer"]) for key, own in chosen.groupby(["dataset", "subject"])}
    for keys, own in further[np.isfinite(further["test_nll"])].groupby(KEYS, sort=False):
        folds = folds_of.get(keys[:2], set())
        if folds and folds <= set(own["outer"]):
            parts.append(own[own["outer"].isin(folds)])
    return pd.concat([further[:0], *parts])


def _share_max_epochs(fits: pd.DataFrame) -> float:
    """NaN for models that are not trained in epochs."""
    trained = fits.loc[fits["ended"].isin(["patience", "max_epochs"]), "ended"]
    return float((trained == "max_epochs").mean())


def cut_short(by_subject: pd.DataFrame) -> list[dict[str, Any]]:
    """Networks that often ended at `max_epochs` (dataset, subject, model, dim); `reason` says what to do.

    Args:
        by_subject: table `performance`.
    """
    often = by_subject[by_subject["share_max_epochs"] > OFTEN]
    what = "of the fits ended at training.max_epochs and may be worse than they could be: raise training.max_epochs"
    return [
        {**{key: getattr(row, key) for key in KEYS}, "reason": f"{100 * row.share_max_epochs:.0f}% {what}"}
        for row in often.itertuples()
    ]


def _winning_test_nll(fold: pd.DataFrame) -> np.ndarray:
    columns = {name: fold[name].to_numpy() for name in ("inner", "val_nll", "val_target_nll", "status")}
    return fold["test_nll"].to_numpy()[inner_winners(columns)]


def performance_group(by_subject: pd.DataFrame, further: Collection[str] = ()) -> pd.DataFrame:
    """Mean and SEM over subjects, the same for every model and dim of a data set.

    `test_nll_sem_within` is the mean of the subjects' own standard errors over outer folds, which animal figures show.
    `n_subjects` is the number of subjects that are compared, `n_subjects_own` the number with fits of the model.
    `share_max_epochs` is the mean of the subjects' shares.

    Args:
        further: models that are not the run's. They do not decide which subjects count, and one that lacks a subject is
            left out.
    """
    n_own = by_subject.groupby(["dataset", "model", "dim"])["subject"].transform("nunique")
    rows = by_subject.assign(n_subjects_own=n_own)
    more = rows["model"].isin(list(further))
    own = rows[~more]
    rows = pd.concat([own[compared_subjects(own)[0]], _of_same_subjects(rows[more], own[compared_subjects(own)[0]])])
    table = rows.groupby(["dataset", "model", "dim"], sort=False).agg(
        family=("family", "first"),
        n_dynamical=("n_dynamical", "first"),
        n_parameters=("n_parameters", "first"),
        test_nll=("test_nll", "mean"),
        test_nll_sem=("test_nll", sem),
        test_nll_sem_within=("test_nll_sem_outer", "mean"),
        test_accuracy=("test_accuracy", "mean"),
        n_subjects=("subject", "nunique"),
        n_subjects_own=("n_subjects_own", "first"),
        share_max_epochs=("share_max_epochs", "mean"),
    )
    return table.reset_index()


def _of_same_subjects(further: pd.DataFrame, compared: pd.DataFrame) -> pd.DataFrame:
    """Rows of further models for the subjects that are compared, of those models that have all of these."""
    subjects = {dataset: set(own["subject"]) for dataset, own in compared.groupby("dataset")}
    parts = []
    for (dataset, *_), own in further.groupby(["dataset", "model", "dim"], sort=False):
        if subjects.get(dataset) and subjects[dataset] <= set(own["subject"]):
            parts.append(own[own["subject"].isin(subjects[dataset])])
    return pd.concat([further[:0], *parts])
