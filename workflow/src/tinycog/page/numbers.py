"""What the page shows of the run's tables: a row for each subject, and the numbers behind every figure of the group."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from tinycog.results.findings import OFTEN

KEYS = ["dataset", "subject"]
RULES = ("reference", "minimal", "validation", "argmin")
RARE = 0.025  # share of resamples on each side that a range of d* leaves out
PLAYED = {"teacher_forced": "along its choices", "playing": "playing the task"}  # kinds of predictive checks
MILLI = 1000  # nats to thousandths
Tables = Mapping[str, pd.DataFrame]

# key: heading, what it says
COLUMNS = {
    "dataset": ("data set", "key in the config"),
    "subject": ("subject", "as the data call it"),
    "mark": ("mark", "keep, doubt or drop: yours, kept in this browser until you export it"),
    "trials": ("trials", "trials analysed"),
    "missed": ("missed", "choices that were missed"),
    "reward": ("reward", "mean reward per trial, 0 to 1"),
    "model": ("best model", "the model of the lowest test NLL; flags say if validation prefers another"),
    "nll": ("NLL", "its test NLL, nats per choice"),
    "margin": ("ahead by", "test NLL of the next model minus its own, nats per 1,000 choices; with a 95% interval over "
               "test blocks if validation prefers it, too, and there are at least 10"),
    **{f"d_{rule}": (f"d* {rule}", f"d* by rule {rule}; in brackets the middle 95% of resamples of the outer folds, "
                     "which is no confidence interval") for rule in RULES},
    "verdict": ("strategy", "verdict by stated rules: docs/methods.md, Verdicts"),
    "worst": ("worst check", "largest difference of the model that validation prefers from the subject (standard "
              "errors)"),
    "flags": ("flags", "what speaks for a second look"),
}  # fmt: skip
# measures of table `signatures` whose unit is no number: none; others are pure numbers or nats
OF_BEHAVIOUR = {
    "reward_rate": "mean reward",
    "stay_rewarded": "P(same action) after a reward",
    "stay_unrewarded": "P(same action) without a reward",
}
OF_STRATEGY = {
    "network_gain": "networks ahead by (nats per choice)",
    "memory": "memory (trials)",
    "discrepancy": "worst check (standard errors)",
}


def subjects(metas: Mapping[str, Mapping[str, Any]], tables: Tables) -> pd.DataFrame:
    """A row for each subject of the data, in their order, with the columns of `COLUMNS` and what cells show beside.

    Columns `..._note` hold text to show in the place of the number or behind it. What a run does not make is missing.

    Args:
        metas: meta.json of each data set by its name.
        tables: of the run by name, those that it makes.
    """
    ids = ((name, subject) for name, meta in metas.items() for subject in _ids(name, meta, tables))
    found = pd.DataFrame(ids, columns=KEYS)
    parts = [_described(tables["description"]), _best(tables), _d_star(tables), _told(tables), _flags(metas, tables)]
    for part in filter(None, parts):
        of_keys = pd.DataFrame([{**dict(zip(KEYS, key, strict=True)), **row} for key, row in part.items()])
        found = found.merge(of_keys, on=KEYS, how="left") if len(of_keys) else found
    return found.drop(columns=[name for name in found if found[name].isna().all()])


def _ids(dataset: str, meta: Mapping[str, Any], tables: Tables) -> list[str]:
    """Subjects of a data set, and those that only tables have, as `pooled`."""
    others = tables["performance"].loc[tables["performance"]["dataset"] == dataset, "subject"]
    return list(dict.fromkeys([*meta["subjects"], *others]))


Rows = dict[tuple[str, str], dict[str, Any]]


def _described(description: pd.DataFrame) -> Rows:
    wide = description.pivot(index=KEYS, columns="statistic", values="value")
    names = {"trials": "trials", "missing": "missed", "reward_rate": "reward"}
    return wide.reindex(columns=list(names)).rename(columns=names).to_dict("index")


def _best(tables: Tables) -> Rows:
    """The best model of each subject and how far the next one is behind."""
    compared = tables.get("model_comparison", pd.DataFrame())
    if compared.empty:
        performance = tables["performance"].dropna(subset="test_nll")
        compared = performance.assign(loss=performance["test_nll"], low=np.nan)
    return {key: _ahead(own) for key, own in compared.groupby(KEYS, sort=False)}


def named(model: str, dim: int) -> str:
    return f"{model}, d = {dim}"


def _ahead(own: pd.DataFrame) -> dict[str, Any]:
    """From the rows of table `model_comparison`, with intervals against the first, which validation prefers."""
    ordered = own.sort_values("loss", kind="stable")
    best, rivals = ordered.iloc[0], ordered.iloc[1:2]
    found = {"model": named(best["model"], best["dim"]), "nll": best["test_nll"]}
    for _, rival in rivals.iterrows():
        known = best.name == own.index[0] and pd.notna(rival["low"])
        interval = f" ({MILLI * rival['low']:z.1f} to {MILLI * rival['high']:z.1f})" if known else ""
        beside = f"{interval} of {named(rival['model'], rival['dim'])}"
        found |= {"margin": MILLI * (rival["loss"] - best["loss"]), "margin_note": beside}
    return found


def _d_star(tables: Tables) -> Rows:
    found: Rows = {}
    for row in tables.get("dimensionality", pd.DataFrame()).itertuples():
        own = found.setdefault((row.dataset, row.subject), {})
        own |= {f"d_{row.rule}": row.d_star, f"d_{row.rule}_note": _range(row.d_star_shares)}
    return found


def _range(shares: Any) -> str:
    """The d that the middle 95% of resamples have, if these are several: ` (1 to 2)`."""
    by_d = {int(d): share for d, share in json.loads(shares).items()} if isinstance(shares, str) else {}
    ends, total = [], 0.0
    for d in sorted(by_d):
        before, total = total, total + by_d[d]
        if before < 1 - RARE and total > RARE:
            ends.append(d)
    return f" ({ends[0]} to {ends[-1]})" if len(ends) > 1 else ""


def _where(check: str) -> str:
    """Measure, cell and kind of a predictive check, in words."""
    measure, cell, kind = check.rsplit(", ", 2)
    return f"{measure}, {cell}".replace("_", " ") + f", {PLAYED.get(kind, kind)}"


def _told(tables: Tables) -> Rows:
    """The verdict and the worst predictive check of the model that it is about."""
    return {
        (row.dataset, row.subject): {
            "verdict": row.verdict,
            "worst": row.discrepancy,
            "worst_note": f" in {_where(row.discrepancy_of)}" if isinstance(row.discrepancy_of, str) else "",
        }
        for row in tables.get("strategy", pd.DataFrame()).itertuples()
    }


def _flags(metas: Mapping[str, Mapping[str, Any]], tables: Tables) -> Rows:
    """What speaks for a second look at a subject, in words."""
    found: dict[tuple[str, str], list[str]] = {}

    def flag(dataset: str, subject: str, words: str) -> None:
        own = found.setdefault((dataset, subject), [])
        own += [words] if words not in own else []

    for name, meta in metas.items():
        for doubt in meta["doubts"]:
            for subject in [doubt["subject"]] if doubt["subject"] else meta["subjects"]:
                flag(name, subject, doubt["text"])
    for row in tables["excluded"].itertuples():
        which = f"{named(row.model, row.dim)}: " if isinstance(row.model, str) and not pd.isna(row.dim) else ""
        flag(row.dataset, row.subject, f"{which}{row.reason}")
    for row in tables["performance"].itertuples():
        if row.share_max_epochs > OFTEN:
            flag(row.dataset, row.subject, f"{named(row.model, row.dim)}: {row.share_max_epochs:.0%} of fits cut short")
    for (dataset, subject), own in tables.get("model_comparison", pd.DataFrame(columns=KEYS)).groupby(KEYS):
        first = own.iloc[0]
        if own["loss"].min() < first["loss"]:
            flag(dataset, subject, f"validation prefers {named(first['model'], first['dim'])}")
    for row in tables.get("dimensionality", pd.DataFrame()).itertuples():
        if row.rule == "reference" and row.note:
            flag(row.dataset, row.subject, f"d* {row.note}")
    return {key: {"flags": "; ".join(words)} for key, words in found.items()}


# numbers behind the figures of the group: one row for each mark


def losses(performance: pd.DataFrame) -> pd.DataFrame:
    """subject, model, family, d and test NLL (nats per choice) of every model of a data set."""
    found = performance[["subject", "model", "family", "n_dynamical", "test_nll"]]
    return found.rename(columns={"n_dynamical": "d", "test_nll": "value"}).dropna(subset="value")


def dims_told(dimensionality: pd.DataFrame) -> pd.DataFrame:
    """subject, rule and d* of a data set."""
    return dimensionality[["subject", "rule", "d_star"]].rename(columns={"d_star": "value"})


def setpoints(table: pd.DataFrame, model: str) -> pd.DataFrame:
    """subject, condition and setpoint (nats), median over the outer folds that have one, of one model."""
    own = table[table["model"] == model].dropna(subset="setpoint")
    medians = own.groupby(["subject", "condition"], sort=False)["setpoint"].median()
    return medians.rename("value").reset_index()


def scalar_network(performance: pd.DataFrame, among: Iterable[str]) -> str | None:
    """Of the models `among` the network with the lowest mean test NLL at d = 1; any model if there is no network."""
    own = performance[performance["model"].isin(set(among)) & (performance["n_dynamical"] == 1)]
    networks = own[own["family"] == "rnn"]
    means = (networks if len(networks) else own).groupby("model", sort=False)["test_nll"].mean().dropna()
    return str(means.idxmin()) if len(means) else None


def indices(tables: Tables) -> pd.DataFrame:
    """subject, index (in words) and value, of one data set: behaviour, verdicts, and signatures of a d = 1 network."""
    parts = []
    described = tables["description"]
    own = described[described["statistic"].isin(OF_BEHAVIOUR) & (described["subject"] != "all")]
    parts.append(own.assign(index=own["statistic"].map(OF_BEHAVIOUR))[["subject", "index", "value"]])
    if len(strategy := tables.get("strategy", pd.DataFrame())):
        long = strategy.melt("subject", list(OF_STRATEGY), "index", "value")
        parts.append(long.assign(index=long["index"].map(OF_STRATEGY)))
    if len(measured := tables.get("signatures", pd.DataFrame())):
        model = scalar_network(tables["performance"], measured["model"])
        own = measured[measured["model"] == model]
        parts.append(own.assign(index=own["measure"].str.replace("_", " "))[["subject", "index", "value"]])
    found = pd.concat(parts, ignore_index=True)
    return found.assign(value=pd.to_numeric(found["value"])).dropna(subset="value").reset_index(drop=True)
