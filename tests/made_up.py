"""Made-up result tables of any number of subjects, as a run writes them: through the descriptions of its tables."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from tinycog.analyses.codebook import described

CONDITIONS = ("A1R0", "A1R1", "A2R0", "A2R1")
NETWORK, MODELS = "gru", {"MB0": 2, "LS0": 1}


def table(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The rows with all columns that the table has: numbers that are not given are missing, or 0 where they cannot."""
    empty = {"text": "", "integer": 0, "number": 0.0, "yes or no": False, "JSON": "{}"}
    of = described()[name]
    blank = {column.name: None if column.missing else empty[column.kind] for column in of.columns}
    return of.typed([blank | row for row in rows])


def run(n: int, ids: list[str] | None = None, dataset: str = "mine") -> tuple[dict[str, pd.DataFrame], dict, dict]:
    """Tables by name, meta.json by data set, and what the page is told of the config, of `n` subjects."""
    rng = np.random.default_rng(0)
    subjects = ids or [f"p{i:04d}" for i in range(n)]
    parts: dict[str, list[dict[str, Any]]] = {name: [] for name in (
        "description", "performance", "dimensionality", "setpoints", "signatures", "strategy", "model_comparison",
        "strategy_evidence", "excluded")}  # fmt: skip
    for i, subject in enumerate(subjects):
        key = {"dataset": dataset, "subject": subject}
        statistics = {"trials": 200 + i, "missing": i % 7, "reward_rate": rng.uniform(0.4, 0.7), "stay_rewarded": 0.8}
        parts["description"] += [{**key, "statistic": name, "value": value} for name, value in statistics.items()]
        level = rng.uniform(0.4, 0.65)
        for dim in (1, 2, 3):
            nll = level + 0.02 * abs(dim - 2) + rng.normal(0, 0.003)
            parts["performance"].append(
                {
                    **key,
                    "model": NETWORK,
                    "dim": dim,
                    "family": "rnn",
                    "n_dynamical": dim,
                    "test_nll": nll,
                    "n_outer": 4,
                }
            )
        for model, dim in MODELS.items():
            nll = level + 0.015 * dim + rng.normal(0, 0.003)
            parts["performance"].append(
                {**key, "model": model, "dim": dim, "family": "cognitive", "n_dynamical": dim, "test_nll": nll}
            )
        for rule in ("reference", "minimal", "validation", "argmin"):
            shares = json.dumps({"1": 0.2, "2": 0.7, "3": 0.1})
            parts["dimensionality"].append({**key, "rule": rule, "d_star": 1 + i % 3, "d_star_shares": shares})
        for place, condition in enumerate(CONDITIONS):
            at = (1 - 2 * (place > 1)) * (1 + place % 2) + rng.normal(0, 0.3)
            row = {**key, "model": NETWORK, "dim": 1, "condition": condition, "setpoint": at, "slope": -0.4}
            parts["setpoints"].append(row)
        for measure in ("rate_centre", "rate_range", "gap_centre", "bias_rewarded", "reward_dependence"):
            row = {**key, "model": NETWORK, "dim": 1, "measure": measure, "value": rng.normal(), "varies": "blocks"}
            parts["signatures"].append(row)
        parts["strategy"].append(
            {**key, "verdict": ["leaky integration; no bias", "Bayesian-like inference"][i % 2], "model": "MB0",
             "dim": 2, "test_nll": level, "update": "leaky integration", "discrepancy": rng.normal(0, 2),
             "discrepancy_of": "stay, reward, playing", "network_gain": rng.normal(0, 0.01), "memory": 3.0}
        )  # fmt: skip
        for place, (model, dim, family) in enumerate((("MB0", 2, "cognitive"), (NETWORK, 2, "rnn"))):
            row = {**key, "model": model, "dim": dim, "family": family, "test_nll": level + 0.004 * place}
            parts["model_comparison"].append(
                {**row, "loss": 0.004 * place, "low": 0.001 * place, "high": 0.009 * place}
            )
        row = {**key, "update": "leaky integration", "remains": True, "models": '{"MB0 d=2": 4}'}
        parts["strategy_evidence"].append(row)
    counts = {"sessions": 1, "blocks": 10, "shortest_block": 20, "trials": 200, "scored": 199}
    meta = {
        **{"dataset": dataset, "source": "table", "task": "reversal", "n_actions": 2, "n_states": 2},
        **{"subjects": subjects, "counts_analysed": dict.fromkeys(subjects, counts), "removed": [], "doubts": []},
        **{"raw_sha256": {"choices.csv": "0" * 64}, "options": {}, "marks": []},
    }
    cv = {"protocol": "blocks", "outer": 4, "inner": 2, "n_inner": 2, "seed": 1}
    models = {NETWORK: {"family": "rnn", "cell": "gru", "l1": [1e-5], "dims": [1, 2, 3]}}
    models |= {name: {"family": "cognitive", "dims": [dim]} for name, dim in MODELS.items()}
    about = {
        **{"run": "small", "version": "0", "seed": 0, "models": models},
        "datasets": {dataset: {"cv": cv, "actions": ["left", "right"], "equations": {"MB0": ["V_s ← V_s + alpha"]}}},
        "notation": "s is the state",
        "training": {"learning_rate": 0.005, "max_epochs": 2000, "patience": 200, "seeds": 3},
        "analyses": {"dimensionality": {}, "portraits": {}, "strategy": {"tolerance": 0.003, "bootstrap": 2000}},
    }
    return {name: table(name, rows) for name, rows in parts.items()}, {dataset: meta}, about
