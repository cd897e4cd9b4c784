"""What a fit job reports: losses and accuracy by hand, cognitive fits on some trials of each block, failures."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from conftest import block_weights, random_sequences
from tinycog.errors import InputError
from tinycog.fitting import cognitive, engine
from tinycog.fitting.compiled import Compiled
from tinycog.fitting.objective import Replicas, replicas
from tinycog.models import registry
from tinycog.models.interface import run
from tinycog.sequences import UNAVAILABLE, Sequences, expected_log_likelihood, from_columns, is_predicted
from tinycog.splits import ROLES
from tinycog.tasks import task_of
from tinycog.tensors import to_torch

FOUR_ARMED = task_of("four_armed_bandit")
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


def bandit_of_four(n_blocks):
    """Ten choices a block, each arm after each outcome in every one of them."""
    block, trial = np.divmod(np.arange(10 * n_blocks), 10)
    action, reward = trial % 4, (trial // 4 % 2).astype(float)
    columns = {"block": block, "trial": trial, "action": action, "state": action, "reward": reward}
    return from_columns({**columns, "mask": np.ones(len(block))}, FOUR_ARMED)


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


@pytest.mark.parametrize("cell", registry.SWITCHING)
def test_a_cell_that_is_fed_a_condition_is_not_fitted_to_graded_rewards(cell, monkeypatch):
    data = bandit_of_four(n_blocks=6)
    graded = data.reward.copy()
    graded[7, 1], graded[2, 3], graded[9, 0] = 0.35, 0.8, 0.0  # the first in order of blocks, then of trials
    data, splits = replace(data, reward=graded), block_weights(6, outer=0, n_outer=3, n_inner=2)
    spec = {"family": "rnn", "cell": cell, "readout": "full", "seeds": 1, "l1": [0.0]}
    options = {"optimizer": "adam", "learning_rate": 0.005, "max_epochs": 2, "patience": 200, "device": "cpu"}
    model = registry.build(FOUR_ARMED, spec, 1)
    monkeypatch.setattr(engine, "_fit_networks", None)  # nothing is fitted before
    expected = (
        f"cell '{cell}' has weights for reward and for no reward, and none in between: found reward 0.35 (block 1, "
        "trial 7); allowed: rewards 0 and 1, or a cell that is fed the reward itself (gru, mi_gru, rnn, low_rank_rnn, "
        "lstm, mingru, minlstm)"
    )
    with pytest.raises(InputError, match=re.escape(expected)):
        engine.fit(model, spec, data, splits, options)


def test_graded_rewards_are_refused_for_no_other_model_and_rewards_of_0_and_1_for_none():
    data = bandit_of_four(n_blocks=2)
    graded = replace(data, reward=data.reward / 3)
    for cell in registry.CELLS:
        model = registry.build(FOUR_ARMED, {"family": "rnn", "cell": cell, "readout": "full"}, 1)
        engine._refuse_graded_rewards(model, data if cell in registry.SWITCHING else graded)
    engine._refuse_graded_rewards(registry.cognitive(FOUR_ARMED, "MFD"), graded)


def test_a_cognitive_fit_without_finite_parameters_has_failed(monkeypatch):
    found = {"alpha": np.array([0.5, np.nan]), "beta": np.array([2.0, 1.0])}
    monkeypatch.setattr(cognitive, "fit", lambda *_: (found, np.array([500, 600])))
    splits = block_weights(6, outer=0, n_outer=3, n_inner=2)
    spec = {"family": "cognitive", "optimizer": "gradient", "seeds": None}
    fits = engine.fit(MB0, spec, random_sequences(n_blocks=6), splits)
    assert fits.reason == ["", "parameters not finite"]
    for values in (*fits.nll.values(), fits.test_accuracy):
        assert np.isnan(values).tolist() == [False, True]


ONLY_ONE = {"baseline": ("BAS", {"p": [0.0, 1.0]}), "greedy": ("MB0", {"alpha": [0.5, 0.5], "beta": [1e5, 1e5]})}


@pytest.mark.parametrize(("name", "params"), ONLY_ONE.values(), ids=ONLY_ONE)
def test_choices_that_are_certain_cost_nothing_and_never_less(name, params):
    """The floor that the likelihood adds (core.md 5.6) does not make them more than certain."""
    model = registry.cognitive(task_of("reversal"), name)
    params = {key: np.array(value) for key, value in params.items()}
    action = np.repeat([[0, 1]], 6, axis=0)  # one block of each action alone, always rewarded from its second trial on
    block, trial = np.divmod(np.arange(12), 6)
    columns = {"block": block, "trial": trial, "action": action.T.ravel(), "state": action.T.ravel()}
    data = from_columns({**columns, "reward": np.ones(12), "mask": np.where(trial > 0, 1, name == "BAS")}, MB0.task)
    weights = {role: np.array([[[1.0, 0.0]], [[0.0, 1.0]]]) for role in ROLES}
    if name == "MB0":  # the choice that is not scored still teaches
        data = replace(data, action=action, state=action, reward=np.ones((6, 2)))
    nll, _ = engine.evaluate(model, params, data, Replicas(np.zeros(2, int), np.zeros(2, int), np.zeros(2), weights))
    for values in nll.values():
        assert values.tolist() == [0.0, 0.0]
        assert not np.signbit(values).any()
    for block, own in enumerate(zip(*params.values(), strict=True)):
        only = data.subset(np.array([block]))
        one = {key: np.array([value]) for key, value in zip(params, own, strict=True)}
        for with_shares in (only, replace(only, target=np.eye(2)[only.action])):
            _, logits = run(model, one, with_shares, 5)
            likelihood = expected_log_likelihood(logits, with_shares, model.log_floor)
            by_torch = expected_log_likelihood(torch.as_tensor(logits), to_torch(with_shares), model.log_floor)
            np.testing.assert_array_equal(likelihood, 0)
            np.testing.assert_array_equal(by_torch, 0)


def test_the_compiled_machine_never_gives_less_than_no_loss_either():
    second = np.ones((11, 2), dtype=int)  # always chosen, always rewarded
    data = replace(random_sequences(n_blocks=2, masked=0.2), action=second, state=second, reward=np.ones((11, 2)))
    compiled, x = Compiled(MB0, data), np.array([[0.0, 14.0]])  # a rate of a half, an inverse temperature of a million
    for nll in (compiled.nll(x, by_block=False)[0], compiled.nll_alone(x[0], by_block=False)):
        expected = np.zeros((11, 2))
        expected[0] = np.log(2) * data.mask[0]
        np.testing.assert_allclose(nll, expected, rtol=1e-15)
        assert not np.signbit(nll).any()


def test_the_baseline_of_a_subject_that_always_does_the_same_has_no_loss():
    data, splits = random_sequences(n_blocks=6), block_weights(6, outer=0, n_outer=3, n_inner=2)
    for action in (0, 1):
        always = replace(data, action=np.full_like(data.action, action))
        spec = {"family": "cognitive", "optimizer": "gradient", "seeds": None}
        fits = engine.fit(registry.cognitive(task_of("reversal"), "BAS"), spec, always, splits)
        assert fits.reason == ["", ""]
        assert fits.params["p"].tolist() == [action, action]
        for values in fits.nll.values():
            assert values.tolist() == [0.0, 0.0]
            assert not np.signbit(values).any()


def test_replicas_run_through_l1_within_seeds_within_inner_folds():
    splits = block_weights(6, outer=0, n_outer=3, n_inner=2)
    grid = replicas(splits, range(2), [1e-5, 1e-2])
    assert grid.inner.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert grid.seed.tolist() == [0, 0, 1, 1, 0, 0, 1, 1]
    assert grid.l1.tolist() == [1e-5, 1e-2] * 4
    for role in ROLES:
        np.testing.assert_array_equal(grid.weights[role], [splits[inner][role] for inner in grid.inner])
