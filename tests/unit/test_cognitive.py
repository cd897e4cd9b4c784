"""Cognitive models against equations written out again, one trial at a time."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import brute, minimize

from conftest import random_sequences
from tinycog.fitting import nelder_mead
from tinycog.models import registry
from tinycog.models.forward import run, to_torch
from tinycog.models.interface import run_states
from tinycog.tasks import task_of

TASK = task_of("reversal")


def model(name):
    return registry.cognitive(TASK, name)


def by_hand(name, p, actions, rewards):
    """Logits before each trial of one block, by the equations of cognitive-models.md 4 in scalars."""
    value, belief, logits = [0.0, 0.0], 0.5, []
    for action, reward in zip([*actions, None], [*rewards, None], strict=True):
        if name == "LS0":
            logits.append([p["beta"] * (1 - belief), p["beta"] * belief])
        else:
            logits.append([p["beta"] * v for v in value])
        if action is None:
            return np.array(logits)
        if name == "LS0":
            good = 0.7 if action == reward else 0.3
            posterior = good * belief / (good * belief + (1 - good) * (1 - belief))
            belief = (1 - p["h"]) * posterior + p["h"] * (1 - posterior)
        else:
            value[action] = (1 - p["alpha"]) * value[action] + p["alpha"] * reward
            value[1 - action] *= p.get("D", 1.0)
    raise AssertionError


PARAMETERS = {
    "MB0": {"alpha": 0.3, "beta": 2.5},
    "MB1": {"alpha": 0.6, "D": 0.8, "beta": 4.0},
    "LS0": {"h": 0.12, "beta": 3.0},
}


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_logits_equal_the_equations(name, library):
    data = random_sequences(n_blocks=4, n_trials=30, seed=3)
    values = {key: np.array([value, value]) for key, value in PARAMETERS[name].items()}
    if library == "numpy":
        _, logits = run(model(name), values, data, data.n_trials)
    else:
        tensors = {key: torch.as_tensor(value) for key, value in values.items()}
        states = run_states(model(name), tensors, to_torch(data), data.n_trials)
        logits = model(name).policy(tensors, states).numpy()
    for block in range(data.n_blocks):
        expected = by_hand(name, PARAMETERS[name], data.action[:, block], data.reward[:, block])
        for replica in range(2):
            np.testing.assert_allclose(logits[replica, :, block], expected, atol=1e-12)


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
            logits = by_hand("MB0", p, data.action[:, block], data.reward[:, block])[:-1]
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
    with pytest.raises(ValueError, match="no cognitive model 'MBX'; it has: LS0, MB0, MB1"):
        model("MBX")
