"""How often d* would be found by each rule, from fits to simulated choices (methods: power of d*)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from tinycog.analyses.dimensionality.compute import BestByDim, estimates
from tinycog.results import truth
from tinycog.results.selection import compared


def network_of(selected: pd.DataFrame, competing: Sequence[str]) -> tuple[str, int] | None:
    """The network and dim that stand for a subject: d* by the rule `reference`; None where d* cannot be estimated.

    With one outer fold d* is that of `argmin`.

    Args:
        selected: selected fits of all models of one subject.
    """
    by_rule = d_stars(selected, competing)
    if not by_rule:
        return None
    data, best = by_rule.get("reference", by_rule["argmin"])
    return data.models[best], data.dims[best]


def power(simulations: pd.DataFrame, competing: Sequence[str]) -> list[dict[str, Any]]:
    """For each rule how often d* of simulated choices is the d of the network that made them.

    Args:
        simulations: selected fits to the simulated choices of one subject (see `tables.SIMULATION`), of one network.

    Returns:
        Rows of table `dimensionality_power` without their ids. The interval is Clopper and Pearson's.
    """
    first = simulations.iloc[0]
    about = {"generator": first["generator"], "true_d": first["true_d"]}
    found: dict[str, list[int]] = {}
    for _, own in simulations[simulations["reason"] == ""].groupby("simulation", sort=True):
        for rule, (data, best) in d_stars(own, competing).items():
            found.setdefault(rule, []).append(data.dims[best])
    if not found:
        nothing = dict.fromkeys(("equal", "low", "high", "below", "above"))
        return [{**about, "rule": "reference", "n": 0, **nothing, "reason": _first_reason(simulations)}]
    rules = found.items()
    return [
        {**about, "rule": rule, "n": len(own), **truth.found(own, first["true_d"]), "reason": ""} for rule, own in rules
    ]


def d_stars(selected: pd.DataFrame, competing: Sequence[str]) -> dict[str, tuple[BestByDim, int]]:
    """d* by each rule, see `compute.estimates`, of one subject or simulation; nothing where it cannot be estimated.

    Args:
        selected: selected fits of all its models.
    """
    if selected.empty:
        return {}
    rows, _ = compared(selected)
    networks = rows[rows["model"].isin(competing)]
    return estimates(networks) if len(networks) else {}


def _first_reason(simulations: pd.DataFrame) -> str:
    reasons = [reason for reason in simulations["reason"] if reason]
    return reasons[0] if reasons else "no outer fold in which the networks can be compared"
