"""Verdicts: losses of answers by hand, what intervals rule out, which models stand for an answer, rules over tables."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from test_agreement import scores_of

from tinycog.analyses.strategy import figure
from tinycog.analyses.strategy.compute import (
    CANNOT,
    Fitted,
    Fold,
    Loss,
    answers,
    by_block,
    compared,
    comparison,
    decided,
    evidence,
)
from tinycog.analyses.strategy.tables import COMPARISON, EVIDENCE, STRATEGY
from tinycog.analyses.strategy.traits import (
    BASED,
    BAYES,
    BOTH,
    DRIFT,
    FREE,
    LEAKY,
    NO,
    NONE,
    SIMPLER,
    YES,
    Traits,
    traits,
)
from tinycog.analyses.strategy.verdict import verdict
from tinycog.models import registry
from tinycog.results.scores import Scores
from tinycog.tasks import TASKS, task_of

TWO_ARMS, TWO_STAGES = task_of("bandit"), task_of("original_two_stage")
KEY = (0, "data", "subject")


# -- what models assume ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", [name for name in TASKS if name in registry.COGNITIVE])
def test_every_model_of_every_catalogue_has_traits(task):
    the_task = task_of(task)
    for name in registry.COGNITIVE[task]:
        found = traits(the_task, name)
        model = registry.cognitive(the_task, name)
        assert found.update is not None
        if found.perseveration is not None:  # a model that perseverates has a strength of it
            assert (found.perseveration == YES) == ("kappa" in model.classes)
        if the_task.one_stage:
            assert found.planning is None, "actions are states"
        if found.planning in (BASED, BOTH) and task == "transition_reversal":
            assert "T" in model.variables, "who plans knows transitions"
        if found.planning == FREE and task == "transition_reversal":
            assert "T" not in model.variables
        if found.update == BAYES:
            assert "B" in model.variables, "a belief"


def test_a_network_only_answers_whether_hand_written_models_are_enough():
    assert answers(None) == {"enough": NO}
    assert answers(Traits(LEAKY, None, NO)) == {"enough": YES, "update": LEAKY, "perseveration": NO}


# -- test NLL of blocks ----------------------------------------------------------------------------------------------


def test_nll_of_blocks_by_hand():
    """Two blocks of three choices: probabilities of what was chosen 3/4, 1/4, 1/2 and 1/2, 3/4, 3/4."""
    odds = np.log(3)
    given = Scores(
        logits=np.array([[odds, 0], [odds, 0], [0, 0], [9, 9], [1, 1], [0, odds], [odds, 0], [9, 9]]),
        states=np.zeros((8, 1)),
        condition=np.array([0, 2, 3, 1, 2, 1], dtype=np.int16),  # actions 0, 1, 1 and 0, 1, 0
        mask=np.array([1, 1, 1, 1, 0, 1], dtype=np.int8),
        split=np.array(["test", "test", "train", "test", "test", "test"]),
        row_start=np.array([0, 4, 8]),
        trial_start=np.array([0, 3, 6]),
    )
    nll, n = by_block(given, TWO_ARMS, None)
    np.testing.assert_allclose(nll, [-np.log(3 / 4) - np.log(1 / 4), -np.log(1 / 2) - np.log(3 / 4)])
    np.testing.assert_array_equal(n, [2, 2])


def test_nll_of_two_choices_a_trial():
    """Code 8 a + 4 s + 2 b + r: first action 1, state 1 reached, second action 0; the choices' slots are 1 and 4."""
    logits = np.zeros((2, 6))
    logits[0, :2], logits[1, 4:] = [0, np.log(4)], [np.log(9), 0]
    given = scores_of(logits, split=["test", "test"], condition=[12], task=TWO_STAGES)
    nll, n = by_block(given, TWO_STAGES, None)
    np.testing.assert_allclose(nll, [-np.log(0.8) - np.log(0.9)])
    assert n == [2]


def test_an_impossible_choice_costs_what_the_floor_of_cognitive_models_says():
    given = scores_of([[-np.inf, 0.0]], split=["test"], condition=[0])
    np.testing.assert_allclose(by_block(given, TWO_ARMS, np.log(1e-3))[0], [-np.log(1e-3)])


# -- losses and their intervals --------------------------------------------------------------------------------------


def test_losses_are_over_choices_of_all_blocks():
    n = np.repeat([10, 30], 10)
    nll = {"a": 0.5 * n, "b": 0.5 * n + np.repeat([1.0, 2.0], 10)}
    found = compared(nll, n, 200, KEY)
    assert list(found) == ["a", "b"]
    assert found["a"] == Loss(0.0, 0.0, 0.0)
    assert found["b"].loss == pytest.approx(30 / 400)
    given = compared(nll, n, 200, KEY, best="b")
    assert list(given) == ["b", "a"]
    assert given["a"].loss == pytest.approx(-30 / 400)


def test_intervals_are_as_wide_as_the_normal_law_says():
    """Of 400 blocks of 10 choices with independent differences: mean +- 1.96 SD / sqrt(400), nearly."""
    rng = np.random.default_rng(1)
    difference = rng.normal(0.05, 0.3, 400)
    found = compared({"a": np.zeros(400), "b": 10 * difference}, np.full(400, 10), 2000, KEY)["b"]
    half = norm.ppf(0.975) * difference.std(ddof=1) / 20
    assert found.low == pytest.approx(difference.mean() - half, abs=0.1 * half)
    assert found.high == pytest.approx(difference.mean() + half, abs=0.1 * half)


def test_few_blocks_have_no_interval():
    found = compared({"a": np.zeros(9), "b": np.ones(9)}, np.full(9, 10), 200, KEY)
    assert np.isnan([found["b"].low, found["b"].high]).all()
    assert found["b"].loss == pytest.approx(0.1)
    assert decided(found, {}, 0.002) == (CANNOT, "fewer than 10 test blocks")
    ten = compared({"a": np.zeros(10), "b": np.ones(10)}, np.full(10, 10), 200, KEY)
    assert ten["b"].low == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        # every other answer lies above the best one
        ({LEAKY: (0, 0, 0), BAYES: (0.01, 0.001, 0.02)}, LEAKY),
        # neither contains the other
        ({LEAKY: (0, 0, 0), BAYES: (0.001, -0.001, 0.0015)}, CANNOT),
        # learning gains surely less than the tolerance: not needed
        ({LEAKY: (0, 0, 0), NONE: (0.0005, -0.0001, 0.0019)}, NONE),
        # it may gain more
        ({LEAKY: (0, 0, 0), NONE: (0.0015, -0.0001, 0.0021)}, CANNOT),
        # the simplest is the best itself
        ({NONE: (0, 0, 0), LEAKY: (0.001, -0.001, 0.003)}, NONE),
        # simpler than one of two that remain, which do not contain each other
        ({LEAKY: (0, 0, 0), BAYES: (0.001, -0.001, 0.0015), NONE: (0.5, 0.4, 0.6)}, CANNOT),
        ({LEAKY: (0, 0, 0), BAYES: (0.0, -0.1, 0.1), NONE: (0.0005, -0.0001, 0.0019)}, NONE),
    ],
)
def test_answers_that_intervals_leave(losses, expected):
    found, why = decided({name: Loss(*values) for name, values in losses.items()}, SIMPLER["update"], 0.002)
    assert found == expected
    assert why


def test_what_richer_answers_contain():
    both = {BOTH: Loss(0, 0, 0), FREE: Loss(0.001, -0.001, 0.0015), BASED: Loss(0.1, 0.05, 0.15)}
    assert decided(both, SIMPLER["planning"], 0.002)[0] == FREE
    assert decided({YES: Loss(0, 0, 0), NO: Loss(0.01, 0.005, 0.02)}, SIMPLER["perseveration"], 0.002)[0] == YES
    networks = {NO: Loss(0, 0, 0), YES: Loss(0.0005, -0.0001, 0.0019)}
    assert decided(networks, SIMPLER["enough"], 0.002)[0] == YES


# -- which models stand for an answer --------------------------------------------------------------------------------


def model(update, perseveration, *folds, network=False):
    """A model whose folds have (validation NLL, test NLL per choice) over 6 blocks of 10 choices each."""
    says = answers(None if network else Traits(update, None, perseveration))
    return Fitted(says, {o: Fold(val, np.full(6, 10 * test), np.full(6, 10.0)) for o, (val, test) in enumerate(folds)})


def test_validation_chooses_the_models_and_test_choices_compare_them():
    fitted = {
        ("A", 1): model(LEAKY, NO, (0.50, 0.60), (0.52, 0.60)),  # validation prefers it in the first fold
        ("B", 2): model(LEAKY, NO, (0.51, 0.10), (0.51, 0.58)),  # it predicts better in the first, which must not count
        ("C", 1): model(BAYES, NO, (0.60, 0.55), (0.60, 0.55)),
        ("gru", 1): model(None, None, (0.40, 0.50), (0.40, 0.52), network=True),
    }
    table = EVIDENCE.typed(
        [{"dataset": "d", "subject": "s", **row} for row in evidence(fitted, tolerance=0.002, bootstrap=200, key=KEY)]
    ).set_index(["question", "answer"])
    assert list(table.index) == [("enough", NO), ("enough", YES), ("update", BAYES), ("update", LEAKY)]
    leaky = table.loc[("update", LEAKY)]
    assert json.loads(leaky["models"]) == {"A d=1": 1, "B d=2": 1}
    assert leaky["test_nll"] == pytest.approx((0.60 + 0.58) / 2)
    assert leaky["loss"] == pytest.approx(0.59 - 0.55)
    assert json.loads(table.loc[("enough", YES), "models"]) == {"A d=1": 1, "B d=2": 1}
    assert table.loc[("enough", YES), "loss"] == pytest.approx(0.59 - 0.51)
    assert (table["n_blocks"] == 12).all()
    assert (table["n_test"] == 120).all()
    models = COMPARISON.typed(
        [{"dataset": "d", "subject": "s", **row} for row in comparison(fitted, bootstrap=200, key=KEY)]
    )
    assert list(models["model"]) == ["gru", "B", "C", "A"]
    np.testing.assert_allclose(models["loss"], [0, -0.17, 0.04, 0.09])
    np.testing.assert_allclose(models["validation_nll"], [0.4, 0.51, 0.6, 0.51])
    assert list(models["family"]) == ["rnn", "cognitive", "cognitive", "cognitive"]


def test_perseveration_is_asked_among_models_of_one_update():
    """A Bayesian subject that perseverates: the leaky model with perseveration is worse than the Bayesian without."""
    fitted = {
        ("L", 1): model(LEAKY, NO, (0.7, 0.7), (0.7, 0.7)),
        ("Lp", 2): model(LEAKY, YES, (0.6, 0.6), (0.6, 0.6)),
        ("B", 1): model(BAYES, NO, (0.5, 0.5), (0.5, 0.5)),
    }
    asked = {row["question"] for row in evidence(fitted, tolerance=0.002, bootstrap=200, key=KEY)}
    assert asked == {"update"}, "no Bayesian model perseverates: nothing to compare"
    fitted["Bp", 2] = model(BAYES, YES, (0.4, 0.4), (0.4, 0.4))
    found = list(evidence(fitted, tolerance=0.002, bootstrap=200, key=KEY))
    told = {row["question"]: row["verdict"] for row in found}
    assert told == {"update": BAYES, "perseveration": YES}
    stands = {row["answer"]: json.loads(row["models"]) for row in found if row["question"] == "perseveration"}
    assert stands == {YES: {"Bp d=2": 2}, NO: {"B d=1": 2}}


def test_models_are_compared_on_the_folds_that_all_have():
    fitted = {
        ("A", 1): model(LEAKY, NO, (0.5, 0.6), (0.5, 0.9)),
        ("B", 1): model(BAYES, NO, (0.5, 0.7)),
    }
    (best, other) = evidence(fitted, tolerance=0.002, bootstrap=200, key=KEY)
    assert (best["answer"], best["n_outer"], best["n_test"]) == (LEAKY, 1, 60)
    assert other["loss"] == pytest.approx(0.1)
    assert best["verdict"] == CANNOT, "six blocks"
    assert list(evidence({}, tolerance=0.002, bootstrap=200, key=KEY)) == []
    assert list(comparison({}, bootstrap=200, key=KEY)) == []


# -- rules over tables -----------------------------------------------------------------------------------------------


def asked(question, told, **losses):
    """Rows of the evidence: answers with (loss, low, high)."""
    return [
        {
            **{"dataset": "d", "subject": "s", "question": question, "answer": answer.replace("_", " ")},
            **{"verdict": told, "reason": "", "models": '{"m d=1": 1}', "test_nll": 0.5},
            **dict(zip(("loss", "low", "high"), values, strict=True)),
            **{"n_blocks": 20, "n_test": 200, "n_outer": 2},
        }
        for answer, values in losses.items()
    ]


UPDATE = asked("update", DRIFT, drift_to_the_other=(0, 0, 0), leaky_integration=(0.02, 0.01, 0.03))
MODELS = COMPARISON.typed(
    [
        {
            **{"dataset": "d", "subject": "s", "model": name, "dim": dim, "family": family, "validation_nll": val},
            **{"test_nll": 0.5, "loss": 0.0, "low": 0.0, "high": 0.0, "n_blocks": 20, "n_test": 200, "n_outer": 2},
        }
        for name, dim, family, val in (
            *(("M", 2, "cognitive", 0.5), ("MB0s", 1, "cognitive", 0.5)),
            *(("gru", 1, "rnn", 0.6), ("slin", 1, "rnn", 0.55), ("lstm", 2, "rnn", 0.5)),
        )
    ]
)


def judged(rows, **others):
    found = verdict(EVIDENCE.typed(rows), MODELS, others)
    STRATEGY.typed([{"dataset": "d", "subject": "s", **found}])
    return found


@pytest.mark.parametrize(
    ("gain", "expected"),
    [
        ((0.015, 0.01, 0.02), DRIFT),  # the answer leads by more than networks have on it
        ((0.03, 0.01, 0.05), CANNOT),  # what no hand-written model knows is more than what sets these apart
        ((0.03, -0.01, 0.07), DRIFT),  # but that may be chance
    ],
)
def test_an_update_has_to_lead_by_more_than_networks_gain(gain, expected):
    found = judged(UPDATE + asked("enough", NO, no=(0, 0, 0), yes=gain))
    assert found["update"] == expected
    assert (found["network_gain"], found["network_gain_low"], found["network_gain_high"]) == gain
    assert ("cannot be told: update" in found["verdict"]) == (expected == CANNOT)


def test_networks_that_predict_worse_have_a_negative_gain():
    found = judged(UPDATE + asked("enough", YES, yes=(0, 0, 0), no=(0.03, 0.01, 0.05)))
    assert (found["network_gain"], found["network_gain_low"], found["network_gain_high"]) == (-0.03, -0.05, -0.01)
    assert found["update"] == DRIFT
    assert (found["model"], found["dim"]) == ("M", 2)


def signature(measure, low, high, name="slin"):
    keys = {"dataset": "d", "subject": "s", "model": name, "dim": 1, "measure": measure, "value": (low + high) / 2}
    return keys | {"low": low, "high": high}


@pytest.mark.parametrize(
    ("measure", "column", "cases"),
    [
        (
            "rate_curvature",
            "learning_rate",
            {
                (0.02, 0.05): "depends on the logit",
                (-0.05, -0.02): "depends on the logit",
                (-0.009, 0.009): "constant",
                (0.001, 0.009): "constant",  # surely too little to matter
                (-0.02, 0.05): CANNOT,
                (np.nan, np.nan): CANNOT,
            },
        ),
        (
            "indifference",
            "indifference",
            {(-0.3, 0.4): YES, (0.6, 0.9): NO, (-0.9, -0.6): NO, (0.3, 0.7): CANNOT, (-0.7, 0.7): CANNOT},
        ),
    ],
)
def test_what_curves_say(measure, column, cases):
    """Of the network with one variable that validation prefers, slin; the other one says the opposite."""
    for (low, high), expected in cases.items():
        other = signature(measure, 5.0, 6.0, "gru")
        found = judged(UPDATE, signatures=pd.DataFrame([other, signature(measure, low, high)]))
        assert (low, high, found[column]) == (low, high, expected)
    assert judged(UPDATE)[column] is None


@pytest.mark.parametrize(
    ("rewarded", "unrewarded", "expected"),
    [
        ((0.2, 0.4), (0.05, 0.2), "first action"),
        ((-0.4, -0.2), (-0.3, -0.1), "second action"),
        ((-0.05, 0.05), (-0.09, 0.09), "none"),
        ((0.2, 0.4), (-0.4, -0.2), CANNOT),
        ((0.2, 0.4), (-0.2, 0.2), CANNOT),
    ],
)
def test_a_bias_is_one_after_rewards_and_without(rewarded, unrewarded, expected):
    rows = [signature("bias_rewarded", *rewarded), signature("bias_unrewarded", *unrewarded)]
    assert judged(UPDATE, signatures=pd.DataFrame(rows))["bias"] == expected


def test_other_tables():
    of_fit = {"dataset": "d", "subject": "s", "model": "M", "dim": 2}
    stability = pd.DataFrame(
        [{**of_fit, "exponent": e, "memory": m} for e, m in ((-0.5, 2.0), (-0.25, 4.0), (-0.1, 10.0))]
        + [{**of_fit, "model": "gru", "exponent": 1.0, "memory": np.nan}]
    )
    found = judged(UPDATE, stability=stability)
    assert (found["stability"], found["memory"]) == ("forgets", 4.0)
    stability.loc[0, "exponent"] = 0.1
    assert judged(UPDATE, stability=stability)["stability"] == CANNOT
    stability["exponent"] = 0.1
    assert judged(UPDATE, stability=stability)["stability"] == "does not forget"
    differs = {"source": "M", "dim": 2, "kind": "playing", "measure": "stay"}
    rows = [differs | {"z": 2.0, "cell": "reward"}, differs | {"z": -3.0, "cell": "omission"}]
    rows += [differs | {"z": np.nan, "cell": ""}, differs | {"source": "gru", "z": 9.0, "cell": "x"}]
    found = judged(UPDATE, behaviour_discrepancy=pd.DataFrame(rows))
    assert (found["discrepancy"], found["discrepancy_of"]) == (-3.0, "stay, omission, playing")
    d_star = pd.DataFrame(
        {"rule": ["reference", "argmin"], "d_star": [2, 3], "d_star_shares": ['{"1": 0.2, "2": 0.8}', None]}
    )
    found = judged(UPDATE, dimensionality=d_star)
    assert (json.loads(found["d_star"]), found["d_star_share"]) == ({"reference": 2, "argmin": 3}, 0.8)


def test_a_subject_of_whom_nothing_is_known():
    found = verdict(EVIDENCE.typed([]), COMPARISON.typed([]), {})
    assert found["verdict"] == CANNOT
    STRATEGY.typed([{"dataset": "d", "subject": "s", **found}])


# -- figures ---------------------------------------------------------------------------------------------------------


def test_figures_show_answers_and_counts():
    rows = EVIDENCE.typed(UPDATE + asked("perseveration", CANNOT, no=(0, 0, 0), yes=(0.001, -0.001, 0.003)))
    drawn = figure.of_subject(rows, "title")
    assert [ax.get_title(loc="left").split("  ")[1] for ax in drawn.axes] == [DRIFT, CANNOT]
    dots = [line for line in drawn.axes[0].lines if line.get_marker() != "None" and len(line.get_xdata()) == 1]
    np.testing.assert_allclose([line.get_xdata()[0] for line in dots], [0, 20])
    assert drawn.axes[0].get_yticklabels()[1].get_text() == "leaky integration  (m d=1)"
    table = pd.DataFrame({"update": [LEAKY, LEAKY, CANNOT], "planning": [FREE, None, None]})
    drawn = figure.of_many(table.reindex(columns=list(figure.COUNTED)), "title")
    assert [patch.get_width() for patch in drawn.axes[0].patches] == [2, 1, 1]
    assert [text.get_text() for text in drawn.axes[0].texts] == [f"{LEAKY} 2", f"{CANNOT} 1", f"{FREE} 1"]
