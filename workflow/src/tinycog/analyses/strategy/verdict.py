"""The verdict on a subject, from tables, by rules that stand here and nowhere else (methods: verdicts)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tinycog.analyses.strategy.compute import QUESTIONS, told
from tinycog.analyses.strategy.traits import ALL, BASED, BAYES, CANNOT, DRIFT, FREE, LEAKY, NO, YES, Traits

BENT = 0.01  # per nat: a learning rate whose curvature surely is below this is constant
SMALL_BIAS = 0.2  # nats: an action that is chosen in 55 % of trials where values are equal
HALF_WAY = 0.5  # of the largest setpoint: from here on a rare reward pulls to one of the actions

RATES = {**dict.fromkeys((LEAKY, DRIFT, ALL), "constant"), BAYES: "depends on the logit"}
GAIN = ("network_gain", "network_gain_low", "network_gain_high")
Tables = Mapping[str, pd.DataFrame]


def verdict(evidence: pd.DataFrame, models: pd.DataFrame, others: Tables, tolerance: float) -> dict[str, Any]:
    """A row of table `strategy` without its ids.

    Args:
        evidence, models: tables `strategy_evidence` and `model_comparison` of one subject.
        others: tables of other analyses by name, the rows of this subject; those that the run makes.
        tolerance: nats per choice.
    """
    found: dict[str, Any] = dict.fromkeys(("model", "dim", "test_nll", *GAIN))
    found |= dict.fromkeys(("d_star", "d_star_share", "memory", "discrepancy", "discrepancy_of"))
    by_name = {name: table for name, table in others.items() if len(table)}
    written = evidence[~evidence["network"]]
    assumed = [Traits(*row) for row in written[list(QUESTIONS)].astype(object).where(written.notna(), None).to_numpy()]
    answers: dict[str, str | None] = {"stability": None, "enough": None}
    answers |= told(assumed, [of for of, remains in zip(assumed, written["remains"], strict=True) if remains])
    if evidence["network"].any() and assumed:
        loss, low, high = evidence.loc[evidence["network"], ["loss", "low", "high"]].iloc[0]
        found |= dict(zip(GAIN, (-loss, -high, -low), strict=True))
        answers["enough"] = CANNOT if not -low < tolerance else YES
        if -high > 0:
            answers["enough"] = YES if -low < tolerance else NO
            if not _leads(written, answers["update"], -loss):
                answers["update"] = CANNOT
    curves = _by_curves(by_name.get("signatures"), models)
    answers |= {"learning_rate": _learning_rate(answers, curves), "bias": _bias(models)}
    answers["indifference"] = _indifference(answers, curves)
    if len(models):
        best = models.iloc[0]
        found |= {"model": best["model"], "dim": int(best["dim"]), "test_nll": best["test_nll"]}
        answers["stability"], found["memory"] = _stability(_of_model(by_name.get("stability"), best))
        found |= _discrepancy(by_name.get("behaviour_discrepancy"), best)
    if "dimensionality" in by_name:
        found |= _d_star(by_name["dimensionality"])
    return {**found, **answers, "verdict": _in_words(answers)}


def _leads(written: pd.DataFrame, update: str | None, gain: float) -> bool:
    """Whether an update predicts better than the others that assume no more, by more than it lacks to networks.

    Otherwise none of the hand-written updates is near enough to be taken for the subject's.
    """
    own = written[(written["update"] == update) & written["remains"]]
    if not len(own):
        return True
    others = written[(written["update"] != update) & (written["n_mechanisms"] <= own["n_mechanisms"].max())]
    return not len(others) or bool(others["loss"].min() - own["loss"].min() > gain)


def _by_curves(signatures: pd.DataFrame | None, models: pd.DataFrame) -> pd.DataFrame:
    """Measures of the network with one variable that validation prefers: value, low and high by name."""
    networks = models[(models["family"] != "cognitive") & (models["dim"] == 1)].sort_values("validation_nll")
    if signatures is None or not len(networks):
        return pd.DataFrame(columns=["value", "low", "high"])
    return _of_model(signatures, networks.iloc[0]).set_index("measure")[["value", "low", "high"]]


def _learning_rate(answers: Mapping[str, str | None], curves: pd.DataFrame) -> str | None:
    """What the update says if hand-written models are enough, else what a network's curves say."""
    if answers["enough"] == NO:
        found = "rate_curvature" in curves.index
        return _told(curves.loc["rate_curvature"], BENT, "depends on the logit", "constant") if found else None
    if answers["update"] == CANNOT or (answers["update"] and answers["enough"] == CANNOT):
        return CANNOT
    return RATES.get(answers["update"] or "")


def _indifference(answers: Mapping[str, str | None], curves: pd.DataFrame) -> str | None:
    """Values of one kind pull to one action; else what a network's setpoints say."""
    if answers["enough"] == YES and answers["planning"] in (FREE, BASED):
        return NO
    if "indifference" not in curves.index:
        return None
    low, high = curves.loc["indifference", ["low", "high"]]
    if low > HALF_WAY or high < -HALF_WAY:
        return NO
    return YES if low > -HALF_WAY and high < HALF_WAY else CANNOT


def _bias(models: pd.DataFrame) -> str | None:
    """Of the impartial hand-written model that validation prefers: what its logits lack."""
    impartial = models.dropna(subset="bias").sort_values("validation_nll", kind="stable")
    if not len(impartial):
        return None
    interval = impartial.iloc[0][["bias", "bias_low", "bias_high"]].set_axis(["value", "low", "high"])
    return _told(interval, SMALL_BIAS, "first action", "none", "second action")


def _told(interval: pd.Series, small: float, above: str, none: str, below: str | None = None) -> str:
    """What a number and its interval say: that it is above 0, below 0 (by default as `above`), or as good as 0.

    Not told is what is surely not 0, but small, or not surely small.
    """
    value, low, high = interval[["value", "low", "high"]]
    if not np.isfinite([low, high]).all():
        return CANNOT
    if -small < low and high < small:
        return none
    if (low > 0 or high < 0) and abs(value) > small:
        return above if low > 0 else below or above
    return CANNOT


def _stability(table: pd.DataFrame | None) -> tuple[str | None, float | None]:
    if table is None or not len(table) or table["exponent"].isna().all():
        return None, None
    shrinks = table["exponent"].dropna() < 0
    memory = table["memory"].median()
    word = "forgets" if shrinks.all() else CANNOT if shrinks.any() else "does not forget"
    return word, None if np.isnan(memory) else float(memory)


def _discrepancy(table: pd.DataFrame | None, best: pd.Series) -> dict[str, Any]:
    if table is None:
        return {}
    own = table[(table["source"] == best["model"]) & (table["dim"] == best["dim"])].dropna(subset="z")
    if not len(own):
        return {}
    row = own.loc[own["z"].abs().idxmax()]
    return {"discrepancy": float(row["z"]), "discrepancy_of": f"{row['measure']}, {row['cell']}, {row['kind']}"}


def _d_star(table: pd.DataFrame) -> dict[str, Any]:
    by_rule = table.set_index("rule")
    found = {"d_star": json.dumps({rule: int(d) for rule, d in by_rule["d_star"].items()})}
    shares = by_rule["d_star_shares"].get("reference")
    if isinstance(shares, str):
        found["d_star_share"] = json.loads(shares)[str(by_rule.loc["reference", "d_star"])]
    return found


def _of_model(table: pd.DataFrame | None, model: pd.Series) -> pd.DataFrame | None:
    if table is None:
        return None
    return table[(table["model"] == model["model"]) & (table["dim"] == model["dim"])]


def _in_words(answers: Mapping[str, str | None]) -> str:
    """The answers in one line, those that say something first."""
    update, planning = answers["update"], answers["planning"]
    told = [
        update,
        planning and {"both": "model-free and model-based"}.get(planning, planning),
        {YES: "perseveration", NO: "no perseveration"}.get(answers["perseveration"] or ""),
        {YES: "indifference after rare rewards"}.get(answers["indifference"] or ""),
        answers["bias"] and {"none": "no bias"}.get(answers["bias"], f"prefers the {answers['bias']}"),
        {NO: "networks predict better"}.get(answers["enough"] or ""),
    ]
    said = [text for text in told if text and CANNOT not in text]
    unknown = [name for name in ("update", "planning", "perseveration", "bias") if answers[name] == CANNOT]
    if unknown:
        said.append(f"{CANNOT}: {', '.join(unknown)}")
    return "; ".join(said) or CANNOT
