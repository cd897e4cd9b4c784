"""Behaviour of data and models: hand counts, closed forms, and agents whose model is known."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from tinycog import config
from tinycog.analyses.behaviour import choices as behaviour_choices
from tinycog.analyses.behaviour import compute, outputs
from tinycog.analyses.behaviour.choices import UNKNOWN, Choices, best_action, from_table, reward_threshold
from tinycog.analyses.behaviour.figure import Shown, looks_of
from tinycog.analyses.behaviour.figure import behaviour as draw
from tinycog.analyses.behaviour.gather import gather
from tinycog.analyses.behaviour.measures import Measure, longest_run, measures, run_lengths
from tinycog.analyses.behaviour.plot import MOST, drawn, plot
from tinycog.analyses.behaviour.section import Behaviour
from tinycog.analyses.behaviour.step import behaviour
from tinycog.analyses.behaviour.tables import TABLES
from tinycog.errors import InputError
from tinycog.generators import generator
from tinycog.models import registry
from tinycog.results import scores
from tinycog.results.layout import Layout
from tinycog.simulation import agents, of_datasets, playing
from tinycog.storage import read_json, write_json
from tinycog.tasks import task_of
from tinycog.trials.sequences import read

ROOT = Path(__file__).parents[2]
REVERSAL, TWO_STAGE = task_of("reversal"), task_of("two_stage")
MISSED = None
# block by block (action, reward); the third trial of the second block was missed
TINY = [[(0, 1), (0, 0), (1, 1), (1, 1), (1, 0), (0, 1)], [(1, 0), (0, 1), MISSED, (0, 0), (0, 1)]]


def table(blocks, **columns):
    """A trial table of one subject, without the columns that behaviour does not read."""
    rows = [
        {"subject": "s", "block": number, "trial": trial, "action": -1, "reward": np.nan, "mask": 0}
        if cell is MISSED
        else {"subject": "s", "block": number, "trial": trial, "action": cell[0], "reward": float(cell[1]), "mask": 1}
        for number, block in enumerate(blocks)
        for trial, cell in enumerate(block)
    ]
    found = pd.DataFrame(rows).assign(**columns)
    return found if "state" in found else found.assign(state=found["action"].clip(lower=0))


def of(trials, task=REVERSAL):
    return from_table(trials, task, reward_threshold(trials))


def measured(choices, policy=None, window=3, lags=1, longest=2):
    """Value and number of each row, by measure and by what tells rows apart; without a choice it is absent."""
    policy = choices.one_hot()[None] if policy is None else policy
    unit, n_units = compute.units(choices.lengths)
    found = {}
    for measure in measures(choices, window, lags, longest):
        sums = compute.sums(measure, policy, unit, n_units)
        value = compute.estimate(measure, sums.hits.sum(axis=1)[0], sums.counts.sum(axis=1)[0])
        n = sums.counts.sum(axis=(0, 1)) if measure.design is None else np.full(len(value), sums.counts.sum())
        keys = [tuple(value for value in row.values() if value is not None) for row in measure.rows]
        found[measure.name] = {
            (key[0] if len(key) == 1 else key): (pytest.approx(v), int(k))
            for key, v, k in zip(keys, value.tolist(), n, strict=True)
            if k
        }
    return found


def same_policy(choices, *probabilities):
    return np.broadcast_to(np.array(probabilities), (1, *choices.action.shape, len(probabilities)))


# measures


def test_measures_of_two_short_blocks_are_counted_by_hand():
    found = measured(of(table(TINY)))
    assert found["stay"] == {"reward": (1.0, 3), "omission": (0.25, 4)}
    assert found["pattern"] == {("pattern", "Aa"): (1.0, 2), ("pattern", "aB"): (0.0, 1), ("pattern", "AA"): (0.0, 1)}
    assert found["run"] == {("run", "1"): (1.0, 2), ("run", "2"): (1.0, 1)}
    expected = {"1": (1.0, 1), "2": (1.0, 2), "3": (0.5, 2)}
    assert found["after_switch"] == {("after_switch", k): value for k, value in expected.items()}
    assert not found["reversal_schedule"], "nothing is known of the schedule"


def test_a_policy_takes_the_place_of_choices():
    """P(action 0) = 0.7 always: after rewards the last actions were 0, 1, 1, after omissions 0, 1, 1, 0."""
    choices = of(table(TINY))
    found = measured(choices, same_policy(choices, 0.7, 0.3))
    assert found["stay"] == {"reward": (1.3 / 3, 3), "omission": (0.5, 4)}
    assert found["pattern"][("pattern", "Aa")] == ((0.3 + 0.7) / 2, 2)  # away from 0 and from 1
    assert found["run"][("run", "1")] == ((0.7 + 0.3) / 2, 2)
    assert found["after_switch"][("after_switch", "2")] == ((0.3 + 0.7) / 2, 2)


def test_all_eight_patterns_are_told_apart():
    """Every block has three trials; all of them end with a switch."""
    letters = {}
    for first in (1, 0):
        for same in (True, False):
            for second in (1, 0):
                last = 0 if same else 1
                found = measured(of(table([[(0, first), (last, second), (1 - last, 0)]])))["pattern"]
                (((_, name), value),) = found.items()
                letters[name] = (first, same, second)
                assert value == (1.0, 1)
    assert letters == {
        **{"AA": (1, True, 1), "Aa": (1, True, 0), "aA": (0, True, 1), "aa": (0, True, 0)},
        **{"AB": (1, False, 1), "Ab": (1, False, 0), "aB": (0, False, 1), "ab": (0, False, 0)},
    }


def test_three_arms_stay_and_switch():
    task = task_of("three_armed_reversal")
    choices = of(table([[(2, 1), (2, 1), (0, 0), (1, 0), (1, 1)]]), task)
    found = measured(choices)
    assert found["stay"] == {"reward": (0.5, 2), "omission": (0.5, 2)}
    assert found["after_switch"] == {
        ("after_switch", "1"): (0.5, 2),  # 2 to 0 is left at once; 0 to 1 is kept
        ("after_switch", "2"): (0.0, 1),
    }
    along = measured(choices, same_policy(choices, 0.5, 0.3, 0.2))
    assert along["stay"]["reward"] == (0.2, 2)


def test_outcomes_of_a_two_step_task_follow_the_transition():
    """Common is action i to state i; 1C, 1R, 0C, 0R and then a stay, a switch, a stay, a switch."""
    block = [(0, 1), (0, 1), (1, 0), (1, 0), (0, 0)]
    choices = of(table([block], state=[0, 1, 1, 0, 0]), TWO_STAGE)
    assert measured(choices)["stay"] == {
        **{"reward_common": (1.0, 1), "reward_rare": (0.0, 1)},
        **{"omission_common": (1.0, 1), "omission_rare": (0.0, 1)},
    }
    reversed_ = table([block], state=[0, 1, 1, 0, 0], task_transition_reversed=1)
    swapped = measured(of(reversed_, task_of("transition_reversal")))["stay"]
    assert swapped["reward_common"] == (0.0, 1)
    assert swapped["omission_rare"] == (1.0, 1)


def test_graded_rewards_count_from_the_subjects_median():
    trials = table([[(0, 0.2), (0, 0.6), (1, 0.9), (0, 0.6)]])
    assert reward_threshold(trials) == 0.6
    assert reward_threshold(table(TINY)) == 0.5
    assert measured(of(trials))["stay"] == {"omission": (1.0, 1), "reward": (0.0, 2)}


def test_runs_are_as_long_as_the_data_have_ten_of_each():
    blocks = [[(0, 1)] * 3 + [(1, 0)]] * 10  # before a choice: 1, 2 and 3 in a row, ten times each
    assert longest_run(of(table(blocks))) == 3
    assert longest_run(of(table(blocks[:9]))) == 0
    gap = [[(0, 1), (0, 1), (0, 0)]] * 10 + [[(1, 1)] * 4 + [(1, 0)]] * 9  # 19, 19, 9, 9
    assert longest_run(of(table(gap))) == 2
    changes = of(table([[(0, 1), (0, 1), (1, 1), (1, 0), (1, 1)]]))
    assert run_lengths(changes)[:, 0].tolist() == [1, 2, 1, 0, 1]
    assert longest_run(of(table([[(0, 0), (1, 0)]]))) == 0
    late = [[(0, 1), (1, 0)]] * 9 + [[(0, 1)] * 5] * 12
    assert longest_run(of(table(late))) == 4, "the last of five is before no choice"


# the history regression


def test_the_regression_is_scikit_learns_with_unit_penalty():
    rng = np.random.default_rng(0)
    n, lags = 400, 2
    action, reward = rng.integers(0, 2, (2, n))
    state = np.where(rng.random(n) < 0.8, action, 1 - action)
    choices = of(table([list(zip(action, reward, strict=True))], state=state), TWO_STAGE)
    history = next(m for m in measures(choices, 1, lags, 1) if m.name == "history")
    found = measured(choices, lags=lags)["history"]
    outcome = 2 * (1 - reward) + (state != action)
    rows = np.arange(lags, n)
    x = np.concatenate([outcome[rows - lag][:, None] == np.arange(4) for lag in (1, 2)], axis=1).astype(float)
    fitted = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(x, action[rows] == action[rows - 1])
    words = ("reward_common", "reward_rare", "omission_common", "omission_rare")
    expected = {("coefficient", "intercept"): fitted.intercept_[0]}
    expected |= {("coefficient", word, 1): fitted.coef_[0, i] for i, word in enumerate(words)}
    expected |= {("coefficient", word, 2): fitted.coef_[0, 4 + i] for i, word in enumerate(words)}
    sums = fitted.coef_[0, :4] + fitted.coef_[0, 4:]
    expected |= {("sum", word): value for word, value in zip(words, sums, strict=True)}
    cr, ur, co, uo = sums
    expected |= {("index", "model_free"): (cr + ur) - (co + uo), ("index", "planning"): (cr - ur) + (uo - co)}
    assert set(found) == set(expected)
    for key, value in expected.items():
        assert found[key] == (pytest.approx(value, abs=2e-4), n - lags), key
    assert history.n_cells == 16


def test_fractions_of_choices_are_regressed_as_weights():
    """Of one indicator and its opposite: logit(p) = b +- w with a penalty of 2 w^2 / 2, solved by hand for b."""
    design = np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
    hits, counts = np.array([7.5, 2.5]), np.array([10.0, 10.0])
    b, u, v = compute.regression(design, hits, counts)
    assert b == pytest.approx(0.0, abs=1e-9)
    assert u == pytest.approx(-v)
    assert 7.5 - 10 * expit(u) == pytest.approx(u)  # the slope of the likelihood is that of the penalty
    several = compute.regression(design, np.stack([hits, 3 * hits]), np.stack([counts, 3 * counts]))
    np.testing.assert_allclose(several[0], [b, u, v], atol=1e-9)
    assert several[1, 1] > u, "more choices are shrunk less"


def test_the_regression_does_not_depend_on_where_it_sets_out():
    """From far out a whole step of Newton's method overshoots."""
    design, counts = np.array([[1.0, 1.0], [1.0, 0.0]]), np.array([10.0, 20.0])
    near = compute.regression(design, np.array([1.0, 4.0]), counts)
    far = compute.regression(design, np.array([1.0, 4.0]), counts, start=np.array([9.0, -3.0]))
    np.testing.assert_allclose(far, near, atol=1e-8)


def test_a_regression_of_certain_choices_stays_finite():
    design = np.array([[1.0, 1.0], [1.0, 0.0]])
    found = compute.regression(design, np.array([500.0, 0.0]), np.array([500.0, 500.0]))
    assert np.isfinite(found).all()
    assert found[1] > 5
    assert np.isfinite(compute.regression(design, np.zeros(2), np.zeros(2))).all()


# reversals


def test_choices_around_reversals_end_where_the_schedule_changes_again():
    best = [0, 0, 1, 1, 1, 0, 0]  # reversals at trials 2 and 5
    action = [0, 1, 0, 1, 1, 1, 0]
    trials = table([[(a, 0) for a in action]], task_correct=best)
    found = measured(of(trials))["reversal_schedule"]
    # offset -3 is only before the second one; both windows hold trials 2 to 4
    assert found == {
        ("schedule", -3): (0.0, 1),  # trial 2, where action 1 was better, before the reversal at 5
        ("schedule", -2): (1.0, 2),  # trials 0 and 3
        ("schedule", -1): (0.5, 2),  # trials 1 and 4
        ("schedule", 0): (1.0, 2),  # trials 2 and 5: the old action
        ("schedule", 1): (0.0, 2),  # trials 3 and 6
        ("schedule", 2): (0.0, 1),  # trial 4
    }
    narrow = measured(of(trials), window=1)["reversal_schedule"]
    assert narrow == {("schedule", -1): (0.5, 2), ("schedule", 0): (1.0, 2)}
    choices = of(trials)
    along = measured(choices, same_policy(choices, 0.9, 0.1))["reversal_schedule"]
    assert along[("schedule", -1)] == ((0.9 + 0.1) / 2, 2)


def test_a_window_ends_where_nothing_is_known_of_the_schedule():
    trials = table([[(0, 0)] * 8], task_correct=[0, None, 0, 1, 1, None, 1, 1])
    found = measured(of(trials))["reversal_schedule"]
    assert found == {("schedule", at): (1.0, 1) for at in (-1, 0, 1)}


def test_the_label_by_behaviour_is_the_action_that_falls_most():
    """The subject reverses against the schedule: 1 before and 0 after; a block without a change has no label."""
    against = [(1, 0), (1, 0), (0, 0), (0, 0)]
    trials = table([against, [(0, 0)] * 4], task_correct=[0, 0, 1, 1] * 2)
    found = measured(of(trials), window=2)
    expected = {-2: 1.0, -1: 1.0, 0: 0.0, 1: 0.0}
    assert found["reversal_behaviour"] == {("behaviour", at): (value, 1) for at, value in expected.items()}
    assert found["reversal_schedule"][("schedule", -1)] == (0.5, 2)
    task = task_of("three_armed_reversal")
    three = table([[(2, 0), (1, 0), (2, 0), (0, 0), (1, 0), (0, 0)]], task_correct=[0, 0, 0, 1, 1, 1])
    assert measured(of(three, task))["reversal_behaviour"][("behaviour", -1)] == (1.0, 1)  # 2: from 2/3 to 0
    silent = table([[(1, 0), (1, 0), MISSED, MISSED]], task_correct=[0, 0, 1, 1])
    assert not measured(of(silent))["reversal_behaviour"], "no share after it"
    missed = table([[(0, 0), MISSED, MISSED, (1, 0)]], task_correct=[0, 0, 1, 1])
    assert measured(of(missed))["reversal_schedule"] == {("schedule", -2): (1.0, 1), ("schedule", 1): (0.0, 1)}


def test_the_best_action_is_read_from_what_the_table_has():
    four = [[(0, 1), (1, 0), (1, 1), (0, 0)]]

    def best(task=REVERSAL, blocks=four, **columns):
        return best_action(table(blocks, **columns), task).tolist()

    steady = {"task_p0": [0.8, 0.8, 0.8, 0.8], "task_p1": [0.2, 0.2, 0.2, 0.2]}
    assert best(**steady) == [0] * 4
    assert best(**steady, task_correct=[1] * 4) == [0] * 4, "probabilities come first"
    assert best(task_p0=[0.5] * 4, task_p1=[0.5] * 4) == [UNKNOWN] * 4
    twenty = [[(0, 0)] * 20]
    swap = np.repeat([0.8, 0.2], 10)
    assert best(blocks=twenty, task_p0=swap, task_p1=1 - swap) == [0] * 10 + [1] * 10
    walk = np.linspace(0.2, 0.8, 20)
    assert best(blocks=twenty, task_p0=walk, task_p1=1 - walk) == [UNKNOWN] * 20, "it drifts"
    new_blocks = np.repeat([0.8, 0.2, 0.7, 0.3], 2)
    assert best(blocks=[[(0, 0)] * 2] * 4, task_p0=new_blocks, task_p1=1 - new_blocks) == [0, 0, 1, 1, 0, 0, 1, 1]
    assert best(task_correct=[1, 1, 0, None]) == [1, 1, 0, UNKNOWN]
    assert best(task_best_chosen=[1, 1, 0, 1]) == [0, 1, 0, 0]
    assert best(blocks=[[(0, 1), MISSED, (1, 1)], [MISSED, (0, 1)]], task_best_chosen=[1, None, 1, None, 1]) == [
        *(0, 0, 1),
        *(UNKNOWN, 0),
    ], "a missed trial is as the one before it in the block"
    assert best(task_best_chosen=[1, None, 1, 1]) == [0, UNKNOWN, 1, 0], "neither is better where a choice has no mark"
    assert best(task_reward_state=[0, 1, 2, 2]) == [1, UNKNOWN, 0, 0]
    states = {"task_p_s0": [0.8] * 4, "task_p_s1": [0.2] * 4}
    assert best(TWO_STAGE, **states) == [0] * 4
    transition = task_of("transition_reversal")
    assert best(transition, **states, task_transition_reversed=[0, 0, 0, 1]) == [0, 0, 0, 1]
    assert best(transition, **states) == [UNKNOWN] * 4
    assert best(TWO_STAGE, task_correct=[0] * 4) == [UNKNOWN] * 4, "a correct state is no action"
    assert best(task_of("three_armed_reversal"), task_best_chosen=[1] * 4) == [UNKNOWN] * 4


# intervals and differences


def test_few_blocks_are_cut_into_parts():
    unit, n = compute.units(np.array([20, 10]))
    assert n == 10
    assert unit[:, 0].tolist() == np.repeat(np.arange(5), 4).tolist()
    assert unit[:10, 1].tolist() == np.repeat(np.arange(5, 10), 2).tolist()
    assert compute.units(np.full(3, 40))[1] == 12, "at least ten"
    unit, n = compute.units(np.full(12, 5))
    assert n == 12
    assert (unit == np.arange(12)).all()


def test_resamples_draw_folds_and_then_their_units():
    drawn = compute.resamples(generator("test"), 400, 3, 5).reshape(400, 3, 5)
    assert (drawn.sum(axis=(1, 2)) == 15).all()
    assert (drawn.sum(axis=2) % 5 == 0).all(), "a fold is drawn whole"
    assert (drawn.sum(axis=2) == 0).any()
    assert (drawn.sum(axis=2) == 10).any()
    assert (drawn[:, 0] % 5 != 0).any(), "units within it are drawn too"
    assert drawn.mean() == pytest.approx(1.0)
    single = compute.resamples(generator("test"), 400, 1, 5)
    assert (single.sum(axis=1) == 5).all()


def one_cell(n_cases, **options):
    """A measure with one cell: the first trial of each of so many blocks, action 0."""
    zeros = np.zeros(n_cases, dtype=int)
    return Measure("stay", [{"after": "reward"}], zeros, np.arange(n_cases), zeros, zeros, 1, **options)


def estimated(measure, policy, weights):
    """(fold, block) probabilities of action 0 in the measure's choices, a block each."""
    policy = np.stack([policy, 1 - policy], axis=-1)[:, None]
    n = policy.shape[2]
    return compute.along(measure, compute.sums(measure, policy, np.arange(n)[None], n), weights)


def test_the_interval_of_a_share_is_the_binomial_one_if_blocks_are_single_choices():
    n, k = 100, 30
    measure, weights = one_cell(n), compute.resamples(generator("test"), 4000, 1, n)
    found = estimated(measure, (np.arange(n) < k).astype(float)[None], weights)
    assert found.value == pytest.approx([0.3])
    assert found.n == [n]
    assert found.drawn.std() == pytest.approx(np.sqrt(0.3 * 0.7 / n), rel=0.05)
    low, high = found.interval[:, 0]
    assert (low, high) == pytest.approx((0.21, 0.39), abs=0.011)  # quantiles of Binomial(100, 0.3)
    assert np.isnan(found.sd_folds).all()
    switch = estimated(one_cell(n, switch=True), (np.arange(n) < k).astype(float)[None], weights)
    assert switch.value == pytest.approx([0.7])


def test_models_along_the_data_are_averaged_over_folds_and_compared_draw_by_draw():
    n = 50
    measure, weights = one_cell(n), compute.resamples(generator("test"), 2000, 1, n)
    chosen = (np.arange(n) < 20).astype(float)
    data = estimated(measure, chosen[None], weights)
    folds = np.stack([np.full(n, 0.5), np.full(n, 0.7)])
    model = estimated(measure, folds, weights)
    assert model.value == pytest.approx([0.6])
    assert model.sd_folds == pytest.approx([0.2 / np.sqrt(2)])
    # the difference varies as the data do: 0.4 * 0.6 / 50; so does what the model expects, 0.6 * 0.4 / 50
    assert compute.z_scores(measure, model, data, True) == pytest.approx([0.2 / np.sqrt(0.24 / 50)], rel=0.04)
    follows = estimated(measure, (0.8 * chosen + 0.1)[None], weights)
    expected = (0.42 - 0.4) / np.sqrt(0.09 / n)  # 0.2^2 * 0.24 / 50 varies less than 0.9 * 0.1 / 50
    assert compute.z_scores(measure, follows, data, True) == pytest.approx([expected])
    by_choices = one_cell(n, by_choices=True)
    assert np.isnan(compute.z_scores(by_choices, model, data, True)).all()
    assert np.isfinite(compute.z_scores(by_choices, model, data, False)).all()


def test_choices_that_are_all_the_same_differ_by_no_more_than_the_model_expects():
    n = 12
    measure, weights = one_cell(n), compute.resamples(generator("test"), 200, 1, n)
    data, model = estimated(measure, np.ones((1, n)), weights), estimated(measure, np.full((1, n), 0.9), weights)
    assert compute.z_scores(measure, model, data, True) == pytest.approx([-0.1 / np.sqrt(0.09 / n)])
    assert np.isnan(compute.z_scores(measure, data, data, True)).all(), "nothing varies"
    opposite = estimated(measure, np.zeros((1, n)), weights)
    assert np.isnan(compute.z_scores(measure, opposite, data, True)).all(), "no standard error to measure it by"
    few = one_cell(9)
    weights = compute.resamples(generator("test"), 200, 1, 9)
    found = estimated(few, np.full((1, 9), 0.9), weights)
    assert np.isnan(compute.z_scores(few, found, estimated(few, np.ones((1, 9)), weights), True)).all()


def test_models_that_play_vary_by_themselves():
    n = 400
    measure = one_cell(n)
    data = estimated(measure, (np.arange(n) < 200).astype(float)[None], compute.resamples(generator("a"), 2000, 1, n))
    parts = []
    for k in (100, 140):  # of 400: two folds that differ
        policy = (np.arange(n) < k).astype(float)
        policy = np.stack([policy, 1 - policy], axis=-1)[None, None]
        parts.append(compute.sums(measure, policy, np.arange(n)[None], n))
    weights = compute.resamples(generator("b"), 4000, 2, n)
    played = compute.playing(measure, compute.Sums.of_folds(parts), weights, data.n)
    assert played.value == pytest.approx([0.3])
    assert played.n == [800]
    assert played.sd_folds == pytest.approx([0.1 / np.sqrt(2)])
    # folds 0.25 and 0.35: variance 0.05^2 / 2 of the mean of two drawn folds, and that of the choices in them
    within = (0.25 * 0.75 + 0.35 * 0.65) / 2 / 800
    variance = 0.05**2 / 2 + within
    assert played.drawn.var() == pytest.approx(variance, rel=0.1)
    z = compute.z_scores(measure, played, data, False)
    assert z == pytest.approx([-0.2 / np.sqrt(variance + 0.25 / n)], rel=0.05)
    certain = estimated(measure, np.ones((1, n)), compute.resamples(generator("a"), 200, 1, n))
    same = compute.playing(measure, compute.Sums.of_folds(parts[:1] * 2), weights, certain.n)
    within = 0.25 * 0.75 / 800  # of two equal folds; the data do not vary, but would: 0.25 * 0.75 / 400
    assert compute.z_scores(measure, same, certain, False) == pytest.approx([-0.75 / np.sqrt(0.1875 / n)])


def test_the_largest_difference_is_named():
    rows = [{"label": "schedule", "offset": -1}, {"label": "schedule", "offset": 0}, {"label": "schedule", "offset": 1}]
    empty = np.zeros(0, dtype=int)
    measure = Measure("reversal_schedule", rows, empty, empty, empty, empty, 3)
    found = compute.largest(measure, np.array([2.5, -3.0, np.nan]))
    assert found == {"z": -3.0, "cell": "schedule 0", "n_cells": 2, "share_above_2": 1.0}
    assert compute.largest(measure, np.full(3, np.nan))["n_cells"] == 0
    lagless = Measure("history", [{"statistic": "index", "term": "reward", "lag": None}], *[empty] * 4, 1)
    assert compute.largest(lagless, np.array([1.0]))["cell"] == "index reward"


# whole subjects


ENVIRONMENT = {"kind": "bandit", "probabilities": [0.8, 0.2], "reversal": [10, 20]}
LAST_OUTCOME = ("MB0s", {"alpha": 1.0, "beta": 0.5})  # V is the last trial's +-r: stays depend on nothing else


def make_run(root, agent, n_subjects=1, n_blocks=20, n_trials=30, outer=2, task=REVERSAL, environment=None):
    """Results of agents whose selected fits are the agents themselves; the files of a run that behaviour reads."""
    name, values = agent
    model = registry.cognitive(task, name)
    layout, environment = Layout(root), environment or ENVIRONMENT
    place = "s0" if n_subjects == 1 else "chunk__0"
    paths, along, choices = [], [[] for _ in range(outer)], [[] for _ in range(outer)]
    options = {"environment": environment, "n_blocks": n_blocks, "n_trials": n_trials}
    params = {key: np.array([value]) for key, value in values.items()}
    for i in range(n_subjects):
        columns = agents.choices(model, values, task, options, payoffs=None, key=("behaviour test", i))
        paths.append(layout.trials("d", f"s{i}"))
        paths[-1].parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame({"dataset": "d", "subject": f"s{i}", "session": "1", **columns}).to_parquet(paths[-1])
        sequences = read(paths[-1], task)
        roles = {role: np.full((1, n_blocks), float(role == "train")) for role in ("train", "val", "test")}
        for fold in range(outer):
            along[fold].append(scores.score(task, model, params, sequences, roles))
            keys = {"dataset": "d", "subject": f"s{i}", "model": name, "dim": model.n_dynamical, "outer": fold}
            keys |= {"family": "cognitive", "status": "ok", "val_nll": 0.5, "row": 0, "parameters": "p.safetensors"}
            choices[fold].append(keys)
    save_file(params, root / "p.safetensors")
    for fold in range(outer):
        where = ("d", place, name, model.n_dynamical, fold)
        scores.write(layout.scores(*where), along[fold])
        write_json(layout.selected(*where), choices[fold][0] if n_subjects == 1 else choices[fold])
    return paths, place, {name: {"dims": [model.n_dynamical], "spec": {"family": "cognitive", "model": name}}}


def options(**changed):
    usual = {"window": 5, "lags": 2, "n_blocks": 50, "resamples": 200, "seed": 0}
    return {**usual, "variants": [ENVIRONMENT], "n_trials": 30, "note": "", **changed}


def tables_of(root, made, *, outer=2, task=REVERSAL, folder="out", **changed):
    paths, place, models = made
    about = {"root": root, "dataset": "d", "place": place, "task": task.name, "n_actions": task.n_actions}
    behaviour(paths, root / folder, **about, models=models, n_outer=outer, options=options(**changed))
    return {table.name: pd.read_parquet(root / folder / f"{table.name}.parquet") for table in TABLES}


def test_an_agent_of_the_last_outcome_stays_as_its_closed_form(tmp_path):
    """P(stay) = sigmoid(2 beta) after a reward and 1/2 after an omission, exactly along the data."""
    found = tables_of(tmp_path, make_run(tmp_path, LAST_OUTCOME, n_blocks=40), n_blocks=200)
    stay = found["behaviour_stay"].set_index(["kind", "after"])
    assert stay.loc[("teacher_forced", "reward"), "value"] == pytest.approx(expit(1.0))
    assert stay.loc[("teacher_forced", "omission"), "value"] == pytest.approx(0.5)
    assert stay.loc["teacher_forced", "sd_folds"].tolist() == pytest.approx([0, 0], abs=1e-12)
    assert (stay.loc["teacher_forced", "n"] == stay.loc["data", "n"]).all()
    assert stay.loc["data", "n"].sum() == 40 * 29
    assert stay.loc["playing", "n"].sum() == 2 * 200 * 29
    for after, p in (("reward", expit(1.0)), ("omission", 0.5)):
        for kind in ("data", "playing"):
            row = stay.loc[(kind, after)]
            assert row["value"] == pytest.approx(p, abs=4 * np.sqrt(0.25 / row["n"]))
            assert row["low"] < row["value"] < row["high"]
    difference = stay["value"] - stay["value"].loc["data"].reindex(stay.index, level="after")
    np.testing.assert_allclose(stay["difference"].dropna(), difference[difference.index.get_level_values(0) != "data"])
    assert stay.loc["data", ["difference", "z", "sd_folds"]].isna().all(axis=None)
    assert stay["varies"].groupby("kind").first().to_dict() == {
        **{"data": "blocks", "teacher_forced": "blocks", "playing": "folds and blocks"}
    }
    runs = found["behaviour_switch"].query("kind == 'teacher_forced' and measure == 'run'")["value"]
    assert len(runs) > 2
    assert runs.tolist() == pytest.approx([expit(1.0)] * len(runs))
    patterns = found["behaviour_switch"].query("kind == 'teacher_forced' and measure == 'pattern'").set_index("cell")
    assert patterns["value"]["aB"] == pytest.approx(1 - expit(1.0))
    assert patterns["value"]["Ab"] == pytest.approx(0.5)
    discrepancy = found["behaviour_discrepancy"]
    assert set(discrepancy["kind"]) == {"teacher_forced", "playing"}
    assert (discrepancy["n_outer"] == 2).all()
    assert (discrepancy["val_nll"] == 0.5).all()
    played = discrepancy[discrepancy["kind"] == "playing"]
    assert json.loads(played["environment"].iloc[0]) == [ENVIRONMENT]
    assert set(discrepancy["measure"]) == {
        *("stay", "history", "pattern", "run", "after_switch", "reversal_schedule", "reversal_behaviour")
    }
    of_stay = discrepancy.set_index(["measure", "kind"]).loc[("stay", "playing")]
    z = stay.loc["playing", "z"]
    assert of_stay["z"] == z[z.abs().idxmax()]
    assert of_stay["cell"] == z.abs().idxmax()
    assert of_stay["n_cells"] == 2
    by_behaviour = found["behaviour_reversal"].query("label == 'behaviour'").groupby("kind")["z"]
    assert by_behaviour.count().to_dict() == {"data": 0, "teacher_forced": 0, "playing": 10}
    reversal = found["behaviour_reversal"].query("kind == 'data' and label == 'schedule'")
    assert reversal["offset"].tolist() == list(range(-5, 5))
    assert (reversal["n"] == 40).all()


def test_differences_of_the_true_model_look_standard_normal(tmp_path):
    """Forty agents and the model that they are: some 5% of z lie beyond 2, along the data and playing."""
    made = make_run(tmp_path, ("MB0", {"alpha": 0.5, "beta": 3.0}), n_subjects=40, outer=1)
    found = tables_of(tmp_path, made, outer=1, n_blocks=200, resamples=300)
    names = ("behaviour_stay", "behaviour_reversal", "behaviour_history", "behaviour_switch")
    z = pd.concat([found[name][["kind", "subject", "z"]] for name in names]).dropna()
    assert set(z["kind"]) == {"teacher_forced", "playing"}
    assert z["subject"].nunique() == 40
    for kind, of_kind in z.groupby("kind")["z"]:
        assert len(of_kind) > 1000
        assert 0.02 < (of_kind.abs() > 2).mean() < 0.08, kind
        assert of_kind.mean() == pytest.approx(0, abs=0.12), kind
        assert of_kind.std() == pytest.approx(1, abs=0.12), kind


def test_played_blocks_are_as_long_as_the_environment_says_or_as_the_subjects(tmp_path):
    made = make_run(tmp_path, LAST_OUTCOME)
    for n_trials, each in ((12, 12), (None, 30)):
        stay = tables_of(tmp_path, made, n_trials=n_trials)["behaviour_stay"].query("kind == 'playing'")
        assert stay["n"].sum() == 2 * 50 * (each - 1)


def test_players_are_rewarded_by_the_subjects_own_measure(tmp_path):
    """A subject whose graded rewards have the median 0: nothing counts as an omission, of players neither."""
    made = make_run(tmp_path, LAST_OUTCOME)
    trials = pd.read_parquet(made[0][0])
    trials.assign(reward=np.where(trials["trial"] == 0, 0.3, 0.0)).to_parquet(made[0][0])
    stay = tables_of(tmp_path, made)["behaviour_stay"].set_index(["kind", "after"])["n"]
    assert stay.to_dict() == {
        **{("data", "reward"): 20 * 29, ("teacher_forced", "reward"): 20 * 29},
        ("playing", "reward"): 2 * 50 * 29,
    }


def test_few_blocks_vary_by_their_parts(tmp_path):
    found = tables_of(tmp_path, make_run(tmp_path, LAST_OUTCOME, n_blocks=2))
    varies = found["behaviour_stay"].groupby("kind")["varies"].first()
    assert varies.to_dict() == {
        **{"data": "parts of blocks", "teacher_forced": "parts of blocks", "playing": "folds and blocks"}
    }
    data = found["behaviour_stay"].query("kind == 'data'")
    assert (data["low"] < data["high"]).all()


def test_a_wrong_model_is_seen(tmp_path):
    """Agents of the last outcome, and the same model with twice the temperature's inverse as their fit."""
    made = make_run(tmp_path, LAST_OUTCOME, n_blocks=100)
    save_file({"alpha": np.array([1.0]), "beta": np.array([1.5])}, tmp_path / "p.safetensors")
    found = tables_of(tmp_path, made)["behaviour_discrepancy"].set_index(["measure", "kind"])
    assert found.loc[("stay", "playing"), "z"] > 5  # the scores are still those of the true parameters
    assert found.loc[("stay", "playing"), "cell"] == "reward"
    assert abs(found.loc[("stay", "teacher_forced"), "z"]) < 4


def test_the_same_tables_come_alone_and_in_a_chunk(tmp_path):
    together = tables_of(tmp_path, make_run(tmp_path, LAST_OUTCOME, n_subjects=2))
    again = tables_of(tmp_path, make_run(tmp_path, LAST_OUTCOME, n_subjects=2), folder="again")
    alone = tables_of(tmp_path, make_run(tmp_path, LAST_OUTCOME), folder="alone")
    for name, table_ in together.items():
        pd.testing.assert_frame_equal(table_, again[name])
        own = table_[table_["subject"] == "s0"].reset_index(drop=True)
        pd.testing.assert_frame_equal(own, alone[name])
        assert set(table_["subject"]) == {"s0", "s1"}
    other = tables_of(tmp_path, make_run(tmp_path, LAST_OUTCOME), folder="seed", seed=1)["behaviour_stay"]
    kinds = other["kind"]
    assert not np.array_equal(other["value"][kinds == "playing"], alone["behaviour_stay"]["value"][kinds == "playing"])
    assert np.array_equal(other["value"][kinds == "data"], alone["behaviour_stay"]["value"][kinds == "data"])


def test_without_an_environment_or_a_fit_rows_say_so_or_are_absent(tmp_path):
    made = make_run(tmp_path, LAST_OUTCOME)
    found = tables_of(tmp_path, made, variants=[], note="no environment is known")
    assert set(found["behaviour_stay"]["kind"]) == {"data", "teacher_forced"}
    silent = found["behaviour_discrepancy"].query("kind == 'playing'")
    assert silent["measure"].tolist() == ["all"]
    assert silent["note"].tolist() == ["no environment is known"]
    assert silent["z"].isna().all()
    layout, where = Layout(tmp_path), ("d", "s0", "MB0s", 1, 1)
    scores.write(layout.scores(*where), [None])
    write_json(layout.selected(*where), {"subject": "s0", "status": "failed"})
    assert set(tables_of(tmp_path, made)["behaviour_discrepancy"]["n_outer"]) == {1}
    first = layout.selected("d", "s0", "MB0s", 1, 0)
    write_json(first, {**read_json(first), "val_nll": None})
    assert tables_of(tmp_path, made)["behaviour_discrepancy"]["val_nll"].isna().all()
    for fold in range(2):
        layout.selected("d", "s0", "MB0s", 1, fold).unlink()
    only = tables_of(tmp_path, made)
    assert set(only["behaviour_stay"]["source"]) == {"data"}
    assert only["behaviour_discrepancy"].empty
    embedded = {"MB0s": {**made[2]["MB0s"], "spec": {**made[2]["MB0s"]["spec"], "subject_embedding": 2}}}
    make_run(tmp_path, LAST_OUTCOME)
    refused = tables_of(tmp_path, (*made[:2], embedded))["behaviour_discrepancy"].query("kind == 'playing'")
    assert "subject embedding" in refused["note"].iloc[0]


def test_the_original_two_stage_task_is_measured_at_its_first_choices(tmp_path):
    task = task_of("original_two_stage")
    name = next(iter(registry.keys(task)))
    classes = registry.cognitive(task, name).classes
    values = {parameter: 0.5 * sum(cls.usual) for parameter, cls in classes.items()}
    walks = {"kind": "walks", "sd": 0.025, "bounds": [0.25, 0.75]}
    made = make_run(tmp_path, (name, values), task=task, environment=walks, n_blocks=30)
    found = tables_of(tmp_path, made, task=task, variants=[walks])
    stay = found["behaviour_stay"]
    assert stay["after"].tolist()[:4] == ["reward_common", "reward_rare", "omission_common", "omission_rare"]
    assert stay[stay["kind"] == "data"]["n"].sum() == 30 * 29
    assert stay[stay["kind"] == "playing"]["n"].sum() == 2 * 50 * 29
    assert (stay["z"].abs().dropna() < 4).all()
    assert set(found["behaviour_history"]["term"]) >= {"planning", "model_free"}


def test_played_blocks_are_dealt_among_environments():
    model = registry.cognitive(REVERSAL, "MB0")
    params = {"alpha": np.array([0.5]), "beta": np.array([3.0])}
    variants = [{"kind": "bandit", "probabilities": p, "reversal": None} for p in ([1.0, 0.0], [0.0, 1.0])]
    found = playing.trials(model, params, REVERSAL, variants, (5, 8), ("key",))
    assert found["block"].tolist() == np.repeat(np.arange(5), 8).tolist()
    assert found["trial"].tolist() == list(range(8)) * 5
    assert found.groupby("block")["task_p0"].first().tolist() == [1.0, 1.0, 1.0, 0.0, 0.0]
    twice = playing.trials(model, params, REVERSAL, [variants[0]] * 2, (2, 40), ("key",))["action"].to_numpy()
    assert not np.array_equal(twice[:40], twice[40:]), "each has draws of its own"
    single = playing.trials(model, params, REVERSAL, variants, (1, 8), ("key",))
    assert len(single) == 8


# config


def loaded(datasets, fitted=("MB0",), **analysis):
    sections = {name: {"family": "cognitive"} for name in fitted}
    content = {"datasets": datasets, "models": sections, "cv": {"outer": 2, "inner": 2}}
    content["analyses"] = {"behaviour": analysis}
    return config.checked(content, "test", config.Config)


SIMULATED = {"source": "simulate", "task": "reversal", "n_trials": 12, "environment": {"probabilities": [0.9, 0.1]}}


def test_the_environment_is_the_data_sets_own_or_its_papers(tmp_path):
    own = of_datasets.of_dataset(loaded({"d": SIMULATED}), "d")
    assert own["variants"][0]["probabilities"] == [0.9, 0.1]
    assert own["n_trials"] == 12
    assert own["note"] == ""
    monkeys = loaded({"d": {"source": "bartolo", "task": "reversal"}})
    found = of_datasets.of_dataset(monkeys, "d")
    assert [variant["probabilities"] for variant in found["variants"]] == [[0.7, 0.3], [0.3, 0.7]]
    assert {variant["reversal"] for variant in found["variants"]} == {(20, 39)}  # of trials 11 to 70
    assert found["n_trials"] is None
    whole = loaded({"d": {"source": "bartolo", "task": "reversal", "trials": [1, 80]}})
    assert of_datasets.of_dataset(whole, "d")["variants"][0]["reversal"] == (30, 49)
    rats = of_datasets.of_dataset(loaded({"d": {"source": "miller", "task": "two_stage"}}), "d")["variants"]
    assert [(one["kind"], one["probabilities"], one["block_length"]) for one in rats] == [("blocks", (0.2, 0.8), 50)]
    table_ = {"source": "table", "task": "reversal", "file": "choices.csv"}
    unknown = of_datasets.of_dataset(loaded({"d": table_}), "d")
    assert not unknown["variants"]
    assert "no environment is known for source 'table'" in unknown["note"]
    named = {"d": {"kind": "bandit", "probabilities": [0.6, 0.4]}}
    given = of_datasets.of_dataset(loaded({"d": table_}, environments=named), "d")
    assert [one["probabilities"] for one in given["variants"]] == [[0.6, 0.4]]
    assert given["note"] == ""
    silent = outputs.options(loaded({"d": SIMULATED}, n_blocks=0), "d")
    assert not silent["variants"]
    assert "n_blocks is 0" in silent["note"]
    recorded = {"source": "simulate", "task": "four_armed_bandit", "environment": {"kind": "bahrami"}}
    recorded |= {"n_trials": 100, "agent": {"model": "MF", "parameters": {"alpha": 0.5, "beta": 2.0}}}
    bandits = {"datasets": {"d": recorded}, "models": {"MF": {"family": "cognitive"}}, "cv": {"outer": 2, "inner": 2}}
    read_config = config.checked({**bandits, "analyses": {"behaviour": {}}}, "test", config.Config)
    assert of_datasets.of_dataset(read_config, "d")["note"] == "recorded payoffs are not played"


@pytest.mark.parametrize("source", of_datasets.OF_SOURCES)
def test_every_papers_environment_is_one_of_its_task(source):
    from tinycog.sections.environments import ENVIRONMENTS_OF

    tasks = {"miller": "two_stage", "akam_rts": "two_stage", "akam_tr": "transition_reversal", "akam_prl": "reversal"}
    tasks |= {"suthaharan": "three_armed_reversal", "bahrami": "four_armed_bandit", "gillan": "original_two_stage"}
    assert of_datasets.OF_SOURCES[source]["kind"] in ENVIRONMENTS_OF[tasks[source]]


@pytest.mark.parametrize(
    ("analysis", "message"),
    [
        ({"models": ["MB9"]}, r"analyses.behaviour.models: \['MB9'\] not among models \['MB0'\]"),
        ({"environments": {"e": {"kind": "bandit"}}}, "behaviour.environments.e: not among the data sets; allowed: d"),
        (
            {"environments": {"d": {"kind": "walks"}}},
            "environments.d.kind: found 'walks'; allowed for task 'reversal': bandit, akam_reversal",
        ),
        (
            {"environments": {"d": {"kind": "bandit", "probabilities": [0.1, 0.2, 0.3]}}},
            "environments.d.probabilities: 3 values for 2 actions",
        ),
        ({"lags": 6}, "lags"),
    ],
)
def test_keys_that_do_not_go_together_are_refused(analysis, message):
    with pytest.raises(InputError, match=message):
        loaded({"d": SIMULATED}, **analysis)


def test_models_and_files_of_a_subject():
    content = loaded({"d": SIMULATED, "e": SIMULATED}, ("MB0", "LS0"), models=["MB0"])
    assert outputs.models(content, "d") == {"MB0": {"dims": [2], "spec": content.model_slice("MB0")}}
    assert outputs.modules(content, "d") == ["tinycog.models.cognitive.reversal"]
    fits = [(name, "s0", "MB0", 2, fold) for name in ("d", "e") for fold in (0, 1)]
    others = [("d", "s1", "MB0", 2, 0), ("d", "s0", "LS0", 1, 0)]
    layout = Layout(Path("r"))
    needed = outputs.needed(content, layout, "d", "s0", [*fits, *others])
    assert needed == [
        *(f"r/selected/d/s0/MB0/d2/outer{fold}.json" for fold in (0, 1)),
        *(f"r/scores/d/s0/MB0/d2/outer{fold}.npz" for fold in (0, 1)),
    ]
    chunked = Layout(Path("r"), {"d": 1})
    assert outputs.needed(content, chunked, "d", "chunk__0", [*fits, *others]) == [
        name.replace("/s0/", "/chunk__0/") for name in needed
    ]
    assert outputs.figures(content, fits) == ["behaviour__d__s0", "behaviour__e__s0"]
    assert len(outputs.parts(content, layout, fits)) == 2 * len(TABLES)
    assert len(outputs.tables(content)) == len(TABLES)
    without = content.model_copy(update={"analyses": SimpleNamespace(behaviour=None)})
    assert not outputs.tables(without)
    assert not outputs.figures(without, fits)


# tables and figures of a run


def test_tables_of_all_subjects_are_joined(tmp_path):
    paths, place, models = make_run(tmp_path, LAST_OUTCOME, n_subjects=2)
    tables_of(tmp_path, (paths, place, models), folder="behaviour/d/chunk__0")
    counts = {"blocks": 20, "shortest_block": 30}
    meta = {"dataset": "d", "subjects": ["s0", "s1"], "counts_analysed": {"s0": counts, "s1": counts}}
    write_json(tmp_path / "data/d/meta.json", meta)
    cv = {"protocol": "blocks", "outer": 2, "inner": 2, "n_inner": 2}
    grid = {"datasets": ["d"], "models": {"MB0s": {"d": [1]}}, "cv": {"d": cv}, "chunks": {"d": 1}}
    gather(tmp_path, grid=grid)
    for table_ in TABLES:
        joined = pd.read_parquet(tmp_path / f"tables/{table_.name}.parquet")
        assert joined["subject"].drop_duplicates().tolist() == ["s0", "s1"]
        assert len(joined) == len(pd.read_parquet(tmp_path / f"behaviour/d/chunk__0/{table_.name}.parquet"))


def test_the_figure_shows_the_best_dim_of_the_five_best_models():
    rows = [("a", 1, 0.60), ("a", 2, 0.50), ("a", 3, 0.55), ("b", 1, 0.70), ("c", 1, 0.4), ("d", 1, 0.3), ("e", 1, 0.2)]
    rows += [("f", 2, 0.69)]
    table_ = pd.DataFrame(rows, columns=["source", "dim", "val_nll"]).assign(family="rnn")
    shown = drawn(pd.concat([table_, table_]))
    assert [(one.source, one.dim) for one in shown] == [("a", 2), ("c", 1), ("d", 1), ("e", 1), ("f", 2)]
    assert shown[0].label == "a, d = 2"
    unknown = drawn(table_.assign(val_nll=np.nan)[:2])
    assert [(one.source, one.dim) for one in unknown] == [("a", 1)]


def test_figures_have_no_empty_panel(tmp_path):
    made = make_run(tmp_path, LAST_OUTCOME, n_blocks=20)
    found = tables_of(tmp_path, made, folder="behaviour")
    four = [found[f"behaviour_{name}"] for name in ("stay", "reversal", "history", "switch")]
    models = [Shown("MB0s", 1, "cognitive", "MB0s, d = 1")]
    figure = draw(*four, models=models, title="d: s0")
    assert len(figure.axes) == 12
    for ax in figure.axes:
        points, lines = [line for line in ax.lines if len(line.get_xdata()) > 1][:2]
        assert len(points.get_xdata()) == len(lines.get_xdata()) > 1
        assert ax.get_xlabel()
        assert ax.get_ylabel()
    upper, lower = figure.axes[0], figure.axes[6]
    expected = found["behaviour_stay"].set_index("kind")["value"]
    np.testing.assert_allclose(upper.lines[1].get_ydata(), expected["teacher_forced"])
    np.testing.assert_allclose(lower.lines[1].get_ydata(), expected["playing"])
    np.testing.assert_allclose(lower.lines[0].get_ydata().astype(float), expected["data"])
    assert upper.get_ylim() == lower.get_ylim()
    still = [part[part["kind"] != "playing"] for part in four]
    still[1] = still[1].iloc[:0]
    assert len(draw(*still, models=models, title="").axes) == 5
    data = [part[part["kind"] == "data"] for part in four]
    assert len(draw(*data, models=[], title="").axes) == 6
    plot(tmp_path / "behaviour", tmp_path / "figure", subject="s0")
    assert (tmp_path / "figure.png").is_file()
    assert (tmp_path / "figure.pdf").is_file()
    plot(tmp_path / "behaviour", tmp_path / "nobody", subject="s9")
    assert (tmp_path / "nobody.png").is_file()


def test_short_blocks_are_padded_at_their_end():
    choices = of(table(TINY))
    assert isinstance(choices, Choices)
    assert choices.lengths.tolist() == [6, 5]
    assert choices.action[:, 1].tolist() == [1, 0, UNKNOWN, 0, 0, UNKNOWN]
    assert choices.one_hot()[5, 1].tolist() == [0.0, 0.0]
    assert behaviour_choices.Places.of(table(TINY)).block.tolist() == [0] * 6 + [1] * 5
    assert not choices.rewarded[2, 1]
    assert Behaviour().lags == 3


@pytest.mark.parametrize("n_networks", range(MOST + 1))
def test_no_two_models_of_a_figure_have_the_same_colour(n_networks):
    models = [Shown(f"m{i}", 1, "rnn" if i < n_networks else "cognitive", f"m{i}") for i in range(MOST)]
    colours = [style["color"] for _, style in looks_of(models)]
    assert len({*colours, "#000000"}) == MOST + 1, "black are the data"
