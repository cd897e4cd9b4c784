"""What would change a verdict, from its evidence and the rules of analysis `strategy` (methods: verdicts)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tinycog.analyses.strategy.traits import CANNOT
from tinycog.analyses.strategy.verdict import SMALL_BIAS
from tinycog.page.card import assumptions
from tinycog.page.numbers import MILLI

QUESTIONS = ("update", "planning", "perseveration")
OTHERS = {
    "enough": "whether hand-written models are enough",
    "learning_rate": "learning rate",
    "indifference": "indifference after rare rewards",
    "bias": "bias",
    "stability": "stability",
}


def answers(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each question that was asked about the subject, with its answer; `row` is of table `strategy`."""
    names = {**{name: name for name in QUESTIONS}, **OTHERS}
    return [(words, row[name]) for name, words in names.items() if isinstance(row.get(name), str)]


def changes(row: Mapping[str, Any], evidence: pd.DataFrame, comparison: pd.DataFrame, tolerance: float) -> list[str]:
    """A sentence for each answer that says how near it is to another one.

    Args:
        row: of table `strategy`.
        evidence, comparison: tables `strategy_evidence` and `model_comparison` of the subject.
        tolerance: nats per choice that what assumes more has to gain.
    """
    written = evidence[~evidence["network"]]
    found = [line for name in QUESTIONS if (line := _question(name, row.get(name), written, tolerance))]
    return [*found, *_enough(row, tolerance), *_bias(row, comparison), *_d_star(row)]


def _question(name: str, answer: Any, written: pd.DataFrame, tolerance: float) -> str | None:
    if not isinstance(answer, str):
        return None
    asked = written[written[name].notna()]
    if answer == CANNOT:
        remaining = asked[asked["remains"]]
        by_answer = remaining.loc[remaining.groupby(name)["loss"].idxmin()].sort_values("loss")
        if len(by_answer) < 2:
            return f"{name}: it cannot be told, as all hand-written models lack more than sets them apart."
        one, other = (row for row in by_answer.head(2).itertuples())
        gap = f"{getattr(one, name)} and {getattr(other, name)} both remain, {_loss(other)} apart"
        return f"{name}: {gap}. {_more(other)}".strip()
    others = asked[(asked[name] != answer)]
    if others.empty:
        return f"{name}: no model of the run assumes anything but {answer}, so nothing here could change it."
    nearest = next(others.sort_values("loss").itertuples())
    said = f"{name}: {answer}. Nearest of those that assume otherwise is {assumptions(nearest)}"
    if "assumes less" in nearest.reason:
        gain = MILLI * (asked.loc[asked["remains"], "loss"].min() - nearest.loss)
        need = f"it assumes more, and would have to gain over {MILLI * tolerance:.0f} nats per 1,000 choices"
        return f"{said}: {need}, where it gains {gain:z.1f}."
    if pd.isna(nearest.low):
        return f"{said}, {_loss(nearest)} behind."
    back = f"it would be back if the lower end of its interval, {MILLI * nearest.low:z.1f}, fell to 0"
    return f"{said}, {_loss(nearest)} behind: {back}."


def _loss(row: Any) -> str:
    """A loss in nats per 1,000 choices with its interval."""
    words = f"{MILLI * row.loss:z.1f}"
    interval = "" if pd.isna(row.low) else f" ({MILLI * row.low:z.1f} to {MILLI * row.high:z.1f})"
    return f"{words}{interval} nats per 1,000 choices"


def _more(row: Any) -> str:
    """How many times the choices would tell two answers apart: intervals shrink with the root of their number."""
    half = (row.high - row.low) / 2
    if not (np.isfinite(half) and row.loss > 0):
        return "More choices or further models may tell them apart."
    times = (half / row.loss) ** 2
    if times > 100:
        return "They predict as good as the same: hundreds of times as many choices would not tell them apart."
    return f"If the difference stays, about {max(times, 1.0):z.1f} times as many choices would tell them apart."


def _enough(row: Mapping[str, Any], tolerance: float) -> list[str]:
    gain, low, high = (row.get(name) for name in ("network_gain", "network_gain_low", "network_gain_high"))
    if not isinstance(row.get("enough"), str) or pd.isna(gain):
        return []
    interval = "" if pd.isna(low) else f" ({MILLI * low:z.1f} to {MILLI * high:z.1f})"
    at = f"networks gain {MILLI * gain:z.1f}{interval} nats per 1,000 choices over them"
    rule = f"yes needs all of the interval below {MILLI * tolerance:.0f}, no all of it above 0"
    return [f"{OTHERS['enough']}: {row['enough']}. {at.capitalize()}; {rule}."]


def _bias(row: Mapping[str, Any], comparison: pd.DataFrame) -> list[str]:
    impartial = comparison.dropna(subset="bias").sort_values("validation_nll", kind="stable")
    if not isinstance(row.get("bias"), str) or impartial.empty:
        return []
    best = impartial.iloc[0]
    interval = f"{best['bias']:z.2f} ({best['bias_low']:z.2f} to {best['bias_high']:z.2f}) nats"
    rule = f"none needs all of it within ±{SMALL_BIAS} nats, a preference a value beyond and an interval without 0"
    return [f"bias: {row['bias']}. It is {interval}; {rule}."]


def _d_star(row: Mapping[str, Any]) -> list[str]:
    share = row.get("d_star_share")
    if share is None or pd.isna(share):
        return []
    by_rule = json.loads(row["d_star"])
    own = by_rule["reference"]
    said = f"d*: {own} by rule reference, and in {share:.0%} of resamples of the outer folds."
    others = [f"{d} by {rule}" for rule, d in by_rule.items() if d != own]
    return [f"{said} It is {' and '.join(others)}." if others else f"{said} All rules agree."]
