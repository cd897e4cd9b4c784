"""Fits of cognitive models against SciPy, transforms, and checks of what is given (equations: test_catalogue.py)."""

import math
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brute, minimize

import by_hand
from conftest import random_sequences
from tinycog.fitting import cognitive, nelder_mead, quasi_newton
from tinycog.fitting.objective import choice_nll, replicas
from tinycog.fitting.tracing import trace
from tinycog.generators import generator
from tinycog.models import registry
from tinycog.models.cognitive.declaration import REAL
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.sources import simulate
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.splits import ROLES

TASK = task_of("reversal")


def model(name, task=TASK):
    return registry.cognitive(task, name)


def test_transforms_and_their_clips():
    x = np.array([[-100.0, 100.0]])
    assert model("MB0").from_real(x)["alpha"][0] == pytest.approx(1 / (1 + math.exp(16)))
    assert model("MB0").from_real(x)["beta"][0] == math.exp(16)
    assert model("LS0").from_real(np.zeros((1, 2)))["h"][0] == 0.25


def grid_of(weights, n_seeds=1):
    """Replicas of inner folds with these training weights (inner fold, time point or 1, block)."""
    return replicas([dict.fromkeys(ROLES, weight) for weight in weights], range(n_seeds), [0.0])


TRUTH = np.array([0.5, 1.0, -0.5, 0.7, 0.3, -0.4, 0.6])


def simulated(task, name, n_blocks=12):
    """Choices of a model with parameters `TRUTH`, in blocks of 40 trials."""
    own = registry.cognitive(task_of(task), name)
    values = {key: value.item() for key, value in own.from_real(TRUTH[None, : own.n_parameters]).items()}
    shape = {"n_blocks": n_blocks, "n_trials": 40}
    section = {"source": "simulate", "task": task, "agent": {"model": name, "parameters": values}, **shape}
    options = checked(section, "t", AnyDataset).model_dump()
    table = simulate.prepare("t", options, Path(), 0).table
    return own, sequences.from_columns({key: table[key].to_numpy() for key in table}, own.task)


@pytest.mark.parametrize("by_block", [True, False])
def test_nelder_mead_is_the_reference_procedure(by_block, monkeypatch):
    """SciPy's own brute force and Nelder-Mead on a likelihood written out in scalars, some choices masked."""
    monkeypatch.setattr(cognitive, "CHUNK", 6 * 210)  # of the 400 points some at once; each part has a best one
    own, data = simulated("reversal", "MB0", n_blocks=6)
    data = replace(data, mask=np.random.default_rng(7).integers(0, 5, data.mask.shape).clip(0, 1) * 1.0)
    every = np.random.default_rng(6).integers(0, 2, (2, 1 if by_block else data.n_trials, 6)).astype(float)

    def mean_nll(x, weight):
        p = {"alpha": 1 / (1 + math.exp(-x[0])), "beta": math.exp(x[1])}
        total = 0.0
        for block in range(6):
            agent = by_hand.agent("reversal", "MB0", p)
            for trial in range(data.n_trials):
                a, r = data.action[trial, block].item(), data.reward[trial, block].item()
                if weight[trial, block]:
                    total -= by_hand.log_likelihood(by_hand.probabilities(agent.first())[a])
                agent.update(a, a, r)
        return total / weight.sum()

    params, evaluations, _ = cognitive.fit(own, data, grid_of(every), "nelder-mead", ())
    for row, weight in enumerate(every * data.mask):
        start = brute(mean_nll, [(-5, 5)] * 2, args=(weight,), Ns=20, finish=None)
        expected = minimize(mean_nll, start, args=(weight,), method="Nelder-Mead")
        assert params["alpha"][row] == pytest.approx(1 / (1 + math.exp(-expected.x[0])), rel=1e-8)
        assert params["beta"][row] == pytest.approx(math.exp(expected.x[1]), rel=1e-8)
        assert evaluations[row] == 400 + expected.nfev


def train_nll(own, data, params, weights):
    nll = choice_nll(own, params, data, weights.shape[1] == 1)
    return (nll * weights).sum((1, 2)) / (weights * data.mask).sum((1, 2))


@pytest.mark.parametrize(
    ("task", "name"),
    [
        *(("reversal", name) for name in ("LS0", "MB1", "MB0md", "MB1p", "RC")),
        *(("two_stage", "MXs"), ("transition_reversal", "MF_bs_rb_ck"), ("three_armed_reversal", "MFDp")),
        *(("four_armed_bandit", "MFL"), ("original_two_stage", "MX")),
    ],
)
@pytest.mark.parametrize("by_block", [True, False])
def test_gradients_find_no_less_than_nelder_mead(task, name, by_block):
    """Choices of the model itself; the best of the same starts."""
    own, data = simulated(task, name)
    weights = np.random.default_rng(1).integers(0, 2, (3, 1 if by_block else data.n_trials, data.n_blocks)) * 1.0
    grid = grid_of(weights, 2 if own.n_parameters > 3 else 1)
    best = {}
    for optimizer in ("gradient", "nelder-mead"):
        params, _, _ = cognitive.fit(own, data, grid, optimizer, (task, name))
        nll = train_nll(own, data, params, grid.weights["train"])
        best[optimizer] = np.array([nll[grid.inner == inner].min() for inner in range(3)])
    assert (best["gradient"] <= best["nelder-mead"] + 1e-6).all()
    truth = own.from_real(TRUTH[None, : own.n_parameters])
    assert (best["gradient"] < train_nll(own, data, truth, weights)).all()  # as the truth is not the best fit


def test_a_fit_does_not_depend_on_the_others_and_its_draws_only_on_the_jobs_key_and_the_seed():
    own, data = simulated("reversal", "MB1p")
    weights = np.random.default_rng(2).integers(0, 2, (5, 1, 12)) * 1.0
    whole, evaluations, _ = cognitive.fit(own, data, grid_of(weights, 3), "gradient", ("d", "s", 0))
    alone, own_evaluations, _ = cognitive.fit(own, data, grid_of(weights[3:4], 3), "gradient", ("d", "s", 0))
    other, _, _ = cognitive.fit(own, data, grid_of(weights[3:4], 3), "gradient", ("d", "s", 1))
    for key in whole:
        np.testing.assert_array_equal(whole[key][9:12], alone[key])
    np.testing.assert_array_equal(evaluations[9:12], own_evaluations)
    assert (whole["alpha"][9:12] != other["alpha"]).all()  # they end where others do, but not by the same way
    start = cognitive._pool(own, generator("start", "d", "s", 0, 0))
    assert not np.isin(start, cognitive._pool(own, generator("start", "d", "s", 0, 1))).any()


def test_nelder_mead_starts_at_a_draw_of_each_replicas_own():
    own, data = simulated("reversal", "MB1p")
    grid = grid_of(np.ones((2, 1, 12)), 2)
    starts = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nelder_mead, "minimise", lambda _, __, ___, x: (starts.append(x) or x, *np.zeros((2, len(x)))))
        cognitive.fit(own, data, grid, "nelder-mead", ("d",))
        cognitive.fit(own, data, grid[1:], "nelder-mead", ("d",))
    assert len(np.unique(starts[0])) == starts[0].size
    np.testing.assert_array_equal(starts[0][1:], starts[1])
    draws = [generator("start", key).normal(0, cognitive.START_SD, 5) for key in range(2000)]
    assert np.std(draws) == pytest.approx(3, rel=0.02)


def test_the_best_of_each_part_of_the_pool_goes_a_little_way_and_the_best_of_these_goes_on(monkeypatch):
    """A search that stays where it starts shows from where it was sent; NLLs by the model without compiled code."""
    own, data = simulated("reversal", "MB1p")
    assert own.n_parameters == 5
    weights = np.random.default_rng(3).integers(0, 2, (2, 1, 12)) * 1.0
    grid, searches = grid_of(weights, 2), []

    def stays(function, start, *, tolerance, max_evaluations):
        rows = np.arange(len(start))
        searches.append((start, max_evaluations))
        return quasi_newton.Minima(start, function(start, rows)[0], rows + 1, rows % 2 == 0)

    monkeypatch.setattr(quasi_newton, "minimise", stays)
    params, evaluations, converged = cognitive.fit(own, data, grid, "gradient", ("d",))
    (routes, first), (starts, last) = searches
    assert (first, last) == (40, 50 * 5)
    for row in range(4):
        pool = cognitive._pool(own, generator("start", "d", grid.seed[row]))
        nll = train_nll(own, data, own.from_real(pool), weights[grid.inner[row]][None])
        best_of_parts = [40 * part + nll[40 * part :][:40].argmin() for part in range(10)]
        np.testing.assert_array_equal(routes[10 * row :][:10], pool[best_of_parts])
        np.testing.assert_array_equal(starts[row], pool[nll.argmin()])
        assert evaluations[row] == 400 + sum(range(10 * row + 1, 10 * row + 11)) + row + 1
    assert converged.tolist() == [True, False, True, False]
    for name, values in own.from_real(starts).items():
        np.testing.assert_array_equal(params[name], values)


def test_points_of_the_pool_have_the_spread_of_starts_and_real_parameters_any_smaller_one():
    """A scale that is uniform in logarithm from s to 1 has the mean square (1 - s^2) / (2 ln(1 / s)), s = 1/1000."""
    own = model("MB1p")
    assert [cls is REAL for cls in own.classes.values()] == [False, False, False, True, False]
    pool = np.concatenate([cognitive._pool(own, np.random.default_rng(seed)) for seed in range(100)])
    square = (pool**2).mean(0) / 9
    error = (pool**2).std(0) / 9 / np.sqrt(len(pool))
    expected = np.array([1, 1, 1, (1 - 1e-6) / (2 * math.log(1000)), 1])
    assert (abs(square - expected) < 4 * error).all()
    scales = np.logspace(-3, 0, 10_001)
    for size in (3e-4, 3e-3, 3e-2):
        share = np.mean([math.erf(size / 3 / scale / math.sqrt(2)) for scale in scales])
        assert abs((np.abs(pool[:, 3]) < size).mean() - share) < 4 * math.sqrt(share / len(pool))


@pytest.mark.parametrize("optimizer", ["gradient", "nelder-mead"])
def test_a_fit_says_whether_its_evaluations_sufficed(optimizer, monkeypatch):
    own, data = simulated("reversal", "MB0")
    everything = np.ones((1, 1, 12))
    _, _, converged = cognitive.fit(own, data, grid_of(everything), optimizer, ())
    assert converged.tolist() == [True]
    monkeypatch.setattr(cognitive, "MAX_EVALUATIONS", 1)  # for each of two parameters
    monkeypatch.setattr("scipy.optimize.minimize", partial(minimize, options={"maxfev": 5}))
    _, evaluations, converged = cognitive.fit(own, data, grid_of(everything), optimizer, ())
    assert converged.tolist() == [False]
    assert evaluations.tolist() == [400 + (2 if optimizer == "gradient" else 5)]


def test_numbers_of_starts_are_the_references():
    assert [cognitive.n_seeds(model(name), None) for name in ("BAS", "MB1", "MB0md")] == [1, 1, 3]
    assert cognitive.n_seeds(model("MF_bs_rb_ck", task_of("transition_reversal")), None) == 16
    assert cognitive.n_seeds(model("MB0md"), 5) == 5
    assert cognitive.n_seeds(model("MB1"), 5) == 1


@pytest.mark.parametrize("by_block", [True, False])
def test_the_baseline_is_the_share_of_action_1(by_block):
    data = random_sequences(n_blocks=6, n_trials=12, masked=0.2, seed=8)
    weights = np.random.default_rng(9).integers(0, 2, (4, 1 if by_block else 12, 6)) * 1.0
    weights[3] = 0  # nothing to train on
    with np.errstate(invalid="ignore"):
        params, evaluations, _ = cognitive.fit(model("BAS"), data, grid_of(weights), "gradient", ())
    for row in range(3):
        assert params["p"][row] == pytest.approx(data.action[weights[row] * data.mask == 1].mean(), abs=1e-15)
    assert np.isnan(params["p"][3])
    assert evaluations.tolist() == [1, 1, 1, 1]
    of_teacher = replace(data, target=np.stack([1 - data.reward / 3, data.reward / 3], -1))
    params, _, _ = cognitive.fit(model("BAS"), of_teacher, grid_of(weights[:1]), "gradient", ())
    scored = weights[0] * data.mask == 1
    assert params["p"][0] == pytest.approx((data.reward / 3)[scored].mean(), abs=1e-15)


@pytest.mark.parametrize("optimizer", ["gradient", "nelder-mead"])
def test_without_training_choices_a_fit_stays_at_its_start(optimizer):
    own, data = model("MB1"), random_sequences(n_blocks=4, n_trials=10)
    weights = np.stack([np.ones((1, 4)), np.zeros((1, 4))])
    with np.errstate(invalid="ignore"):
        params, _, _ = cognitive.fit(own, data, grid_of(weights), optimizer, ())
    start = own.from_real(np.full((1, 3), -5.0))  # the grid's first point: all are equally good
    assert all(params[key][1] == start[key][0] for key in params)
    assert np.isfinite(params["alpha"][0])


# comparisons that the rules make with a reward: none, above a half, not 0, exactly 1; what else tells programs apart
KINDS = [
    ("reversal", "MB0", 1, 2),  # actions
    ("reversal", "LS0", 1, 2),
    ("reversal", "MB0m", 2, 2),
    ("four_armed_bandit", "MFDp", 1, 4),
    ("three_armed_reversal", "MFLb", 1, 3),  # no graded reward is 0
    ("original_two_stage", "MFsr", 1, 8),  # nor 1; second actions after either first one
]


@pytest.mark.parametrize(("task", "name", "outcomes", "others"), KINDS)
def test_programs_are_as_many_as_kinds_of_trials_and_not_as_rewards(task, name, outcomes, others):
    rng, n, own = np.random.default_rng(0), 600, task_of(task)
    columns = {"block": np.repeat([0, 1], n // 2), "trial": np.tile(np.arange(n // 2), 2), "reward": rng.random(n)}
    columns |= {"action": rng.integers(0, own.n_actions, n), "action2": rng.integers(0, 2, n)}
    columns["state"] = columns["action"] if own.one_stage else rng.integers(0, 2, n)
    ones = np.ones(n, dtype=int)
    data = sequences.from_columns({**columns, "mask": ones, "mask2": ones}, own)
    programs, kind, _, inputs = trace(model(name, own), data)
    second = np.arange(data.n_trials) % data.stages == data.stages - 1
    assert len(np.unique(kind[second])) == outcomes * others
    assert len(programs.spans) == kind.max() + 1
    assert inputs.shape[:2] == kind.shape


def test_no_operation_is_done_for_nothing():
    data = random_sequences(n_blocks=2, n_trials=30, seed=1)
    programs, kind, target, inputs = trace(model("MB0"), data)
    np.testing.assert_array_equal(target.argmax(-1), data.action)
    assert len(programs.spans) == kind.max() + 1 == 4
    assert inputs.shape == (30, 2, 0)  # rewards of 0 and 1 are part of the programs
    # an unrewarded trial: alpha V, V - alpha V, and two logits beta V; a rewarded one: 1 - V before
    assert sorted(np.diff(programs.spans[:, [0, 2]])[:, 0]) == [5, 5, 5, 5]
    assert len(programs.once) == 0
    graded = replace(data, reward=np.random.default_rng(0).random(data.reward.shape))
    programs, _, _, inputs = trace(model("LS0"), graded)
    # what the outcome says of either world is worked out beforehand: 1/2 + 0.2 (2s - 1)(2r - 1), and 1 minus it
    of_world_1 = 0.5 + (0.7 - 0.5) * (2 * data.state - 1) * (2 * graded.reward - 1)
    np.testing.assert_array_equal(np.sort(inputs), np.sort(np.stack([of_world_1, 1 - of_world_1], -1)))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"alpha": 0.5}, "has parameters alpha, beta; found alpha"),
        ({"alpha": 1.5, "beta": 2}, r"alpha: found 1.5; must lie in \[0, 1\]"),
        ({"alpha": 0.5, "beta": -1}, r"beta: found -1; must lie in \[0, inf\)"),
        ({"alpha": float("nan"), "beta": 1}, "alpha: found nan"),
        ({"alpha": "x", "beta": 1}, "alpha: found 'x'"),
        ({"alpha": True, "beta": 1}, "alpha: found True"),
    ],
)
def test_given_parameters_are_checked(values, message):
    with pytest.raises(ValueError, match=message):
        model("MB0").check(values)


def test_a_real_parameter_is_any_finite_number():
    own = model("MB0off")
    own.check({"alpha": 0.0, "rho": np.float32(-3), "beta": np.int64(0)})
    with pytest.raises(ValueError, match="rho: found inf; must be a finite number"):
        own.check({"alpha": 0.5, "rho": math.inf, "beta": 1})


def test_unknown_model_lists_those_of_the_task():
    with pytest.raises(ValueError, match="no cognitive model 'MBX'; it has: BAS, LS0, LS1, MB0s, "):
        model("MBX")
