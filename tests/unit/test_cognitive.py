"""Cognitive models against equations written out again, one trial at a time."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import brute, minimize

from conftest import random_sequences
from tinycog.fitting import nelder_mead
from tinycog.models import registry
from tinycog.models.interface import run, run_states
from tinycog.sequences import from_columns
from tinycog.tasks import task_of
from tinycog.tensors import to_torch

TASK = task_of("reversal")


def model(name, task=TASK):
    return registry.cognitive(task, name)


def by_hand(name, p, trials, common=1.0, good=0.7):
    """Logits before each trial of one block, by the equations of cognitive-models.md 4 in scalars.

    Trials are (action, state, reward); models of states value an action by the states that it leads to.
    """
    value, belief, logits = [0.0, 0.0], 0.5, []
    for action, state, reward in [*trials, (None, None, None)]:
        if name == "LS0":
            logits.append([p["beta"] * (1 - belief), p["beta"] * belief])
        elif name == "Q(1)":
            logits.append([p["beta"] * v for v in value])
        else:
            logits.append([p["beta"] * (common * value[i] + (1 - common) * value[1 - i]) for i in (0, 1)])
        if action is None:
            return np.array(logits)
        if name == "LS0":
            likelihood = good if state == reward else 1 - good
            posterior = likelihood * belief / (likelihood * belief + (1 - likelihood) * (1 - belief))
            belief = (1 - p["h"]) * posterior + p["h"] * (1 - posterior)
        else:
            place = action if name == "Q(1)" else state
            value[place] = (1 - p["alpha"]) * value[place] + p["alpha"] * reward
            value[1 - place] *= p.get("D", 1.0)
    raise AssertionError


PARAMETERS = {
    "MB0": {"alpha": 0.3, "beta": 2.5},
    "MB1": {"alpha": 0.6, "D": 0.8, "beta": 4.0},
    "LS0": {"h": 0.12, "beta": 3.0},
    "Q(1)": {"alpha": 0.45, "beta": 2.0},
}
# tasks in which action i leads to state i with a probability: that, and the better state's reward probability
TWO_STAGE = {"common": 0.8, "good": 0.8}
PAIRS = [
    *(("reversal", name, {}) for name in ("MB0", "MB1", "LS0")),
    *(("two_stage", name, TWO_STAGE) for name in PARAMETERS),
    ("transition_reversal", "Q(1)", {}),
]


def random_trials(stages=1):
    """Sequences of random actions and states, and the columns that they were made of."""
    task = task_of("original_two_stage" if stages == 2 else "two_stage")
    rng = np.random.default_rng(7)
    block, trial = (part.ravel() for part in np.mgrid[:4, :30])
    columns = {name: rng.integers(0, 2, 120) for name in ("action", "state", "action2")}
    ones = np.ones(120, dtype=np.int8)
    columns |= {"block": block, "trial": trial, "reward": rng.integers(0, 2, 120).astype(float)}
    return from_columns({**columns, "mask": ones, "mask2": ones}, task), columns


@pytest.mark.parametrize(("task", "name", "constants"), PAIRS)
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_logits_equal_the_equations(task, name, constants, library):
    own = task_of(task)
    data = random_sequences(n_blocks=4, n_trials=30, seed=3) if own.one_stage else random_trials()[0]
    values = {key: np.array([value, value]) for key, value in PARAMETERS[name].items()}
    if library == "numpy":
        _, logits = run(model(name, own), values, data, data.n_trials)
    else:
        tensors = {key: torch.as_tensor(value) for key, value in values.items()}
        states = run_states(model(name, own), tensors, to_torch(data), data.n_trials)
        logits = model(name, own).policy(tensors, states).numpy()
    for block in range(data.n_blocks):
        trials = list(zip(data.action[:, block], data.state[:, block], data.reward[:, block], strict=True))
        expected = by_hand(name, PARAMETERS[name], trials, **constants)
        for replica in range(2):
            np.testing.assert_allclose(logits[replica, :, block], expected, atol=1e-12)


def test_values_of_arms_move_when_chosen():
    task, rng = task_of("four_armed_bandit"), np.random.default_rng(2)
    action, reward = rng.integers(0, 4, 25), rng.random(25)
    columns = {"block": np.zeros(25, int), "trial": np.arange(25), "action": action, "state": action}
    data = from_columns({**columns, "reward": reward, "mask": np.ones(25, np.int8)}, task)
    _, logits = run(model("MF", task), {"alpha": np.array([0.3]), "beta": np.array([5.0])}, data, 25)
    value, expected = [0.0] * 4, []
    for a, r in zip(action, reward, strict=True):
        expected.append([5.0 * v for v in value])
        value[a] = 0.7 * value[a] + 0.3 * r
    np.testing.assert_allclose(logits[0, :-1, 0], expected, atol=1e-12)


def test_model_based_choices_of_the_original_two_stage_task():
    """cognitive-models.md 7.2 in scalars: first logits by the better action of each state, second ones by its pair."""
    data, columns = random_trials(stages=2)
    p = {"alpha_2": 0.35, "beta_1": 3.0, "beta_2": 2.0}
    values = {key: np.array([value]) for key, value in p.items()}
    _, logits = run(model("MBs", task_of("original_two_stage")), values, data, data.n_trials)
    for block in range(4):
        of_block = columns["block"] == block
        worth = [[0.0, 0.0], [0.0, 0.0]]  # of each state's two actions
        trials = zip(*(columns[name][of_block] for name in ("state", "action2", "reward")), strict=True)
        for trial, (state, second, reward) in enumerate(trials):
            best = [max(worth[0]), max(worth[1])]
            first = [3.0 * (0.7 * best[i] + 0.3 * best[1 - i]) for i in (0, 1)]
            np.testing.assert_allclose(logits[0, 2 * trial, block, :2], first, atol=1e-12)
            np.testing.assert_allclose(logits[0, 2 * trial + 1, block, 2:], 2.0 * np.ravel(worth), atol=1e-12)
            for action in (0, 1):
                paid = reward if action == second else -reward
                worth[state][action] = 0.65 * worth[state][action] + 0.35 * paid


def test_no_forgetting_is_independent_values():
    data = random_sequences()
    shared = {"alpha": np.array([0.4]), "beta": np.array([3.0])}
    _, forgetting = run(model("MB1"), shared | {"D": np.array([1.0])}, data, data.n_trials)
    _, independent = run(model("MB0"), shared, data, data.n_trials)
    np.testing.assert_array_equal(forgetting, independent)


def test_transforms_and_their_clips():
    x = np.array([[-100.0, 100.0]])
    assert model("MB0").from_real(x)["alpha"][0] == pytest.approx(1 / (1 + math.exp(16)))
    assert model("MB0").from_real(x)["beta"][0] == math.exp(16)
    assert model("LS0").from_real(np.zeros((1, 2)))["h"][0] == 0.25


def test_fit_equals_the_reference_procedure():
    """SciPy's own brute force and Nelder-Mead on a likelihood written out in scalars."""
    data = random_sequences(n_blocks=6, n_trials=12, seed=5)
    blocks = np.array([[1, 1, 1, 0, 1, 0], [0, 1, 1, 1, 1, 1]], dtype=float)

    def mean_nll(x, training):
        p = {"alpha": 1 / (1 + math.exp(-x[0])), "beta": math.exp(x[1])}
        total = 0.0
        for block in training:
            trials = zip(data.action[:, block], data.state[:, block], data.reward[:, block], strict=True)
            logits = by_hand("MB0", p, trials)[:-1]
            chosen = np.take_along_axis(logits, data.action[:, block, None], axis=1)[:, 0]
            total += (np.logaddexp(logits[:, 0], logits[:, 1]) - chosen).sum()
        return total / (len(training) * data.n_trials)

    params, evaluations = nelder_mead.fit(model("MB0"), data, blocks[:, None])
    every_choice = np.repeat(blocks[:, None], data.n_trials, axis=1)  # the same, said for each choice
    again, _ = nelder_mead.fit(model("MB0"), data, every_choice)
    np.testing.assert_allclose(again["alpha"], params["alpha"], atol=1e-6)
    for row, mask in enumerate(blocks):
        training = np.flatnonzero(mask)
        start = brute(mean_nll, [(-5, 5)] * 2, args=(training,), Ns=20, finish=None)
        expected = minimize(mean_nll, start, args=(training,), method="Nelder-Mead")
        assert params["alpha"][row] == pytest.approx(1 / (1 + math.exp(-expected.x[0])), abs=1e-9)
        assert params["beta"][row] == pytest.approx(math.exp(expected.x[1]), rel=1e-9)
        assert evaluations[row] == 400 + expected.nfev


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"alpha": 0.5}, "has parameters alpha, beta; found alpha"),
        ({"alpha": 1.5, "beta": 2}, r"alpha: found 1.5; must lie in \[0, 1\]"),
        ({"alpha": 0.5, "beta": -1}, "beta: found -1"),
        ({"alpha": float("nan"), "beta": 1}, "alpha: found nan"),
    ],
)
def test_given_parameters_are_checked(values, message):
    with pytest.raises(ValueError, match=message):
        model("MB0").check(values)


def test_unknown_model_lists_those_of_the_task():
    with pytest.raises(ValueError, match="no cognitive model 'MBX'; it has: BAS, LS0, LS1, MB0s, "):
        model("MBX")
