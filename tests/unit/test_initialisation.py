"""Initial weights against torch's own."""

import numpy as np
import pytest
import torch

from tinycog.models.cells.gru import GRU


@pytest.mark.parametrize("n_units", range(1, 21))
def test_weights_are_those_of_torch_bit_for_bit(n_units):
    for seed, (n_inputs, n_actions) in enumerate([(3, 2), (4, 3), (5, 4), (10, 6), (3, 2)]):
        torch.manual_seed(seed)
        layer, readout = torch.nn.GRU(n_inputs, n_units), torch.nn.Linear(n_units, n_actions)
        names = {"W_ih": "weight_ih_l0", "W_hh": "weight_hh_l0", "b_ih": "bias_ih_l0", "b_hh": "bias_hh_l0"}
        expected = {ours: getattr(layer, theirs) for ours, theirs in names.items()}
        expected |= {"W_out": readout.weight, "b_out": readout.bias}
        ours = GRU(n_inputs=n_inputs, n_units=n_units, n_actions=n_actions).initialise(seed)
        assert list(ours) == list(expected)
        for name, value in expected.items():
            np.testing.assert_array_equal(ours[name], value.detach().double().numpy(), err_msg=name)
            assert ours[name].dtype == np.float64


def test_diagonal_readout_starts_at_one_and_keeps_the_layer():
    full = GRU(n_inputs=3, n_units=2, n_actions=2).initialise(5)
    diagonal = GRU(n_inputs=3, n_units=2, n_actions=2, readout="diagonal").initialise(5)
    assert diagonal["c"] == 1.0
    np.testing.assert_array_equal(diagonal["W_hh"], full["W_hh"])
