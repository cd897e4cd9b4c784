"""The answer key of verdicts: what is right about agents, and how many answers were."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tinycog.analyses.strategy.traits import CANNOT
from tinycog.benchmark.strategies import confusion, in_markdown, shares, truth
from tinycog.config import load
from tinycog.tasks import task_of

ROOT = Path(__file__).parents[2]
REVERSAL, TWO_STAGE = task_of("reversal"), task_of("two_stage")


@pytest.mark.parametrize(
    ("task", "model", "parameters", "expected"),
    [
        (
            REVERSAL,
            "MB0",
            {},
            {
                **{"update": "leaky integration", "learning_rate": "constant", "perseveration": "no", "bias": "none"},
            },
        ),
        (
            REVERSAL,
            "LS0",
            {},
            {
                **{"update": "Bayesian-like inference", "learning_rate": "depends on the logit"},
                **{"perseveration": "no", "bias": "none"},
            },
        ),
        (
            TWO_STAGE,
            "MFs",
            {},
            {
                **{"update": "leaky integration", "learning_rate": "constant", "planning": "model-free"},
                **{"perseveration": "no", "indifference": "no", "bias": "none"},
            },
        ),
        (
            TWO_STAGE,
            "MXs",
            {},
            {
                "update": "leaky integration",
                "learning_rate": "constant",
                "planning": "both",
                "perseveration": "no",
                "bias": "none",
            },
        ),
        (
            TWO_STAGE,
            "MBsflr",
            {},
            {
                **{"update": "leaky integration", "learning_rate": "constant", "perseveration": "no"},
                **{"indifference": "yes", "bias": "none"},
            },
        ),
        (
            REVERSAL,
            "BAS",
            {"p": 0.65},
            {"update": "no learning from outcomes", "perseveration": "no", "bias": "second action"},
        ),
        (REVERSAL, "CK", {}, {"update": "no learning from outcomes", "perseveration": "yes", "bias": "none"}),
    ],
)
def test_what_is_right_about_an_agent(task, model, parameters, expected):
    assert truth(task, model, parameters) == expected


def test_counts_by_hand():
    strategy = pd.DataFrame(
        {
            "dataset": ["a"] * 4 + ["b"] * 2,
            "update": ["x", "x", "y", CANNOT, "y", "y"],
            "planning": [None] * 6,
            "perseveration": ["no", None, "no", "no", "yes", "no"],
        }
    )
    truths = {"a": {"update": "x", "planning": "both"}, "b": {"update": "y", "perseveration": "yes"}}
    table = confusion(strategy, truths)
    found = {(row.dataset, row.question, row.answer): (row.n, row.right, row.wrong) for row in table.itertuples()}
    assert found == {
        ("a", "update", "x"): (2, True, False),
        ("a", "update", "y"): (1, False, True),
        ("a", "update", CANNOT): (1, False, False),
        ("b", "update", "y"): (2, True, False),
        ("b", "perseveration", "yes"): (1, True, False),
        ("b", "perseveration", "no"): (1, False, True),
    }
    of_question = shares(table, ["question"]).loc["update"]
    assert of_question[["right", "wrong", "cannot", "n"]].tolist() == [4 / 6, 1 / 6, pytest.approx(1 / 6), 6]
    text = in_markdown(table).splitlines()
    assert "| update | a | x | 4 | 50 % | 25 % | 25 % | cannot be told 1, x 2, y 1 |" in text
    assert text[-1] == "| **all** | all | | 8 | 62 % | 25 % | 12 % | |"


def test_the_key_has_twenty_agents_of_each_kind_with_2000_to_5000_choices():
    config = load(ROOT / "config/config.yaml", [ROOT / "config/strategies.yaml"])
    for name, section in config.datasets.items():
        assert section.n_subjects == 20, name
        assert 2000 <= section.n_blocks * section.n_trials <= 5000, name
        assert truth(section.task_object, section.agent.model, section.agent.parameters), name
