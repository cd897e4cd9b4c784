"""Models fitted to known agents, against the agents' own (methods: model recovery)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from tinycog.results import truth
from tinycog.results.selection import compared

LEVEL = 0.95
RULE = "reference"


def recovery(
    selected: pd.DataFrame,
    dimensionality: pd.DataFrame | None,
    generators: Mapping[str, Mapping[str, Any]],
    margin: float,
) -> list[dict[str, Any]]:
    """Rows of table `recovery`: every model on every simulated data set.

    Args:
        selected, dimensionality: the tables of these names; None where the run does not estimate d*.
        generators: data set: `agent`, `agent_d` and `own`, the key of the agent's model or None.
        margin: nats per choice, see `verdict`.
    """
    usable, _ = compared(selected)
    rows = []
    for name, about in generators.items():
        ids = {"generator": name, "agent": about["agent"], "agent_d": about["agent_d"]}
        ids["d_star"] = _median(dimensionality, name)
        fitted = selected[selected["dataset"] == name]
        losses = _by_agent(usable[usable["dataset"] == name])
        rows += [ids | row for row in _of_generator(fitted, losses, about, margin)]
    return rows


def d_stars(dimensionality: pd.DataFrame, generators: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of table `recovery_d_star`."""
    own = dimensionality[dimensionality["dataset"].isin(list(generators))]
    rows = []
    for (name, rule), of_rule in own.groupby(["dataset", "rule"], sort=False):
        agent, d = (generators[name][key] for key in ("agent", "agent_d"))
        ids = {"generator": name, "agent": agent, "agent_d": d, "rule": rule, "n_agents": len(of_rule)}
        rows.append(ids | truth.found(of_rule["d_star"].tolist(), d))
    return rows


def verdict(low: float, high: float, margin: float) -> str | None:
    """Whether a difference with this interval lies within the margin, beyond it, or may do either."""
    if np.isnan(low):
        return None
    return "as good" if high <= margin else "worse" if low > margin else "undecided"


def _by_agent(usable: pd.DataFrame) -> pd.DataFrame:
    """Test NLL over all common outer folds, a row for each agent and a column for each (model, dim)."""
    total = usable.assign(loss=usable["test_nll"] * usable["n_test"])
    sums = total.groupby(["subject", "model", "dim"], sort=False)[["loss", "n_test"]].sum()
    return (sums["loss"] / sums["n_test"]).unstack(["model", "dim"])


def _median(dimensionality: pd.DataFrame | None, name: str) -> float | None:
    if dimensionality is None:
        return None
    own = dimensionality[(dimensionality["dataset"] == name) & (dimensionality["rule"] == RULE)]
    return float(own["d_star"].median()) if len(own) else None


def _of_generator(
    fitted: pd.DataFrame, losses: pd.DataFrame, about: Mapping[str, Any], margin: float
) -> list[dict[str, Any]]:
    models = fitted[["model", "dim", "family", "n_dynamical"]].drop_duplicates().to_dict("records")
    cognitive = [(row["model"], row["dim"]) for row in models if row["family"] != "rnn"]
    reference = next((name for name in losses if name[0] == about["own"]), None)
    rows = []
    for row in models:
        name, network = (row["model"], row["dim"]), row["family"] == "rnn"
        values = losses[name] if name in losses else pd.Series(dtype=float)
        difference = np.array([]) if reference is None else (values - losses[reference]).dropna().to_numpy()
        low, high = _interval(difference)
        enough = row["n_dynamical"] >= about["agent_d"]
        rows.append(
            {
                **row,
                "own": row["model"] == about["own"],
                "n_agents": len(difference),
                "test_nll": values.mean() if values.notna().any() else None,
                "delta_nll": difference.mean() if len(difference) else None,
                "low": low,
                "high": high,
                "verdict": verdict(low, high, margin),
                "expected": ("as good" if enough else "worse") if network else None,
                "wins": _wins(losses, name),
                "wins_cognitive": None if network else _wins(losses[[n for n in cognitive if n in losses]], name),
                "reason": _reason(about, reference, len(difference)),
            }
        )
    return rows


def _interval(values: np.ndarray) -> tuple[float, float]:
    """Of a mean, by Student's t; NaN for fewer than two values."""
    n = len(values)
    if n < 2:
        return np.nan, np.nan
    half = student.ppf((1 + LEVEL) / 2, n - 1) * values.std(ddof=1) / np.sqrt(n)
    return float(values.mean() - half), float(values.mean() + half)


def _wins(losses: pd.DataFrame, name: tuple[str, int]) -> float:
    """Share of the agents for which a model has the lowest loss; ties go to the first model."""
    any_fit = losses.dropna(how="all")
    return float((any_fit.idxmin(axis=1) == name).mean()) if len(any_fit) else 0.0


def _reason(about: Mapping[str, Any], reference: tuple[str, int] | None, n: int) -> str:
    if about["own"] is None:
        return f"{about['agent']} is not among the models that are fitted to its agents"
    if reference is None:
        return f"no fit of the agents' own model, {about['own']}, can be compared"
    return "" if n else "none of its fits can be compared"
