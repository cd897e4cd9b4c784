"""Recurrent cells: parameter counts, identities between them, and torch's own modules."""

import numpy as np
import pytest
import torch

from conftest import block_weights, random_sequences
from tinycog import scores
from tinycog.dynamics import portrait
from tinycog.fitting import adam, engine
from tinycog.fitting.gradient import Autograd, starting_point, unflatten
from tinycog.fitting.objective import replicas
from tinycog.models import registry
from tinycog.models.cells import slin, switching_gru
from tinycog.models.interface import run
from tinycog.splits import ROLES
from tinycog.tasks import task_of
from tinycog.tensors import to_torch

BANDIT, TWO_STAGE = task_of("bandit"), task_of("two_stage")


def build(cell, n_units, task=BANDIT, readout="full"):
    return registry.build(task, {"family": "rnn", "cell": cell, "readout": readout}, n_units)


def stack(model, seeds=range(3), scale=1.0):
    networks = [model.initialise(seed) for seed in seeds]
    return {name: np.stack([network[name] for network in networks]) * scale for name in model.parameters}


def random_parameters(model, n=3, seed=0):
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=(n, *shape)) for name, shape in model.shapes.items()}


# core.md 4.7 and extensions.md 5; K is 4 in one-stage tasks of two actions and 8 in two-stage ones
COUNTS = {
    "gru": lambda d, k: 3 * d**2 + 17 * d + 2,
    "switching_gru": lambda d, k: {4: 12 * d**2 + 26 * d + 2, 8: 24 * d**2 + 50 * d + 2}[k],
    "slin": lambda d, k: {4: 4 * d**2 + 6 * d + 2, 8: 8 * d**2 + 10 * d + 2}[k],
    "rnn": lambda d, k: 3 * d + d**2 + 2 * d + 2 * (d + 1),
    "lstm": lambda d, k: 4 * (3 * d + d**2 + 2 * d) + 2 * (d + 1),
    "mingru": lambda d, k: 2 * (3 * d + d) + 2 * (d + 1),
    "minlstm": lambda d, k: 3 * (3 * d + d) + 2 * (d + 1),
}


@pytest.mark.parametrize("cell", registry.CELLS)
@pytest.mark.parametrize("task", [BANDIT, TWO_STAGE], ids=lambda task: task.name)
def test_parameter_counts_and_dynamical_variables(cell, task):
    for d in (1, 2, 4):
        model = build(cell, d, task)
        assert model.n_parameters == COUNTS[cell](d, len(task.conditions))
        assert sum(value.size for value in model.initialise(0).values()) == model.n_parameters
        assert model.n_dynamical == (2 * d if cell == "lstm" else d)
        assert (model.n_dynamical == d) == registry.is_scalar({"cell": cell})


@pytest.mark.parametrize("cell", registry.CELLS)
def test_initial_values_depend_on_seed_cell_and_size_alone_and_have_their_distribution(cell):
    model = build(cell, 4, TWO_STAGE)
    first, again, other = model.initialise(3), model.initialise(3), model.initialise(4)
    for name in model.parameters:
        np.testing.assert_array_equal(first[name], again[name])
    layer = np.concatenate([first[name].ravel() for name in model.recurrent])
    if cell == "slin":
        assert not layer.any()
        return
    assert all((first[name] != other[name]).all() for name in model.recurrent)
    assert (first["W_out"] != other["W_out"]).all()
    if cell == "switching_gru":
        assert abs(layer.std() - 1) < 0.1
        assert np.abs(layer).max() > 2
    else:
        bound = 1 / np.sqrt(3 if cell.startswith("min") else 4)
        assert bound * 0.9 < np.abs(layer).max() <= bound


# core.md 5.1: all weight matrices of the layer; a minimal cell has input maps only (extensions.md 5)
PENALISED = {
    "gru": ("W_ih", "W_hh"),
    "switching_gru": ("W_hh",),
    "slin": ("V",),
    "rnn": ("W_ih", "W_hh"),
    "lstm": ("W_ih", "W_hh"),
    "mingru": ("W_ih",),
    "minlstm": ("W_ih",),
}


@pytest.mark.parametrize("cell", registry.CELLS)
def test_the_l1_acts_on_the_weight_matrices_of_the_layer_alone(cell):
    model = build(cell, 2, TWO_STAGE)
    grid = replicas(block_weights(6, outer=0, n_outer=3, n_inner=2)[:1], range(1), [0.5, 0.25])
    _, penalty = starting_point(model, grid)
    for name, values in unflatten(penalty, model.shapes).items():
        expected = np.reshape([0.5, 0.25], (2, *[1] * (values.ndim - 1))) * (name in PENALISED[cell])
        np.testing.assert_array_equal(values, np.broadcast_to(expected, values.shape))


@pytest.mark.parametrize("cell", registry.CELLS)
def test_states_come_near_to_their_bounds_or_have_none(cell):
    data, model = sequences_of(BANDIT), build(cell, 2)
    states, _ = run(model, {name: 4 * value for name, value in random_parameters(model, n=10).items()}, data, 20)
    if cell in ("gru", "switching_gru", "rnn"):
        assert model.state_bounds == (-1, 1)
        assert -1 <= states.min() < -0.99
        assert 0.99 < states.max() <= 1
    else:
        assert model.state_bounds == (-np.inf, np.inf)
        assert states.min() < -1.5
        assert states.max() > 1.5


@pytest.mark.parametrize(("cell", "module"), [("rnn", torch.nn.RNN), ("lstm", torch.nn.LSTM)])
@pytest.mark.parametrize("n_units", [1, 3])
def test_states_and_logits_equal_torch_modules_and_their_initial_values(cell, module, n_units):
    data = random_sequences(n_blocks=6, n_trials=15)
    model = build(cell, n_units)
    states, logits = run(model, stack(model), data, data.n_trials)
    for replica in range(3):
        torch.manual_seed(replica)
        layer, readout = module(3, n_units).double(), torch.nn.Linear(n_units, 2).double()
        with torch.no_grad():
            hidden = layer(torch.as_tensor(data.x))[0]
            hidden = torch.cat([torch.zeros_like(hidden[:1]), hidden])
            np.testing.assert_allclose(states[replica][..., :n_units], hidden.numpy(), atol=1e-12, rtol=0)
            np.testing.assert_allclose(logits[replica], readout(hidden).numpy(), atol=1e-12, rtol=0)


@pytest.mark.parametrize("task", [BANDIT, TWO_STAGE], ids=lambda task: task.name)
@pytest.mark.parametrize("n_units", [1, 2, 3])
def test_a_switching_gru_does_what_a_gru_does(task, n_units):
    data = sequences_of(task)
    gru, switching = build("gru", n_units, task), build("switching_gru", n_units, task)
    params = random_parameters(gru)
    codes = np.arange(len(task.conditions))
    inputs = task.encode(*(np.array(part) for part in zip(*map(task.trial_of, codes), strict=True)))
    mapped = switching_gru.from_gru(params, inputs)
    for own, expected in zip(run(switching, mapped, data, 20), run(gru, params, data, 20), strict=True):
        np.testing.assert_allclose(own, expected, atol=1e-10, rtol=0)


def sequences_of(task, n_blocks=5, n_trials=20):
    """Random trials; in a two-stage task the state does not follow from the action."""
    from tinycog.sequences import from_columns

    rng = np.random.default_rng(1)
    block, trial = np.divmod(np.arange(n_blocks * n_trials), n_trials)
    action, reward = rng.integers(0, 2, (2, len(block)))
    state = action if task.one_stage else rng.integers(0, 2, len(block))
    columns = {"action": action, "state": state, "reward": reward, "mask": np.ones(len(block))}
    return from_columns({"block": block, "trial": trial, **columns}, task)


def test_both_forms_of_slin_agree():
    data, model = sequences_of(TWO_STAGE), build("slin", 2, TWO_STAGE)
    params = random_parameters(model)
    params["V"] *= 0.2
    states, _ = run(model, params, data, 20)
    matrices = slin.transition(params)
    for replica in range(3):
        state = np.zeros((data.n_blocks, 2))
        for trial, condition in enumerate(data.condition):
            state = np.einsum("bij,bj->bi", matrices[replica, condition], state) + params["b"][replica, condition]
            np.testing.assert_allclose(states[replica, trial + 1], state, rtol=1e-10, atol=1e-12)


def test_a_slin_of_one_unit_is_the_anti_correlated_delta_rule():
    """h = V_A1 = -V_A2, both moved by alpha towards +-r (cognitive-models.md 4.4); logits beta V."""
    alpha, beta = 0.3, 4.0
    data, model = sequences_of(BANDIT), build("slin", 1)
    params = {"V": np.full((1, 4, 1, 1), -alpha), "b": np.zeros((1, 4, 1))}
    params["b"][0, :, 0] = [0, alpha, 0, -alpha]  # conditions A1R0, A1R1, A2R0, A2R1
    params |= {"W_out": np.array([[[beta], [-beta]]]), "b_out": np.zeros((1, 2))}
    _, logits = run(model, params, data, 20)
    values = np.zeros((data.n_blocks, 2))
    for trial in range(20):
        np.testing.assert_allclose(logits[0, trial], beta * values, atol=1e-14)
        sign = np.where(data.action[trial][:, None] == np.arange(2), 1, -1)
        values = (1 - alpha) * values + alpha * data.reward[trial][:, None] * sign


def one_hot(data):
    from dataclasses import replace

    return replace(data, x=np.eye(4)[data.condition])


def test_mingru_with_conditions_as_input_is_a_diagonal_slin():
    data = one_hot(sequences_of(BANDIT))
    own = {"W_ih": (4, 4), "b_ih": (4,)}
    rng = np.random.default_rng(0)
    params = {name: rng.normal(size=(1, *shape)) for name, shape in own.items()}
    readout = {"W_out": rng.normal(size=(1, 2, 2)), "b_out": rng.normal(size=(1, 2))}
    gates = params["W_ih"][0] + params["b_ih"][0][:, None]  # (gate, condition)
    z, n = 1 / (1 + np.exp(-gates[:2])), gates[2:]
    copy = {"V": np.stack([np.diag(-z[:, k]) for k in range(4)])[None], "b": (z * n).T[None]}
    model = type(build("mingru", 2))(n_inputs=4, n_units=2, n_actions=2)
    _, logits = run(model, params | readout, data, 20)
    _, expected = run(build("slin", 2), copy | readout, data, 20)
    np.testing.assert_allclose(logits, expected, atol=1e-12)


def test_minlstm_with_conditions_as_input_is_a_mingru():
    data = one_hot(sequences_of(BANDIT))
    rng = np.random.default_rng(0)
    params = {"W_ih": rng.normal(size=(1, 6, 4)), "b_ih": np.zeros((1, 6))}
    readout = {"W_out": rng.normal(size=(1, 2, 2)), "b_out": rng.normal(size=(1, 2))}
    forget, write, candidate = np.split(params["W_ih"][0], 3)
    f, i = 1 / (1 + np.exp(-forget)), 1 / (1 + np.exp(-write))
    z = i / (f + i)
    copy = {"W_ih": np.concatenate([np.log(z / (1 - z)), candidate])[None], "b_ih": np.zeros((1, 4))}
    lstm, gru = (type(build(cell, 2))(n_inputs=4, n_units=2, n_actions=2) for cell in ("minlstm", "mingru"))
    np.testing.assert_allclose(
        run(lstm, params | readout, data, 20)[1], run(gru, copy | readout, data, 20)[1], atol=1e-12
    )


@pytest.mark.parametrize("cell", ["mingru", "minlstm"])
def test_minimal_cells_forget_at_a_rate_that_the_state_does_not_change(cell):
    data, model = sequences_of(BANDIT), build(cell, 2)
    params = {name: torch.as_tensor(value) for name, value in random_parameters(model).items()}
    trial = model.drive(params, to_torch(data))[3]
    state = torch.randn(3, data.n_blocks, 2, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(model.update(params, state, trial).sum(), state)
    np.testing.assert_allclose(slope, trial[0], atol=1e-15)
    assert ((slope > 0) & (slope < 1)).all()


@pytest.mark.parametrize(("n_units", "n_parameters"), [(3, 27 + 90 + 18 + 6 + 6), (6, 108 + 180 + 36 + 12 + 6)])
def test_a_block_readout_is_a_full_one_with_the_other_weights_at_zero(n_units, n_parameters):
    """Units of one group decide between the actions of one pair: those of the first choice, or those in one state."""
    task = task_of("original_two_stage")
    block, full = build("gru", n_units, task, "block"), build("gru", n_units, task)
    assert block.n_parameters == n_parameters
    params = random_parameters(block)
    size = n_units // 3
    spread = np.zeros((3, 6, n_units))
    for action in range(6):
        units = slice(action // 2 * size, (action // 2 + 1) * size)
        spread[:, action, units] = params["W_out"][:, action]
    state = torch.randn(3, 4, 5, n_units, dtype=torch.float64)
    own, expected = ({name: torch.as_tensor(v) for name, v in p.items()} for p in (params, params | {"W_out": spread}))
    np.testing.assert_allclose(block.policy(own, state), full.policy(expected, state), atol=1e-14)
    assert not block.initialise(0)["b_out"].any()
    with pytest.raises(ValueError, match="a block readout of 6 actions needs a multiple of 3 units, found 4"):
        build("gru", 4, task, "block")


@pytest.mark.parametrize("cell", registry.CELLS)
def test_every_cell_is_trained_and_by_kernel_as_by_autograd(cell):
    data, model = sequences_of(TWO_STAGE, n_blocks=8), build(cell, 2, TWO_STAGE)
    grid = replicas(block_weights(8, outer=0, n_outer=4, n_inner=3), range(2), [1e-5])
    options = {"learning_rate": 0.005, "max_epochs": 30, "patience": 200}
    by_torch = adam.train(Autograd(model, data, grid), *starting_point(model, grid), **options)
    spec = {"family": "rnn", "seeds": 2, "l1": [1e-5]}
    splits = block_weights(8, outer=0, n_outer=4, n_inner=3)
    fits = engine.fit(model, spec, data, splits, options | {"device": "cpu"})
    assert set(fits.reason) == {""}
    expected = unflatten(by_torch.theta, model.shapes)
    for name in model.parameters:
        np.testing.assert_allclose(fits.params[name], expected[name], rtol=0, atol=1e-8)
    start, _ = engine.evaluate(model, stack(model, grid.seed), data, grid)
    assert (fits.nll["val"] < start["val"]).any()


def test_the_portrait_of_a_cell_without_bounds_spans_what_was_visited():
    """The anti-correlated delta rule as a SLIN: lines of slope -alpha, setpoints 0 and +-2 beta (analysis.md 1.9)."""
    alpha, beta = 0.3, 4.0
    data, model = sequences_of(BANDIT), build("slin", 1)
    params = {"V": np.full((1, 4, 1, 1), -alpha), "b": np.zeros((1, 4, 1))}
    params["b"][0, :, 0] = [0, alpha, 0, -alpha]
    params |= {"W_out": np.array([[[beta], [-beta]]]), "b_out": np.zeros((1, 2))}
    everywhere = {role: np.full((1, data.n_blocks), float(role == "train")) for role in ROLES}
    along = scores.score(BANDIT, model, params, data, everywhere)
    one_step = portrait.OneStep(BANDIT, model, params)
    the_map = portrait.exact_map(one_step, along.states)
    assert the_map.state.min() < along.states.min()
    assert the_map.state.max() > along.states.max()
    for code, expected in enumerate([0, 2 * beta, 0, -2 * beta]):
        trials = portrait.visited(along, code)
        assert portrait.slope(trials) == pytest.approx(-alpha, abs=1e-8)
        points = portrait.fixed_points(one_step, the_map, code)
        assert points.logit == pytest.approx([expected], abs=1e-12)
        assert points.multiplier == pytest.approx([1 - alpha], abs=1e-12)
