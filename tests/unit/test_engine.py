"""What a fit job reports: losses and accuracy by hand, cognitive fits on some trials of each block, failures."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from by_hand import agent as agent_by_hand
from by_hand import probabilities
from conftest import block_weights, random_sequences
from tinycog.errors import InputError
from tinycog.fitting import cognitive, engine, networks
from tinycog.fitting.compiled import Compiled
from tinycog.fitting.objective import Replicas, replicas
from tinycog.models import registry
from tinycog.models.interface import run
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.sequences import UNAVAILABLE, Sequences, expected_log_likelihood, from_columns, is_predicted
from tinycog.trials.splits import ROLES
from tinycog.trials.tensors import to_torch

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
    nll, _, accuracy = engine.evaluate(MB0, params, data, grid)
    for row in range(2):
        expected, predicted = by_hand(data, params["alpha"][row], params["beta"][row])
        scored = {role: (weights[role][row] * data.mask) == 1 for role in ROLES}
        for role in ROLES:
            assert nll[role][row] == pytest.approx(expected[scored[role]].mean(), abs=1e-14)
        assert accuracy[row] == pytest.approx(predicted[scored["test"]].mean(), abs=1e-14)


@pytest.mark.parametrize("by_trial", [False, True])
def test_replicas_and_blocks_that_are_evaluated_some_at_a_time_have_the_same_losses(monkeypatch, by_trial):
    data = random_sequences(n_blocks=8, n_trials=9, ragged=True)
    data = replace(data, target=np.random.default_rng(1).dirichlet([1, 1], data.action.shape))
    params = {"alpha": np.linspace(0.1, 0.9, 5), "beta": np.linspace(1, 3, 5)}
    roles = random_roles(data, 5, data.n_trials if by_trial else 1)
    grid = Replicas(np.zeros(5, int), np.zeros(5, int), np.zeros(5), roles)
    together, followed, accuracy = engine.evaluate(MB0, params, data, grid)
    block = MB0.n_state * data.n_trials
    for numbers in (1, 3 * block, 2 * 8 * block):  # one block of one replica, three blocks of one, two replicas
        monkeypatch.setattr(engine, "EVALUATED", numbers)
        parts, followed_in_parts, of_parts = engine.evaluate(MB0, params, data, grid)
        for whole, found in ((together, parts), (followed, followed_in_parts)):
            for role in whole:
                np.testing.assert_allclose(found[role], whole[role], rtol=1e-14)
        np.testing.assert_array_equal(of_parts, accuracy)


def test_an_infinite_loss_of_a_test_block_is_none_of_the_training():
    data = random_sequences(n_blocks=2, n_trials=4)
    data = replace(data, action=np.repeat([[0, 1]], 4, axis=0))
    model = registry.cell("gru")(n_inputs=data.x.shape[-1], n_units=1, n_actions=2)
    params = {name: np.zeros((1, *shape)) for name, shape in model.shapes.items()}
    params["b_out"][:] = [1.7e308, -1.7e308]  # the first action for certain
    of_first, of_second = np.array([[[1.0, 0.0]]]), np.array([[[0.0, 1.0]]])
    weights = {"train": of_first, "val": of_first, "test": of_second}
    grid = Replicas(np.zeros(1, int), np.zeros(1, int), np.zeros(1), weights)
    with np.errstate(over="ignore", invalid="ignore"):
        nll, _, accuracy = engine.evaluate(model, params, data, grid)
    assert (nll["train"][0], nll["val"][0], nll["test"][0], accuracy[0]) == (0, 0, np.inf, 0)


def test_training_and_validation_follow_shares_and_all_roles_are_told_by_choices():
    data = random_sequences(n_blocks=8, n_trials=9, masked=0.2)
    shares = np.random.default_rng(1).dirichlet([1, 1], data.action.shape)
    weights, params = random_roles(data, 1, 9), {"alpha": np.array([0.3]), "beta": np.array([2.0])}
    grid = Replicas(np.zeros(1, int), np.zeros(1, int), np.zeros(1), weights)
    nll, followed, _ = engine.evaluate(MB0, params, replace(data, target=shares), grid)
    of_choice, _ = by_hand(data, 0.3, 2.0)
    value_of_other = -np.log(-np.expm1(-of_choice))  # NLL of the action that was not chosen
    share = np.take_along_axis(shares, data.action[..., None], axis=-1)[..., 0]
    of_shares = share * of_choice + (1 - share) * value_of_other
    assert list(followed) == ["train", "val"]
    for losses, expected in ((nll, of_choice), (followed, of_shares)):
        for role in losses:
            assert losses[role][0] == pytest.approx(expected[weights[role][0] * data.mask == 1].mean(), abs=1e-14)


def test_a_choice_between_equally_probable_actions_is_predicted_by_no_cognitive_model_of_two_choices():
    """As in the reference: all models of one choice count it where the lowest of the actions was chosen."""
    rng, task = np.random.default_rng(3), task_of("original_two_stage")
    block, trial = np.repeat(np.arange(4), 6), np.tile(np.arange(6), 4)
    columns = {name: rng.integers(0, 2, 24) for name in ("action", "state", "action2", "reward")}
    ones = dict.fromkeys(("mask", "mask2"), np.ones(24))
    data = sequences.from_columns({"block": block, "trial": trial, **columns, **ones}, task)
    model = registry.cognitive(task, "MX")
    values = model.defaults
    n_predicted, n_tied = 0, 0
    for row in range(24):
        if trial[row] == 0:
            agent = agent_by_hand("original_two_stage", "MX", values)
        a, s, b, r = (int(columns[name][row]) for name in ("action", "state", "action2", "reward"))
        for chosen, p in ((a, probabilities(agent.first())), (b, probabilities(agent.second(s)))):
            n_tied += max(p) == 0.5
            n_predicted += p[chosen] > 0.5
        agent.update(a, s, b, r)
    assert n_tied >= 8, "nothing is known in the first trial of a block"
    everything = {role: np.ones((1, 1, 4)) for role in ROLES}
    grid = Replicas(np.zeros(1, int), np.zeros(1, int), np.zeros(1), everything)
    *_, accuracy = engine.evaluate(model, {name: np.array([value]) for name, value in values.items()}, data, grid)
    assert accuracy[0] == pytest.approx(n_predicted / 48)
    indifferent = {"alpha": np.array([0.5]), "beta": np.array([0.0])}
    one_choice = random_sequences(n_blocks=4, n_trials=6)
    *_, accuracy = engine.evaluate(MB0, indifferent, one_choice, grid)
    assert accuracy[0] == pytest.approx((one_choice.action == 0).mean())


def choices_of_mb0(alpha, beta, n_blocks=40, n_trials=30):
    """Choices of MB0 between arms that are rewarded with .8 and .2."""
    rng, value = np.random.default_rng(4), np.zeros((n_blocks, 2))
    columns = {name: np.empty((n_blocks, n_trials), int) for name in ("block", "trial", "action", "reward")}
    for trial in range(n_trials):
        action = (rng.random(n_blocks) < 1 / (1 + np.exp(-beta * (value[:, 1] - value[:, 0])))).astype(int)
        reward = (rng.random(n_blocks) < np.array([0.8, 0.2])[action]).astype(int)
        value[np.arange(n_blocks), action] += alpha * (reward - value[np.arange(n_blocks), action])
        for name, values in {"block": np.arange(n_blocks), "trial": trial, "action": action, "reward": reward}.items():
            columns[name][:, trial] = values
    flat = {name: values.ravel() for name, values in columns.items()}
    return sequences.from_columns(flat | {"state": flat["action"], "mask": np.ones(len(flat["action"]))}, MB0.task)


@pytest.mark.parametrize("n_times", [1, 30])
@pytest.mark.parametrize("optimizer", ["gradient", "nelder-mead"])
def test_a_cognitive_model_is_fitted_to_the_training_choices_alone(optimizer, n_times):
    """No step away from the fit lowers the NLL of the training choices, by hand, but that of others."""
    data = random_sequences(n_blocks=40, n_trials=30, masked=0.2)
    weights = random_roles(data, 2, n_times)
    splits = [{role: weights[role][row] for role in ROLES} for row in range(2)]
    spec = {"family": "cognitive", "optimizer": optimizer, "seeds": None}
    baseline = engine.fit(registry.cognitive(task_of("reversal"), "BAS"), spec, data, splits)
    agent = choices_of_mb0(0.4, 2.0)
    fits = engine.fit(MB0, spec, agent, splits)
    for row, split in enumerate(splits):
        of_role = {role: np.broadcast_to(split[role] == 1, agent.mask.shape) for role in ROLES}
        assert baseline.params["p"][row] == pytest.approx(data.action[of_role["train"] & (data.mask == 1)].mean())
        at = np.array([fits.params["alpha"][row], fits.params["beta"][row]])
        assert 0.01 < at[0] < 0.99, "the minimum must lie inside"

        def lowest_beside(chosen, at=at):
            around = [at + step for step in 0.01 * np.array([[1, 0], [-1, 0], [0, 3], [0, -3]])]
            return min(by_hand(agent, *x)[0][chosen].mean() for x in around) - by_hand(agent, *at)[0][chosen].mean()

        assert lowest_beside(of_role["train"]) > 0
        assert lowest_beside(of_role["val"]) < 0
        assert lowest_beside(of_role["train"] | of_role["val"]) < 0


def test_roles_of_choices_are_as_good_as_roles_of_blocks_where_the_longest_block_is_held_out():
    """Training leaves that block out, and with it the time points that no other block reaches."""
    data = random_sequences(n_blocks=6, n_trials=12, ragged=True, seed=6)
    longest = data.lengths.argmax()
    assert np.sort(data.lengths)[-2] < data.lengths[longest]
    role = np.array(["train", "val"] * 3)
    role[longest] = "test"
    of_blocks = {name: (role == name)[None].astype(float) for name in ROLES}
    of_choices = {name: np.repeat(weights, data.n_trials, axis=0) for name, weights in of_blocks.items()}
    spec = {"family": "rnn", "cell": "gru", "readout": "full", "seeds": 2, "l1": [1e-5]}
    options = {"optimizer": "adam", "learning_rate": 0.005, "max_epochs": 20, "patience": 200, "device": "cpu"}
    model = registry.build(task_of("reversal"), spec, 1)
    one, other = (engine.fit(model, spec, data, [split], options) for split in (of_blocks, of_choices))
    for name in model.parameters:
        np.testing.assert_allclose(one.params[name], other.params[name], atol=1e-12)
    for name in ROLES:
        np.testing.assert_allclose(one.nll[name], other.nll[name], atol=1e-12)


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


def test_a_test_loss_that_is_not_finite_is_reported_and_decides_nothing(monkeypatch):
    spec = {"family": "rnn", "cell": "slin", "readout": "full", "seeds": 1, "l1": [0.0]}
    options = {"optimizer": "adam", "learning_rate": 0.005, "max_epochs": 2, "patience": 200, "device": "cpu"}
    data, splits = random_sequences(n_blocks=6), block_weights(6, outer=0, n_outer=3, n_inner=2)
    model = registry.build(task_of("bandit"), spec, 1)

    def evaluate(*arguments):
        nll, followed, accuracy = evaluated(*arguments)
        nll["test"][1] = np.inf
        return nll, followed, accuracy

    evaluated = engine.evaluate
    monkeypatch.setattr(engine, "evaluate", evaluate)
    fits = engine.fit(model, spec, data, splits, options)
    assert fits.reason == ["", ""]
    assert np.isinf(fits.nll["test"]).tolist() == [False, True]
    assert np.isfinite([fits.nll["train"], fits.nll["val"], fits.test_accuracy]).all()


@pytest.mark.parametrize("role", ["train", "val"])
def test_a_loss_that_is_not_finite_where_a_fit_is_chosen_is_a_failure(monkeypatch, role):
    data, splits = random_sequences(n_blocks=6), block_weights(6, outer=0, n_outer=3, n_inner=2)

    def evaluate(*arguments):
        nll, followed, accuracy = evaluated(*arguments)
        followed[role][1] = np.inf
        return nll, followed, accuracy

    evaluated = engine.evaluate
    monkeypatch.setattr(engine, "evaluate", evaluate)
    fits = engine.fit(MB0, {"family": "cognitive", "optimizer": "gradient", "seeds": None}, data, splits)
    assert fits.reason == ["", f"{role} NLL not finite"]
    assert fits.ended.tolist() == ["converged", "failed"]
    assert np.isnan(fits.nll["test"]).tolist() == [False, True]


@pytest.mark.parametrize("cell", ["switching_gru", "slin"])
def test_a_cell_that_is_fed_a_condition_is_not_fitted_to_graded_rewards(cell, monkeypatch):
    data = bandit_of_four(n_blocks=6)
    graded = data.reward.copy()
    graded[7, 1], graded[2, 3], graded[9, 0] = 0.35, 0.8, 0.0  # the first in order of blocks, then of trials
    data, splits = replace(data, reward=graded), block_weights(6, outer=0, n_outer=3, n_inner=2)
    spec = {"family": "rnn", "cell": cell, "readout": "full", "seeds": 1, "l1": [0.0]}
    options = {"optimizer": "adam", "learning_rate": 0.005, "max_epochs": 2, "patience": 200, "device": "cpu"}
    model = registry.build(FOUR_ARMED, spec, 1)
    monkeypatch.setattr(networks, "fit_replicas", None)  # nothing is fitted before
    expected = (
        f"cell '{cell}' has weights for reward and for no reward, and none in between: found reward 0.35 (block 1, "
        "trial 7); allowed: rewards 0 and 1, or a cell that is fed the reward itself, such as gru"
    )
    with pytest.raises(InputError, match=re.escape(expected)):
        engine.fit(model, spec, data, splits, options)


def test_graded_rewards_are_refused_for_no_other_model_and_rewards_of_0_and_1_for_none():
    data = bandit_of_four(n_blocks=2)
    graded = replace(data, reward=data.reward / 3)
    for cell in registry.CELLS:
        model = registry.build(FOUR_ARMED, {"family": "rnn", "cell": cell, "readout": "full"}, 1)
        engine._refuse_graded_rewards(model, data if model.by_condition else graded)
    engine._refuse_graded_rewards(registry.cognitive(FOUR_ARMED, "MFD"), graded)


def test_a_cognitive_fit_without_finite_parameters_has_failed(monkeypatch):
    found = {"alpha": np.array([0.5, np.nan]), "beta": np.array([2.0, 1.0])}
    monkeypatch.setattr(cognitive, "fit", lambda *_: (found, np.array([500, 600]), np.array([False, True])))
    splits = block_weights(6, outer=0, n_outer=3, n_inner=2)
    spec = {"family": "cognitive", "optimizer": "gradient", "seeds": None}
    fits = engine.fit(MB0, spec, random_sequences(n_blocks=6), splits)
    assert fits.reason == ["", "parameters not finite"]
    assert fits.ended.tolist() == ["max_evaluations", "failed"]
    for values in (*fits.nll.values(), fits.test_accuracy):
        assert np.isnan(values).tolist() == [False, True]


ONLY_ONE = {"baseline": ("BAS", {"p": [0.0, 1.0]}), "greedy": ("MB0", {"alpha": [0.5, 0.5], "beta": [1e5, 1e5]})}


@pytest.mark.parametrize(("name", "params"), ONLY_ONE.values(), ids=ONLY_ONE)
def test_choices_that_are_certain_cost_nothing_and_never_less(name, params):
    """The floor that the likelihood adds (methods: fitting cognitive models) does not make them more than certain."""
    model = registry.cognitive(task_of("reversal"), name)
    params = {key: np.array(value) for key, value in params.items()}
    action = np.repeat([[0, 1]], 6, axis=0)  # one block of each action alone, always rewarded from its second trial on
    block, trial = np.divmod(np.arange(12), 6)
    columns = {"block": block, "trial": trial, "action": action.T.ravel(), "state": action.T.ravel()}
    data = from_columns({**columns, "reward": np.ones(12), "mask": np.where(trial > 0, 1, name == "BAS")}, MB0.task)
    weights = {role: np.array([[[1.0, 0.0]], [[0.0, 1.0]]]) for role in ROLES}
    if name == "MB0":  # the choice that is not scored still teaches
        data = replace(data, action=action, state=action, reward=np.ones((6, 2)))
    nll, *_ = engine.evaluate(model, params, data, Replicas(np.zeros(2, int), np.zeros(2, int), np.zeros(2), weights))
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
    assert replicas(splits, range(1), [0]).l1.dtype == np.float64
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
    *_, accuracy = engine.evaluate(model, params, data, grid)
    assert accuracy[0] == ((columns["action"] == 0).mean() if ties_count else 0)
