"""Models fitted to known agents, against the agents' own (methods: model recovery)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from tinycog.analyses.dimensionality import power
from tinycog.results import truth
from tinycog.results.selection import compared

LEVEL = 0.95
RULE = "reference"
OF_FITS = (
    *("dataset", "subject", "model", "dim", "outer", "family", "n_dynamical"),
    *("val_nll", "n_val", "test_nll", "n_test", "agent_nll"),
)

Generators = dict[str, dict[str, Any]]


# agents of simulated data sets, and kept fits that play, in the same form


def simulated(selected: pd.DataFrame, generators: Mapping[str, Mapping[str, Any]]) -> tuple[pd.DataFrame, Generators]:
    """Fits to the agents of simulated data sets, and about each of these; see `recovery`.

    Args:
        selected: the table of this name.
        generators: data set: see `outputs.generators`.
    """
    own = selected[selected["dataset"].isin(list(generators))].assign(agent_nll=np.nan)
    about = {name: {"source": "simulate", "dataset": name, **of, "reason": ""} for name, of in generators.items()}
    return own[list(OF_FITS)], about


def kept(fits: pd.DataFrame) -> tuple[pd.DataFrame, Generators]:
    """The same of kept fits that play: a generator is a model of a data set, and an agent one of its fits in one of its
    simulations.

    Args:
        fits: table `recovery_fits`.
    """
    names = fits["dataset"] + ": " + fits["agent"] + ", d = " + fits["agent_dim"].astype(str)
    agents = fits["subject"] + ", simulation " + fits["simulation"].astype(str)
    about = {}
    for name, own in fits.groupby(names, sort=False):
        first = own.iloc[0]
        is_fitted = ((own["model"] == first["agent"]) & (own["dim"] == first["agent_dim"])).any()
        about[name] = {
            **{"source": "kept", **first[["dataset", "agent", "agent_d"]]},
            **{"own": first["agent"] if is_fitted else None, "own_dim": first["agent_dim"]},
            "reason": first["reason"] if own["agent_nll"].isna().all() else "",
        }
    return fits.assign(dataset=names, subject=agents)[list(OF_FITS)], about


def d_star_of(fits: pd.DataFrame, competing: Sequence[str]) -> pd.DataFrame:
    """`dataset`, `subject`, `rule` and `d_star` of every agent, as table `dimensionality` has them.

    Args:
        fits: see `kept`.
        competing: models that compete for d*.
    """
    rows = [
        {"dataset": name, "subject": agent, "rule": rule, "d_star": best.dims[place]}
        for (name, agent), own in _fitted(fits).groupby(["dataset", "subject"], sort=False)
        for rule, (best, place) in power.d_stars(own, competing).items()
    ]
    return pd.DataFrame(rows, columns=["dataset", "subject", "rule", "d_star"])


# tables


def recovery(
    fits: pd.DataFrame,
    dimensionality: pd.DataFrame | None,
    generators: Mapping[str, Mapping[str, Any]],
    margin: float,
) -> list[dict[str, Any]]:
    """Rows of table `recovery`: every model on the agents of every generator.

    Args:
        fits: selected fits to the agents, columns `OF_FITS`; `dataset` is the generator and `subject` the agent.
        dimensionality: d* of each agent; None where the run does not estimate d*.
        generators: name: `source`, `dataset`, `agent`, `agent_d`; `own` and `own_dim`, the key and dim of the agent's
            model, None where it is not fitted; `reason`, why there are no choices, or empty.
        margin: nats per choice, see `verdict`.
    """
    usable, _ = compared(_fitted(fits))
    rows = []
    for name, about in generators.items():
        ids = _ids(name, about) | {"d_star": _median(dimensionality, name)}
        own, losses = fits[fits["dataset"] == name], _by_agent(usable[usable["dataset"] == name])
        rows += [ids | row for row in _of_generator(own, losses, about, margin)]
    return rows


def networks(fits: pd.DataFrame, generators: Mapping[str, Mapping[str, Any]], margin: float) -> list[dict[str, Any]]:
    """Rows of table `recovery_networks`: of each agent the network with the lowest mean validation NLL over the outer
    folds that all models have, against the agent's own model and against the agent.

    Args:
        fits, generators, margin: as of `recovery`.
    """
    if not (fits["family"] == "rnn").any():
        return []
    usable, _ = compared(_fitted(fits))
    rows = []
    for name, about in generators.items():
        own = usable[usable["dataset"] == name]
        losses, best = _by_agent(own), _best_networks(own)
        values = pd.Series({agent: losses.loc[agent, network] for agent, network in best.items()}, dtype=float)
        reference = _reference(losses, about)
        from_own = np.array([]) if reference is None else (values - losses[reference]).dropna().to_numpy()
        behind = (values - _of_agents(own)).dropna().to_numpy()
        low, high = _interval(from_own)
        behind_low, behind_high = _interval(behind)
        first = best.value_counts(sort=False)
        often = first.idxmax() if len(first) else (None, None)
        rows.append(
            {
                **_ids(name, about),
                "n_agents": len(values),
                **dict(zip(("network", "network_dim"), often, strict=True)),
                "share": first.max() / len(values) if len(first) else None,
                "test_nll": _mean(values),
                "delta_nll": _mean(from_own),
                **{"low": low, "high": high, "verdict": verdict(low, high, margin)},
                **{"behind": _mean(behind), "behind_low": behind_low, "behind_high": behind_high},
            }
        )
    return rows


def d_stars(dimensionality: pd.DataFrame, generators: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of table `recovery_d_star`."""
    own = dimensionality[dimensionality["dataset"].isin(list(generators))]
    rows = []
    for (name, rule), of_rule in own.groupby(["dataset", "rule"], sort=False):
        about = generators[name]
        ids = _ids(name, about) | {"rule": rule, "n_agents": len(of_rule)}
        rows.append(ids | truth.found(of_rule["d_star"].tolist(), about["agent_d"]))
    return rows


def verdict(low: float, high: float, margin: float) -> str | None:
    """Whether a difference with this interval lies within the margin, beyond it, or may do either."""
    if np.isnan(low):
        return None
    return "as good" if high <= margin else "worse" if low > margin else "undecided"


def _ids(name: str, about: Mapping[str, Any]) -> dict[str, Any]:
    return {"generator": name, **{key: about[key] for key in ("source", "dataset", "agent", "agent_d")}}


def _fitted(fits: pd.DataFrame) -> pd.DataFrame:
    """Those that have a loss, of which `compared` tells which are compared."""
    return fits[fits["n_test"].notna()].astype({"val_nll": float, "test_nll": float, "n_val": int, "n_test": int})


def _by_agent(usable: pd.DataFrame) -> pd.DataFrame:
    """Test NLL over all common outer folds, a row for each agent and a column for each (model, dim)."""
    total = usable.assign(loss=usable["test_nll"] * usable["n_test"])
    sums = total.groupby(["subject", "model", "dim"], sort=False)[["loss", "n_test"]].sum()
    return (sums["loss"] / sums["n_test"]).unstack(["model", "dim"])


def _of_agents(usable: pd.DataFrame) -> pd.Series:
    """Test NLL of the agents as they played, over the same outer folds; NaN where it is not known."""
    folds = usable.drop_duplicates(["subject", "outer"])
    sums = folds.assign(loss=folds["agent_nll"] * folds["n_test"]).groupby("subject", sort=False)
    return sums["loss"].sum(min_count=1) / sums["n_test"].sum()


def _best_networks(usable: pd.DataFrame) -> pd.Series:
    """(model, dim) of each agent's network with the lowest validation NLL; ties go to the first one."""
    own = usable[usable["family"] == "rnn"]
    means = own.groupby(["subject", "model", "dim"], sort=False)["val_nll"].mean().unstack(["model", "dim"])
    return means.idxmin(axis=1)


def _reference(losses: pd.DataFrame, about: Mapping[str, Any]) -> tuple[str, int] | None:
    """The agent's own model, where one of its fits can be compared."""
    own = (about["own"], about["own_dim"])
    return own if own in losses else None


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
    reference = _reference(losses, about)
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
                "own": name == (about["own"], about["own_dim"]),
                "n_agents": len(difference),
                "test_nll": _mean(values.dropna()),
                "delta_nll": _mean(difference),
                "low": low,
                "high": high,
                "verdict": verdict(low, high, margin),
                "expected": ("as good" if enough else "worse") if network else None,
                "wins": _wins(losses, name),
                "wins_cognitive": None if network else _wins(losses[[n for n in cognitive if n in losses]], name),
                "reason": about["reason"] or _reason(about, reference, len(difference)),
            }
        )
    return rows


def _mean(values: np.ndarray | pd.Series) -> float | None:
    return float(values.mean()) if len(values) else None


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
