"""A model, its equations and the best cognitive model on the same test trials (methods: formulas)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tinycog.analyses.performance.compute import sem

OF_SUBJECT = ["dataset", "subject"]


def compared(
    selected: pd.DataFrame, found: pd.DataFrame, formulas: pd.DataFrame, reasons: pd.DataFrame, suffix: str
) -> list[dict[str, Any]]:
    """Rows of table `formulas`, one for each subject, model and dim of `reasons`.

    Args:
        selected: the selected fits of the run's models (table `selected`).
        found: test NLL of equations with the constants that were found.
        formulas: selected fits of equations, whose model is the name of the model and `suffix`.
        reasons: dataset, subject, model, dim, outer and why a fold has no equations, empty where it has.
    """
    rows = []
    for keys, folds in reasons.groupby([*OF_SUBJECT, "model", "dim"], sort=False):
        place = dict(zip([*OF_SUBJECT, "model", "dim"], keys, strict=True))
        name = f"{place['model']}{suffix}"
        parts = {"model": _of(selected, place), "found": _of(found, place)}
        parts["formula"] = _of(formulas, {**place, "model": name})
        classical = _best_classical(selected, place, parts["model"])
        parts |= {"classical": _of(selected, {**place, **classical})} if classical else {}
        shared = sorted(set.intersection(*(set(part.index) for part in parts.values())))
        weights = parts["model"].loc[shared, "n_test"].to_numpy()
        reason = "; ".join(dict.fromkeys(why for why in folds["reason"] if why))
        row = {
            **place,
            "formula": name,
            "n_outer": len(shared),
            "n_parameters": parts["formula"].loc[shared, "n_parameters"].mean(),
            "classical": classical.get("model", ""),
            "reason": reason or ("" if len(shared) == len(folds) else "folds without a finite test NLL are left out"),
        }
        nll = {of: part.loc[shared, "test_nll"].to_numpy(dtype=float) for of, part in parts.items()}
        for of in ("model", "found", "formula", "classical"):
            known = len(shared) and of in nll
            row[f"{of}_nll"] = float(np.average(nll[of], weights=weights)) if known else np.nan
        for of, other in (("found", "model"), ("formula", "model"), ("classical", "model"), ("formula", "classical")):
            difference = nll[of] - nll[other] if {of, other} <= set(nll) else np.empty(0)
            row[f"{of}_minus_{other}"] = float(difference.mean()) if len(difference) else np.nan
            row[f"{of}_minus_{other}_sem"] = sem(difference)
        rows.append(row)
    return rows


def _of(fits: pd.DataFrame, place: dict[str, Any]) -> pd.DataFrame:
    """Selected fits with a finite test NLL, by outer fold."""
    own = fits[np.all([fits[key] == value for key, value in place.items()], axis=0)]
    return own[np.isfinite(own["test_nll"].to_numpy(dtype=float))].set_index("outer")


def _best_classical(selected: pd.DataFrame, place: dict[str, Any], own: pd.DataFrame) -> dict[str, Any]:
    """Model and dim of the cognitive model with the lowest mean validation NLL, of those with all folds of the model;
    the model itself does not count.
    """
    same = np.all([selected[key] == place[key] for key in OF_SUBJECT], axis=0)
    rivals = selected[same & (selected["family"] == "cognitive") & (selected["model"] != place["model"])]
    by_name = {name: rows.set_index("outer") for name, rows in rivals.groupby("model", sort=False)}
    nll = {
        name: rows.loc[own.index, "val_nll"].mean() for name, rows in by_name.items() if {*own.index} <= {*rows.index}
    }
    if not nll:
        return {}
    best = min(nll, key=nll.get)
    return {"model": best, "dim": by_name[best]["dim"].iloc[0]}
