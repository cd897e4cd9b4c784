"""What a fit job reports: losses and accuracy by hand, cognitive fits on some trials of each block, failures."""

from dataclasses import replace

import numpy as np
import pytest

from conftest import block_weights, random_sequences
from tinycog.fitting import cognitive, engine
from tinycog.fitting.objective import Replicas, replicas
from tinycog.models import registry
from tinycog.sequences import UNAVAILABLE, Sequences, from_columns, is_predicted
from tinycog.splits import ROLES
from tinycog.tasks import task_of

MB0 = registry.cognitive(task_of("reversal"), "MB0")


def test_predicted_is_the_most_probable_action_offered_the_lowest_of_equals_where_scored():
    action = np.array([[0, 1], [1, 0], [1, 0]])
    logits = np.array([[[[1, 1], [0, 2]], [[2, 1], [-1, -2]], [[0, 0.5], [3, 0]]]])
    closed = np.zeros((3, 2, 2))
    closed[1, 0, 0] = UNAVAILABLE
    arrays = {"action": action, "state": action, "reward": 0.0 * action, "mask": np.array([[1, 1], [1, 1], [1, 0]])}
    shape = {"x": np.zeros((3, 2, 3)), "lengths": np.array([3, 2])}
    assert is_predicted(logits, Sequences(**arrays, **shape)).tolist() == [[[1, 1], [0, 1], [1, 0]]]
    assert is_predicted(logits, Sequences(**arrays, **shape, closed=closed)).tolist() == [[[1, 1], [1, 1], [1, 0]]]


def by_hand(data, alpha, beta):
    """NLL of each choice by MB0, and whether its action had the larger value, (trial, block), scored or not."""
    value, blocks = np.zeros((data.n_blocks, 2)), np.arange(data.n_blocks)
    nll, predicted = np.empty((2, data.n_trials, data.n_blocks))
    for trial, (action, reward) in enumerate(zip(data.action, data.reward, strict=True)):
        chosen = value[blocks, action]
        nll[trial] = np.logaddexp(beta * value[:, 0], beta * value[:, 1]) - beta * chosen
        predicted[trial] = action == (value[:, 1] > value[:, 0])
        value[blocks, action] += alpha * (reward - chosen)
    return nll, predicted


def random_roles(data, n, n_times):
    """Weights of each role, at random for each replica and block, or for each choice."""
    role = np.random.default_rng(n_times).choice(ROLES, (n, n_times, data.n_blocks))
    return {name: (role == name).astype(float) for name in ROLES}


@pytest.mark.parametrize("n_times", [1, 9])
def test_losses_are_means_over_the_scored_choices_of_a_role_and_accuracy_over_those_of_the_test(n_times):
    data = random_sequences(n_blocks=8, n_trials=9, masked=0.2)
    weights = random_roles(data, 2, n_times)
    params = {"alpha": np.array([0.3, 0.9]), "beta": np.array([2.0, 1.0])}
    grid = Replicas(np.zeros(2, int), np.zeros(2, int), np.zeros(2), weights)
    nll, accuracy = engine.evaluate(MB0, params, data, grid)
    for row in range(2):
        expected, predicted = by_hand(data, params["alpha"][row], params["beta"][row])
        scored = {role: (weights[role][row] * data.mask) == 1 for role in ROLES}
        for role in ROLES:
            assert nll[role][row] == pytest.approx(expected[scored[role]].mean(), abs=1e-14)
        assert accuracy[row] == pytest.approx(predicted[scored["test"]].mean(), abs=1e-14)


def test_training_and_validation_are_compared_with_shares_and_test_with_choices():
    data = random_sequences(n_blocks=8, n_trials=9, masked=0.2)
    shares = np.random.default_rng(1).dirichlet([1, 1], data.action.shape)
    weights, params = random_roles(data, 1, 9), {"alpha": np.array([0.3]), "beta": np.array([2.0])}
    grid = Replicas(np.zeros(1, int), np.zeros(1, int), np.zeros(1), weights)
    nll, _ = engine.evaluate(MB0, params, replace(data, target=shares), grid)
    of_choice, _ = by_hand(data, 0.3, 2.0)
    value_of_other = -np.log(-np.expm1(-of_choice))  # NLL of the action that was not chosen
    share = np.take_along_axis(shares, data.action[..., None], axis=-1)[..., 0]
    of_shares = share * of_choice + (1 - share) * value_of_other
    for role, expected in {"train": of_shares, "val": of_shares, "test": of_choice}.items():
        assert nll[role][0] == pytest.approx(expected[weights[role][0] * data.mask == 1].mean(), abs=1e-14)


def test_blocks_that_are_held_out_change_no_fit():
    data, splits = random_sequences(n_blocks=9, ragged=True), block_weights(9, outer=0, n_outer=3, n_inner=2)
    spec = {"family": "rnn", "cell": "gru", "readout": "full", "seeds": 2, "l1": [1e-5]}
    options = {"optimizer": "adam", "learning_rate": 0.005, "max_epochs": 20, "patience": 200, "device": "cpu"}
    model = registry.build(task_of("bandit"), spec, 2)
    fits = engine.fit(model, spec, data, splits, options)
    held_out = splits[0]["test"][0] == 1
    other = replace(data, x=np.where(held_out[:, None], 1 - data.x, data.x))
    changed = engine.fit(model, spec, other, splits, options)
    for name in model.parameters:
        np.testing.assert_array_equal(fits.params[name], changed.params[name])
    assert (fits.nll["test"] != changed.nll["test"]).all()


def test_a_test_loss_that_is_not_finite_is_a_failure(monkeypatch):
    spec = {"family": "rnn", "cell": "slin", "readout": "full", "seeds": 1, "l1": [0.0]}
    options = {"optimizer": "adam", "learning_rate": 0.005, "max_epochs": 2, "patience": 200, "device": "cpu"}
    data, splits = random_sequences(n_blocks=6), block_weights(6, outer=0, n_outer=3, n_inner=2)
    model = registry.build(task_of("bandit"), spec, 1)

    def evaluate(*arguments):
        nll, accuracy = evaluated(*arguments)
        nll["test"][1] = np.inf
        return nll, accuracy

    evaluated = engine.evaluate
    monkeypatch.setattr(engine, "evaluate", evaluate)
    fits = engine.fit(model, spec, data, splits, options)
    assert fits.reason == ["", "test NLL not finite"]
    assert np.isnan(fits.nll["test"]).tolist() == [False, True]


def test_a_cognitive_fit_without_finite_parameters_has_failed(monkeypatch):
    found = {"alpha": np.array([0.5, np.nan]), "beta": np.array([2.0, 1.0])}
    monkeypatch.setattr(cognitive, "fit", lambda *_: (found, np.array([500, 600])))
    splits = block_weights(6, outer=0, n_outer=3, n_inner=2)
    spec = {"family": "cognitive", "optimizer": "gradient", "seeds": None}
    fits = engine.fit(MB0, spec, random_sequences(n_blocks=6), splits)
    assert fits.reason == ["", "parameters not finite"]
    for values in (*fits.nll.values(), fits.test_accuracy):
        assert np.isnan(values).tolist() == [False, True]


def test_replicas_run_through_l1_within_seeds_within_inner_folds():
    splits = block_weights(6, outer=0, n_outer=3, n_inner=2)
    grid = replicas(splits, range(2), [1e-5, 1e-2])
    assert grid.inner.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert grid.seed.tolist() == [0, 0, 1, 1, 0, 0, 1, 1]
    assert grid.l1.tolist() == [1e-5, 1e-2] * 4
    for role in ROLES:
        np.testing.assert_array_equal(grid.weights[role], [splits[inner][role] for inner in grid.inner])


@pytest.mark.parametrize(("task", "name", "ties_count"), [
    ("reversal", "MB0", True),
    ("original_two_stage", "MX", False),  # as in the reference, whose models of two choices need more than a half
])  # fmt: skip
def test_ties_are_predicted_but_by_models_of_two_choices(task, name, ties_count):
    """With values that count for nothing every choice is a tie, which goes to the lowest action offered."""
    own, rng, n = task_of(task), np.random.default_rng(0), 40
    columns = {"block": np.zeros(n, dtype=int), "trial": np.arange(n), "reward": rng.integers(0, 2, n) * 1.0}
    columns |= {"action": rng.integers(0, 2, n), "action2": rng.integers(0, 2, n)}
    columns |= {"state": columns["action"], "mask": np.ones(n, dtype=int), "mask2": np.ones(n, dtype=int)}
    data, model = from_columns(columns, own), registry.cognitive(own, name)
    params = {key: np.zeros(1) if "beta" in key or key == "kappa" else np.full(1, 0.5) for key in model.classes}
    grid = replicas([dict.fromkeys(ROLES, np.ones((1, 1)))], range(1), [0.0])
    _, accuracy = engine.evaluate(model, params, data, grid)
    assert accuracy[0] == ((columns["action"] == 0).mean() if ties_count else 0)
