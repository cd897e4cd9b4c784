"""Signatures of maps in closed form, and of trials that are counted by hand."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from safetensors.numpy import save_file
from scipy.stats import binomtest, norm, t

from tinycog.analyses.dynamical_regression.compute import Trials
from tinycog.analyses.portraits.compute import exact_map
from tinycog.analyses.signatures import compute, figure, frequencies, indifference, measures, outputs, summary
from tinycog.analyses.signatures.correlate import correlate
from tinycog.analyses.signatures.gather import gather
from tinycog.analyses.signatures.plot import plot_indifference, plot_signatures
from tinycog.analyses.signatures.step import signatures
from tinycog.analyses.signatures.tables import OF_ONE
from tinycog.config import Config
from tinycog.dynamics.one_step import OneStep
from tinycog.models import registry
from tinycog.results import scores
from tinycog.results.layout import Layout
from tinycog.sections.fits import CrossValidation
from tinycog.sections.messages import checked
from tinycog.storage import write_json
from tinycog.tasks import task_of
from tinycog.trials.subjects import directory

TASK, TWO_STAGE = task_of("reversal"), task_of("two_stage")
SLIN = {"family": "rnn", "cell": "slin", "readout": "full"}
LABELS = ["A1R0", "A1R1", "A2R0", "A2R1"]


def linear(slope, shift, task=TASK, scale=2.0, offset=0.5):
    """A network with L = scale h + offset and logit change slope L + shift, one number for each condition."""
    slope, shift = np.array(slope, dtype=float), np.array(shift, dtype=float)
    # scale h' + offset = L + slope L + shift
    b = (shift + slope * offset) / scale
    params = {"V": slope[None, :, None, None], "b": b[None, :, None]}
    params |= {"W_out": np.array([[[scale], [0.0]]]), "b_out": np.array([[offset, 0.0]])}
    return OneStep(task, registry.build(task, SLIN, 1), params)


def curves_of(one_step, visited):
    visited = np.array(visited, dtype=float)
    return compute.curves(one_step, exact_map(one_step, np.array([[0.1], [0.4]])), visited)


def cognitive(task, name, **values):
    params = {key: np.array([value]) for key, value in values.items()}
    return OneStep(task, registry.cognitive(task, name), params)


# curves


def test_pairs_exchange_actions_and_states():
    one = [[LABELS[i] for i in pair[:3]] for pair in compute.pairs(TASK)]
    assert one == [["A1R0", "A2R0", "A2R0"], ["A1R1", "A2R1", "A2R1"]]
    names = TWO_STAGE.conditions
    assert [([names[i] for i in pair[:3]], pair.reward) for pair in compute.pairs(TWO_STAGE)] == [
        (["A1S1R0", "A2S2R0", "A2S1R0"], 0),
        (["A1S1R1", "A2S2R1", "A2S1R1"], 1),
        (["A1S2R0", "A2S1R0", "A2S2R0"], 0),
        (["A1S2R1", "A2S1R1", "A2S2R1"], 1),
    ]


def test_values_of_actions_have_one_rate_and_targets_at_the_setpoints():
    """MFs: -alpha L + 2 alpha beta r chi_a, whatever the state."""
    of = curves_of(cognitive(TWO_STAGE, "MFs", alpha=0.3, beta=2.0), [-3.02, 1.0])
    assert of.logit.tolist() == [round(-3.05 + 0.1 * i, 2) for i in range(62)]
    for pair in compute.pairs(TWO_STAGE):
        own = compute.of_pair(of, pair)
        np.testing.assert_allclose(own.rate, 0.3, atol=1e-12)
        np.testing.assert_allclose(own.target, 4.0 * pair.reward, atol=1e-11)
        np.testing.assert_allclose(own.symmetric, -0.3 * of.logit + 1.2 * pair.reward, atol=1e-12)
        np.testing.assert_allclose(own.bias, 0, atol=1e-12)
        np.testing.assert_allclose(own.gap, 2.4 * pair.reward, atol=1e-12)


def test_values_of_states_have_targets_by_the_state():
    """MB0s: -alpha L + 2 alpha beta (2p - 1) r chi_s, with p = .8."""
    of = curves_of(cognitive(TWO_STAGE, "MB0s", alpha=0.25, beta=3.0), [2.0])
    for pair, sign in zip(compute.pairs(TWO_STAGE), (1, 1, -1, -1), strict=True):
        own = compute.of_pair(of, pair)
        np.testing.assert_allclose(own.rate, 0.25, atol=1e-12)
        np.testing.assert_allclose(own.target, sign * 6 * 0.6 * pair.reward, atol=1e-11)
        np.testing.assert_allclose(own.gap, 0, atol=1e-12)


def test_a_bayesian_observer_learns_at_a_rate_that_depends_on_the_logit():
    """g = .7, h = .1, beta = 5: L' = .8 * 5 (x + .4 e) / (1 + .4 e x) with x = L / 5, e = 1 where action 1 gains."""
    of = curves_of(cognitive(TASK, "LS0", h=0.1, beta=5.0), [-4.0, 1.0])
    x = of.logit / 5

    def change(e):
        return 0.8 * 5 * (x + 0.4 * e) / (1 + 0.4 * e * x) - of.logit

    for pair, e in zip(compute.pairs(TASK), (-1, 1), strict=True):
        own = compute.of_pair(of, pair)
        np.testing.assert_allclose(own.symmetric, change(e), atol=1e-11)
        np.testing.assert_allclose(own.rate, 1 - 0.8 * (1 - 0.16) / (1 + 0.4 * e * x) ** 2, atol=1e-11)
        np.testing.assert_allclose(own.bias, 0, atol=1e-11)
        np.testing.assert_allclose(own.gap, change(e) - change(-e), atol=1e-11)
        learns = own.rate > 0.01
        expected = of.logit[learns] + own.symmetric[learns] / own.rate[learns]
        np.testing.assert_allclose(own.target[learns], expected, atol=1e-11)
        assert np.isnan(own.target[~learns]).all()


def test_lines_of_their_own_for_each_condition_have_a_bias_and_a_gap():
    slope, shift = [-0.1, -0.2, -0.4, -0.3], [0.3, 1.0, -0.2, -0.5]
    of = curves_of(linear(slope, shift), [0.5, 1.4])
    for pair, (i, j) in zip(compute.pairs(TASK), ((0, 2), (1, 3)), strict=True):
        own, x = compute.of_pair(of, pair), of.logit
        first, second = slope[i] * x + shift[i], slope[j] * x + shift[j]
        mirrored = slope[j] * -x + shift[j]
        np.testing.assert_allclose(own.symmetric, (first - mirrored) / 2, atol=1e-12)
        np.testing.assert_allclose(own.bias, (first + mirrored) / 2, atol=1e-12)
        np.testing.assert_allclose(own.rate, -(slope[i] + slope[j]) / 2, atol=1e-12)
        np.testing.assert_allclose(own.gap, first - second, atol=1e-12)
        np.testing.assert_allclose(own.target, (shift[j] - shift[i]) / (slope[i] + slope[j]), atol=1e-11)
    never = compute.of_pair(curves_of(linear([-0.009] * 4, shift), [1.0]), compute.pairs(TASK)[0])
    assert np.isnan(never.target).all(), "so slow a rate has no target"


def test_the_grid_ends_with_the_trials_the_reach_or_at_ten():
    slope, shift = [-0.1] * 4, [0.0] * 4
    assert curves_of(linear(slope, shift), [0.31, -0.2]).logit.tolist() == [
        *(-0.35, -0.25, -0.15, -0.05),
        *(0.05, 0.15, 0.25, 0.35),
    ]
    far = curves_of(linear(slope, shift), [-40.0, 60.0]).logit
    assert (far[0], far[-1], len(far)) == (-9.95, 9.95, 200)
    bounded = OneStep(TASK, registry.build(TASK, {"family": "rnn", "cell": "rnn", "readout": "full"}, 1), rnn(2.0, 0.5))
    assert curves_of(bounded, [2.4]).logit[[0, -1]].tolist() == [-1.45, 1.45]  # L lies in (-1.5, 2.5)
    one_sided = OneStep(TASK, bounded.model, rnn(1.0, 3.0))
    assert not len(curves_of(one_sided, [2.4]).logit)
    assert curves_of(one_sided, [2.4]).change.shape == (4, 0)


def rnn(scale, offset):
    """h' = tanh(.5 h), L = scale h + offset."""
    params = {"W_ih": np.zeros((1, 1, 3)), "W_hh": np.full((1, 1, 1), 0.5), "b_ih": np.zeros((1, 1))}
    params |= {"b_hh": np.zeros((1, 1)), "W_out": np.array([[[scale], [0.0]]]), "b_out": np.array([[offset, 0.0]])}
    return params


# measures


def test_weighted_means_tails_ranges_and_parabolas():
    mass = np.array([[1.0, 8, 1, 0], [0, 0, 0, 0], [2, 6, 2, 0], [0, 5, 0, 5]])
    values = np.array([1.0, 2.0, 4.0, 8.0])
    np.testing.assert_allclose(measures.mean(values, mass), [2.1, np.nan, 2.2, 5.0])
    np.testing.assert_allclose(
        measures.tails(mass), [[1, 0, 1, 0], [0, 0, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1]], atol=1e-12
    )
    np.testing.assert_allclose(measures.tails(np.array([[10.0]])), [[2.0]])
    np.testing.assert_allclose(measures.spread(values, mass), [3, np.nan, 3, 6])
    many = np.array([[2.0, 95, 2, 1], [3, 93, 0, 4]])  # of 100, the outer 2.5 on either side are left out
    np.testing.assert_allclose(measures.spread(values, many), [2, 7])
    x = np.array([-0.3, 0.1, 0.4, 1.5])
    weights = np.array([[1.0, 2, 3, 4], [1, 0, 1, 0], [1, 1, 0, 1]])
    parabola = measures.curvature(x, 1 - 2 * x + 0.3 * x**2, weights)
    np.testing.assert_allclose(parabola, [0.3, np.nan, 0.3], atol=1e-10)
    y = np.array([0.2, -0.4, 0.7, 0.1])
    fitted = np.polyfit(x, y, 2, w=np.sqrt(weights[0]))[0]
    np.testing.assert_allclose(measures.curvature(x, y, weights[:1]), [fitted])


def trials(rows, n_conditions=4):
    """Trials from (block, condition, logit, change)."""
    block, condition, x, change = np.array(rows, dtype=float).T
    return Trials(x[:, None], change[:, None], None, condition.astype(int), block.astype(int))


SLOPE, SHIFT = np.array([-0.1, -0.2, -0.4, -0.3]), np.array([0.3, 1.0, -0.2, -0.5])


def lines(n=60, seed=0, n_blocks=6, slope=SLOPE, shift=SHIFT, n_conditions=4):
    """A network of lines, with trials in the middles of bins."""
    rng = np.random.default_rng(seed)
    x = np.round(rng.integers(-12, 12, n) * 0.1 + 0.05, 2)
    condition, block = rng.integers(0, n_conditions, n), np.sort(rng.integers(0, n_blocks, n))
    rows = [(b, c, v, slope[c] * v + shift[c]) for b, c, v in zip(block, condition, x, strict=True)]
    task = TASK if n_conditions == 4 else TWO_STAGE
    of = curves_of(linear(slope, shift, task), [1.2])
    own = trials(rows)
    return measures.Fold(of, own, np.full(n_conditions, np.nan), np.zeros(n_conditions, bool))


def test_trials_are_counted_by_bin_block_and_condition():
    of = curves_of(linear(SLOPE, SHIFT), [0.2])
    assert of.logit.tolist() == [-0.15, -0.05, 0.05, 0.15]
    own = trials([(0, 0, -0.01, 0), (0, 0, 0.11, 0), (2, 0, 7.0, 0), (2, 3, -9.0, 0), (2, 3, -0.101, 0)])
    seen = measures.visits(of, own, 4, np.array([[1.0, 1, 1], [2, 0, 3]]))
    assert seen[0].tolist() == [[0, 1, 0, 2], [0, 2, 0, 5]]
    assert seen[3].tolist() == [[2, 0, 0, 0], [6, 0, 0, 0]]
    assert not seen[1].any()
    assert not seen[2].any()


def bias(r, x):
    """Half the sum of the changes of both actions at mirrored logits."""
    return ((SLOPE[r] * x + SHIFT[r]) + (SLOPE[2 + r] * -x + SHIFT[2 + r])) / 2


def test_signatures_of_lines_are_means_over_the_trials_of_each_resample():
    fold, rng = lines(), np.random.default_rng(1)
    weights = np.concatenate([np.ones((1, 6)), rng.integers(0, 4, (5, 6))])
    found = measures.of_map(fold, TASK, weights)
    x, condition, block = fold.trials.x[:, 0], fold.trials.condition, fold.trials.block
    for i, row in enumerate(weights):
        drawn = np.repeat(np.arange(len(x)), row[block].astype(int))
        for r, word in ((0, "unrewarded"), (1, "rewarded")):
            own = drawn[condition[drawn] % 2 == r]
            mirrored = np.where(condition[own] < 2, x[own], -x[own])
            assert found[f"bias_{word}"][i] == pytest.approx(bias(r, mirrored).mean())
            assert found[f"rate_centre_{word}"][i] == pytest.approx(-(SLOPE[r] + SLOPE[2 + r]) / 2)
            assert found[f"rate_range_{word}"][i] == pytest.approx(0, abs=1e-12)
            assert found[f"rate_curvature_{word}"][i] == pytest.approx(0, abs=1e-10)
        unrewarded = np.sort(x[drawn[condition[drawn] % 2 == 0]])
        gap = (SLOPE[0] - SLOPE[2]) * unrewarded + SHIFT[0] - SHIFT[2]
        assert found["gap_centre"][i] == pytest.approx(gap[np.abs(unrewarded) < 0.5].mean())
        tenth = len(gap) / 10
        share = np.clip(tenth - np.arange(len(gap)), 0, 1)  # of each trial, sorted, in the lowest tenth
        outer = (gap @ share + gap @ share[::-1]) / (2 * tenth)
        assert found["gap_outer"][i] == pytest.approx(outer)
    np.testing.assert_allclose(found["bias_difference"], found["bias_rewarded"] - found["bias_unrewarded"])
    np.testing.assert_allclose(found["gap_change"], found["gap_outer"] - found["gap_centre"])
    np.testing.assert_allclose(found["rate_centre"], 0.25)
    assert tuple(sorted(found)) == tuple(sorted(measures.OF_MAP))


def test_perseveration_has_a_gap_that_does_not_depend_on_the_logit():
    """-a L + 2 a beta (r + k) chi_a: unrewarded lines lie 4 a beta k apart."""
    a, b, k = 0.3, 2.0, 0.25
    shift = np.array([2 * a * b * (r + k) * chi for chi in (1, -1) for r in (0, 1)])
    found = measures.of_map(lines(slope=np.full(4, -a), shift=shift), TASK, np.ones((1, 6)))
    assert found["gap_centre"] == pytest.approx(4 * a * b * k)
    assert found["gap_outer"] == pytest.approx(4 * a * b * k)
    assert found["gap_change"] == pytest.approx(0, abs=1e-12)
    assert found["bias_rewarded"] == pytest.approx(0, abs=1e-12)


def test_pairs_of_conditions_weigh_the_same_however_many_trials_they_have():
    slope = np.array([-0.1, -0.2, -0.3, -0.5, -0.3, -0.5, -0.1, -0.2])  # by A1S1, A1S2, A2S1, A2S2
    shift = np.array([0.2, 1.0, 0.1, 0.4, -0.1, -0.4, -0.2, -1.0])
    fold = lines(n=200, slope=slope, shift=shift, n_conditions=8)
    found = measures.of_map(fold, TWO_STAGE, np.ones((1, 6)))
    assert found["rate_centre_rewarded"] == pytest.approx((0.2 + 0.5) / 2)
    assert found["rate_centre_unrewarded"] == pytest.approx((0.1 + 0.3) / 2)
    x, condition = fold.trials.x[:, 0], fold.trials.condition
    gaps = []
    for one, other in ((0, 4), (2, 6)):  # the same state
        own = x[np.isin(condition, [one, other]) & (np.abs(x) < 0.5)]
        gaps.append(((slope[one] - slope[other]) * own + shift[one] - shift[other]).mean())
    assert found["gap_centre"] == pytest.approx(np.mean(gaps))


def test_the_range_and_the_curvature_of_a_bayesian_rate():
    """Trials at five logits: the rate is largest and smallest at the ends, and the parabola is that of the map."""
    of = curves_of(cognitive(TASK, "LS0", h=0.1, beta=5.0), [3.0])
    at = np.array([-2.95, -1.05, 0.05, 1.05, 2.95])
    rows = [(0, code, v if code < 2 else -v, 0.0) for code in range(4) for v in at]
    fold = measures.Fold(of, trials(rows), np.full(4, np.nan), np.zeros(4, bool))
    found = measures.of_map(fold, TASK, np.ones((1, 1)))
    x = at / 5
    for word, e in (("rewarded", 1), ("unrewarded", -1)):
        rate = 1 - 0.8 * 0.84 / (1 + 0.4 * e * x) ** 2
        change = 4 * (x + 0.4 * e) / (1 + 0.4 * e * x) - at
        assert found[f"rate_range_{word}"] == pytest.approx(np.ptp(rate))
        assert found[f"rate_curvature_{word}"] == pytest.approx(np.polyfit(at, change, 2)[0])
        assert found[f"rate_centre_{word}"] == pytest.approx(rate[2])
    np.testing.assert_allclose(
        found["rate_range"], found["rate_range_rewarded"] / 2 + found["rate_range_unrewarded"] / 2
    )


def test_a_reward_that_hardly_came_has_no_signature():
    rows = [(0, 0, 0.05 * i, 0.0) for i in range(-5, 6)] + [(0, 1, 0.1, 0.0), (0, 1, 0.2, 0.0), (0, 3, 0.1, 0.0)]
    fold = measures.Fold(curves_of(linear(SLOPE, SHIFT), [1.0]), trials(rows), np.full(4, np.nan), np.zeros(4, bool))
    found = measures.of_map(fold, TASK, np.ones((1, 1)))
    for name in ("rate_centre_rewarded", "rate_range_rewarded", "bias_rewarded", "bias_difference", "rate_centre"):
        assert np.isnan(found[name]).all(), name
    assert np.isfinite(found["bias_unrewarded"]).all()
    more = measures.Fold(fold.curves, trials([*rows, (0, 3, 0.3, 0.0)]), fold.setpoint, fold.in_range)
    assert np.isfinite(measures.of_map(more, TASK, np.ones((1, 1)))["bias_rewarded"]).all()


def test_slopes_are_those_of_least_squares():
    rng = np.random.default_rng(3)
    rows = [
        (i // 3, code, x, -0.2 * code * x + rng.normal()) for code in range(4) for i, x in enumerate(rng.normal(size=9))
    ]
    own = trials(rows)
    found = measures.of_slopes(own, TASK, np.array([[1.0, 1, 1], [2, 1, 0]]))
    for i, row in enumerate(([1, 1, 1], [2, 1, 0])):
        slope = []
        for code in range(4):
            here = own.condition == code
            weight = np.array(row)[own.block[here]]
            fit = np.polyfit(own.x[here, 0], own.change[here, 0], 1, w=np.sqrt(weight))
            slope.append(fit[0])
        rewarded, unrewarded = (slope[1] + slope[3]) / 2, (slope[0] + slope[2]) / 2
        expected = [rewarded, unrewarded, rewarded - unrewarded, rewarded / unrewarded, (rewarded + unrewarded) / 2]
        np.testing.assert_allclose([found[name][i] for name in measures.SLOPES], expected)


def by_label(task, **values):
    return np.array([values[label] for label in task.conditions])


def test_setpoints_of_known_strategies():
    """Setpoints 4 (action 1) and -4 after a reward and 0 without: model-free; by the state: model-based."""
    free = measures.of_setpoints(np.array([0, 4.0, 0, 4, 0, -4, 0, -4]), TWO_STAGE)
    assert {name: float(value) for name, value in free.items()} == {
        **{"action_asymmetry": 0, "reward_dependence": 1, "one_reward_utility": 1, "no_reward_utility": 0},
        **{"utility_deviation": 0, "state_dependence": 0, "indifference": 1},
    }
    indifferent = measures.of_setpoints(np.array([0, 4.0, 0, 0, 0, 0, 0, -4]), TWO_STAGE)
    assert (indifferent["utility_deviation"], indifferent["indifference"]) == (0.5, 0)
    based = measures.of_setpoints(np.array([0, 3.0, 0, -3, 0, 3, 0, -3]), TWO_STAGE)
    assert (based["indifference"], based["one_reward_utility"], based["state_dependence"]) == (-1, 0, 1)
    one = measures.of_setpoints(np.array([1.0, 4, -2, -4]), TASK)  # in quarters of 4
    assert {name: float(value) for name, value in one.items()} == {
        **{"action_asymmetry": (0.25 + 0) / 2, "reward_dependence": (0.75 + 0.5) / 2, "one_reward_utility": 1},
        **{"no_reward_utility": 0.375, "utility_deviation": 0},
    }


def test_setpoint_signatures_as_written_out():
    u = dict(zip(TWO_STAGE.conditions, np.random.default_rng(2).normal(size=8), strict=True))
    found = measures.of_setpoints(by_label(TWO_STAGE, **u), TWO_STAGE)
    size = max(map(abs, u.values()))
    u = {label: value / size for label, value in u.items()}
    pairs = [(s, r) for s in "12" for r in "01"]
    expected = {
        "action_asymmetry": np.mean([abs(u[f"A1S{s}R{r}"] + u[f"A2S{s}R{r}"]) for s, r in pairs]),
        "state_dependence": np.mean([abs(u[f"A{a}S1R{r}"] - u[f"A{a}S2R{r}"]) for a, r in pairs]),
        "reward_dependence": np.mean([abs(u[f"A{a}S{s}R0"] - u[f"A{a}S{s}R1"]) for a in "12" for s in "12"]),
        "one_reward_utility": (u["A1S1R1"] + u["A1S2R1"] - u["A2S1R1"] - u["A2S2R1"]) / 4,
        "no_reward_utility": (u["A1S1R0"] + u["A1S2R0"] - u["A2S1R0"] - u["A2S2R0"]) / 4,
        "indifference": (u["A1S2R1"] - u["A2S1R1"]) / 2,
    }
    expected["utility_deviation"] = 1 - expected["one_reward_utility"]
    assert found == pytest.approx(expected)


def test_a_missing_setpoint_leaves_out_what_needs_it():
    some = measures.of_setpoints(np.array([[np.nan, 4.0, 1, -4], [np.nan] * 4]), TASK)
    np.testing.assert_allclose(some["one_reward_utility"], [1, np.nan])
    assert np.isnan(some["action_asymmetry"]).all()
    assert np.isnan(some["no_reward_utility"]).all()


def test_means_over_folds_are_of_those_that_are_drawn_and_have_a_value():
    values = np.array([[1.0, 1, 1], [2, np.nan, 2], [6, 6, np.nan]])
    draws = np.array([[1.0, 1, 1], [0, 2, 1], [0, 0, 3]])
    np.testing.assert_allclose(measures.over_folds(values, draws), [3, 6, np.nan])
    two = np.stack([values, 10 * values], axis=-1)
    np.testing.assert_allclose(measures.over_folds(two, draws), [[3, 30], [6, 60], [np.nan, np.nan]])


def folds_of(setpoints):
    """Folds of lines, each with the same trials and its own setpoints."""
    fold = lines(n=150)
    return [
        measures.Fold(fold.curves, fold.trials, np.array(own), np.array([True, True, True, False])) for own in setpoints
    ]


def test_rows_say_what_varies_and_what_is_missing():
    setpoints = [[0.0, 2 + 0.1 * i, np.nan if i == 0 else 0.0, -2.0] for i in range(6)]
    folds = folds_of(setpoints)
    rng = np.random.default_rng(4)
    weights = np.concatenate([np.ones((1, 6)), rng.integers(0, 3, (400, 6))])
    draws = np.concatenate([np.ones((1, 6)), rng.multinomial(6, [1 / 6] * 6, size=400)])
    rows = {row["measure"]: row for row in measures.rows(folds, TASK, weights, draws)}
    assert list(rows) == measures.names(TASK)
    of_map = measures.of_map(folds[0], TASK, weights)["bias_rewarded"]  # the same in all folds
    own = rows["bias_rewarded"]
    assert own["value"] == pytest.approx(of_map[0])
    assert (own["low"], own["high"]) == pytest.approx(tuple(np.quantile(of_map[1:], [0.025, 0.975])))
    assert (own["varies"], own["n_outer"], own["note"]) == ("outer folds and blocks", 6, None)
    mean = np.array([np.average([2 + 0.1 * i for i in range(6)], weights=row) for row in draws])
    utility = (mean + 2) / 2 / mean  # both divided by the larger one
    own = rows["one_reward_utility"]
    assert own["value"] == pytest.approx(utility[0])
    assert (own["low"], own["high"]) == pytest.approx(tuple(np.quantile(utility[1:], [0.025, 0.975])))
    assert own["varies"] == "outer folds"
    assert own["note"] == "no setpoint: A2R0 in 1 of 6 outer folds; 6 of 24 setpoints lie beyond the trials"

    few = {row["measure"]: row for row in measures.rows(folds[1:4], TASK, weights, draws[:, 1:4])}
    assert few["utility_deviation"]["low"] is None
    assert few["utility_deviation"]["varies"] is None
    assert few["utility_deviation"]["note"].endswith("; no interval: 3 outer folds, fewer than 5")
    assert few["bias_rewarded"]["low"] is not None
    (alone,) = [
        row for row in measures.rows(folds[1:2], TASK, weights, draws[:, :1] * 0 + 1) if row["measure"] == "rate_range"
    ]
    assert (alone["varies"], alone["n_outer"]) == ("blocks", 1)
    fewer = {row["measure"]: row for row in measures.rows(folds_in(4), TASK, np.ones((101, 4)), np.ones((101, 6)))}
    assert fewer["bias_rewarded"]["note"] == "no interval: 4 blocks, fewer than 5"


def folds_in(n_blocks):
    return [lines(n=100, n_blocks=n_blocks)] * 6


def test_rows_of_fits_that_say_little_are_there_with_a_note():
    fold = lines()
    rare = trials([(0, 0, 0.1 * i, 0.01 * i) for i in range(9)] + [(0, 1, 0.2, 0.1)])
    flat = measures.Fold(None, rare, np.full(4, np.nan), np.zeros(4, bool))
    empty = curves_of(
        OneStep(TASK, registry.build(TASK, {"family": "rnn", "cell": "rnn", "readout": "full"}, 1), rnn(1.0, 3.0)),
        [2.4],
    )
    sided = measures.Fold(empty, rare, np.full(4, np.nan), np.zeros(4, bool))
    kept = measures.Fold(fold.curves, rare, np.full(4, np.nan), np.zeros(4, bool))
    rows = {
        row["measure"]: row for row in measures.rows([flat, sided, kept], TASK, np.ones((101, 6)), np.ones((101, 3)))
    }
    assert len(rows) == len(measures.names(TASK))
    note = "fewer than 4 trials: A1R1, A2R0, A2R1; the logit does not depend on the state in 1 of 3 outer folds; "
    assert rows["bias_unrewarded"]["note"] == note + "the logit keeps one sign in 1 of 3 outer folds"
    assert rows["bias_unrewarded"]["n_outer"] == 1
    assert rows["bias_rewarded"]["value"] is None
    assert rows["slope_mean"]["value"] is None
    assert rows["utility_deviation"]["value"] is None
    assert rows["utility_deviation"]["n_outer"] == 0
    assert (
        "no setpoint: A1R0 in 3, A1R1 in 3, A2R0 in 3, A2R1 in 3 of 3 outer folds" in rows["utility_deviation"]["note"]
    )


# choice frequencies


def along(rows):
    """Scores of blocks of (logit before, condition, mask), with the logit after the last one 0."""
    logit = np.array([x for block in rows for x in [*(row[0] for row in block), 0.0]])
    flat = [row for block in rows for row in block]
    lengths = np.array([len(block) for block in rows])
    return scores.Scores(
        logits=np.stack([logit + 3, np.full(len(logit), 3.0)], axis=1),
        states=logit[:, None] / 2,
        condition=np.array([row[1] for row in flat]),
        mask=np.array([row[2] for row in flat]),
        split=np.array(["train"] * len(flat)),
        row_start=np.concatenate([[0], np.cumsum(lengths + 1)]),
        trial_start=np.concatenate([[0], np.cumsum(lengths)]),
    )


def test_next_choices_are_counted_by_hand():
    blocks = [
        [(-1.0, 0, 1), (0.0, 2, 1), (0.25, 0, 1), (5.0, 0, 1)],  # after A1R0 at -1 comes action 2, after A2R0 action 1
        [(0.5, 0, 1), (0.0, 3, 0), (1.0, 0, 1), (0.3, 1, 1)],  # the missed trial and the one before it count for none
    ]
    found = frequencies.frequencies(along(blocks), TASK)
    assert (found.logit[0], found.logit[-1], len(found.logit)) == (-1.0, 1.0, 300)
    # (logit, condition, next action): (-1, 0, 2), (0, 2, 1), (.25, 0, 1), (1, 0, 1)
    pairs = [(-1.0, 0, 1), (0.0, 2, 0), (0.25, 0, 0), (1.0, 0, 0)]
    for i in (0, 100, 149, 200, 223, 299):
        for code in range(4):
            for action in (0, 1):
                near = [p for p in pairs if abs(p[0] - found.logit[i]) <= 0.25 and p[1:] == (code, action)]
                assert found.counts[code, i, action] == 1 + len(near), (i, code, action)
    low, high = found.band()
    for i in (0, 187, 299):
        k, n = found.counts[0, i, 0], found.counts[0, i].sum()
        exact = binomtest(int(k), int(n)).proportion_ci(0.68, method="exact")
        assert (low[0, i], high[0, i]) == pytest.approx((exact.low, exact.high))
        assert found.share[0, i] == k / n
    assert frequencies.frequencies(along([[(0.0, 0, 1)], [(1.0, 1, 1)]]), TASK) is None


def test_stretches_are_where_the_log_odds_ratio_differs_from_0():
    counts = np.ones((3, 6, 2), dtype=int)
    counts[0, 1:3] = [(21, 5), (31, 5)]  # more often the first action
    counts[1, 1:3] = [(5, 21), (5, 21)]
    counts[0, 5], counts[1, 5] = (4, 31), (31, 4)
    found = frequencies.stretches(frequencies.Frequencies(np.arange(6.0), counts), ["a", "b", "c"])
    own = [row for row in found if (row["condition"], row["other"]) == ("a", "b")]
    assert [(row["from_logit"], row["to_logit"], row["logit"], row["n"]) for row in own] == [
        (1.0, 2.0, 2.0, 31 + 5 + 5 + 21 - 4),
        (5.0, 5.0, 5.0, 66),
    ]
    odds, se = np.log(31 * 21 / (5 * 5)), np.sqrt(1 / 31 + 1 / 5 + 1 / 5 + 1 / 21)
    assert own[0]["log_odds"] == pytest.approx(odds)
    assert (own[0]["low"], own[0]["high"]) == pytest.approx((odds - norm.ppf(0.975) * se, odds + norm.ppf(0.975) * se))
    assert own[1]["log_odds"] == pytest.approx(-np.log(31 * 31 / (4 * 4)))
    few = counts.copy()
    few[0, 1] = (3, 2)  # log(3 * 21 / (2 * 5)) = 1.84, 1.96 standard errors are 2.06
    assert frequencies.stretches(frequencies.Frequencies(np.arange(6.0), few), ["a", "b", "c"])[0]["from_logit"] == 2.0


# indifference


def exact_r(r, n, seed=0):
    """Two columns with correlation r."""
    x, noise = np.random.default_rng(seed).normal(size=(2, n))
    x = (x - x.mean()) / x.std()
    noise -= noise.mean() + x * (x @ noise) / n
    return x, r * x + np.sqrt(1 - r**2) * noise / noise.std()


def test_seventeen_mice_with_a_correlation_of_62():
    x, y = exact_r(0.62, 17)
    row = indifference.correlation(pd.Series([*x, np.nan]), pd.Series([*y, 3.0]))
    assert row["r"] == pytest.approx(0.62)
    assert 0.0075 < row["p"] < 0.0085
    assert row["n"] == 17
    fisher = np.arctanh(0.62) + np.array([-1, 1]) * norm.ppf(0.975) / np.sqrt(14)
    assert (row["low"], row["high"]) == pytest.approx(tuple(np.tanh(fisher)))
    ranks = [pd.Series(values).rank() for values in (x, y)]
    assert row["spearman"] == pytest.approx(np.corrcoef(*ranks)[0, 1])
    statistic = row["spearman"] * np.sqrt(15 / (1 - row["spearman"] ** 2))
    assert row["spearman_p"] == pytest.approx(2 * t.sf(abs(statistic), 15))
    assert row["note"] is None
    assert indifference.correlation(pd.Series(x), pd.Series(-y))["r"] == pytest.approx(-0.62)


def test_too_few_subjects_have_no_correlation():
    two = indifference.correlation(pd.Series([1.0, 2, np.nan]), pd.Series([1.0, 2, 3]))
    assert (two["r"], two["n"], two["note"]) == (None, 2, "2 subjects with both, fewer than 3")
    same = indifference.correlation(pd.Series([1.0, 1, 1]), pd.Series([1.0, 2, 3]))
    assert (same["r"], same["note"]) == (None, "one of both is the same for all subjects")
    three = indifference.correlation(pd.Series([1.0, 2, 4]), pd.Series([1.0, 2, 3]))
    assert three["low"] is None
    assert three["r"] == pytest.approx(np.corrcoef([1, 2, 4], [1, 2, 3])[0, 1])


def test_the_band_of_a_regression_line():
    x, y = exact_r(0.5, 9, seed=3)
    line = indifference.line(x, y)
    design = np.stack([np.ones(9), x], axis=1)
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ y
    variance = ((y - design @ beta) ** 2).sum() / 7
    at = np.stack([np.ones(len(line)), line["x"]], axis=1)
    half = t.ppf(0.975, 7) * np.sqrt(variance * np.einsum("ij,jk,ik->i", at, inverse, at))
    np.testing.assert_allclose(line["mean"], at @ beta)
    np.testing.assert_allclose(line["high"] - line["mean"], half)
    np.testing.assert_allclose(line["mean"] - line["low"], half)
    assert (line["x"].min(), line["x"].max()) == (x.min(), x.max())
    table = pd.DataFrame({"utility_deviation": [*x, np.nan], "block_length": [*y, 2.0], "reward_rate": 0.5})
    found = pd.DataFrame(indifference.lines(table))
    assert set(found["against"]) == {"block_length"}, "a rate that is always the same has no line"
    np.testing.assert_array_equal(found[["utility_deviation", "mean", "low", "high"]], line)
    assert indifference.lines(table[:2]) == []


def test_lengths_of_finished_blocks_with_a_richer_state():
    session = ["x"] * 12 + ["y"] * 6
    reward = [*(0, 0, 0, 1, 1, 0, 0, 2, 2, 2, 2, 2), *(2, 2, 0, 0, -1, 0)]
    crossed = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1] + [1] * 6
    table = pd.DataFrame({"session": session, "task_reward_state": reward, "task_transition_state": crossed})
    table = table.assign(block=[0] * 6 + [1] * 12, mask=1, reward=[1.0, 0.0] * 9)
    # in x: 3 with state 0, neutral, 1, 1, and 5 that its end cuts; in y: 2, 2, unknown, and 1 that the end cuts
    assert indifference.block_lengths(table).tolist() == [3, 1, 1, 2, 2]
    found = indifference.of_trials(table)
    assert found == {"block_length": 9 / 5, "n_blocks": 5, "reward_rate": 0.5, "n_trials": 18}


def test_lengths_of_blocks_of_a_simulated_schedule():
    p = [0.8] * 4 + [0.4] * 2 + [0.2] * 3 + [0.2] * 2 + [0.8]
    table = pd.DataFrame({"session": "one", "block": [0] * 9 + [1] * 3, "task_p_s0": p})
    table["task_p_s1"] = [0.2] * 4 + [0.4] * 2 + [0.8] * 3 + [0.8] * 2 + [0.2]
    table = table.assign(mask=[0] + [1] * 11, reward=[np.nan] + [1.0] * 11)
    assert indifference.block_lengths(table).tolist() == [4, 2]  # the block of trials ends the one with 3
    reversed_ = table.assign(task_transition_reversed=[0, 0, 1] + [0] * 9)
    assert indifference.block_lengths(reversed_).tolist() == [2, 1, 1, 2]
    assert indifference.of_trials(table)["n_trials"] == 11
    none = indifference.of_trials(table.drop(columns=["task_p_s0"]))
    assert (none["block_length"], none["n_blocks"], none["reward_rate"]) == (None, 0, 1.0)


# steps and figures

CV = CrossValidation(outer=4, inner=2).folds()


def wandering(rng):
    """Six blocks of lines in which the preferred action is chosen; they begin on either side of 0."""
    blocks, ends = [], []
    for side in (1, -1) * 3:
        logit, block = side * rng.uniform(0.4, 1.5), []
        for _ in range(30):
            code = 2 * (logit < 0.3) + int(rng.integers(0, 2))
            block.append((logit, code, 1))
            logit += SLOPE[code] * logit + SHIFT[code]
        blocks.append(block)
        ends.append(logit)
    found = along(blocks)
    found.logits[found.row_start[1:] - 1, 0] += ends
    return found


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Two subjects in one chunk, and four outer folds: one without a fit of the first, one that ignores the state."""
    folder = tmp_path_factory.mktemp("signatures")
    rng = np.random.default_rng(0)
    shift = (SHIFT + SLOPE * 0.5) / 2  # see `linear`
    stack = {"V": np.tile(SLOPE[None, :, None, None], (2, 1, 1, 1)), "b": np.tile(shift[None, :, None], (2, 1, 1))}
    stack |= {"W_out": np.array([[[2.0], [0.0]], [[0.0], [0.0]]]), "b_out": np.array([[0.5, 0.0]] * 2)}
    save_file(stack, folder / "fits.safetensors")
    own = [wandering(rng), wandering(rng)]
    flat = replace(own[0], logits=np.tile([3.5, 3.0], (len(own[0].logits), 1)))
    selected, scored = [], []
    for outer, rows in enumerate(((None, 0), (1, 0), (0, 0), (0, 0))):
        selected.append(folder / f"selected{outer}.json")
        scored.append(folder / f"scores{outer}.npz")
        keys = [{"dataset": "d", "subject": name, "model": "m", "dim": 1, "outer": outer} for name in ("s 1", "s2")]
        choices = [{**key, "row": row, "parameters": "fits.safetensors"} for key, row in zip(keys, rows, strict=True)]
        write_json(selected[-1], choices)
        scores.write(
            scored[-1], [None if row is None else (flat if row else its) for row, its in zip(rows, own, strict=True)]
        )
    out = folder / "dynamics/d/c/m/d1"
    options = {"task": "reversal", "n_actions": 2, "spec": SLIN, "dim": 1, "bootstrap": 200}
    signatures(selected, scored, out, root=folder, **options)
    write_json(
        folder / "data/d/meta.json",
        {
            "subjects": ["s 1", "s2"],
            "counts_analysed": {name: {"blocks": 6, "shortest_block": 30} for name in ("s 1", "s2")},
        },
    )
    return folder, own


def part(run, name):
    return pd.read_parquet(run[0] / f"dynamics/d/c/m/d1/{name}.parquet")


def test_curves_of_every_fit_that_depends_on_its_state(run):
    table = part(run, "curves")
    assert table.groupby("subject")["outer"].unique().map(list).to_dict() == {"s 1": [2, 3], "s2": [0, 1, 2, 3]}
    own = table[(table["subject"] == "s 1") & (table["outer"] == 2)]
    assert own[["first", "mirror", "other"]].drop_duplicates().to_numpy().tolist() == [
        ["A1R0", "A2R0", "A2R0"],
        ["A1R1", "A2R1", "A2R1"],
    ]
    trials_of = run[1][0]
    logit = trials_of.before(trials_of.logits[:, 0] - trials_of.logits[:, 1])
    condition = trials_of.condition
    for r, rows in own.groupby(own["first"].str[-1].astype(int)):
        np.testing.assert_allclose(rows["bias"], bias(r, rows["logit"]), atol=1e-12)
        np.testing.assert_allclose(rows["rate"], -(SLOPE[r] + SLOPE[2 + r]) / 2, atol=1e-12)
        first, mirror = logit[condition == r], logit[condition == 2 + r]
        for column, reached in (
            ("in_range", np.concatenate([first, -mirror])),
            ("gap_in_range", np.concatenate([first, mirror])),
        ):
            inside = (rows["logit"] > reached.min() - 0.05) & (rows["logit"] < reached.max() + 0.05)
            assert rows[column].tolist() == inside.tolist(), column
            assert not rows[column].all()
            assert rows[column].any()


def test_frequencies_are_of_the_first_fold_with_the_models_probability(run):
    table = part(run, "choice_frequency")
    assert table.groupby("subject")["outer"].unique().map(list).to_dict() == {"s 1": [2], "s2": [0]}
    own = table[(table["subject"] == "s2") & (table["condition"] == "A2R1")]
    assert len(own) == 300
    x = own["logit"].to_numpy()
    np.testing.assert_allclose(own["model_share"], 1 / (1 + np.exp(-(x + SLOPE[3] * x + SHIFT[3]))), atol=1e-9)
    counted = frequencies.frequencies(run[1][1], TASK)
    assert own["n_first"].tolist() == (counted.counts[3, :, 0] - 1).tolist()
    assert own["n_second"].tolist() == (counted.counts[3, :, 1] - 1).tolist()
    low, high = counted.band()
    np.testing.assert_array_equal(own[["low", "high", "share"]], np.stack([low[3], high[3], counted.share[3]], axis=1))
    odds = part(run, "choice_odds")
    assert len(odds[odds["subject"] == "s2"]) == len(frequencies.stretches(counted, LABELS))


def test_signatures_of_each_subject_by_its_own_folds(run):
    table = part(run, "signatures").set_index(["subject", "measure"])
    assert table.index.get_level_values("measure").tolist() == measures.names(TASK) * 2
    assert table.loc[("s 1", "rate_centre"), "value"] == pytest.approx(0.25)
    assert table.loc[("s 1", "rate_centre"), "n_outer"] == 2
    flat = "the logit does not depend on the state in 1 of 3 outer folds"
    assert table.loc[("s 1", "rate_centre"), "note"].startswith(flat)
    assert table.loc[("s2", "rate_range"), "n_outer"] == 4
    assert pd.isna(table.loc[("s2", "rate_range"), "note"])
    none = table.loc[("s2", "rate_centre")]  # no rewarded trial came near 0
    assert (none["n_outer"], none["note"]) == (0, "no trials, or all of one logit, where it is measured")
    assert np.isnan(none["value"])
    assert table.loc[("s2", "slope_rewarded"), "value"] == pytest.approx((SLOPE[1] + SLOPE[3]) / 2)
    setpoint = -SHIFT / SLOPE  # 3, 5, -.5 and -1.667
    u = setpoint / 5
    assert table.loc[("s2", "one_reward_utility"), "value"] == pytest.approx((u[1] - u[3]) / 2)
    assert table.loc[("s2", "action_asymmetry"), "value"] == pytest.approx((u[0] + u[2] + u[1] + u[3]) / 2)
    logit = run[1][1].before(run[1][1].logits[:, 0] - run[1][1].logits[:, 1])
    beyond = 0
    for code in range(4):
        reached = logit[run[1][1].condition == code]
        beyond += 4 * (not reached.min() - 0.1 <= setpoint[code] <= reached.max() + 0.1)
    assert 0 < beyond < 16
    assert table.loc[("s2", "utility_deviation"), "note"].startswith(f"{beyond} of 16 setpoints lie beyond the trials")
    x, condition = logit, run[1][1].condition
    for r, word in ((0, "unrewarded"), (1, "rewarded")):
        middle = (np.floor(x / 0.1) + 0.5) * 0.1  # of the bin
        own = np.where(condition < 2, middle, -middle)[condition % 2 == r]
        assert table.loc[("s2", f"bias_{word}"), "value"] == pytest.approx(bias(r, own).mean())
        assert (
            table.loc[("s2", f"bias_{word}"), "low"] < bias(r, own).mean() < table.loc[("s2", f"bias_{word}"), "high"]
        )


def test_tables_of_a_run_have_the_subjects_in_their_order(run, tmp_path):
    shutil.copytree(run[0] / "dynamics", tmp_path / "dynamics")
    shutil.copytree(run[0] / "data", tmp_path / "data")
    name = Layout(tmp_path, {"d": 1}).directory("d", "s2")
    (tmp_path / "dynamics/d/c").rename(tmp_path / f"dynamics/d/{name}")
    grid = {"datasets": ["d"], "models": {"m": {"d": [1]}}, "cv": {"d": CV}, "chunks": {"d": 1}}
    gather(tmp_path, grid=grid)
    for table in OF_ONE:
        own = part(run, table.name)
        in_order = pd.concat([own[own["subject"] == name] for name in ("s 1", "s2")], ignore_index=True)
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / f"tables/{table.name}.parquet"), in_order)


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_the_figure_shows_folds_means_and_choices(run, monkeypatch, tmp_path):
    shown = []
    monkeypatch.setattr("tinycog.analyses.signatures.plot.save", lambda one, stem: shown.append(one))
    folder = run[0] / "dynamics/d/c/m/d1"
    plot_signatures(folder, tmp_path / "figure", subject=directory("s 1"), actions=["left", "right"])
    (sheet,) = shown
    words = texts(sheet)
    for text in (
        *("d: s 1, m, d = 1, 2 outer folds", "action bias", "towards left (nats)", "frequency of left"),
        *(
            "ΔL after left\n− ΔL after right (nats)",
            "after right, no reward",
            "choices (68% interval)",
            "one outer fold",
        ),
    ):
        assert text in words, text
    rate, offset, gap, choices = sheet.axes
    thick = [line for line in offset.lines if line.get_linewidth() == 1.4]
    assert len(thick) == 2
    for r, line in enumerate(thick):
        x, y = (np.asarray(values, float) for values in line.get_data())
        np.testing.assert_allclose(y[np.isfinite(y)], bias(r, x[np.isfinite(y)]), atol=1e-12)
        assert np.isfinite(y).any()
        assert not np.isfinite(y).all()
    assert len([line for line in rate.lines if line.get_linewidth() == 0.4 and line.get_alpha() == 0.4]) == 4
    (line,) = [line for line in gap.lines if line.get_linewidth() == 1.4]
    x, y = (np.asarray(values, float) for values in line.get_data())
    there = np.isfinite(y)
    np.testing.assert_allclose(y[there], (SLOPE[0] - SLOPE[2]) * x[there] + SHIFT[0] - SHIFT[2], atol=1e-12)
    assert len(choices.collections) == 4
    assert choices.get_ylim() == (0, 1)


def test_a_figure_of_states_of_their_own_has_a_panel_for_each():
    table = pd.concat(
        [
            pd.DataFrame({"outer": 0, "first": first, "mirror": mirror, "other": other, "logit": [-0.05, 0.05],
                          "rate": 0.5, "bias": 0.1, "gap": 0.2, "in_range": True, "gap_in_range": True})
            for first, mirror, other in (
                [TWO_STAGE.conditions[i] for i in pair[:3]] for pair in compute.pairs(TWO_STAGE)
            )
        ]
    )  # fmt: skip
    share = pd.concat(
        pd.DataFrame({"condition": c, "logit": [0.0, 1.0], "n_first": [3, 0], "n_second": 0, "low": 0.2, "high": 0.9,
                      "model_share": 0.7})
        for c in TWO_STAGE.conditions
    )  # fmt: skip
    folds = summary.in_range(table)
    sheet = figure.signatures(folds, summary.over_folds(folds), share, actions=["a", "b"], title="t")
    words = texts(sheet)
    for text in ("next choice after state 1", "next choice after state 2", "reward, state = action", "gap, state 2"):
        assert text in words, text
    assert "one outer fold" not in words
    assert "after b, no reward" in words
    assert [len(ax.collections) for ax in sheet.axes[3:5]] == [4, 4]


def test_means_over_folds_are_of_logits_that_all_reached():
    rows = [(outer, x, 1.0 + outer, x < 0.1 or outer == 0) for outer in (0, 1) for x in (0.05, 0.15)]
    table = pd.DataFrame(rows, columns=["outer", "logit", "rate", "in_range"])
    table = table.assign(first="A1R0", mirror="A2R0", other="A2R0", bias=0.0, gap=table["rate"], gap_in_range=True)
    mean = summary.over_folds(summary.in_range(table))
    assert mean["rate"].tolist()[0] == 1.5
    assert np.isnan(mean["rate"].tolist()[1])
    assert mean["gap"].tolist() == [1.5, 1.5]


def test_a_subject_whose_fits_say_nothing_has_a_note(run, tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr("tinycog.analyses.signatures.plot.save", lambda one, stem: shown.append(one))
    plot_signatures(run[0] / "dynamics/d/c/m/d1", tmp_path / "figure", subject="nobody", actions=["left", "right"])
    assert texts(shown[0]) == ["no fit whose logit depends on its state and takes both signs"]


def test_indifference_over_subjects_of_each_data_set(tmp_path, monkeypatch):
    """Four subjects whose blocks take longer the more they deviate; the last has no deviation, one model no subject."""
    subjects = ["a", "b", "c", "e"]
    lengths, deviation = [10, 20, 40, 30], [0.1, 0.2, 0.3, np.nan]
    for subject, length in zip(subjects, lengths, strict=True):
        state = np.repeat([0, 1, 2, 0], length)
        table = pd.DataFrame(
            {"session": "x", "block": 0, "mask": 1, "task_reward_state": state, "task_transition_state": 0}
        )
        table = table.assign(reward=np.arange(len(state)) % length < length / 5)
        (tmp_path / "data/d/subjects").mkdir(parents=True, exist_ok=True)
        table.to_parquet(tmp_path / f"data/d/subjects/{subject}.parquet")
    counts = {name: {"blocks": 9, "shortest_block": 9} for name in subjects}
    write_json(tmp_path / "data/d/meta.json", {"subjects": subjects, "counts_analysed": counts})
    rows = [{"dataset": "d", "subject": name, "model": "m", "dim": 1, "measure": measure, "value": value + shift}
            for name, value in zip(subjects, deviation, strict=True)
            for measure, shift in (("utility_deviation", 0), ("indifference", 9))]  # fmt: skip
    (tmp_path / "tables").mkdir()
    pd.DataFrame(rows).to_parquet(tmp_path / "tables/signatures.parquet")
    correlate(
        tmp_path, grid={"datasets": ["d"], "models": {"m": {"d": [1]}, "n": {"d": [1]}}, "cv": {"d": CV}, "chunks": {}}
    )
    of_subjects = pd.read_parquet(tmp_path / "tables/indifference_subjects.parquet")
    assert of_subjects["subject"].tolist() == subjects * 2
    assert of_subjects["block_length"].tolist() == [10, 20, 40, 30] * 2
    assert of_subjects["n_blocks"].tolist() == [2] * 8  # the neutral one and the last one are none
    assert of_subjects["reward_rate"].tolist() == pytest.approx([0.2] * 8)
    assert of_subjects["utility_deviation"].isna().tolist() == [False] * 3 + [True] * 5
    table = pd.read_parquet(tmp_path / "tables/indifference.parquet")
    assert table[["model", "against"]].to_numpy().tolist() == [[m, a] for m in "mn" for a in indifference.AGAINST]
    own = table.iloc[0]
    assert own["r"] == pytest.approx(np.corrcoef([0.1, 0.2, 0.3], [10, 20, 40])[0, 1])
    assert (own["n"], own["spearman"]) == (3, 1.0)
    assert table["note"].tolist()[1:] == [
        "one of both is the same for all subjects",
        *["0 subjects with both, fewer than 3"] * 2,
    ]
    shown = []
    monkeypatch.setattr("tinycog.analyses.signatures.plot.save", lambda one, stem: shown.append(one))
    for model in "mn":
        plot_indifference(tmp_path / "tables", tmp_path / "figure", dataset="d", model=model)
    words = texts(shown[0])
    p = table["p"].iloc[0]
    assert f"r = {own['r']:.2f}, p = {p:.2g}, n = 3" in words
    assert "one of both is the same for all subjects" in words
    assert {"block length (trials)", "reward rate", "utility deviation"} <= set(words)
    dots = shown[0].axes[0].lines[1]
    assert np.array(dots.get_data()).T.tolist() == [[0.1, 10], [0.2, 20], [0.3, 40]]
    assert texts(shown[1]) == ["no correlation: 0 subjects with both, fewer than 3"]


def config(**datasets):
    lstm = {"family": "rnn", "cell": "lstm", "dims": [1]}
    models = {"gru": {"family": "rnn", "dims": [1, 2]}, "MFs": {"family": "cognitive"}, "lstm": lstm}
    raw = {"run": "r", "datasets": datasets, "models": models, "analyses": {"signatures": {}}}
    return checked(raw, "config", Config)


def test_models_of_one_variable_are_analysed():
    simulated = {"source": "simulate", "n_blocks": 20, "n_trials": 9, "n_subjects": 2, "agent": {"model": "MFs"}}
    both = config(
        mice=simulated | {"task": "transition_reversal", "environment": {"kind": "akam_two_step"}},
        rats=simulated | {"task": "two_stage", "environment": {"kind": "blocks"}},
    )
    assert outputs.dims(both) == {"gru": {"mice": [1], "rats": [1]}, "MFs": {"mice": [1], "rats": [1]}}
    assert outputs.correlated(both) == {"gru": {"mice": [1]}, "MFs": {"mice": [1]}}
    names = ["curves", "choice_frequency", "choice_odds", "signatures"]
    assert outputs.tables(both) == [*names, "indifference", "indifference_subjects", "indifference_lines"]
    kinds = [("gru", 1), ("gru", 2), ("MFs", 1)]
    fits = [(name, "s0", *kind, outer) for name in ("mice", "rats") for kind in kinds for outer in (0, 1)]
    assert outputs.figures(both, fits) == [
        *(f"signatures__{name}__s0__{model}" for name in ("mice", "rats") for model in ("gru", "MFs")),
        *("indifference__mice__gru", "indifference__mice__MFs"),
    ]
    layout = Layout(Path("r"))
    assert outputs.trials(both, layout, fits) == ["r/data/mice/subjects/s0.parquet"]
    assert len(outputs.parts(both, layout, fits)) == 2 * 2 * 4
    grid = outputs.correlated_grid(both)
    assert (grid["datasets"], list(grid["cv"]), grid["chunks"]) == (["mice"], ["mice"], {})
    assert grid["models"] == {"gru": {"mice": [1]}, "MFs": {"mice": [1]}}
    rats = config(rats=simulated | {"task": "two_stage", "environment": {"kind": "blocks"}})
    assert outputs.tables(rats) == names
    without = checked({**rats.model_dump(), "analyses": {}}, "config", Config)
    assert outputs.tables(without) == []
