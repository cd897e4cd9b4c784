"""Blocks of any lengths side by side: results are those of each block alone, whatever the state does in the padding."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from conftest import random_sequences
from tinycog.fitting import engine
from tinycog.fitting.compiled import Compiled
from tinycog.fitting.gradient import Autograd
from tinycog.fitting.kernels.fused import Fused
from tinycog.fitting.objective import Replicas, choice_nll
from tinycog.models import registry
from tinycog.results import scores
from tinycog.tasks import task_of
from tinycog.trials.sequences import from_columns
from tinycog.trials.splits import ROLES
from tinycog.trials.tensors import to_torch

BANDIT = task_of("bandit")
UNREWARDED = 0  # the condition A1R0, which padding looks like
LENGTHS = {
    "5 beside 2,000": [5, 2000],
    "one after the other": [5, 60, 9],  # three blocks cannot share lanes
    "in four parts of the lanes": [60, 7, 30, 1],
    "more sets than are run together": [*range(3, 83, 2), 90],
}


def build(cell, dim):
    return registry.build(BANDIT, {"family": "rnn", "cell": cell, "readout": "full"}, dim)


def ragged(lengths):
    """Blocks of these lengths: the first action is 0, unrewarded, and no other trial looks like padding."""
    rng = np.random.default_rng(0)
    block = np.repeat(np.arange(len(lengths)), lengths)
    trial = np.concatenate([np.arange(n) for n in lengths])
    action = np.where(trial == 0, 0, rng.integers(0, 2, len(block)))
    reward = np.where(trial == 0, 0, np.where(action == 0, 1, rng.integers(0, 2, len(block))))
    columns = {"block": block, "trial": trial, "action": action, "state": action, "reward": reward}
    return from_columns({**columns, "mask": np.ones(len(block))}, BANDIT)


def expanding(n=3):
    """A linear network of two units whose state grows in the padding, and nowhere else, 1e200-fold a trial."""
    model, rng = build("slin", 2), np.random.default_rng(1)
    params = {name: 0.3 * rng.normal(size=(n, *shape)) for name, shape in model.shapes.items()}
    params["V"] *= -1 / np.abs(params["V"]).sum(axis=(2, 3), keepdims=True)
    params["V"] -= 0.5 * np.eye(2)
    params["V"][:, UNREWARDED] = 1e200 * np.eye(2)
    return model, params


def flat(model, params):
    return np.concatenate([params[name].reshape(len(params[name]), -1) for name in model.shapes], axis=1)


def everywhere(n, n_blocks):
    """Replicas that train and validate on all blocks."""
    weights = {role: np.full((n, 1, n_blocks), float(role != "test")) for role in ROLES}
    return Replicas(np.zeros(n, int), np.arange(n), np.zeros(n), weights)


def sums(engine, model, data, theta):
    """Sum of the NLL over all choices and its gradient."""
    nll, gradient = engine(model, data, everywhere(len(theta), data.n_blocks))(theta)
    return nll[0] * data.mask.sum(), gradient * data.mask.sum()


def assert_sum_of_blocks(engine, model, data, theta):
    nll, gradient = sums(engine, model, data, theta)
    alone = [sums(engine, model, data.subset(np.array([block])), theta) for block in range(data.n_blocks)]
    expected_nll, expected = (sum(values) for values in zip(*alone, strict=True))
    assert np.isfinite(expected_nll).all()
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(nll, expected_nll, rtol=1e-12)
    np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
@pytest.mark.parametrize("engine", [Autograd, Fused])
def test_a_state_that_would_overflow_in_the_padding_changes_no_likelihood_and_no_gradient(engine, lengths):
    model, params = expanding()
    assert_sum_of_blocks(engine, model, ragged(lengths), flat(model, params))


@pytest.mark.parametrize("engine", [Autograd, Fused])
def test_neither_does_the_state_after_the_last_trial_of_a_short_block(engine):
    """No choice follows it: the last trials of the short blocks, and no others, are of the condition A2R0."""
    data = ragged([6, 60, 9, 40])
    first = np.arange(60)[:, None] == 0
    last = np.arange(60)[:, None] == data.lengths - 1
    action = np.where(last, 1, data.action)
    reward = np.where(first | last, 0.0, data.mask)
    x, condition = (function(action, action, reward) for function in (BANDIT.encode, BANDIT.condition))
    data = replace(data, action=action, state=action, reward=reward, x=x, condition=condition)
    assert ((condition == 2) == last).all()
    model, params = expanding()
    params["V"][:, 2] = 1e308 * np.array([[1.0, -1.0], [1.0, -1.0]])
    params["b"][:, 3] = params["b"][:, 1] = [20.0, -20.0]
    assert_sum_of_blocks(engine, model, data, flat(model, params))


@pytest.mark.parametrize("cell", registry.CELLS)
def test_states_stop_at_the_end_of_each_block(cell):
    """Of every cell the likelihood and the states are those of the blocks alone, by NumPy and by torch."""
    data, model = ragged([12, 4, 9, 1]), build(cell, 2)
    rng = np.random.default_rng(2)
    params = {name: rng.normal(size=(3, *shape)) for name, shape in model.shapes.items()}
    of_torch = {name: torch.as_tensor(value) for name, value in params.items()}
    nll = choice_nll(model, params, data, by_block=True)
    by_torch = choice_nll(model, of_torch, to_torch(data), by_block=True).numpy()
    for block in range(4):
        alone = choice_nll(model, params, data.subset(np.array([block])), by_block=True)
        np.testing.assert_allclose(nll[..., [block]], alone, rtol=1e-13)
        np.testing.assert_allclose(by_torch[..., [block]], alone, rtol=1e-13)
    assert_sum_of_blocks(Autograd, model, data, flat(model, params))


def test_scores_of_a_block_end_with_the_state_after_its_last_trial():
    data, (model, params) = ragged([5, 60, 9]), expanding(1)
    weights = {role: np.full((1, 3), float(role == "train")) for role in ROLES}
    together = scores.score(BANDIT, model, params, data, weights)
    assert together.row_start.tolist() == [0, 6, 67, 77]
    state, start = np.zeros(2), 0
    for block, length in enumerate([5, 60, 9]):  # h' = h + V h + b, from 0
        np.testing.assert_array_equal(together.states[start], 0)
        state = np.zeros(2)
        for trial in range(length):
            now = data.condition[trial, block]
            state = state + params["V"][0, now] @ state + params["b"][0, now]
            np.testing.assert_allclose(together.states[start + trial + 1], state, rtol=1e-12)
        start += length + 1


def test_losses_of_a_fit_do_not_depend_on_the_padding():
    data, (model, params) = ragged([5, 60, 9, 30]), expanding()
    block_of = {"train": [0, 1], "val": [2], "test": [3]}
    weights = {role: np.isin(np.arange(4), block_of[role]) + np.zeros((3, 1, 4)) for role in ROLES}
    nll, *_ = engine.evaluate(model, params, data, Replicas(np.zeros(3, int), np.zeros(3, int), np.zeros(3), weights))
    for role, blocks in block_of.items():
        alone = [choice_nll(model, params, data.subset(np.array([block])), True)[:, 0, 0] for block in blocks]
        np.testing.assert_allclose(nll[role], sum(alone) / data.lengths[blocks].sum(), rtol=1e-13)


@pytest.mark.filterwarnings("ignore:invalid value", "ignore:overflow")
@pytest.mark.parametrize("by_trial", [False, True])
def test_a_test_block_whose_loss_is_not_finite_leaves_those_of_training_and_validation(by_trial):
    data, (model, params) = ragged([8, 60, 9, 30]), expanding()
    overflows = replace(data, condition=np.where(np.arange(4) == 3, UNREWARDED, data.condition))
    role = np.broadcast_to(np.array([0, 0, 1, 2]), (3, 60 if by_trial else 1, 4))
    weights = {name: (role == code).astype(float) for code, name in enumerate(ROLES)}
    grid = Replicas(np.zeros(3, int), np.zeros(3, int), np.zeros(3), weights)
    (nll, *_), (expected, *_) = (engine.evaluate(model, params, some, grid) for some in (overflows, data))
    np.testing.assert_array_equal(nll["train"], expected["train"])
    np.testing.assert_array_equal(nll["val"], expected["val"])
    assert not np.isfinite(nll["test"]).any()


@pytest.mark.parametrize("name", ["MB1", "MFDp", "LS0"])
def test_cognitive_models_are_run_over_each_block_alone(name):
    data = random_sequences(n_blocks=6, n_trials=40, ragged=True, masked=0.2)
    model = registry.cognitive(task_of("reversal"), name)
    x = np.random.default_rng(3).normal(size=(2, model.n_parameters))
    nll = choice_nll(model, model.from_real(x), data, by_block=True)
    compiled = Compiled(model, data).nll(x, by_block=True)
    for block in range(6):
        alone = choice_nll(model, model.from_real(x), data.subset(np.array([block])), by_block=True)
        np.testing.assert_allclose(nll[..., [block]], alone, rtol=1e-13)
        np.testing.assert_allclose(compiled[..., [block]], alone, rtol=1e-12)
