"""Dynamical regression against closed forms, against least squares done by hand, and its tables and figures."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file
from scipy.stats import ortho_group

from tinycog.analyses.dynamical_regression import compute, outputs, summary
from tinycog.analyses.dynamical_regression import figure as figures
from tinycog.analyses.dynamical_regression import quantity as quantities
from tinycog.analyses.dynamical_regression.gather import gather
from tinycog.analyses.dynamical_regression.plot import plot_group, plot_group_matrices, plot_matrices, plot_subject
from tinycog.analyses.dynamical_regression.step import graded_rewards, regress
from tinycog.analyses.dynamical_regression.tables import DYNAMICAL_REGRESSION, MATRICES, ROLES, TABLES
from tinycog.config import Config
from tinycog.generators import generator
from tinycog.models import registry
from tinycog.results import resampling, scores
from tinycog.sections.fits import CrossValidation
from tinycog.sections.messages import checked
from tinycog.storage import write_columns, write_json
from tinycog.tasks import task_of
from tinycog.trials import sequences

EXACT = {"rtol": 0, "atol": 1e-8}


def choices(task, n_blocks=6, n_trials=80, *, seed=0, graded=False, masked=0.0):
    """Columns of a trial table of random choices."""
    rng, n = np.random.default_rng(seed), n_blocks * n_trials
    block, trial = np.repeat(np.arange(n_blocks), n_trials), np.tile(np.arange(n_trials), n_blocks)
    columns = {"block": block, "trial": trial, "action": rng.integers(0, task.n_actions, n)}
    columns["state"] = columns["action"] if task.one_stage else rng.integers(0, 2, n)
    columns["reward"] = rng.random(n) if graded else rng.integers(0, 2, n).astype(float)
    columns["mask"] = (rng.random(n) >= masked).astype(int)
    if task.stages == 2:
        columns |= {"action2": rng.integers(0, 2, n), "mask2": (rng.random(n) >= masked).astype(int)}
    return columns


def along(task, name, parameters, columns):
    """Scores of a cognitive model along the trials."""
    model = registry.cognitive(task, name)
    params = {key: np.array([float(value)]) for key, value in parameters.items()}
    data = sequences.from_columns(columns, task)
    roles = {role: np.full((1, data.n_blocks), float(role == "train")) for role in ("train", "val", "test")}
    return model, scores.score(task, model, params, data, roles)


def regressions(task, name, parameters, *, quantity=None, resamples=1, graded=False, **options):
    """By condition's label: the regression of a model along random choices, and what is regressed."""
    columns = choices(task, graded=graded, **options)
    model, found = along(task, name, parameters, columns)
    assert quantities.of(task, model) == quantity
    data = compute.trials(found, quantity, task.stages, columns["reward"] if graded else None)
    weights = resampling.resamples(6, resamples, np.random.default_rng(0))
    labels = quantities.conditions(task, graded)
    return {label: compute.regress(data, code, weights, quantity) for code, label in enumerate(labels)}, data


# generating matrices


THREE = task_of("three_armed_reversal")
FOUR = task_of("four_armed_bandit")
ABS = {"alpha_c": 0.3, "rho_c": 0.4, "eta_c": 0.6, "alpha_u": 0.1, "rho_u": 0.2, "eta_u": -0.3, "beta": 4.0}
OF_ARMS = {  # name: parameters; by reward, own slope and constant of the arm that is chosen, and of the others
    "MF": ({"alpha": 0.3, "beta": 4.0}, lambda r: (-0.3, 4 * 0.3 * r, 0.0, 0.0)),
    "MFD": ({"alpha": 0.3, "D": 0.8, "beta": 4.0}, lambda r: (-0.3, 4 * 0.3 * r, -0.2, 0.0)),
    "MFLabs": (ABS, lambda r: (-0.3, 4 * 0.6 * (r - 0.4), -0.1, 4 * -0.3 * (r - 0.2))),
    "MFL_tied": (
        {"alpha_c": 0.3, "rho_c": 0.4, "alpha_u": 0.1, "rho_u": 0.2, "beta": 4.0},
        lambda r: (-0.3, 4 * 0.3 * (r - 0.4), -0.1, 4 * -0.1 * (r - 0.2)),
    ),
    "MFLb": (
        {"D_c": 0.7, "u_c0": -0.1, "u_c1": 0.5, "D_u": 0.9, "u_u0": 0.2, "u_u1": -0.3, "beta": 4.0},
        lambda r: (-0.3, 4 * (0.5 if r else -0.1), -0.1, 4 * (-0.3 if r else 0.2)),
    ),
}


@pytest.mark.parametrize("name", OF_ARMS)
def test_agents_with_a_value_for_each_arm_have_their_generating_matrices(name):
    parameters, law = OF_ARMS[name]
    found, _ = regressions(THREE, name, parameters, quantity="logits")
    assert list(found) == ["A1R0", "A1R1", "A2R0", "A2R1", "A3R0", "A3R1"]
    for label, one in found.items():
        arm, r = int(label[1]) - 1, int(label[3])
        own, constant, own_other, constant_other = law(r)
        matrix = np.diag([own if i == arm else own_other for i in range(3)])
        intercept = [constant if i == arm else constant_other for i in range(3)]
        for coefficients in (one.full, one.kept):
            np.testing.assert_allclose(coefficients.slopes[0], matrix, **EXACT)
            np.testing.assert_allclose(coefficients.intercept[0], intercept, **EXACT)
        assert one.keeps_reduced.all()
        still = np.array([own == 0 and constant == 0 for own, constant in zip(np.diag(matrix), intercept, strict=True)])
        np.testing.assert_array_equal(np.isnan(one.r2), still)
        np.testing.assert_allclose(one.r2[~still], 1)
        assert one.reason is None


def test_graded_rewards_are_a_predictor():
    found, data = regressions(FOUR, "MFLabs", ABS, quantity="logits", graded=True)
    assert list(found) == ["A1", "A2", "A3", "A4"]
    for label, one in found.items():
        chosen = np.arange(4) == int(label[1]) - 1
        matrix, gain = np.diag(np.where(chosen, -0.3, -0.1)), np.where(chosen, 4 * 0.6, 4 * -0.3)
        np.testing.assert_allclose(one.full.slopes[0], np.column_stack([matrix, gain]), **EXACT)
        np.testing.assert_allclose(one.kept.slopes[0], np.column_stack([matrix, gain]), **EXACT)
        expected = np.where(chosen, 4 * 0.6 * -0.4, 4 * -0.3 * -0.2)
        np.testing.assert_allclose(one.full.intercept[0], expected, **EXACT)
        step = compute.step_of(one)
        np.testing.assert_allclose(step.matrix[0], np.eye(4) + matrix, **EXACT)
        np.testing.assert_allclose(step.reward[0], gain, **EXACT)
        here = data.condition == int(label[1]) - 1
        assert one.n == here.sum()
        assert one.centre[-1] == pytest.approx(data.reward[here].mean())


TWO_STAGE = task_of("two_stage")
LOGIT_MAPS = [  # task, model, slope, constant by chi_a, chi_s and r (analysis of anti-symmetric learners)
    (task_of("reversal"), "MB0s", 1.0, lambda a, s, r: a * r),
    (task_of("reversal"), "MB0se", 1.0, lambda a, s, r: a * (2 * r - 1)),
    (TWO_STAGE, "MFs", 1.0, lambda a, s, r: a * r),
    (TWO_STAGE, "MB0s", 0.6, lambda a, s, r: s * r),  # 2 p - 1 with p = .8
]


@pytest.mark.parametrize(("task", "name", "scale", "law"), LOGIT_MAPS)
def test_opposite_values_have_a_slope_of_minus_alpha_and_setpoints_of_two_beta(task, name, scale, law):
    alpha, beta = 0.35, 3.0
    found, data = regressions(task, name, {"alpha": alpha, "beta": beta}, quantity="logit")
    for label, one in found.items():
        action, state, reward = int(label[1]), int(label[3] if "S" in label else label[1]), int(label[-1])
        towards = law(3 - 2 * action, 3 - 2 * state, reward)
        np.testing.assert_allclose(one.kept.slopes[0], [[-alpha]], **EXACT)
        np.testing.assert_allclose(one.kept.intercept[0], [2 * alpha * beta * scale * towards], **EXACT)
        assert not one.keeps_reduced.any()  # there is nothing to drop
        step, span = compute.step_of(one), compute.basis("logit", 1)
        assert compute.spectral_radius(step.matrix[0], span) == pytest.approx(1 - alpha)
        point = compute.fixed_point(step.matrix[0], step.constant[0], span)
        np.testing.assert_allclose(point, [2 * beta * scale * towards], atol=1e-7)
    assert sum(one.n for one in found.values()) == len(data.x) == 480


def test_values_of_states_mix_in_the_logits_of_actions():
    """z = beta M V with M = ((p, 1 - p), (1 - p, p)), and V_s moves to r: B = M diag(-alpha e_s) M^-1."""
    found, _ = regressions(TWO_STAGE, "MB0", {"alpha": 0.4, "beta": 5.0}, quantity="logits")
    mixing = np.array([[0.8, 0.2], [0.2, 0.8]])
    for label, one in found.items():
        reached = np.eye(2)[int(label[3]) - 1]
        expected = mixing @ np.diag(-0.4 * reached) @ np.linalg.inv(mixing)
        np.testing.assert_allclose(one.full.slopes[0], expected, **EXACT)
        np.testing.assert_allclose(one.full.intercept[0], 5 * mixing @ (0.4 * int(label[-1]) * reached), **EXACT)
        np.testing.assert_allclose(one.kept.slopes[0], expected, **EXACT)
        assert not one.keeps_reduced.any()
        assert (one.r2_full - one.r2_reduced > 0.02).all()


ORIGINAL = task_of("original_two_stage")
MFS = {"alpha_1": 0.3, "alpha_2": 0.45, "beta_1": 3.0, "beta_2": 2.0, "lambda": 0.6}


def test_sixteen_conditions_of_the_original_two_stage_task():
    """L = 2 beta_1 Q and L_Sj = 2 beta_2 W_j: Q moves to chi_a ((1 - lambda) chi_b W_s + lambda r), W_s to chi_b r."""
    found, data = regressions(ORIGINAL, "MFs", MFS, quantity="logits of choice states", n_trials=300)
    assert len(found) == 16
    for label, one in found.items():
        a, s, b, r = (int(label[i]) for i in (1, 3, 5, 7))
        chi_a, chi_b = 3 - 2 * a, 3 - 2 * b
        expected, constant = np.zeros((3, 3)), np.zeros(3)
        expected[0, 0], expected[s, s] = -0.3, -0.45
        expected[0, s] = chi_a * chi_b * 0.3 * 0.4 * 3.0 / 2.0
        constant[0], constant[s] = 2 * 3 * 0.3 * chi_a * 0.6 * r, 2 * 2 * 0.45 * chi_b * r
        np.testing.assert_allclose(one.full.slopes[0], expected, **EXACT)
        np.testing.assert_allclose(one.full.intercept[0], constant, **EXACT)
        other = 3 - s
        assert np.isnan(one.r2[other])
        assert not one.kept.slopes[0, other].any()
        assert not one.keeps_reduced[0], "without its own logit the first one is explained worse"
        assert one.keeps_reduced[[s, other]].all()
        np.testing.assert_allclose(one.kept.slopes[0, s], expected[s], **EXACT)
        assert np.isnan(one.kept.slopes[1, s, 0]), "no interval for what is dropped"
    assert sum(one.n for one in found.values()) == len(data.x) == 1800
    steps = {label: compute.step_of(one) for label, one in found.items()}
    for where, labels in (("same", ("A1S1", "A2S2")), ("other", ("A1S2", "A2S1"))):
        for r in (0, 1):
            codes = [c for c, label in enumerate(found) if label[:4] in labels and label.endswith(f"R{r}")]
            roles = [quantities.roles("logits of choice states", ORIGINAL, code, False) for code in codes]
            assert {role.outcome for role in roles} == {f"{where} R{r}"}
            averages = compute.role_averages([list(steps.values())[code] for code in codes], roles)
            expected = dict.fromkeys(averages, 0.0)
            expected |= {("first", "itself"): 0.7, ("reached", "itself"): 0.55, ("other", "itself"): 1.0}
            expected |= {("first", "reached"): 0.3 * 0.4 * 1.5, ("first", "constant"): 6 * 0.3 * 0.6 * r}
            expected |= {("reached", "constant"): 4 * 0.45 * r}
            assert len(expected) == 12
            for pair, value in averages.items():
                assert value[0] == pytest.approx(expected[pair], abs=1e-8), pair


def test_a_bayesian_learner_is_no_line():
    found, _ = regressions(task_of("reversal"), "LS0", {"h": 0.1, "beta": 5.0}, quantity="logit")
    assert all(0.3 < one.r2[0] < 0.999 for one in found.values())
    for one, same in (("A1R1", "A2R0"), ("A1R0", "A2R1")):  # the same map, along other trials
        assert found[one].full.slopes[0, 0, 0] == pytest.approx(found[same].full.slopes[0, 0, 0], abs=0.1)


# which quantity


@pytest.mark.parametrize(
    ("task", "spec", "dim", "expected"),
    [
        ("reversal", {"readout": "full"}, 1, "logit"),
        ("reversal", {"readout": "full"}, 3, "logit"),
        ("reversal", {"readout": "diagonal"}, 2, "logits"),
        ("three_armed_reversal", {"readout": "full"}, 3, "centred logits"),
        ("three_armed_reversal", {"readout": "full"}, 1, "centred logits"),
        ("three_armed_reversal", {"readout": "diagonal"}, 3, "logits"),
        ("original_two_stage", {"readout": "block"}, 3, "logits of choice states"),
        ("original_two_stage", {"readout": "full"}, 2, "logits of choice states"),
        ("reversal", "LS0", None, "logit"),
        ("reversal", "MB0", None, "logits"),
        ("reversal", "MF0sp", None, "logit"),  # two variables, but each is a pair of opposites
        ("two_stage", "MXs", None, "logit"),
        ("two_stage", "Q1", None, "logits"),
        ("four_armed_bandit", "MFDp", None, "logits"),
        ("original_two_stage", "MBs", None, "logits of choice states"),
    ],
)
def test_what_is_regressed_follows_from_task_and_model(task, spec, dim, expected):
    task = task_of(task)
    if isinstance(spec, str):
        model = registry.build(task, {"family": "cognitive", "model": spec}, dim)
    else:
        model = registry.build(task, {"family": "rnn", "cell": "gru", **spec}, dim)
    assert quantities.of(task, model) == expected


def test_variables_are_the_logits_or_their_differences():
    logits = np.array([[1.0, 4.0, 7.0, 3.0, -2.0, 1.0]])
    choice_states = quantities.values("logits of choice states", logits)
    np.testing.assert_array_equal(choice_states, [[-3.0, 4.0, -3.0]])
    assert quantities.variables("logits of choice states", ORIGINAL) == ["L", "L_S1", "L_S2"]
    np.testing.assert_array_equal(quantities.values("logit", logits[:, :2]), [[-3.0]])
    assert quantities.variables("logit", TWO_STAGE) == ["L"]
    np.testing.assert_array_equal(quantities.values("logits", logits[:, :3]), [[1.0, 4.0, 7.0]])
    np.testing.assert_array_equal(quantities.values("centred logits", logits[:, :3]), [[-3.0, 0.0, 3.0]])
    assert quantities.variables("centred logits", THREE) == ["A1", "A2", "A3"]


def test_a_common_part_is_of_logits_of_single_actions():
    found = [quantities.is_common(name) for name in ("logits", "centred logits", "logit", "logits of choice states")]
    assert found == [True, True, False, False]


def test_labels_without_rewards():
    assert quantities.conditions(FOUR, True) == ["A1", "A2", "A3", "A4"]
    assert quantities.conditions(ORIGINAL, True)[:3] == ["A1S1B1", "A1S1B2", "A1S2B1"]
    assert quantities.conditions(FOUR, False) == FOUR.conditions


# trials


def made(logits, condition, mask, lengths, stages=1):
    """Scores of blocks with so many trials, one row of logits more than choices each."""
    lengths = np.array(lengths)
    rows = np.asarray(logits, float)
    return scores.Scores(
        logits=rows,
        states=rows,
        condition=np.array(condition),
        mask=np.array(mask),
        split=np.full(len(mask), "train"),
        row_start=np.concatenate([[0], np.cumsum(stages * lengths + 1)]),
        trial_start=np.concatenate([[0], np.cumsum(lengths)]),
    )


def test_trials_are_scored_ones_with_what_comes_before_and_after_in_their_block():
    logits = np.column_stack([[0, 1, 3, 6, 10, 15, 21], np.zeros(7)])  # blocks of 3 and of 2 trials
    data = compute.trials(made(logits, [0, 3, 2, 1, 0], [1, 0, 1, 1, 1], [3, 2]), "logit", 1, None)
    np.testing.assert_array_equal(data.x[:, 0], [0, 3, 10, 15])
    np.testing.assert_array_equal(data.change[:, 0], [1, 3, 5, 6])
    np.testing.assert_array_equal(data.condition, [0, 2, 1, 0])
    np.testing.assert_array_equal(data.block, [0, 0, 1, 1])
    reward = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    data = compute.trials(made(logits, [0, 3, 2, 1, 0], [1, 0, 1, 1, 1], [3, 2]), "logit", 1, reward)
    np.testing.assert_array_equal(data.reward, [0.1, 0.3, 0.4, 0.5])
    np.testing.assert_array_equal(data.condition, [0, 1, 0, 0])


def test_two_choices_are_one_trial_which_both_must_be_scored():
    logits = np.zeros((8, 6))
    logits[:, 0] = [0, 1, 3, 6, 10, 15, 21, 28]  # three trials and the row after the last one; then a trial fewer
    data = compute.trials(made(logits[:7], [5, 7, 9], [1, 1, 1, 0, 1, 1], [3], 2), "logits of choice states", 2, None)
    np.testing.assert_array_equal(data.x[:, 0], [0, 10])
    np.testing.assert_array_equal(data.change[:, 0], [3, 11])
    np.testing.assert_array_equal(data.condition, [5, 9])


# least squares


def noisy(n_blocks=30, n_trials=12, k=3, *, seed=0, noise=0.3, centred=False, graded=False):
    """Trials of one condition with known coefficients, and these: constant (k), B (k, k), c (k)."""
    rng = np.random.default_rng(seed)
    n = n_blocks * n_trials
    x = rng.normal(size=(n, k)) * 1.5 + rng.normal(size=k)
    x = x - x.mean(axis=1, keepdims=True) if centred else x
    reward = rng.random(n) if graded else None
    matrix, constant, gain = rng.normal(size=(k, k)) * 0.4, rng.normal(size=k), rng.normal(size=k)
    block = np.repeat(np.arange(n_blocks), n_trials)
    error = noise * (rng.normal(size=(n_blocks, k))[block] + rng.normal(size=(n, k)))  # blocks have errors of their own
    change = x @ matrix.T + constant + error + (0 if reward is None else np.outer(reward, gain))
    if centred:
        change = change - change.mean(axis=1, keepdims=True)
    return compute.Trials(x, change, reward, np.zeros(n, int), block), (constant, matrix, gain)


@pytest.mark.parametrize(
    ("quantity", "options"),
    [
        ("logits", {}),
        ("logits", {"graded": True}),
        ("logit", {"k": 1}),
        ("centred logits", {"centred": True}),
        ("centred logits", {"centred": True, "graded": True, "k": 4}),
        ("logits of choice states", {}),
    ],
)
def test_every_resample_is_least_squares_on_the_drawn_blocks(quantity, options):
    """NumPy's `lstsq` on copies of the blocks gives the solution of the smallest norm."""
    data, _ = noisy(**options)
    data = compute.Trials(data.x, data.change, data.reward, np.arange(len(data.x)) % 2, data.block)
    weights = resampling.resamples(30, 20, np.random.default_rng(1))
    assert (weights[0] == 1).all()
    assert (weights.sum(axis=1) == 30).all()
    assert weights.shape == (21, 30)
    one = compute.regress(data, 1, weights, quantity)
    k = data.x.shape[1]
    for row in (0, 1, 20):
        drawn = np.repeat(np.arange(30), weights[row].astype(int))
        rows = np.concatenate([np.flatnonzero((data.block == b) & (data.condition == 1)) for b in drawn])
        more = [] if data.reward is None else [data.reward[rows]]
        y = data.change[rows]
        design = np.column_stack([np.ones(len(rows)), data.x[rows], *more])
        beta = np.linalg.lstsq(design, y, rcond=1e-9)[0]
        np.testing.assert_allclose(one.full.intercept[row], beta[0], rtol=1e-9)
        np.testing.assert_allclose(one.full.slopes[row], beta[1:].T, rtol=1e-8, atol=1e-12)
        if row == 0:
            left = ((y - design @ beta) ** 2).sum(axis=0) / ((y - y.mean(axis=0)) ** 2).sum(axis=0)
            np.testing.assert_allclose(one.r2_full, 1 - left, atol=1e-12)
        for i in range(k):
            own = {"logits of choice states": [1, 2]}.get(quantity, [i])
            design = np.column_stack([np.ones(len(rows)), data.x[rows][:, own], *more])
            beta = np.linalg.lstsq(design, y[:, i], rcond=None)[0]
            np.testing.assert_allclose(one.reduced.intercept[row, i], beta[0], rtol=1e-9)
            kept = [*own, k] if more else own
            np.testing.assert_allclose(one.reduced.slopes[row, i, kept], beta[1:], rtol=1e-9)
            if row == 0:
                left = ((y[:, i] - design @ beta) ** 2).sum() / ((y[:, i] - y[:, i].mean()) ** 2).sum()
                assert one.r2_reduced[i] == pytest.approx(1 - left, abs=1e-12)
                others = [j for j in range(len(one.reduced.slopes[0, i])) if j not in kept]
                assert not one.reduced.slopes[0, i, others].any()
    assert one.n == 180
    assert one.n_blocks == 30


def test_rows_of_centred_logits_add_up_to_nothing():
    data, _ = noisy(centred=True)
    one = compute.regress(data, 0, np.ones((1, 30)), "centred logits")
    np.testing.assert_allclose(one.full.slopes[0].sum(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(one.full.slopes[0].sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(one.full.intercept[0].sum(), 0, atol=1e-12)


@pytest.mark.parametrize(("gain", "reduced"), [(0.0099, True), (0.010005, True), (0.01002, False), (0.2, False)])
def test_the_reduced_regression_is_kept_up_to_a_gain_of_a_hundredth_and_a_little(gain, reduced):
    """Orthogonal predictors: y = x_1 + c x_2 has a full R² of 1 and a reduced one of 1 / (1 + c²)."""
    columns = ortho_group.rvs(24, random_state=0)[:, :23]
    columns = np.linalg.qr(np.column_stack([np.ones(24), columns]))[0][:, 1:3] * np.sqrt(24)
    change = columns[:, :1] + np.sqrt(gain / (1 - gain)) * columns[:, 1:]
    data = compute.Trials(columns, np.column_stack([change, change]), None, np.zeros(24, int), np.zeros(24, int))
    one = compute.regress(data, 0, np.ones((1, 1)), "logits")
    np.testing.assert_allclose(one.r2_full, 1)
    np.testing.assert_allclose(one.r2_reduced, [1 - gain, gain], atol=1e-12)
    assert one.keeps_reduced.tolist() == [reduced, False]
    np.testing.assert_allclose(one.r2, [1 - gain if reduced else 1, 1], atol=1e-12)
    assert one.kept.slopes[0, 0, 1] == pytest.approx(0 if reduced else np.sqrt(gain / (1 - gain)))


def of_one(x, change, quantity="logits", reward=None):
    x, change = np.asarray(x, float), np.asarray(change, float)
    data = compute.Trials(x, change, reward, np.zeros(len(x), int), np.arange(len(x)))
    return compute.regress(data, 0, np.ones((3, max(len(x), 1))), quantity)


RNG = np.random.default_rng(5)
SPREAD = RNG.normal(size=(40, 3))


def test_conditions_without_coefficients_say_why():
    none = of_one(np.zeros((0, 2)), np.zeros((0, 2)))
    assert (none.reason, none.n, none.n_blocks) == ("0 trials, fewer than 4", 0, 0)
    assert of_one(SPREAD[:3, :1], SPREAD[:3, :1], "logit").reason == "3 trials, fewer than 4"
    assert of_one(SPREAD[:4, :1], SPREAD[:4, :1], "logit").reason is None
    assert of_one(SPREAD[:4], SPREAD[:4]).reason == "4 trials, fewer than 5"
    assert of_one(SPREAD[:5], SPREAD[:5]).reason is None
    flat = np.column_stack([SPREAD[:, 0], np.ones(40)])
    singular = of_one(flat, SPREAD[:, :2])
    assert singular.reason == "singular: its predictors and the constant have rank 2, not 3"
    assert (singular.n, singular.n_blocks) == (40, 40)
    assert np.isnan(singular.full.slopes).all()
    assert np.isnan(singular.kept.intercept).all()
    assert singular.full.slopes.shape == (3, 2, 2)
    assert not singular.keeps_reduced.any()
    opposite = np.column_stack([SPREAD[:, 0], -SPREAD[:, 0]])
    assert of_one(opposite, SPREAD[:, :2]).reason.endswith("rank 2, not 3")
    line = np.outer(SPREAD[:, 0], [1, 0.5, -1.5])  # a network of one unit
    assert of_one(line, SPREAD, "centred logits").reason.endswith("rank 2, not 3")
    centred = SPREAD - SPREAD.mean(axis=1, keepdims=True)
    assert of_one(centred, SPREAD, "centred logits").reason is None
    assert of_one(np.zeros((40, 1)), SPREAD[:, :1], "logit").reason.endswith("rank 1, not 2")
    assert of_one(1e-7 * SPREAD[:, :1], SPREAD[:, :1], "logit").reason.endswith("rank 1, not 2"), "too little to tell"
    assert of_one(1e-5 * SPREAD[:, :1], SPREAD[:, :1], "logit").reason is None
    close = np.column_stack([SPREAD[:, 0], SPREAD[:, 0] + 1e-3 * SPREAD[:, 1]])  # alike, but they can be told apart
    np.testing.assert_allclose(
        of_one(close, close @ [[-0.3, 0.2], [0.1, -0.4]]).full.slopes[0], [[-0.3, 0.1], [0.2, -0.4]]
    )
    same = of_one(SPREAD[:, :1], SPREAD[:, :1], "logit", np.full(40, 0.5))
    assert same.reason.endswith("rank 2, not 3"), "a reward that is always the same"


def test_what_never_changes_has_no_r2_and_is_no_poor_fit():
    change = np.column_stack([SPREAD[:, 0], np.full(40, 0.25)])
    one = of_one(SPREAD[:, :2], change)
    assert one.r2[0] == pytest.approx(1)
    assert np.isnan(one.r2[1])
    np.testing.assert_array_equal(one.full.slopes[0, 1], [0, 0])
    assert one.full.intercept[0, 1] == 0.25
    assert not compute.is_poor([one], "logits")
    assert np.isnan(of_one(SPREAD[:, :1], 0.25 + 1e-10 * SPREAD[:, 1:2], "logit").r2[0]), "rounding"
    assert of_one(SPREAD[:, :1], 1e-8 * SPREAD[:, 1:2], "logit").r2[0] < 0.5


@pytest.mark.parametrize(
    ("quantity", "r2", "poor"),
    [
        ("logit", 0.31, False),
        ("logit", 0.29, True),
        ("logits of choice states", 0.11, False),
        ("logits of choice states", 0.09, True),
    ],
)
def test_a_fit_is_poor_if_one_regression_explains_little(quantity, r2, poor):
    def with_r2(*values):
        nothing, values = compute.Coefficients(np.zeros((1, 2)), np.zeros((1, 2, 2))), np.array(values)
        return compute.Regression(9, 9, nothing, nothing, values, values, np.zeros(2), None)

    assert compute.is_poor([with_r2(0.9, 0.8), with_r2(0.9, r2)], quantity) == poor
    assert not compute.is_poor([with_r2(np.nan, np.nan)], quantity)


# intervals


def test_intervals_cover_the_truth():
    """Of 300 data sets with errors that blocks share: between 91 and 98%, where 95% are due and 1.3% is their error."""
    inside = []
    for seed in range(300):
        data, (constant, matrix, _) = noisy(n_blocks=60, n_trials=6, k=2, seed=seed)
        one = compute.regress(data, 0, resampling.resamples(60, 300, generator("coverage", seed)), "logits")
        for values, truth in ((one.full.slopes, matrix), (one.full.intercept, constant)):
            low, high = resampling.interval(values, one.n_blocks)
            inside += [((low <= truth) & (truth <= high)).ravel()]
    slopes, constants = np.mean(inside[::2]), np.mean(inside[1::2])
    assert 0.91 < slopes < 0.98
    assert 0.91 < constants < 0.98


def test_intervals_are_percentiles_of_the_resamples_alone():
    drawn = np.random.default_rng(0).permutation(np.arange(1001.0))
    values = np.concatenate([[-1e6], drawn])
    low, high = resampling.interval(values, 5)
    assert (low, high) == (pytest.approx(25), pytest.approx(975))
    for lost, there in ((50, True), (51, False)):
        some = values.copy()
        some[1 : 1 + lost] = np.nan
        assert np.isfinite(resampling.interval(some, 5)[0]) == there
    assert np.isnan(resampling.interval(values, 4)).all()
    both = np.stack([values, np.full(1002, np.nan)], axis=1)
    assert np.isfinite(resampling.interval(both, 9)[1]).tolist() == [True, False]


def test_resamples_without_the_condition_are_lost():
    """A condition in one of two blocks: the resamples that draw the other block twice have no coefficients."""
    data, _ = noisy(n_blocks=2)
    weights = np.array([[1.0, 1.0], [2.0, 0.0], [0.0, 2.0]])
    rare = compute.Trials(data.x, data.change, None, data.block, data.block)
    one = compute.regress(rare, 1, weights, "logits")
    assert one.n_blocks == 1
    assert np.isfinite(one.full.slopes).all(axis=(1, 2)).tolist() == [True, False, True]
    np.testing.assert_allclose(one.full.slopes[2], one.full.slopes[0], atol=1e-12)


# matrices and roles


def test_fixed_points_and_spectral_radii():
    turn = 0.9 * np.array([[np.cos(0.7), -np.sin(0.7)], [np.sin(0.7), np.cos(0.7)]])
    span = compute.basis("logits", 2)
    assert compute.spectral_radius(turn, span) == pytest.approx(0.9)
    point = compute.fixed_point(turn, np.array([0.3, -0.2]), span)
    np.testing.assert_allclose(turn @ point + [0.3, -0.2], point, atol=1e-14)
    assert compute.fixed_point(np.diag([0.5, 0.9995]), np.zeros(2), span) is None
    np.testing.assert_allclose(compute.fixed_point(np.diag([0.5, 0.998]), np.array([1, 0.002]), span), [2, 1])
    # centred logits that all decay by a tenth: their common part is not counted
    decay = np.eye(3) - 0.1 * (np.eye(3) - 1 / 3)
    span = compute.basis("centred logits", 3)
    assert span.shape == (3, 2)
    assert compute.spectral_radius(decay, span) == pytest.approx(0.9)
    assert compute.spectral_radius(decay, compute.basis("logits", 3)) == pytest.approx(1)
    point = compute.fixed_point(decay, np.array([0.2, -0.1, -0.1]), span)
    np.testing.assert_allclose(point, [2, -1, -1], atol=1e-12)


def test_role_averages_are_means_over_relabelled_arms():
    """By hand: three arms, the first or the third chosen; and the mean over all relabellings of a whole set."""
    matrix = np.array([[[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]])
    constant, reward = np.array([[10.0, 20, 30]]), np.array([[0.1, 0.2, 0.3]])
    step = compute.Step(matrix, constant, reward)
    first = compute.role_averages([step], [quantities.roles("logits", THREE, 0, True)])
    assert {pair: value[0] for pair, value in first.items()} == {
        ("chosen", "constant"): 10,
        ("chosen", "reward"): 0.1,
        ("chosen", "itself"): 1,
        ("chosen", "unchosen"): 2.5,
        ("unchosen", "constant"): 25,
        ("unchosen", "reward"): 0.25,
        ("unchosen", "chosen"): 5.5,
        ("unchosen", "itself"): 7,
        ("unchosen", "unchosen"): 7,
    }
    plain = compute.Step(matrix, constant, None)
    both = compute.role_averages([plain, plain], [quantities.roles("logits", THREE, code, False) for code in (1, 5)])
    assert ("chosen", "reward") not in both
    assert both["chosen", "itself"] == [5]
    assert both["chosen", "unchosen"] == [(2 + 3 + 7 + 8) / 4]
    assert both["unchosen", "chosen"] == [(4 + 7 + 3 + 6) / 4]
    assert both["unchosen", "unchosen"] == [(6 + 8 + 2 + 4) / 4]


def test_roles_of_a_logit_count_for_the_chosen_action():
    roles = [quantities.roles("logit", TWO_STAGE, code, False) for code in range(8)]
    assert [role.signs[0] for role in roles] == [1, 1, 1, 1, -1, -1, -1, -1]
    words = ["same R0", "same R1", "other R0", "other R1"]
    assert [role.outcome for role in roles] == [*words, *words[2:], *words[:2]]
    reversal = [quantities.roles("logit", task_of("reversal"), code, False).outcome for code in range(4)]
    assert reversal == ["R0", "R1", "R0", "R1"]
    assert quantities.roles("logits", FOUR, 2, True).outcome == "any"
    step = compute.Step(np.array([[[0.7]]]), np.array([[-0.4]]), None)
    assert compute.role_averages([step], [roles[4]]) == {("logit", "constant"): [0.4], ("logit", "itself"): [0.7]}
    original = quantities.roles("logits of choice states", ORIGINAL, 8 + 4 + 2 + 1, False)
    assert (original.outcome, original.names) == ("same R1", ["first", "other", "reached"])
    assert original.signs.tolist() == [-1, -1, -1]
    assert quantities.roles("logits of choice states", ORIGINAL, 4 + 2, False).signs.tolist() == [1, -1, -1]


# files


def run_of(tmp_path, task, name, parameters, subjects=("s",), *, graded=False, spoil=None):
    """A run's results of a cognitive model: trials, selected fits and scores of two outer folds; the last fold of a
    subject in `spoil` failed. The arguments of the step, and its output.
    """
    (tmp_path / "trials").mkdir()
    trials, chosen, found = [], {0: [], 1: []}, {0: [], 1: []}
    for i, subject in enumerate(subjects):
        columns = choices(task, seed=i, graded=graded, masked=0.1)
        columns["reward"] = np.where(columns["mask"] == 1, columns["reward"], 0.0)
        n = len(columns["block"])
        trials.append(tmp_path / f"trials/{subject}.parquet")
        write_columns(trials[-1], {"dataset": np.full(n, "d"), "subject": np.full(n, subject), **columns})
        for outer in (0, 1):
            model, one = along(task, name, parameters, columns)
            failed = spoil == subject and outer == 1
            keys = {"dataset": "d", "subject": subject, "model": "m", "dim": model.n_dynamical, "outer": outer}
            chosen[outer].append({**keys, "row": None if failed else 0, "parameters": "fits.safetensors"})
            found[outer].append(None if failed else one)
    save_file({key: np.array([float(value)]) for key, value in parameters.items()}, tmp_path / "fits.safetensors")
    selected, scored = [], []
    for outer in (0, 1):
        selected.append(tmp_path / f"selected{outer}.json")
        write_json(selected[-1], chosen[outer] if len(subjects) > 1 else chosen[outer][0])
        scored.append(tmp_path / f"scores{outer}.npz")
        scores.write(scored[-1], found[outer])
    output = tmp_path / f"dynamics/d/s/m/d{model.n_dynamical}"
    spec = {"family": "cognitive", "model": name}
    options = {"task": task.name, "n_actions": task.n_actions, "spec": spec, "dim": model.n_dynamical}
    regress(selected, scored, trials, output, root=tmp_path, bootstrap=100, **options)
    return {table.name: pd.read_parquet(output / f"{table.name}.parquet") for table in TABLES}, output


def test_tables_of_a_learner_have_its_laws(tmp_path):
    tables, _ = run_of(tmp_path, THREE, "MFLabs", ABS)
    table, matrices, roles = (tables[t.name] for t in (DYNAMICAL_REGRESSION, MATRICES, ROLES))
    assert len(table) == 2 * 6 * 3
    assert table[["outer", "condition", "target"]].drop_duplicates().shape[0] == 36
    assert set(table["quantity"]) == {"logits"}
    shifted = table.groupby(["outer", "condition"])["intercept_shifted"].sum()
    np.testing.assert_allclose(shifted, 0, atol=1e-12)
    row = table[(table["condition"] == "A2R1") & (table["outer"] == 1)].set_index("target")
    assert row.loc["A2", "intercept"] == pytest.approx(4 * 0.6 * 0.6)
    assert row.loc["A1", "intercept"] == pytest.approx(4 * -0.3 * 0.8)
    assert row.loc["A2", "intercept_shifted"] == pytest.approx(1.44 - (1.44 - 2 * 0.96) / 3)
    assert json.loads(row.loc["A2", "coefficients"]) == {"A1": 0, "A2": pytest.approx(-0.3), "A3": 0}
    for end in ("low", "high"):
        ends = json.loads(row.loc["A2", f"coefficients_{end}"])
        assert ends == {"A1": None, "A2": pytest.approx(-0.3), "A3": None}
        assert row.loc["A2", f"intercept_{end}"] == pytest.approx(1.44)
        assert row.loc["A2", f"intercept_shifted_{end}"] == pytest.approx(1.6)
    assert json.loads(row.loc["A2", "full"]).keys() == {"A1", "A2", "A3", "constant"}
    assert json.loads(row.loc["A2", "full"])["constant"] == pytest.approx(1.44)
    assert (table["kept"] == "reduced").all()
    assert not table["poor_fit"].any()
    assert table["note"].isna().all()
    np.testing.assert_allclose(table[["r2", "r2_full", "r2_reduced"]], 1)
    assert (table["n_blocks"] == 6).all()
    counts = table.groupby("outer").apply(lambda own: own.groupby("condition")["n"].first().sum(), include_groups=False)
    n_scored = int(choices(THREE, masked=0.1)["mask"].sum())
    assert counts.tolist() == [n_scored] * 2

    assert len(matrices) == 12
    one = matrices[matrices["condition"] == "A1R0"].iloc[0]
    np.testing.assert_allclose(json.loads(one["matrix"]), np.diag([0.7, 0.9, 0.9]), **EXACT)
    np.testing.assert_allclose(json.loads(one["constant"]), [4 * 0.6 * -0.4, 0.24, 0.24], **EXACT)
    assert one["spectral_radius"] == pytest.approx(0.9)
    np.testing.assert_allclose(json.loads(one["fixed_point"]), [-3.2, 2.4, 2.4], atol=1e-6)
    assert pd.isna(one["reward"])
    assert json.loads(one["variables"]) == ["A1", "A2", "A3"]

    role = roles[roles["outer"] == 0].set_index(["outcome", "target", "source"])
    assert len(role) == 2 * 7
    for r in (0, 1):
        for target, source, value in (
            ("chosen", "itself", 0.7),
            ("unchosen", "itself", 0.9),
            ("chosen", "unchosen", 0),
            ("unchosen", "chosen", 0),
            ("unchosen", "unchosen", 0),
            ("chosen", "constant", 2.4 * (r - 0.4)),
            ("unchosen", "constant", -1.2 * (r - 0.2)),
        ):
            found = role.loc[f"R{r}", target, source]
            assert found[["value", "value_low", "value_high"]].tolist() == pytest.approx([value] * 3, abs=1e-8)
            assert found["n_conditions"] == 3
    assert role["n"].groupby("outcome").first().sum() == n_scored


def test_graded_rewards_are_found_in_the_trial_table(tmp_path):
    tables, _ = run_of(tmp_path, FOUR, "MFLabs", ABS, ("anna", "bo"), graded=True)
    table, matrices, roles = (tables[t.name] for t in (DYNAMICAL_REGRESSION, MATRICES, ROLES))
    assert list(dict.fromkeys(table["condition"])) == ["A1", "A2", "A3", "A4"]
    rows = table[(table["condition"] == "A2") & (table["target"] == "A2")]
    expected = {"A1": 0, "A2": pytest.approx(-0.3), "A3": 0, "A4": 0, "reward": pytest.approx(2.4)}
    assert rows["subject"].tolist() == ["anna", "bo"] * 2
    assert [json.loads(coefficients) for coefficients in rows["coefficients"]] == [expected] * 4
    matrix = matrices.iloc[0]
    np.testing.assert_allclose(json.loads(matrix["reward"]), [2.4, -1.2, -1.2, -1.2], **EXACT)
    reward = choices(FOUR, graded=True, masked=0.1)
    mean = reward["reward"][(reward["action"] == 0) & (reward["mask"] == 1)].mean()
    point = [2.4 * (mean - 0.4) / 0.3, *[-1.2 * (mean - 0.2) / 0.1] * 3]
    np.testing.assert_allclose(json.loads(matrix["fixed_point"]), point, atol=1e-6)
    one = roles[(roles["target"] == "chosen") & (roles["source"] == "reward")].iloc[0]
    assert (one["outcome"], one["value"], one["n_conditions"]) == ("any", pytest.approx(2.4), 4)


def test_a_fixed_point_between_the_values_along_trials_is_in_range(tmp_path):
    """Without a reward the logit goes to 0, with it to 2 beta, which it never reaches."""
    tables, _ = run_of(tmp_path, task_of("reversal"), "MB0s", {"alpha": 0.35, "beta": 3.0})
    found = tables[MATRICES.name].groupby("condition")["in_range"].unique().map(list).to_dict()
    assert found == {"A1R0": [True], "A1R1": [False], "A2R0": [True], "A2R1": [False]}


@pytest.mark.parametrize(("values", "graded"), [((0, 1), False), ((0, 0.5), False), ((0, 0.5, 1), True)])
def test_rewards_are_graded_if_there_are_more_than_two(tmp_path, values, graded):
    columns = choices(FOUR, n_blocks=2, n_trials=8)
    columns["reward"] = np.resize(np.array(values, float), 16)
    columns["mask"][3] = 0
    columns["reward"][3] = 0.0
    write_columns(tmp_path / "t.parquet", {"dataset": np.full(16, "d"), "subject": np.full(16, "mary"), **columns})
    subject, reward = graded_rewards(tmp_path / "t.parquet", FOUR)
    assert subject == "mary"
    assert (reward is not None) == graded
    if graded:
        np.testing.assert_array_equal(reward, columns["reward"])


def test_the_reward_of_two_choices_comes_with_the_second(tmp_path):
    columns = choices(ORIGINAL, n_blocks=2, n_trials=4, graded=True)
    write_columns(tmp_path / "t.parquet", {"dataset": np.full(8, "d"), "subject": np.full(8, "mary"), **columns})
    np.testing.assert_array_equal(graded_rewards(tmp_path / "t.parquet", ORIGINAL)[1], columns["reward"])


def test_conditions_that_never_come_have_rows_and_a_reason(tmp_path, monkeypatch):
    """Nobody chooses the third arm, and the second one three times."""
    columns = choices(THREE, masked=0.0)
    columns["action"][:] = 0
    columns["action"][[5, 100, 200]] = 1
    columns["reward"][[5, 100, 200]] = 1
    monkeypatch.setitem(globals(), "choices", lambda *_, **__: {key: value.copy() for key, value in columns.items()})
    tables, _ = run_of(tmp_path, THREE, "MFD", {"alpha": 0.3, "D": 0.8, "beta": 4.0})
    table, matrices, roles = (tables[t.name] for t in (DYNAMICAL_REGRESSION, MATRICES, ROLES))
    assert len(table) == 2 * 6 * 3
    notes = table.drop_duplicates("condition").set_index("condition")["note"]
    assert notes["A3R0"] == "0 trials, fewer than 5"
    assert notes["A2R1"] == "3 trials, fewer than 5"
    assert notes["A1R0"].startswith("singular"), "the third value is always 0"
    lacking = table[table["condition"] == "A3R1"].iloc[0]
    assert lacking["n"] == 0
    assert lacking[["intercept", "coefficients", "coefficients_low", "full", "r2", "kept"]].isna().all()
    assert matrices["matrix"].isna().all()
    assert (roles["n_conditions"] == 0).all()
    assert roles["value"].isna().all()
    assert set(roles["note"]) == {"3 of 3 conditions have no coefficients"}


def test_roles_are_means_of_the_conditions_that_there_are(tmp_path, monkeypatch):
    columns = choices(THREE, masked=0.0)
    third = np.flatnonzero(columns["action"] == 2)
    columns["reward"][third[1:]] = 0  # its reward comes once
    columns["reward"][third[0]] = 1
    monkeypatch.setitem(globals(), "choices", lambda *_, **__: {key: value.copy() for key, value in columns.items()})
    tables, _ = run_of(tmp_path, THREE, "MFLabs", ABS)
    roles = tables[ROLES.name].set_index(["outer", "outcome", "target", "source"])
    one = roles.loc[0, "R1", "chosen", "itself"]
    assert (one["n_conditions"], one["value"]) == (2, pytest.approx(0.7))
    assert one["note"] == "1 of 3 conditions have no coefficients"
    assert roles.loc[0, "R0", "chosen", "itself"]["n_conditions"] == 3


def test_subjects_of_a_chunk_are_told_apart_and_a_failed_fit_is_left_out(tmp_path):
    tables, _ = run_of(tmp_path, THREE, "MFLabs", ABS, ("anna", "bo"), spoil="bo")
    table = tables[DYNAMICAL_REGRESSION.name]
    assert table.groupby("subject")["outer"].unique().map(list).to_dict() == {"anna": [0, 1], "bo": [0]}
    own = {subject: int(choices(THREE, seed=i, masked=0.1)["mask"].sum()) for i, subject in enumerate(("anna", "bo"))}
    first = table[table["outer"] == 0].drop_duplicates(["subject", "condition"])
    assert first.groupby("subject")["n"].sum().to_dict() == own

    counts = {name: {"blocks": 6, "shortest_block": 80} for name in ("anna", "bo")}
    write_json(tmp_path / "data/d/meta.json", {"subjects": ["anna", "bo"], "counts_analysed": counts})
    (tmp_path / "dynamics/d/s").rename(tmp_path / "dynamics/d/chunk__0")
    cv = CrossValidation(outer=2, inner=2).folds()
    grid = {"datasets": ["d"], "models": {"m": {"d": [3]}}, "cv": {"d": cv}, "chunks": {"d": 1}}
    gather(tmp_path, grid=grid)
    for name, part in tables.items():
        whole = pd.read_parquet(tmp_path / f"tables/{name}.parquet")
        pd.testing.assert_frame_equal(whole, part.sort_values("subject", kind="stable", ignore_index=True))


def test_intervals_draw_the_same_blocks_for_every_fit_of_a_subject(tmp_path):
    """Two outer folds with the same scores have the same intervals."""
    task = task_of("reversal")
    tables, _ = run_of(tmp_path, task, "LS0", {"h": 0.1, "beta": 5.0})
    table = tables[DYNAMICAL_REGRESSION.name].drop(columns="outer")
    half = len(table) // 2
    pd.testing.assert_frame_equal(table[:half].reset_index(drop=True), table[half:].reset_index(drop=True))
    names = ("coefficients_low", "coefficients", "coefficients_high")
    low, value, high = (table[name].map(lambda text: json.loads(text)["L"]) for name in names)
    assert (low < value).all()
    assert (value < high).all()
    assert (table["kept"] == "full").all()
    assert table["intercept_shifted"].isna().all()


# figures


TWO = ["left", "right"]


def rows_of(values, subject="s"):
    """Table `dynamical_regression` of a logit: condition: coefficient in each outer fold, None for none."""
    rows = []
    for condition, folds in values.items():
        for outer, value in enumerate(folds):
            own = {"dataset": "d", "subject": subject, "model": "m", "dim": 1, "outer": outer, "condition": condition}
            own["target"] = "L"
            for end, add in (("", 0.0), ("_low", -0.5), ("_high", 0.25)):
                there = value is not None
                own[f"coefficients{end}"] = json.dumps({"L": value + add}) if there else None
                own[f"intercept{end}"] = 10 * value + add if there else np.nan
                own[f"intercept_shifted{end}"] = np.nan
            rows.append(own)
    return pd.DataFrame(rows)


def test_means_over_folds_by_hand():
    table = rows_of({"A1R0": [-0.1, -0.3, -0.5], "A1R1": [0.2, None, 0.4], "A2R0": [None] * 3})
    found = summary.over_folds(summary.coefficients(table)).set_index(["condition", "source"])
    one = found.loc["A1R0", "L"]
    assert one[["mean", "sd", "low", "high"]].tolist() == pytest.approx([-0.3, 0.2, -0.8, -0.05])
    assert one[["n", "n_folds"]].tolist() == [3, 3]
    assert found.loc["A1R0", "constant"]["mean"] == pytest.approx(-3)
    two = found.loc["A1R1", "L"]
    assert two[["mean", "sd", "n", "n_folds"]].tolist() == pytest.approx([0.3, np.sqrt(0.02), 2, 3])
    assert found.loc["A2R0", "constant"]["n"] == 0
    single = summary.over_folds(summary.coefficients(rows_of({"A1R0": [-0.1]})))
    assert single["sd"].isna().all()


def test_the_constant_of_an_action_is_shifted_and_what_is_dropped_has_no_interval():
    shifted = {"intercept_shifted": 1.0, "intercept_shifted_low": 0.9, "intercept_shifted_high": 1.2}
    table = rows_of({"A1R0": [0.5]}).assign(**shifted)
    table["coefficients"], table["coefficients_low"] = '{"L": 0.5, "reward": 0}', '{"L": 0.4, "reward": null}'
    rows = summary.coefficients(table).set_index("source")
    assert rows.loc["constant", ["value", "low", "high"]].tolist() == [1.0, 0.9, 1.2]
    assert rows.loc["reward", ["value", "low"]].tolist() == pytest.approx([0.0, np.nan], nan_ok=True)


def of_subjects(values, source="L"):
    """What `over_folds` gives: condition: value of each subject."""
    rows = [(f"s{i}", c, "L", source, v) for c, of in values.items() for i, v in enumerate(of)]
    return pd.DataFrame(rows, columns=["subject", "condition", "target", "source", "mean"])


def test_trimming_leaves_out_who_has_an_extreme_coefficient_in_the_panel():
    """Of 0..20 the percentiles 5 and 95 are 1 and 19, so that two subjects go by each condition; another source is
    another panel.
    """
    up = np.arange(21.0)
    table = pd.concat([of_subjects({"A1R0": up, "A1R1": np.roll(up, 3)}), of_subjects({"A1R0": up}, "constant")])
    kept, counts = summary.trimmed(table, 5)
    # of A1R0 subjects 0 and 20, of A1R1 those with its 0 (subject 3) and its 20 (subject 2)
    assert set(kept[kept["source"] == "L"]["subject"]) == {f"s{i}" for i in range(21)} - {"s0", "s20", "s3", "s2"}
    assert set(kept[kept["source"] == "constant"]["subject"]) == {f"s{i}" for i in range(1, 20)}
    assert counts == {"L": (17, 21), "constant": (19, 21)}
    everybody, counts = summary.trimmed(table, None)
    assert len(everybody) == 63
    assert counts == {"L": (21, 21), "constant": (21, 21)}
    missing = table.assign(mean=table["mean"].where(table["subject"] != "s7"))
    assert summary.trimmed(missing, None)[1]["L"] == (20, 20)


def test_matrices_are_means_over_folds_and_then_over_subjects():
    rows = [("a", 0, "A1R0", "[[1.0]]"), ("a", 1, "A1R0", "[[3.0]]"), ("b", 0, "A1R0", "[[10.0]]")]
    rows += [("b", 1, "A1R0", None), ("a", 0, "A1R1", None)]
    found = summary.mean_matrices(pd.DataFrame(rows, columns=["subject", "outer", "condition", "matrix"]))
    assert found["A1R0"] == [[6.0]]
    assert found["A1R1"] is None


def texts(figure):
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def test_the_figure_of_a_subject_shows_means_spread_and_intervals():
    table = rows_of({"A1R0": [-0.1, -0.3, -0.5], "A1R1": [0.2, None, 0.4], "A2R0": [None] * 3, "A2R1": [0.1] * 3})
    rows = summary.over_folds(summary.coefficients(table))
    figure = figures.of_subject(rows, actions=TWO, title="t")
    constant, slope = figure.axes
    assert constant.get_ylabel() == "constant\n(nats)"
    assert slope.get_ylabel() == "× logit L\n(per trial)"
    assert [tick.get_text() for tick in slope.get_xticklabels()] == [""] * 4
    assert figure.legends[0].get_title().get_text() == ""
    lines = [(list(line.get_xdata()), list(line.get_ydata())) for line in slope.lines]
    assert any(x == [0, 0] and y == pytest.approx([-0.8, -0.05]) for x, y in lines)
    bars = [segment for bar in slope.containers for segment in bar.lines[2][0].get_segments()]
    assert bars[0][:, 1].tolist() == pytest.approx([-0.5, -0.1])
    assert texts(figure).count("none") == 2
    assert texts(figure).count("2/3") == 2
    assert texts(figure).count("Δ logit L") == 2
    legend = [text.get_text() for text in figure.legends[0].texts]
    assert legend[:4] == ["left, no reward", "left, reward", "right, no reward", "right, reward"]
    faces = [bar.lines[0].get_markerfacecolor() for bar in slope.containers]
    assert faces == ["white", "mediumblue", "firebrick"]


def test_ticks_name_states_and_second_actions():
    rows = summary.over_folds(summary.coefficients(rows_of({"A1S1B2R0": [0.1], "A2S2B1R1": [0.2]})))
    figure = figures.of_subject(rows, actions=TWO, title="t")
    assert [tick.get_text() for tick in figure.axes[1].get_xticklabels()] == ["S1B2", "S2B1"]
    assert figure.legends[0].get_title().get_text() == "S: state reached, B: second action"


def group(n=21):
    tables = [rows_of({"A1R0": [-0.01 * i], "A2R1": [0.02 * i]}, subject=f"s{i}") for i in range(n)]
    return summary.over_folds(summary.coefficients(pd.concat(tables)))


def shown(everybody, percentile=None):
    kept, counts = summary.trimmed(everybody, percentile)
    return figures.of_group(kept, everybody, counts, actions=TWO, title="t")


def test_the_figure_of_a_group_says_how_many_subjects_it_shows():
    everybody = group()
    figure = shown(everybody)
    assert [text for text in texts(figure) if "subjects" in text] == ["21 subjects"] * 2
    quartiles = [segment[0, 1] for segment in figure.axes[1].collections[1].get_segments()]
    assert quartiles == pytest.approx([-0.15, -0.1, -0.05])
    assert [text for text in texts(shown(everybody, 5)) if "subjects" in text] == ["19 of 21 subjects"] * 2
    few = shown(group(2))
    assert not few.axes[0].collections
    assert [0, 0.02] in [pytest.approx(list(line.get_ydata())) for line in few.axes[1].lines if len(line.get_ydata())]
    assert not shown(everybody.assign(mean=0.25)).axes[0].collections


def test_values_beyond_the_axis_are_counted():
    everybody = group(60)
    figure = shown(everybody.assign(mean=everybody["mean"].where(everybody["subject"] != "s20", 1e4)))
    assert "60 subjects, 2 beyond the axis" in texts(figure)
    assert figure.axes[0].get_ylim()[1] < 1e4


def test_the_figure_of_matrices_has_a_panel_for_each_condition():
    matrices = {label: np.diag([0.7, 0.9, 0.9]) for label in THREE.conditions} | {"A2R0": None}
    figure = figures.matrices(matrices, actions=["a", "b", "c"], title="t")
    names = [ax.get_title() for ax in figure.axes[:6]]
    assert names == [f"{arm}\n{outcome}" for outcome in ("no reward", "reward") for arm in "abc"]
    assert [len(ax.images) for ax in figure.axes[:6]] == [1, 0, 1, 1, 1, 1]
    assert texts(figure).count("0.70") == 5
    assert "none" in texts(figure)
    graded = figures.matrices(dict.fromkeys(["A1", "A2", "A3", "A4"], np.eye(4)), actions=list("abcd"), title="t")
    assert [ax.get_title() for ax in graded.axes[:4]] == list("abcd")


def test_columns_of_matrices_are_named_at_the_lowest_one_and_no_words_overlap():
    matrices = {label: np.diag([0.7, 0.9, 0.9]) for label in THREE.conditions} | {"A2R1": None}
    figure = figures.matrices(matrices, actions=["action 1", "action 2", "action 3"], title="t")
    figure.draw_without_rendering()
    panels = figure.axes[:6]
    words = [[label.get_text() for label in ax.get_xticklabels()] for ax in panels if ax.images]
    named = ["action 1", "action 2", "action 3"]
    assert words == [[""] * 3, named, [""] * 3, named, named]  # below the second of the first row there is none
    above = [label.get_window_extent() for ax in panels[:3] for label in ax.get_xticklabels() if label.get_text()]
    assert not any(box.overlaps(ax.title.get_window_extent()) for box in above for ax in panels[3:])


def test_figures_are_made_of_files_and_say_if_there_is_nothing(tmp_path):
    tables, folder = run_of(tmp_path, THREE, "MFLabs", ABS)
    actions = {"actions": ["a", "b", "c"]}
    plot_subject(folder, tmp_path / "one", subject="s", **actions)
    plot_matrices(folder, tmp_path / "two", subject="s", **actions)
    for name, table in tables.items():
        table.to_parquet(tmp_path / f"{name}.parquet")
    of = {"dataset": "d", "model": "m", "dim": 3, **actions}
    plot_group(tmp_path, tmp_path / "three", trim=5.0, **of)
    plot_group(tmp_path, tmp_path / "four", **of)
    plot_group_matrices(tmp_path, tmp_path / "five", **of)
    for name in ("one", "two", "three", "four", "five"):
        for suffix in ("png", "pdf"):
            assert (tmp_path / f"{name}.{suffix}").stat().st_size > 5_000, name
    size = (tmp_path / "one.png").stat().st_size
    plot_subject(folder, tmp_path / "nobody", subject="x", **actions)
    plot_matrices(folder, tmp_path / "nobody_2", subject="x", **actions)
    plot_group(tmp_path, tmp_path / "nobody_3", **{**of, "dim": 9})
    plot_group_matrices(tmp_path, tmp_path / "nobody_4", **{**of, "dim": 9})
    for name in ("nobody", "nobody_2", "nobody_3", "nobody_4"):
        assert (tmp_path / f"{name}.png").stat().st_size < size / 3


# what a run gets


def checked_config(models, options, **more):
    simulated = {"source": "simulate", "n_blocks": 10}
    sets = {
        "two": simulated | {"task": "bandit"},
        "arms": simulated | {"task": "bandit", "n_actions": 3, "agent": {"model": "MF"}},
    }
    content = {"run": "t", "datasets": sets, "models": models, "analyses": {"dynamical_regression": options}}
    return checked(content | more, "t", Config)


MODELS = {
    "gru": {"family": "rnn", "dims": [1, 2]},
    "BAS": {"family": "cognitive", "datasets": ["two"]},
    "MB0": {"family": "cognitive", "datasets": ["two"]},
    "MF": {"family": "cognitive", "datasets": ["arms"]},
}


def test_models_with_a_dynamical_variable_are_regressed():
    config = checked_config(MODELS, {})
    found = outputs.dims(config)
    assert found["gru"] == {"two": [1, 2], "arms": [1, 2]}
    assert list(found) == ["gru", "MB0", "MF"], "BAS has no dynamical variable"
    assert (found["MB0"]["two"], found["MF"]["arms"]) == ([2], [3])
    assert list(outputs.dims(checked_config(MODELS, {"models": ["MF"]}))) == ["MF"]
    assert outputs.dims(checked_config(MODELS, None)) == {}
    assert outputs.tables(checked_config(MODELS, None)) == []
    assert len(outputs.tables(config)) == 3


def test_models_whose_trials_are_not_the_same_for_all_are_left_out():
    embedded = {"gru": MODELS["gru"] | {"subject_embedding": 2}}
    cv = {"protocol": "cross_subject", "outer": 2, "inner": 2}
    sets = {"two": {"source": "simulate", "task": "bandit", "n_blocks": 10, "n_subjects": 6}}
    assert outputs.dims(checked_config(embedded, {}, cv=cv, datasets=sets)) == {}
    spec = {"family": "rnn", "cell": "gru", "readout": "full"}
    assert outputs.changes(task_of("reversal"), spec, 1)
    assert not outputs.changes(task_of("perceptual"), spec, 1), "what is shown before a choice moves its logits"


@pytest.mark.parametrize(("n", "each", "everybody"), [(4, True, False), (5, True, True), (11, False, True)])
def test_few_subjects_have_figures_of_their_own_and_many_of_all(n, each, everybody):
    config = checked_config({"gru": {"family": "rnn", "dims": [2]}}, {})
    fits = [(d, f"s{i}", "gru", 2, outer) for d in ("two", "arms") for i in range(n) for outer in range(3)]
    one = {f"regression__{d}__s{i}__gru__d2" for d in ("two", "arms") for i in range(n)}
    one |= {f"regression_matrices__arms__s{i}__gru__d2" for i in range(n)}
    of_all = {f"regression_group{kind}__{d}__gru__d2" for d in ("two", "arms") for kind in ("", "_trimmed")}
    of_all |= {"regression_group_matrices__arms__gru__d2"}
    found = outputs.figures(config, fits)
    assert len(found) == len(set(found))
    assert set(found) == (one if each else set()) | (of_all if everybody else set())


def test_labels_of_panels():
    def labels(targets, sources):
        rows = [("s", "A1R1", target, source, 0.1, 0.1, 0.0, 0.2, 3, 3) for target in targets for source in sources]
        columns = ["subject", "condition", "target", "source", "mean", "sd", "low", "high", "n", "n_folds"]
        figure = figures.of_subject(pd.DataFrame(rows, columns=columns), actions=TWO, title="t")
        return [ax.get_ylabel() for ax in figure.axes if ax.axison], texts(figure)[: len(targets)]

    sides, headings = labels(["A1", "A2"], ["constant", "A1", "A2", "reward"])
    assert sides == ["constant − mean\n(nats)", *(f"× logit of {a}\n(per trial)" for a in TWO), "× reward\n(nats)"]
    assert headings == ["Δ logit of left", "Δ logit of right"]
    sides, headings = labels(["L", "L_S1", "L_S2"], ["constant", "L_S2"])
    assert sides == ["constant\n(nats)", "× logit in state 2\n(per trial)"]
    assert headings == ["Δ logit L", "Δ logit in state 1", "Δ logit in state 2"]
