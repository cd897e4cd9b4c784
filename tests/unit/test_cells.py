"""Recurrent cells: parameter counts, identities between them, and torch's own modules."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from conftest import block_weights, random_sequences
from tinycog.analyses.portraits import compute as portrait
from tinycog.fitting import adam, engine
from tinycog.fitting.gradient import Autograd, starting_point, unflatten
from tinycog.fitting.kernels.fused import has_kernel
from tinycog.fitting.objective import replicas
from tinycog.models import registry
from tinycog.models.cells import slin
from tinycog.models.interface import run
from tinycog.results import scores
from tinycog.simulation.environments import Scheduled
from tinycog.simulation.play import play
from tinycog.tasks import task_of
from tinycog.trials.sequences import from_columns
from tinycog.trials.splits import ROLES
from tinycog.trials.tensors import to_torch

BANDIT, TWO_STAGE = task_of("bandit"), task_of("two_stage")


def build(cell, n_units, task=BANDIT, readout="full", n_subjects=0, **options):
    return registry.build(task, {"family": "rnn", "cell": cell, "readout": readout, **options}, n_units, n_subjects)


def stack(model, seeds=range(3), scale=1.0):
    networks = [model.initialise(seed) for seed in seeds]
    return {name: np.stack([network[name] for network in networks]) * scale for name in model.parameters}


def random_parameters(model, n=3, seed=0):
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=(n, *shape)) for name, shape in model.shapes.items()}


# (methods: parameter counts); K is 4 in one-stage tasks of two actions and 8 in two-stage ones
COUNTS = {
    "gru": lambda d, k: 3 * d**2 + 17 * d + 2,
    "switching_gru": lambda d, k: {4: 12 * d**2 + 26 * d + 2, 8: 24 * d**2 + 50 * d + 2}[k],
    "slin": lambda d, k: {4: 4 * d**2 + 6 * d + 2, 8: 8 * d**2 + 10 * d + 2}[k],
    "mi_gru": lambda d, k: 3 * d * 3 + 3 * d**2 + 6 * d + 9 * d + 2 * (d + 1),
    "rnn": lambda d, k: 3 * d + d**2 + 2 * d + 2 * (d + 1),
    "low_rank_rnn": lambda d, k: 3 * d + 2 * d + 2 * d + 2 * (d + 1),  # rank 1
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
        spec = {"family": "rnn", "cell": cell, "readout": "full"}
        assert (model.n_dynamical == d) == registry.is_scalar(BANDIT, spec)


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
    drawn = ("W_ih", "W_hh") if cell == "mi_gru" else tuple(model.recurrent)
    assert all((first[name] != other[name]).all() for name in (*drawn, "W_out"))
    if cell in ("mi_gru", "low_rank_rnn"):  # what else they have is tested below
        layer = np.concatenate([first[name].ravel() for name in drawn if name not in ("M", "N")])
    if cell == "switching_gru":
        assert abs(layer.std() - 1) < 0.1
        assert np.abs(layer).max() > 2
    else:
        bound = 1 / np.sqrt(3 if cell.startswith("min") else 4)
        assert bound * 0.9 < np.abs(layer).max() <= bound


# all weight matrices of the layer; a minimal cell has input maps only (methods: loss and penalty)
PENALISED = {
    "gru": ("W_ih", "W_hh"),
    "switching_gru": ("W_hh",),
    "slin": ("V",),
    "mi_gru": ("W_ih", "W_hh"),
    "rnn": ("W_ih", "W_hh"),
    "low_rank_rnn": ("W_ih", "M", "N"),
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
    if cell in ("gru", "switching_gru", "mi_gru", "rnn", "low_rank_rnn"):
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


def test_an_mi_gru_starts_as_the_gru_with_its_weights():
    data, model, gru = sequences_of(TWO_STAGE), build("mi_gru", 3, TWO_STAGE), build("gru", 3, TWO_STAGE)
    params, weights = stack(model), stack(gru)
    for name in ("W_ih", "W_hh"):
        np.testing.assert_array_equal(params[name], weights[name])
    assert not any(params[name].any() for name in ("alpha", "b_ih", "b_hh"))
    assert (params["beta_i"] == 1).all()
    assert (params["beta_h"] == 1).all()
    rng = np.random.default_rng(0)
    params |= {name: rng.normal(size=(3, 9)) for name in ("b_ih", "b_hh")}
    shared = {name: params[name] for name in gru.parameters}
    for own, expected in zip(run(model, params, data, 20), run(gru, shared, data, 20), strict=True):
        np.testing.assert_allclose(own, expected, atol=1e-12, rtol=0)


def test_an_mi_gru_is_its_equations_in_scalars():
    """Gates in the order reset, update, candidate (methods: multiplicative-integration GRU)."""
    data, model, d = sequences_of(BANDIT, n_blocks=2, n_trials=8), build("mi_gru", 2), 2
    params = random_parameters(model, n=2)
    states, _ = run(model, params, data, 8)
    for replica, block in np.ndindex(2, 2):
        p, h = {name: value[replica] for name, value in params.items()}, [0.0] * d
        for trial in range(8):
            new = []
            for unit in range(d):
                rows = [gate * d + unit for gate in range(3)]
                u = [sum(p["W_ih"][row, i] * data.x[trial, block, i] for i in range(3)) for row in rows]
                v = [sum(p["W_hh"][row, j] * h[j] for j in range(d)) for row in rows]
                product = [p["alpha"][row] * u[k] * v[k] for k, row in enumerate(rows)]
                of_x = [p["beta_i"][row] * u[k] + p["b_ih"][row] for k, row in enumerate(rows)]
                of_h = [p["beta_h"][row] * v[k] + p["b_hh"][row] for k, row in enumerate(rows)]
                reset, update = (1 / (1 + math.exp(-(product[k] + of_x[k] + of_h[k]))) for k in (0, 1))
                candidate = math.tanh(reset * product[2] + of_x[2] + reset * of_h[2])
                new.append((1 - update) * candidate + update * h[unit])
            h = new
            np.testing.assert_allclose(states[replica, trial + 1, block], h, atol=1e-13, rtol=0)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_low_rank_rnn_is_an_rnn_with_that_recurrent_matrix(rank):
    data, model = sequences_of(BANDIT), build("low_rank_rnn", 3, rank=rank)
    assert model.n_parameters == 3 * 3 + 2 * 3 * rank + 2 * 3 + 2 * (3 + 1)
    params = random_parameters(model)
    full = {name: params[name] for name in ("W_ih", "b_ih", "b_hh", "W_out", "b_out")}
    full["W_hh"] = params["M"] @ params["N"].transpose(0, 2, 1)
    assert (np.linalg.matrix_rank(full["W_hh"]) == rank).all()
    for own, expected in zip(run(model, params, data, 20), run(build("rnn", 3), full, data, 20), strict=True):
        np.testing.assert_allclose(own, expected, atol=1e-12, rtol=0)


def test_a_low_rank_rnn_of_full_rank_is_any_rnn():
    data, model, rnn = sequences_of(BANDIT), build("low_rank_rnn", 3, rank=3), build("rnn", 3)
    params = stack(rnn)
    factored = {name: params[name] for name in model.parameters if name in params}
    factored |= {"M": params["W_hh"], "N": np.repeat(np.eye(3)[None], 3, axis=0)}
    for own, expected in zip(run(model, factored, data, 20), run(rnn, params, data, 20), strict=True):
        np.testing.assert_array_equal(own, expected)


def test_the_rank_is_at_most_the_number_of_units_and_1_by_default():
    assert build("low_rank_rnn", 3, rank=None).shapes["M"] == (3, 1)
    with pytest.raises(ValueError, match="rank: found 4; allowed with 3 units: 1 to 3"):
        build("low_rank_rnn", 3, rank=4)


@pytest.mark.parametrize(("n_units", "rank"), [(1, 1), (4, 1), (4, 2), (6, 6)])
def test_the_product_of_initial_factors_has_the_scale_of_an_rnn_s_matrix(n_units, rank):
    params = stack(build("low_rank_rnn", n_units, rank=rank), seeds=range(2000))
    for name in ("M", "N"):
        assert np.abs(params[name]).max() == pytest.approx((3 / (n_units * rank)) ** 0.25, rel=0.01)
    product = params["M"] @ params["N"].transpose(0, 2, 1)
    assert product.std() == pytest.approx(1 / np.sqrt(3 * n_units), rel=0.05)


def with_codes(data, subject=None, task=None):
    return replace(data, subject_code=subject, task_code=task)


def embedded(cell, n_units, n_tasks=2, n_subjects=3, width=2):
    """A network of the bandit that is told task and subject."""
    sizes = {"n_inputs": 3, "n_units": n_units, "n_actions": 2}
    return registry.cell(cell)(**sizes, n_tasks=n_tasks, n_subjects=n_subjects, subject_width=width)


FED_A_VECTOR = [cell for cell in registry.CELLS if not registry.cell(cell).by_condition]
BY_CONDITION = [cell for cell in registry.CELLS if cell not in FED_A_VECTOR]
WIDENED = {"gru": 3, "mi_gru": 3, "rnn": 1, "low_rank_rnn": 1, "lstm": 4, "mingru": 2, "minlstm": 3}  # rows of W_ih / d


@pytest.mark.parametrize("cell", FED_A_VECTOR)
def test_an_embedding_is_appended_to_the_input_of_every_trial(cell):
    """One replica at a time: [x; e_task; e_subject] as the input of a plain network (methods: embeddings)."""
    data, model = sequences_of(BANDIT, n_blocks=5), embedded(cell, 2)
    subject, task = np.array([2, 0, 1, 2, 0]), np.array([0, 1, 1, 0, 0])
    plain = type(model)(n_inputs=3 + 2 + 2, n_units=2, n_actions=2)
    params = random_parameters(model)
    coded = with_codes(data, subject, task)
    _, logits = run(model, params, coded, 20)
    _, by_torch = run(model, {name: torch.as_tensor(value) for name, value in params.items()}, to_torch(coded), 20)
    np.testing.assert_allclose(by_torch, logits, atol=1e-12, rtol=0)
    for replica in range(3):
        one = {name: value[replica : replica + 1] for name, value in params.items()}
        told = np.concatenate([one["E_task"][0, task], one["E_subject"][0, subject]], axis=-1)
        x = np.concatenate([data.x, np.broadcast_to(told, (20, *told.shape))], axis=-1)
        _, expected = run(plain, {name: one[name] for name in plain.parameters}, replace(data, x=x), 20)
        np.testing.assert_allclose(logits[replica], expected[0], atol=1e-12, rtol=0)


@pytest.mark.parametrize("cell", FED_A_VECTOR)
def test_embeddings_have_their_parameters_and_start_as_identity_and_zero_and_are_not_penalised(cell):
    model, plain = embedded(cell, 2), embedded(cell, 2, 0, 0, 0)
    assert model.n_parameters == plain.n_parameters + WIDENED[cell] * 2 * (2 + 2) + 2 * 2 + 3 * 2
    initial = model.initialise(0)
    np.testing.assert_array_equal(initial["E_task"], np.eye(2))
    np.testing.assert_array_equal(initial["E_subject"], np.zeros((3, 2)))
    assert "E_task" not in model.penalised
    assert "E_subject" not in model.penalised
    assert has_kernel(model)
    assert plain.parameters == build(cell, 2).parameters
    spec = {"subject_embedding": 2, "n_subjects": 3}
    assert build(cell, 2, **spec).shapes == embedded(cell, 2, n_tasks=0).shapes


@pytest.mark.parametrize("cell", BY_CONDITION)
def test_a_switching_cell_has_no_embedding(cell):
    with pytest.raises(
        ValueError, match=f"cell '{cell}' is fed a condition, not a vector: it cannot have an embedding"
    ):
        build(cell, 2, subject_embedding=1, n_subjects=3)


def test_an_embedding_needs_to_know_whose_block_it_is():
    model = embedded("gru", 1, n_tasks=0)
    with pytest.raises(ValueError, match="a network with E_subject needs sequences with `subject_code`"):
        run(model, stack(model), sequences_of(BANDIT), 5)


@pytest.mark.parametrize("cell", ["gru", "mi_gru", "low_rank_rnn", "minlstm"])
def test_gradients_reach_everything_embeddings_included(cell):
    data, model = sequences_of(BANDIT, n_blocks=12, n_trials=8), embedded(cell, 2)
    data = with_codes(data, np.arange(12) % 3, np.arange(12) // 6)
    grid = replicas(block_weights(12, outer=0, n_outer=6, n_inner=2), range(1), [0.0])  # all of them are trained on
    theta = np.random.default_rng(0).normal(size=(2, model.n_parameters))
    gradient = Autograd(model, data, grid)
    _, slope = gradient(theta)
    assert (slope != 0).all()
    for column in range(model.n_parameters):
        step = np.zeros_like(theta)
        step[:, column] = 1e-5
        (up, _), (down, _) = gradient(theta + step), gradient(theta - step)
        np.testing.assert_allclose(slope[:, column], (up - down)[0] / 2e-5, rtol=1e-6, atol=1e-9)


def of_two_kinds(n_subjects, n_blocks, n_trials):
    """Pooled subjects: in nine trials of ten even ones repeat their last choice, and odd ones change it."""
    rng = np.random.default_rng(0)
    subject = np.repeat(np.arange(n_subjects), n_blocks)
    action, reward = rng.integers(0, 2, (2, n_trials, len(subject)))
    for trial in range(1, n_trials):
        changes = rng.random(len(subject)) < np.where(subject % 2 == 0, 0.1, 0.9)
        action[trial] = action[trial - 1] ^ changes
    block, trial = np.divmod(np.arange(action.size), n_trials)
    columns = {name: value.T.ravel() for name, value in (("action", action), ("state", action), ("reward", reward))}
    data = from_columns({"block": block, "trial": trial, **columns, "mask": np.ones(action.size)}, BANDIT)
    return with_codes(data, subject)


def test_a_network_with_subject_embeddings_tells_subjects_apart():
    data = of_two_kinds(n_subjects=5, n_blocks=20, n_trials=8)
    role = np.array((["train"] * 10 + ["val"] * 4 + ["test"] * 6) * 4 + ["unused"] * 20)  # the last one has no part
    splits = [{name: (role == name)[None].astype(float) for name in ROLES}]
    training = {"optimizer": "adam", "learning_rate": 0.02, "max_epochs": 200, "patience": 200, "device": "cpu"}

    def fit(width):
        spec = {"family": "rnn", "cell": "gru", "readout": "full", "seeds": 3, "l1": [1e-5], "subject_embedding": width}
        return engine.fit(registry.build(BANDIT, spec, 1, data.n_subjects), spec, data, splits, training)

    without, told = fit(0), fit(1)
    assert told.nll["test"].max() < without.nll["test"].min() - 0.05
    vectors = told.params["E_subject"][..., 0]  # (replica, subject)
    even, odd, unseen = vectors[:, [0, 2]], vectors[:, [1, 3]], vectors[:, 4]
    assert ((even.min(1) > odd.max(1)) | (even.max(1) < odd.min(1))).all()
    assert (unseen == 0).all()


def test_a_subset_of_blocks_keeps_whose_they_are():
    data = with_codes(sequences_of(BANDIT), np.array([2, 0, 1, 2, 0]), np.array([0, 0, 1, 1, 1]))
    some = data.subset(np.array([1, 3]))
    assert some.subject_code.tolist() == [0, 2]
    assert some.task_code.tolist() == [0, 1]
    assert data.n_subjects == 3


def from_gru(params, inputs):
    """The switching GRU that does what a GRU does on inputs (condition, input) (methods: switching GRU)."""
    k = len(inputs)
    share = np.einsum("rgi,ki->rkg", params["W_ih"], inputs)
    repeated = {name: np.repeat(params[name][:, None], k, axis=1) for name in ("W_hh", "b_hh")}
    readout = {name: value for name, value in params.items() if name in ("W_out", "b_out", "c")}
    return {"W_hh": repeated["W_hh"], "b_ih": params["b_ih"][:, None] + share, "b_hh": repeated["b_hh"], **readout}


@pytest.mark.parametrize("task", [BANDIT, TWO_STAGE], ids=lambda task: task.name)
@pytest.mark.parametrize("n_units", [1, 2, 3])
def test_a_switching_gru_does_what_a_gru_does(task, n_units):
    data = sequences_of(task)
    gru, switching = build("gru", n_units, task), build("switching_gru", n_units, task)
    params = random_parameters(gru)
    codes = np.arange(len(task.conditions))
    inputs = task.encode(*(np.array(part) for part in zip(*map(task.trial_of, codes), strict=True)))
    mapped = from_gru(params, inputs)
    for own, expected in zip(run(switching, mapped, data, 20), run(gru, params, data, 20), strict=True):
        np.testing.assert_allclose(own, expected, atol=1e-10, rtol=0)


def sequences_of(task, n_blocks=5, n_trials=20):
    """Random trials; in a two-stage task the state does not follow from the action."""
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
    """MB0s: h = V_A1 = -V_A2, both moved by alpha towards +-r; logits beta V."""
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
    with pytest.raises(ValueError, match="a block readout needs pairs of actions, found 3 actions"):
        build("gru", 2, task_of("three_armed_reversal"), "block")


@pytest.mark.parametrize("cell", registry.CELLS)
def test_every_cell_is_trained_and_by_kernel_as_by_autograd(cell):
    data, model = sequences_of(TWO_STAGE, n_blocks=8), build(cell, 2, TWO_STAGE)
    grid = replicas(block_weights(8, outer=0, n_outer=4, n_inner=3), range(2), [1e-5])
    options = {"learning_rate": 0.005, "max_epochs": 30, "patience": 200}
    by_torch = adam.train(Autograd(model, data, grid), *starting_point(model, grid), **options)
    spec = {"family": "rnn", "seeds": 2, "l1": [1e-5]}
    splits = block_weights(8, outer=0, n_outer=4, n_inner=3)
    fits = engine.fit(model, spec, data, splits, options | {"optimizer": "adam", "device": "cpu"})
    assert set(fits.reason) == {""}
    expected = unflatten(by_torch.theta, model.shapes)
    for name in model.parameters:
        np.testing.assert_allclose(fits.params[name], expected[name], rtol=0, atol=1e-8)
    start, *_ = engine.evaluate(model, stack(model, grid.seed), data, grid)
    assert (fits.nll["val"] < start["val"]).any()


def test_the_portrait_of_a_cell_without_bounds_spans_what_was_visited():
    """The anti-correlated delta rule as a SLIN: setpoints 0 and +-2 beta (methods: logit maps in closed form)."""
    alpha, beta = 0.3, 4.0
    data, model = sequences_of(BANDIT), build("slin", 1)
    params = {"V": np.full((1, 4, 1, 1), -alpha), "b": np.zeros((1, 4, 1))}
    params["b"][0, :, 0] = [0, alpha, 0, -alpha]
    params |= {"W_out": np.array([[[beta], [-beta]]]), "b_out": np.zeros((1, 2))}
    everywhere = {role: np.full((1, data.n_blocks), float(role == "train")) for role in ROLES}
    along = scores.score(BANDIT, model, params, data, everywhere)
    one_step = portrait.OneStep(BANDIT, model, params)
    the_map = portrait.exact_map(one_step, along.states)
    low, high = along.states.min(), along.states.max()  # and beyond by as much as lies between
    np.testing.assert_allclose(the_map.state[[0, -1]], [low - (high - low), high + (high - low)], rtol=1e-12)
    for code, expected in enumerate([0, 2 * beta, 0, -2 * beta]):
        trials = portrait.visited(along, code)
        assert portrait.slope(trials) == pytest.approx(-alpha, abs=1e-8)
        points = portrait.fixed_points(one_step, the_map, code)
        assert points.logit == pytest.approx([expected], abs=1e-12)
        assert points.multiplier == pytest.approx([1 - alpha], abs=1e-12)


def agent_choices(agent, params):
    """400 blocks of 50 choices between arms whose reward probabilities swap, and their NLL by the agent that chose."""
    rng = np.random.default_rng(1)
    swapped = (np.arange(50) // 12 % 2)[:, None, None] == rng.integers(0, 2, (1, 400, 1))
    schedule = np.where(swapped, [0.2, 0.8], [0.8, 0.2])
    played = play(agent, params, BANDIT, Scheduled(BANDIT, schedule), (50, 400), rng)
    block, trial = np.divmod(np.arange(400 * 50), 50)
    columns = {name: played[name].T.ravel() for name in ("action", "state", "reward")}
    data = from_columns({"block": block, "trial": trial, **columns, "mask": np.ones(400 * 50)}, BANDIT)
    return data, -np.log(played["probability"])


def excess(cell, agent, params):
    """Test NLL of the network of one unit that validation keeps, fed the condition, above the agent's own."""
    data, own = agent_choices(agent, params)
    model = type(build(cell, 1))(n_inputs=4, n_units=1, n_actions=2)
    splits = block_weights(400, outer=0, n_outer=5, n_inner=4)[:1]
    training = {"optimizer": "fast", "learning_rate": 0.005, "max_epochs": 8000, "patience": 200, "device": "cpu"}
    fits = engine.fit(model, {"family": "rnn", "seeds": 4, "l1": [1e-5]}, one_hot(data), splits, training)
    return fits.nll["test"][fits.nll["val"].argmin()] - own[:, splits[0]["test"][0] == 1].mean()


def test_a_mingru_of_one_unit_is_as_good_as_a_model_free_agent_and_not_as_a_bayesian_one():
    """Its learning rates cannot depend on the state, as those of a belief do; a GRU's can (methods: minimal cells)."""
    alpha, beta = 0.3, 3.0
    model_free = {"V": np.full((1, 4, 1, 1), -alpha), "b": alpha * np.array([0.0, 1, 0, -1]).reshape(1, 4, 1)}
    model_free |= {"W_out": np.array([[[beta], [-beta]]]), "b_out": np.zeros((1, 2))}
    bayesian = {"h": np.array([0.02]), "beta": np.array([6.0])}
    assert abs(excess("mingru", build("slin", 1), model_free)) < 0.003
    agent = registry.cognitive(BANDIT, "LS0")
    assert excess("gru", agent, bayesian) < 0.003 < excess("mingru", agent, bayesian)
