"""The GRU cell against torch's, and its parameter counts."""

import numpy as np
import pytest
import torch

from conftest import random_sequences
from tinycog.models.cells.gru import GRU
from tinycog.models.interface import run


def stack(model: GRU, seeds) -> dict[str, np.ndarray]:
    networks = [model.initialise(seed) for seed in seeds]
    return {name: np.stack([network[name] for network in networks]) for name in model.parameters}


@pytest.mark.parametrize("n_units", [1, 2, 5])
def test_states_and_logits_equal_torch_modules(n_units):
    data = random_sequences(n_blocks=6, n_trials=15)
    model = GRU(n_inputs=3, n_units=n_units, n_actions=2)
    states, logits = run(model, stack(model, range(3)), data, data.n_trials)
    for replica in range(3):
        torch.manual_seed(replica)
        layer, readout = torch.nn.GRU(3, n_units).double(), torch.nn.Linear(n_units, 2).double()
        with torch.no_grad():
            hidden = layer(torch.as_tensor(data.x))[0]
            hidden = torch.cat([torch.zeros_like(hidden[:1]), hidden])
            np.testing.assert_allclose(states[replica], hidden.numpy(), atol=1e-12, rtol=0)
            np.testing.assert_allclose(logits[replica], readout(hidden).numpy(), atol=1e-12, rtol=0)


def test_diagonal_readout_scales_the_states():
    data = random_sequences()
    model = GRU(n_inputs=3, n_units=2, n_actions=2, readout="diagonal")
    params = stack(model, range(2)) | {"c": np.array([1.0, -2.5])}
    states, logits = run(model, params, data, data.n_trials)
    np.testing.assert_array_equal(logits, states * np.array([1.0, -2.5])[:, None, None, None])


def test_diagonal_readout_needs_as_many_units_as_actions():
    with pytest.raises(ValueError, match="as many units as actions"):
        GRU(n_inputs=3, n_units=3, n_actions=2, readout="diagonal")


# (methods: parameter counts); units: (I=3, O=2), (4, 3), (5, 4), (10, 6)
COUNTS = {1: (22, 27, 32, 51), 2: (48, 57, 66, 102), 3: (80, 93, 106, 159), 4: (118, 135, 152, 222)}
COUNTS |= {5: (162, 183, 204, 291), 20: (1542, 1623, 1704, 2046)}


@pytest.mark.parametrize("n_units", COUNTS)
def test_parameter_counts(n_units):
    sizes = [(3, 2), (4, 3), (5, 4), (10, 6)]
    counts = tuple(GRU(n_inputs=i, n_units=n_units, n_actions=o).n_parameters for i, o in sizes)
    assert counts == COUNTS[n_units]
