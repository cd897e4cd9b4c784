"""Fits of cognitive models against SciPy, transforms, and checks of what is given (equations: test_catalogue.py)."""

import math

import numpy as np
import pytest
from scipy.optimize import brute, minimize

import by_hand
from conftest import random_sequences
from tinycog.fitting import nelder_mead
from tinycog.models import registry
from tinycog.tasks import task_of

TASK = task_of("reversal")


def model(name, task=TASK):
    return registry.cognitive(task, name)


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
            agent = by_hand.agent("reversal", "MB0", p)
            for a, r in zip(data.action[:, block].tolist(), data.reward[:, block].tolist(), strict=True):
                total -= by_hand.log_likelihood(by_hand.probabilities(agent.first())[a])
                agent.update(a, a, r)
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
