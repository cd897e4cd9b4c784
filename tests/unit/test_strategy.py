"""Verdicts: losses by hand, what intervals rule out, which models stand for what they assume, rules over tables."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from test_agreement import scores_of

from tinycog.analyses.strategy import figure
from tinycog.analyses.strategy.compute import (
    Fitted,
    Fold,
    Loss,
    by_block,
    compared,
    comparison,
    evidence,
    lean,
    remaining,
    told,
)
from tinycog.analyses.strategy.tables import COMPARISON, EVIDENCE, STRATEGY
from tinycog.analyses.strategy.traits import (
    ALL,
    BASED,
    BAYES,
    BOTH,
    CANNOT,
    DRIFT,
    FREE,
    LEAKY,
    NO,
    NONE,
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


def test_how_much_is_assumed():
    found = [Traits(NONE, None, NO), Traits(NONE, None, YES), Traits(LEAKY, FREE, NO), Traits(ALL, None, NO)]
    found += [Traits(BAYES, BASED, YES), Traits(LEAKY, BOTH, YES)]
    assert [of.n_mechanisms for of in found] == [0, 1, 1, 2, 2, 3]


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


def test_what_a_subject_prefers_beside_values():
    """Trials with p = 3/4, 3/4, 1/4 | 1/2: y - p and p (1 - p) by hand, over the test choices of each block."""
    odds = np.log(3)
    given = Scores(
        logits=np.array([[odds, 0], [odds, 0], [0, odds], [9, 9], [1, 1], [9, 9]]),
        states=np.zeros((6, 1)),
        condition=np.array([0, 2, 1, 3], dtype=np.int16),  # actions 0, 1, 0 and 1
        mask=np.ones(4, dtype=np.int8),
        split=np.array(["test", "test", "train", "test"]),
        row_start=np.array([0, 4, 6]),
        trial_start=np.array([0, 3, 4]),
    )
    np.testing.assert_allclose(lean(given, TWO_ARMS), [[1 / 4 - 3 / 4, -1 / 2], [3 / 16 + 3 / 16, 1 / 4]])


def test_a_bias_is_the_intercept_that_a_model_lacks():
    """Choices of logit L + 0.3 of which a model knows L: one step of Newton's method is nearly there."""
    rng = np.random.default_rng(3)
    logit = rng.normal(0, 1, (40, 50))
    y = rng.random((40, 50)) < 1 / (1 + np.exp(-logit - 0.3))
    p = 1 / (1 + np.exp(-logit))
    leaning = np.stack([(y - p).sum(1), (p * (1 - p)).sum(1)])
    nll, n = np.full(40, 30.0), np.full(40, 50.0)
    fitted = {
        ("M", 1): Fitted(VALUES, {0: Fold(0.5, nll, n, leaning)}),
        ("gru", 1): Fitted(None, {0: Fold(0.4, nll, n)}),
    }
    network, found = comparison(fitted, bootstrap=1000, key=KEY)
    assert found["bias"] == pytest.approx(0.3, abs=0.1)
    half = norm.ppf(0.975) / np.sqrt((p * (1 - p)).sum())
    assert found["bias_high"] - found["bias"] == pytest.approx(half, rel=0.25)
    assert found["bias"] - found["bias_low"] == pytest.approx(half, rel=0.25)
    assert network["bias"] is None
    untested = np.array([[9.0], [0.1]])  # of a block without test choices, which has no part in it
    more = np.append(leaning, untested, axis=1), np.append(nll, 0.0), np.append(n, 0.0)
    (same,) = comparison({("M", 1): Fitted(VALUES, {0: Fold(0.5, *more[1:], more[0])})}, bootstrap=1000, key=KEY)
    assert same["bias"] == found["bias"]
    few = {("M", 1): Fitted(VALUES, {0: Fold(0.5, nll[:9], n[:9], leaning[:, :9])})}
    (row_of_few,) = comparison(few, bootstrap=1000, key=KEY)
    assert np.isnan([row_of_few["bias_low"], row_of_few["bias_high"]]).all()


def test_blocks_of_different_sizes_count_by_their_choices():
    """20 blocks of 10 choices and 20 of 190, with p = 1/2: the bias, and what is lost, are the same in every resample.

    A resample has other numbers of choices of either kind, so that only a ratio of its own sums stays the same.
    """
    n = np.repeat([10.0, 190.0], 20)
    leaning = np.stack([0.1 * n / 4, n / 4])
    fitted = {
        ("M", 1): Fitted(VALUES, {0: Fold(0.5, 0.5 * n, n, leaning)}),
        ("B", 1): Fitted(BELIEF, {0: Fold(0.6, 0.75 * n, n, leaning)}),
    }
    best, other = comparison(fitted, bootstrap=500, key=KEY)
    for row_of in (best, other):
        found = [row_of[name] for name in ("bias", "bias_low", "bias_high")]
        np.testing.assert_allclose(found, 0.1, atol=1e-12)
    np.testing.assert_allclose([other[name] for name in ("loss", "low", "high")], 0.25, atol=1e-12)
    uneven = leaning + np.stack([np.repeat([1.0, 0.0], 20), 0 * n])  # of small blocks alone
    (of_uneven,) = comparison({("M", 1): Fitted(VALUES, {0: Fold(0.5, n, n, uneven)})}, bootstrap=500, key=KEY)
    assert of_uneven["bias"] == pytest.approx((0.1 * n.sum() / 4 + 20) / (n.sum() / 4))


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
    ten = compared({"a": np.zeros(10), "b": np.ones(10)}, np.full(10, 10), 200, KEY)
    assert ten["b"].low == pytest.approx(0.1)


NOTHING, KERNEL = Traits(NONE, None, NO), Traits(NONE, None, YES)
VALUES, VALUES_AND_KERNEL = Traits(LEAKY, None, NO), Traits(LEAKY, None, YES)
BELIEF, BELIEF_AND_KERNEL = Traits(BAYES, None, NO), Traits(BAYES, None, YES)
FAR = (0.5, 0.4, 0.6)


@pytest.mark.parametrize(
    ("losses", "expected", "update", "perseveration"),
    [
        # everything else predicts worse
        ({VALUES: (0, 0, 0), BELIEF: (0.01, 0.001, 0.02)}, {VALUES}, LEAKY, None),
        # neither assumes less
        ({VALUES: (0, 0, 0), BELIEF: (0.001, -0.001, 0.0015)}, {VALUES, BELIEF}, CANNOT, None),
        # what assumes more is not needed, whether it is a little better or not
        ({VALUES_AND_KERNEL: (0, 0, 0), VALUES: (0.0005, -0.0001, 0.0019)}, {VALUES}, None, NO),
        ({VALUES: (0, 0, 0), VALUES_AND_KERNEL: (0.0005, -0.0001, 0.003)}, {VALUES}, None, NO),
        # also if it learns in another way
        ({VALUES: (0, 0, 0), BELIEF_AND_KERNEL: (0.0, -0.1, 0.1), BELIEF: FAR}, {VALUES}, LEAKY, CANNOT),
        # it may be needed
        (
            {VALUES_AND_KERNEL: (0, 0, 0), VALUES: (0.0015, -0.0001, 0.0021), BELIEF: FAR},
            {VALUES_AND_KERNEL, VALUES},
            LEAKY,
            CANNOT,
        ),
        # a simpler one of another kind that cannot be ruled out
        (
            {VALUES_AND_KERNEL: (0, 0, 0), BELIEF: (0.009, -0.001, 0.02), VALUES: FAR, BELIEF_AND_KERNEL: FAR},
            {VALUES_AND_KERNEL, BELIEF},
            CANNOT,
            CANNOT,
        ),
        ({VALUES_AND_KERNEL: (0, 0, 0), VALUES: FAR, KERNEL: FAR, NOTHING: FAR}, {VALUES_AND_KERNEL}, LEAKY, YES),
        ({VALUES: (0, 0, 0), NOTHING: (0.0005, -0.0001, 0.0019), KERNEL: FAR}, {NOTHING}, NONE, NO),
        ({KERNEL: (0, 0, 0), NOTHING: FAR, VALUES_AND_KERNEL: (0.001, -0.001, 0.003)}, {KERNEL}, NONE, YES),
    ],
)
def test_what_remains_and_what_it_tells(losses, expected, update, perseveration):
    reasons = remaining({of: Loss(*values) for of, values in losses.items()}, 0.002)
    remain = {of for of, why in reasons.items() if not why}
    assert remain == expected
    found = told(list(losses), remain)
    assert found == {"update": update, "planning": None, "perseveration": perseveration}


def test_planning_is_told_as_far_as_models_differ():
    free, based, both = (Traits(LEAKY, of, NO) for of in (FREE, BASED, BOTH))
    losses = {both: Loss(0, 0, 0), free: Loss(0.001, -0.001, 0.0015), based: Loss(0.1, 0.05, 0.15)}
    assert [of for of, why in remaining(losses, 0.002).items() if not why] == [free]
    assert told([free, based, both], [free])["planning"] == FREE
    assert told([free, based, both], [free, both])["planning"] == CANNOT
    cue = Traits("reward as cue", None, NO)
    assert told([free, based, cue], [free, cue])["planning"] == CANNOT
    assert told([free, based, cue], [cue])["planning"] is None, "such a model has no values of either kind"
    assert told([free, cue], [free])["planning"] is None, "the models do not differ in it"


def test_without_intervals_nothing_is_ruled_out():
    losses = {VALUES: Loss(0, 0, 0), BELIEF: Loss(0.1, np.nan, np.nan)}
    assert set(remaining(losses, 0.002).values()) == {""}
    some = losses | {VALUES_AND_KERNEL: Loss(0.1, 0.05, 0.2)}
    assert set(remaining(some, 0.002).values()) == {""}, "the others were not compared on the same ground"


# -- which models stand for an answer --------------------------------------------------------------------------------


def model(traits, *folds):
    """A model whose folds have (validation NLL, test NLL per choice): 6 test blocks of 10 choices, and 6 others."""
    tested = np.repeat([1.0, 0.0], 6)
    return Fitted(traits, {o: Fold(val, 10 * test * tested, 10 * tested) for o, (val, test) in enumerate(folds)})


def gathered(fitted, tolerance=0.002):
    rows = evidence(fitted, tolerance=tolerance, bootstrap=200, key=KEY)
    return EVIDENCE.typed([{"dataset": "d", "subject": "s", **row} for row in rows])


def test_validation_chooses_the_models_and_test_choices_compare_them():
    fitted = {
        ("A", 1): model(VALUES, (0.50, 0.60), (0.52, 0.60)),  # validation prefers it in the first fold
        ("B", 2): model(VALUES, (0.51, 0.10), (0.51, 0.58)),  # it predicts better in the first, which must not count
        ("C", 1): model(BELIEF, (0.60, 0.55), (0.60, 0.55)),
        ("gru", 1): model(None, (0.40, 0.50), (0.40, 0.52)),
    }
    table = gathered(fitted)
    assert list(table["update"].fillna("")) == [BAYES, "", LEAKY]
    assert list(table["network"]) == [False, True, False]
    assert list(table["remains"]) == [True, False, False]
    leaky = table.iloc[2]
    assert json.loads(leaky["models"]) == {"A d=1": 1, "B d=2": 1}
    assert leaky["test_nll"] == pytest.approx((0.60 + 0.58) / 2)
    np.testing.assert_allclose(table["loss"], [0, 0.51 - 0.55, 0.59 - 0.55])
    assert (table["n_blocks"] == 12).all()
    assert (table["n_test"] == 120).all()
    assert list(table["n_mechanisms"].fillna(-1)) == [1, -1, 1]
    rows = comparison(fitted, bootstrap=200, key=KEY)
    models = COMPARISON.typed([{"dataset": "d", "subject": "s", **row} for row in rows])
    assert list(models["model"]) == ["gru", "B", "C", "A"]
    np.testing.assert_allclose(models["loss"], [0, -0.17, 0.04, 0.09])
    np.testing.assert_allclose(models["validation_nll"], [0.4, 0.51, 0.6, 0.51])
    assert list(models["family"]) == ["rnn", "cognitive", "cognitive", "cognitive"]


def test_models_are_compared_on_the_folds_that_all_have():
    table = gathered({("A", 1): model(VALUES, (0.5, 0.6), (0.5, 0.9)), ("B", 1): model(BELIEF, (0.5, 0.7))})
    assert list(table["update"]) == [LEAKY, BAYES]
    assert (table["n_outer"] == 1).all()
    assert (table["n_test"] == 60).all()
    assert table["loss"].tolist() == [0, pytest.approx(0.1)]
    assert table["remains"].all(), "six blocks: no interval"
    assert gathered({}).empty
    assert gathered({("gru", 1): model(None, (0.5, 0.6))}).empty, "no hand-written model"
    assert list(comparison({}, bootstrap=200, key=KEY)) == []


# -- rules over tables -----------------------------------------------------------------------------------------------


def row(traits, loss, *, remains=False, network=False):
    assumed = dict.fromkeys(("update", "planning", "perseveration")) if network else vars(traits)
    return {
        **{"dataset": "d", "subject": "s", "network": network, **assumed, "remains": remains, "reason": ""},
        **{"n_mechanisms": None if network else traits.n_mechanisms, "models": '{"m d=1": 1}', "test_nll": 0.5},
        **dict(zip(("loss", "low", "high"), loss, strict=True)),
        **{"n_blocks": 20, "n_test": 200, "n_outer": 2},
    }


DRIFTING = Traits(DRIFT, None, NO)
WRITTEN = [
    row(DRIFTING, (0, 0, 0), remains=True),
    row(VALUES_AND_KERNEL, (0.001, 0.0005, 0.002)),  # it assumes more: its loss does not count
    row(VALUES, (0.02, 0.01, 0.03)),
]


def networks(*loss):
    return row(None, loss, network=True)


MODELS = COMPARISON.typed(
    [
        {
            **{"dataset": "d", "subject": "s", "model": name, "dim": dim, "family": family, "validation_nll": val},
            **{"test_nll": 0.5, "loss": 0.0, "low": 0.0, "high": 0.0, "n_blocks": 20, "n_test": 200, "n_outer": 2},
            **dict.fromkeys(("bias", "bias_low", "bias_high")),
        }
        for name, dim, family, val in (
            *(("M", 2, "cognitive", 0.5), ("MB0s", 1, "cognitive", 0.5)),
            *(("gru", 1, "rnn", 0.6), ("slin", 1, "rnn", 0.55), ("lstm", 2, "rnn", 0.5)),
        )
    ]
)


def judged(rows, models=MODELS, **others):
    found = verdict(EVIDENCE.typed(rows), models, others, 0.002)
    STRATEGY.typed([{"dataset": "d", "subject": "s", **found}])
    return found


@pytest.mark.parametrize(
    ("loss", "enough", "update"),
    [
        ((0.03, 0.01, 0.05), YES, DRIFT),  # networks predict worse
        ((-0.0005, -0.0019, 0.001), YES, DRIFT),
        ((-0.0015, -0.0019, -0.001), YES, DRIFT),  # surely better, by too little to matter
        ((-0.0005, -0.0021, 0.001), CANNOT, DRIFT),
        ((-0.03, -0.07, 0.01), CANNOT, DRIFT),  # this may be chance
        ((-0.015, -0.02, -0.01), NO, DRIFT),  # the update leads by more than networks have on it
        ((-0.03, -0.05, -0.01), NO, CANNOT),  # what no hand-written model knows is more than what sets them apart
        ((-0.03, np.nan, np.nan), CANNOT, DRIFT),
    ],
)
def test_an_update_has_to_lead_by_more_than_networks_gain(loss, enough, update):
    found = judged([*WRITTEN, networks(*loss)])
    assert (found["enough"], found["update"]) == (enough, update)
    expected = [-value for value in (loss[0], loss[2], loss[1])]
    np.testing.assert_array_equal(
        [found[name] for name in ("network_gain", "network_gain_low", "network_gain_high")], expected
    )
    assert ("cannot be told: update" in found["verdict"]) == (update == CANNOT)
    assert (found["model"], found["dim"]) == ("M", 2)


def test_an_update_need_not_lead_over_what_assumes_more():
    """Also where the same update with more assumptions, which is not needed, would be compared with these."""
    rows = [row(VALUES, (0, 0, 0), remains=True), row(VALUES_AND_KERNEL, (0, -0.001, 0.001))]
    rows += [row(BELIEF_AND_KERNEL, (0.001, 0.0005, 0.002)), networks(-0.015, -0.02, -0.01)]
    assert judged(rows)["update"] == LEAKY


def signature(measure, low, high, name="slin"):
    keys = {"dataset": "d", "subject": "s", "model": name, "dim": 1, "measure": measure, "value": (low + high) / 2}
    return keys | {"low": low, "high": high}


BETTER, WORSE, UNSURE = networks(-0.005, -0.007, -0.004), networks(0.03, 0.01, 0.05), networks(-0.03, -0.07, 0.01)


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
                (0.001, 0.015): CANNOT,
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
def test_what_curves_say_where_networks_predict_better(measure, column, cases):
    """Of the network with one variable that validation prefers, slin; the other one says the opposite."""
    for (low, high), expected in cases.items():
        curves = pd.DataFrame([signature(measure, 5.0, 6.0, "gru"), signature(measure, low, high)])
        found = judged([*WRITTEN, BETTER], signatures=curves)
        assert (low, high, found[column]) == (low, high, expected)
    assert judged([*WRITTEN, BETTER])[column] is None


@pytest.mark.parametrize(
    ("traits_of_best", "of_networks", "expected"),
    [
        (DRIFTING, WORSE, "constant"),
        (BELIEF, WORSE, "depends on the logit"),
        (BELIEF, UNSURE, CANNOT),
        (NOTHING, WORSE, None),
    ],
)
def test_the_learning_rate_is_that_of_the_update_where_networks_are_not_better(traits_of_best, of_networks, expected):
    rows = [row(traits_of_best, (0, 0, 0), remains=True), row(VALUES, (0.2, 0.1, 0.3)), of_networks]
    curves = pd.DataFrame([signature("rate_curvature", 0.5, 0.6) | {"model": "slin"}])
    assert judged(rows, signatures=curves)["learning_rate"] == expected


def test_values_of_one_kind_are_not_indifferent_to_rare_rewards():
    free, both = Traits(LEAKY, FREE, NO), Traits(LEAKY, BOTH, NO)
    rows = [row(free, (0, 0, 0), remains=True), row(both, (0.2, 0.1, 0.3)), WORSE]
    assert judged(rows)["indifference"] == NO
    rows = [row(both, (0, 0, 0), remains=True), row(free, (0.2, 0.1, 0.3)), WORSE]
    assert judged(rows)["indifference"] is None
    rare = pd.DataFrame([signature("indifference", -0.1, 0.1)])
    better = [row(free, (0, 0, 0), remains=True), row(both, (0.2, 0.1, 0.3)), BETTER]
    assert judged(better, signatures=rare)["indifference"] == YES, "hand-written models are not enough"
    assert judged(rows, signatures=pd.DataFrame([signature("indifference", -0.1, 0.1)]))["indifference"] == YES


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        *((0.15, 0.3, "first action"), (-0.3, -0.15, "second action"), (-0.1, 0.19, "none"), (-0.1, 0.21, CANNOT)),
        *((0.05, 0.3, CANNOT), (-0.3, -0.05, CANNOT)),  # surely some, but less than what counts by its value
    ],
)
def test_a_bias_is_that_of_the_impartial_model_that_validation_prefers(low, high, expected):
    models = MODELS.copy()
    for name, values in {"MB0s": (low, high), "M": (None, None)}.items():
        models.loc[models["model"] == name, ["bias", "bias_low", "bias_high"]] = [
            np.mean(values) if values[0] else None,
            *values,
        ]
    worse = models.iloc[[1]].assign(model="MB0", validation_nll=0.9, bias=9.0, bias_low=8.0, bias_high=10.0)
    assert judged(WRITTEN, pd.concat([worse, models]))["bias"] == expected
    assert judged(WRITTEN)["bias"] is None


def test_other_tables():
    of_fit = {"dataset": "d", "subject": "s", "model": "M", "dim": 2}
    stability = pd.DataFrame(
        [{**of_fit, "exponent": e, "memory": m} for e, m in ((-0.5, 2.0), (-0.25, 4.0), (-0.1, 10.0))]
        + [{**of_fit, "model": "gru", "exponent": 1.0, "memory": np.nan}]
    )
    found = judged(WRITTEN, stability=stability)
    assert (found["stability"], found["memory"]) == ("forgets", 4.0)
    stability.loc[0, "exponent"] = 0.1
    assert judged(WRITTEN, stability=stability)["stability"] == CANNOT
    stability["exponent"] = 0.1
    assert judged(WRITTEN, stability=stability)["stability"] == "does not forget"
    differs = {"source": "M", "dim": 2, "kind": "playing", "measure": "stay"}
    rows = [differs | {"z": 2.0, "cell": "reward"}, differs | {"z": -3.0, "cell": "omission"}]
    rows += [differs | {"z": np.nan, "cell": ""}, differs | {"source": "gru", "z": 9.0, "cell": "x"}]
    found = judged(WRITTEN, behaviour_discrepancy=pd.DataFrame(rows))
    assert (found["discrepancy"], found["discrepancy_of"]) == (-3.0, "stay, omission, playing")
    d_star = pd.DataFrame(
        {"rule": ["reference", "argmin"], "d_star": [2, 3], "d_star_shares": ['{"1": 0.2, "2": 0.8}', None]}
    )
    found = judged(WRITTEN, dimensionality=d_star)
    assert (json.loads(found["d_star"]), found["d_star_share"]) == ({"reference": 2, "argmin": 3}, 0.8)


def test_a_subject_of_whom_nothing_is_known():
    found = verdict(EVIDENCE.typed([]), COMPARISON.typed([]), {}, 0.002)
    assert found["verdict"] == CANNOT
    STRATEGY.typed([{"dataset": "d", "subject": "s", **found}])


# -- figures ---------------------------------------------------------------------------------------------------------


def test_figures_show_losses_and_counts():
    drawn = figure.of_subject(EVIDENCE.typed([*WRITTEN, networks(-0.005, -0.02, 0.01)]), "title")
    (ax,) = drawn.axes
    dots = [line for line in ax.lines if len(line.get_xdata()) == 1]
    np.testing.assert_allclose([line.get_xdata()[0] for line in dots], [0, 1, 20, -5])
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "drift to the other  (m d=1)",
        "leaky integration, perseveration  (m d=1)",
        "leaky integration  (m d=1)",
        "networks  (m d=1)",
    ]
    table = pd.DataFrame({"update": [LEAKY, LEAKY, CANNOT], "planning": [FREE, None, None]})
    drawn = figure.of_many(table.reindex(columns=list(figure.COUNTED)), "title")
    assert [patch.get_width() for patch in drawn.axes[0].patches] == [2, 1, 1]
    assert [text.get_text() for text in drawn.axes[0].texts] == [f"{LEAKY} 2", f"{CANNOT} 1", f"{FREE} 1"]
