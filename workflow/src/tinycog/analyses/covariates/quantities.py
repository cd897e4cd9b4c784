"""What a run finds of each subject, one number each, from its tables (methods: covariates)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from tinycog.results.selection import compared

KEYS = ["kind", "model", "dim", "quantity", "unit"]
COLUMNS = ["dataset", "subject", *KEYS, "value"]


def of_tables(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Rows of `COLUMNS`: one for each subject and quantity; `model` and `dim` are missing where there is no model.

    Args:
        tables: of the run, by name; of those that this module knows the ones that the run has.
    """
    makers = {
        "parameters_summary": _parameters,
        "dimensionality": _dimensionality,
        "setpoints": _setpoints,
        "description": _description,
        "behaviour_history": _indices,
        "selected": _losses,
    }
    parts = [part for name, make in makers.items() if name in tables for part in make(tables[name])]
    parts = [part.assign(**{key: None for key in ("model", "dim") if key not in part}) for part in parts]
    found = pd.concat([part[COLUMNS].astype({"model": object, "dim": object}) for part in parts], ignore_index=True)
    return found.assign(value=found["value"].astype(float).replace([-np.inf, np.inf], np.nan))


def _parameters(summary: pd.DataFrame) -> Iterator[pd.DataFrame]:
    refitted = summary["n_choices"].notna().any()
    value = summary["value" if refitted else "mean"].astype(float)
    in_log = summary["range_low"].eq(0) & summary["range_high"].isna()  # these span magnitudes
    with np.errstate(divide="ignore", invalid="ignore"):
        value = value.where(~in_log, np.log(value))
    unit = summary["unit"].where(~in_log, "log " + summary["unit"])
    yield summary.assign(kind="parameter", quantity=summary["parameter"], unit=unit, value=value)


def _dimensionality(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    yield table.assign(kind="d_star", quantity=table["rule"], unit="dynamical variables", value=table["d_star"])


def _setpoints(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    keys = ["dataset", "subject", "model", "dim", "condition"]
    mean = table.groupby(keys, sort=False)["setpoint"].mean().reset_index()
    yield mean.assign(kind="setpoint", quantity=mean["condition"], unit="nats", value=mean["setpoint"])


def _description(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    wanted = table["statistic"].eq("reward_rate") | table["statistic"].str.startswith("stay_")
    unit = table["statistic"].map(lambda name: "reward" if name == "reward_rate" else "probability")
    yield table.assign(kind="behaviour", quantity=table["statistic"], unit=unit)[wanted]


def _indices(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    wanted = table["source"].eq("data") & table["statistic"].eq("index")
    of_data = table[wanted].drop(columns=["dim"])
    yield of_data.assign(kind="behaviour", quantity="history_" + of_data["term"], unit="log odds")


def _losses(selected: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Test NLL of the network and of the cognitive model with the lowest validation NLL, and their difference."""
    rows, _ = compared(selected)
    sums = rows.assign(**{role: rows[f"{role}_nll"] * rows[f"n_{role}"] for role in ("val", "test")})
    keys = ["dataset", "subject", "family", "model", "dim"]
    total = sums.groupby(keys, sort=False)[["val", "test", "n_val", "n_test"]].sum().reset_index()
    total = total.assign(val=total["val"] / total["n_val"], value=total["test"] / total["n_test"])
    best = total.loc[total.groupby(["dataset", "subject", "family"], sort=False)["val"].idxmin()]
    by_family = best.set_index(["dataset", "subject", "family"])["value"].unstack("family")
    by_family = by_family.reindex(columns=["rnn", "cognitive"])
    found = {
        "best_network": by_family["rnn"],
        "best_cognitive": by_family["cognitive"],
        "cognitive_minus_network": by_family["cognitive"] - by_family["rnn"],
    }
    for name, value in found.items():
        rows = value.rename("value").reset_index()
        yield rows.assign(kind="loss", quantity=name, unit="nats per choice").dropna(subset=["value"])
