"""Maps of models, their fixed points, attractors and exponents, against closed forms and known maps."""

import numpy as np
import pytest
import torch

from tinycog.dynamics import attractors, fixed_points
from tinycog.dynamics.exponents import exponents, joint_spectral_radius
from tinycog.dynamics.one_step import OneStep
from tinycog.models import registry
from tinycog.models.cells.rnn import RNN
from tinycog.models.cells.slin import SLIN
from tinycog.models.interface import run
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.tensors import to_torch

TASK = task_of("reversal")
BOX = np.array([[-0.9, -0.9], [0.9, 0.9]])  # states along trials span this


def linear(matrices, shifts):
    """A switching linear network of two conditions' maps h' = W h + b; the other conditions have the first."""
    model = SLIN(n_inputs=3, n_units=2, n_actions=2, n_conditions=4)
    order = [0, 1, 0, 0]
    params = {
        "V": (np.array(matrices)[order] - np.eye(2))[None],
        "b": np.array(shifts, dtype=float)[order][None],
        "W_out": np.array([[[1.0, 0.0], [0.0, 2.0]]]),
        "b_out": np.array([[0.5, 0.0]]),
    }
    return OneStep(TASK, model, params)


def elman(weights, bias):
    """h' = tanh(W h + b) in every condition."""
    weights, bias = np.array(weights, dtype=float), np.array(bias, dtype=float)
    d = len(bias)
    model = RNN(n_inputs=3, n_units=d, n_actions=2)
    params = {
        "W_ih": np.zeros((1, d, 3)),
        "W_hh": weights[None],
        "b_ih": bias[None],
        "b_hh": np.zeros((1, d)),
        "W_out": np.stack([np.ones(d), np.zeros(d)])[None],
        "b_out": np.zeros((1, 2)),
    }
    return OneStep(TASK, model, params)


def of_trials(task, n, seed):
    """One block of random trials, and the condition of each."""
    rng = np.random.default_rng(seed)
    columns = {"block": np.zeros(n, int), "trial": np.arange(n), "mask": np.ones(n, int), "mask2": np.ones(n, int)}
    action, state, action2, reward = (rng.integers(0, 2, n) for _ in range(4))
    if task.one_stage:
        state, code = action, 2 * action + reward
    elif task.stages == 1:
        code = 4 * action + 2 * state + reward
    else:
        code = 8 * action + 4 * state + 2 * action2 + reward
    columns |= {"action": action, "state": state, "action2": action2, "reward": reward}
    return sequences.from_columns(columns, task), code


@pytest.mark.parametrize(
    ("name", "spec", "dim"),
    [
        ("reversal", {"family": "rnn", "cell": "gru", "readout": "full"}, 3),
        ("reversal", {"family": "rnn", "cell": "lstm", "readout": "full"}, 2),
        ("two_stage", {"family": "rnn", "cell": "switching_gru", "readout": "full"}, 2),
        ("original_two_stage", {"family": "rnn", "cell": "gru", "readout": "block"}, 3),
        ("reversal", {"family": "cognitive", "model": "MB0s"}, None),
        ("original_two_stage", {"family": "cognitive", "model": "MXs"}, None),
        ("transition_reversal", {"family": "cognitive", "model": "MF_MB_dec_bs_rb_ck"}, None),
        ("original_two_stage", {"family": "cognitive", "model": "MX_lag1"}, None),
        ("reversal", {"family": "cognitive", "model": "RC"}, None),
        ("transition_reversal", {"family": "cognitive", "model": "MF_MB_dec_bs_rb_mc"}, None),
    ],
)
def test_a_step_is_what_the_model_does_in_such_a_trial(name, spec, dim):
    """Also where a column of the state remembers the last trial: all steps follow from the dynamical variables."""
    task = task_of(name)
    data, codes = of_trials(task, 150, seed=1)
    model = registry.build(task, spec, dim)
    if spec["family"] == "rnn":
        params = {key: value[None] * 2 for key, value in model.initialise(1).items()}
    else:
        params = {key: np.array([0.7 * cls.default]) for key, cls in model.classes.items()}
    states, logits = run(model, params, data, data.n_trials)
    state, logits = states[0, :: task.stages, 0, : model.n_dynamical], logits[0, :: task.stages, 0]
    one_step = OneStep(task, model, params)
    last = codes[:-1]  # what the state before each trial but the first remembers
    after = one_step.step(state[1:-1], codes[1:], last)
    np.testing.assert_allclose(after, state[2:], atol=1e-14)
    own = one_step.logits(state[1:], codes)
    np.testing.assert_allclose(own, logits[1:], atol=1e-14)
    assert len(set(codes)) == len(task.conditions)


def test_the_logit_of_three_actions_is_the_first_ones_against_the_mean_of_the_others():
    task = task_of("bandit", 3)
    model = registry.cognitive(task, "MF")  # logits are values times beta
    one_step = OneStep(task, model, {"alpha": np.array([0.3]), "beta": np.array([2.0])})
    state = np.array([[0.5, 0.1, 0.4], [0.0, 0.9, 0.3]])
    np.testing.assert_allclose(one_step.logit(state), [2 * (0.5 - 0.25), 2 * (0.0 - 0.6)])
    np.testing.assert_allclose(one_step.logits(state), 2 * state)


@pytest.mark.parametrize("name", ["three_armed_reversal", "two_stage", "original_two_stage"])
def test_trials_of_conditions_have_their_codes(name):
    task = task_of(name)
    codes = np.arange(len(task.conditions))
    action, state, *second, reward = task.trial_of(codes)
    np.testing.assert_array_equal(task.condition(action, state, reward, *second), codes)


def test_the_jacobian_of_a_network_is_the_closed_form():
    weights, bias = np.array([[0.3, -1.2, 0.5], [0.8, 0.1, -0.4], [0.0, 0.9, 1.1]]), np.array([0.2, -0.1, 0.4])
    state = np.random.default_rng(0).uniform(-1, 1, (7, 3))
    expected = (1 - np.tanh(state @ weights.T + bias) ** 2)[:, :, None] * weights
    found = elman(weights, bias).jacobian(state, 2)
    np.testing.assert_allclose(found, expected, atol=1e-14)


TASKS = [task_of("bandit", 3), *(task_of(name) for name in registry.COGNITIVE if name != "bandit")]
NETWORKS = [
    (task, {"family": "rnn", "cell": cell, "readout": "full"}, dim)
    for task in TASKS
    for cell in registry.CELLS
    for dim in (1, 3)
    if task.stages == 1 or not registry.cell(cell).by_condition
]
CATALOGUE = [
    (task, {"family": "cognitive", "model": name}, None)
    for task in TASKS
    for name in registry.keys(task)
    if registry.cognitive(task, name).n_dynamical
]


@pytest.mark.parametrize(("task", "spec", "dim"), [*NETWORKS, *CATALOGUE])
def test_slopes_are_those_of_automatic_differentiation(task, spec, dim):
    """Of every model: rules that are no analytic function of the state would differ."""
    model = registry.build(task, spec, dim)
    rng = np.random.default_rng(3)
    if spec["family"] == "rnn":
        params = {key: 2 * value[None] for key, value in model.initialise(1).items()}
    else:
        params = {key: np.array([rng.uniform(0.2, 0.8) * cls.default]) for key, cls in model.classes.items()}
    codes = np.repeat(np.arange(len(task.conditions)), 3)
    last = rng.permutation(codes)
    state = rng.uniform(0.1, 0.9, (len(codes), model.n_dynamical)) * rng.choice([-1, 1], model.n_dynamical)
    if spec["family"] == "cognitive":
        state = np.clip(state, *model.state_bounds)
    found = OneStep(task, model, params).jacobian(state, codes, last)
    in_torch = OneStep(task, model, {key: torch.as_tensor(value) for key, value in params.items()})
    expected = by_torch(in_torch, torch.as_tensor(state), codes, last)
    np.testing.assert_allclose(found, expected, atol=1e-13, rtol=1e-12)


def by_torch(one_step, state, codes, last):
    """dF/dh by backward differentiation of the model's own update, on torch."""
    ones = np.ones(len(codes), dtype=int)

    def drive(of):
        names = ("action", "state", "reward") if one_step.task.stages == 1 else ("action", "state", "action2", "reward")
        columns = dict(zip(names, one_step.task.trial_of(of), strict=True))
        place = {"block": np.arange(len(of)), "trial": 0 * of, "mask": ones, "mask2": ones}
        return one_step.model.drive(one_step.params, to_torch(sequences.from_columns(columns | place, one_step.task)))

    def after(state, moments):
        for moment in moments:
            state = one_step.model.update(one_step.params, state, moment)
        return state

    memory = after(one_step.model.initial_state(one_step.params, len(codes)), drive(last))[..., state.shape[1] :]
    moments = drive(codes)

    def of_state(own):
        return after(torch.cat([own[None], memory], dim=-1), moments)[0, :, : state.shape[1]].sum(0)

    return torch.autograd.functional.jacobian(of_state, state).permute(1, 0, 2)


LINEAR = [
    ([[0.5, 0.0], [0.2, -0.9]], [0.1, 0.2], "stable node", [-0.9, 0.5]),
    ([[0.6, -0.6], [0.6, 0.6]], [0.3, 0.0], "stable spiral", [0.6 + 0.6j, 0.6 - 0.6j]),
    ([[1.5, 0.0], [0.0, 0.5]], [0.1, 0.1], "saddle", [1.5, 0.5]),
    ([[1.5, 0.0], [0.0, -1.2]], [0.1, 0.1], "unstable node", [1.5, -1.2]),
    ([[1.0, -0.5], [0.5, 1.0]], [0.1, 0.1], "unstable spiral", [1 + 0.5j, 1 - 0.5j]),
]


@pytest.mark.parametrize(("matrix", "shift", "kind", "eigenvalues"), LINEAR)
def test_a_linear_map_has_the_fixed_point_and_eigenvalues_of_its_matrix(matrix, shift, kind, eigenvalues):
    one_step = linear([matrix, 0.5 * np.eye(2)], [shift, [0.0, 0.2]])
    first, second = fixed_points.find(one_step, np.array([0, 1]), BOX)
    np.testing.assert_allclose(first.state, [np.linalg.solve(np.eye(2) - matrix, shift)], atol=1e-9)
    np.testing.assert_allclose(first.eigenvalues, [eigenvalues], atol=1e-12)
    assert first.kinds() == [kind]
    for value, vector in zip(first.eigenvalues[0], first.vectors[0].T, strict=True):
        np.testing.assert_allclose(np.array(matrix) @ vector, value * vector, atol=1e-12)
    np.testing.assert_allclose(second.state, [[0.0, 0.4]], atol=1e-9)
    logit = one_step.logit(second.state)  # h_1 + .5 - 2 h_2
    np.testing.assert_allclose(logit, [0.5 - 0.8], atol=1e-9)


def test_every_fixed_point_of_two_bistable_units_is_found_once():
    """h = tanh(2 h) has the roots 0 and +-0.957504; two such units have nine, of which only the corners attract."""
    root = 0.9575040240772687
    (found,) = fixed_points.find(elman(2 * np.eye(2), [0, 0]), np.array([3]), BOX)
    expected = [[a, b] for a in (-root, 0, root) for b in (-root, 0, root)]
    np.testing.assert_allclose(found.state, expected, atol=1e-9)
    slope = {0: 2.0, 1: 2 * (1 - root**2)}
    kinds = {0: "unstable node", 1: "saddle", 2: "stable node"}
    for state, values, kind in zip(found.state, found.eigenvalues, found.kinds(), strict=True):
        sides = np.abs(state).round().astype(int)
        np.testing.assert_allclose(np.sort(values.real), np.sort([slope[side] for side in sides]), atol=1e-8)
        assert kind == kinds[sides.sum()]
    np.testing.assert_allclose(
        fixed_points.time_constant(found.size)[[0, 1, 4]], [-1 / np.log(slope[1]), np.inf, np.inf]
    )


@pytest.mark.parametrize("n_units", [1, 3, 4, 5])
def test_fixed_points_of_any_number_of_variables(n_units):
    """Independent units h = tanh(2 h): 3 to the power of d roots."""
    (found,) = fixed_points.find(
        elman(2 * np.eye(n_units), np.zeros(n_units)), np.array([0]), np.tile(BOX[:, :1], n_units)
    )
    corners = found.state[(np.abs(found.state) > 0.5).all(axis=1)]
    assert len(corners) == 2**n_units
    assert (np.array(found.kinds())[(np.abs(found.state) > 0.5).all(axis=1)] == "stable node").all()
    assert len(found.state) <= 3**n_units
    if n_units < 4:
        assert len(found.state) == 3**n_units


def test_a_value_that_a_trial_leaves_alone_makes_a_line_of_fixed_points():
    """The unchosen value keeps what it had, so that any value of it is fixed; the chosen one goes to the reward."""
    task = task_of("bandit", 3)
    model = registry.cognitive(task, "MF")
    params = {name: np.array([{"alpha": 0.3, "beta": 2.0}[name]]) for name in model.classes}
    visited = np.array([[0.1, 0.3, 0.2], [0.6, 0.4, 0.5]])
    (found,) = fixed_points.find(OneStep(task, model, params), np.array([1]), visited)
    assert found.kinds() == ["plane"]
    assert found.free.tolist() == [2]
    assert found.state[0, 0] == pytest.approx(1.0)
    np.testing.assert_allclose(np.sort(found.eigenvalues[0].real), [0.7, 1.0, 1.0], atol=1e-12)


def test_no_fixed_point_is_made_up():
    """h' = h + 1 has none, and that of h' = 1.01 h + 1 lies far from where trials were."""
    shift = linear([np.eye(2), 1.01 * np.eye(2)], [[1.0, 0.0], [1.0, 1.0]])
    assert [len(found.state) for found in fixed_points.find(shift, np.array([0, 1]), BOX)] == [0, 0]


def test_states_inside_the_range_of_trials_and_a_twentieth_beyond():
    states = np.array([[0.0, 0.0], [0.98, -0.98], [1.0, 0.0], [0.0, -1.0]])  # a twentieth of 1.8 is .09
    assert fixed_points.inside(states, BOX).tolist() == [True, True, False, False]


def turned(angle, strength=1.3):
    """A rotation that saturates at a circle."""
    matrix = strength * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def step(state):
        new = state @ matrix.T
        size = np.linalg.norm(new, axis=1, keepdims=True)
        return new / size * np.tanh(size)

    def slopes(state):
        h = 1e-6
        sides = [(step(state + h * axis) - step(state - h * axis)) / (2 * h) for axis in np.eye(2)]
        return np.stack(sides, axis=2)

    return step, slopes


def logistic(rate):
    return (lambda h: rate * h * (1 - h)), (lambda h: (rate * (1 - 2 * h))[:, :, None])


KNOWN = [
    ("fixed point", 1, (lambda h: 0.5 * h + 0.2, lambda h: np.full((len(h), 1, 1), 0.5)), [[0.3], [-4.0]], 0.4),
    ("periodic", 5, turned(2 * np.pi / 5), [[0.3, 0.1], [0.01, -0.02]], None),
    ("quasi-periodic", 0, turned(1.0), [[0.3, 0.1], [0.01, -0.02]], None),
    ("periodic", 2, logistic(3.2), [[0.3], [0.11]], (0.5130445 + 0.7994555) / 2),
    ("chaotic", 0, logistic(4.0), [[0.3], [0.123]], None),
    ("unbounded", 0, (lambda h: 1.1 * h + 1, lambda h: np.full((len(h), 1, 1), 1.1)), [[0.3], [2.0]], None),
    ("drifting", 0, (lambda h: h - 0.3, lambda h: np.ones((len(h), 1, 1))), [[0.3], [2.0]], None),
    ("drifting", 0, (lambda h: h - 1e-5 * h, lambda h: np.full((len(h), 1, 1), 1 - 1e-5)), [[0.3], [-2.0]], None),
    # so slow that it is still on its way after the burn-in
    ("fixed point", 1, (lambda h: h - 0.0012 * h, lambda h: np.full((len(h), 1, 1), 0.9988)), [[0.9], [-0.9]], 0.0),
]


@pytest.mark.parametrize(("kind", "period", "the_map", "start", "mean"), KNOWN)
def test_attractors_of_known_maps(kind, period, the_map, start, mean):
    found = attractors.classify(*the_map, np.array(start))
    assert found.kind.tolist() == [kind, kind]
    assert found.period.tolist() == [period, period]
    if mean is not None:
        np.testing.assert_allclose(found.orbit[:-1].mean(axis=0), mean, atol=1e-6)
    if kind == "chaotic":
        np.testing.assert_allclose(found.exponent, np.log(2), rtol=0.1)
    if kind not in ("chaotic", "quasi-periodic"):
        assert np.isnan(found.exponent).all()


def test_what_turns_while_another_variable_runs_away_does_not_come_back():
    turn, _ = turned(1.0)

    def step(h):
        return np.column_stack([turn(h[:, :2]), h[:, 2] + 0.01])

    found = attractors.classify(step, None, np.array([[0.3, 0.1, 0.0], [0.3, 0.1, 5.0]]))
    assert found.kind.tolist() == ["drifting", "drifting"]


def test_what_turns_while_another_variable_stands_still_comes_back():
    turn, slopes = turned(1.0)

    def step(h):
        return np.column_stack([turn(h[:, :2]), h[:, 2]])

    def three(h):
        found = np.tile(np.eye(3), (len(h), 1, 1))
        found[:, :2, :2] = slopes(h[:, :2])
        return found

    found = attractors.classify(step, three, np.array([[0.3, 0.1, 0.0], [0.3, 0.1, 5.0]]))
    assert found.kind.tolist() == ["quasi-periodic", "quasi-periodic"]


def test_starts_of_one_map_may_end_differently():
    def step(h):  # grows above 1, goes to 0 below
        return h**2

    found = attractors.classify(step, lambda h: (2 * h)[:, :, None], np.array([[0.5], [1.2], [0.9]]))
    assert found.kind.tolist() == ["fixed point", "unbounded", "fixed point"]


def test_exponents_of_a_constant_map_are_logarithms_of_its_eigenvalues():
    matrix = np.array([[0.5, 0.3], [0.0, 0.9]])
    long, short = np.tile(matrix, (400, 1, 1)), np.tile(matrix, (200, 1, 1))
    np.testing.assert_allclose(exponents([long]), np.log([0.9, 0.5]), atol=0.01)
    np.testing.assert_allclose(exponents([long, short]), np.log([0.9, 0.5]), atol=0.01)


def test_exponents_are_means_over_all_trials_of_all_blocks():
    """Diagonal maps: the mean logarithm of each factor, two trials of .5 and one of .8, and of .2 and .4."""
    blocks = [np.stack([np.diag([0.5, 0.2]), np.diag([0.5, 0.4])]), np.diag([0.8, 0.4])[None]]
    np.testing.assert_allclose(exponents(blocks), [np.log(0.5 * 0.5 * 0.8) / 3, np.log(0.2 * 0.4 * 0.4) / 3])


def test_a_direction_that_is_wiped_out_leaves_the_others():
    one = exponents([np.tile(np.diag([0.5, 0.0]), (3, 1, 1))])
    assert one[0] == pytest.approx(np.log(0.5))
    assert np.isfinite(one).all()


def test_the_joint_spectral_radius_of_two_shears_is_the_golden_ratio():
    low, high = joint_spectral_radius(np.array([[[1.0, 1.0], [0.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]]]))
    golden = (1 + np.sqrt(5)) / 2
    assert low == pytest.approx(golden)
    assert golden <= high + 1e-12
    assert high < 1.75


def test_bounds_of_the_joint_spectral_radius_of_one_matrix():
    """Of [[.5, 9], [0, .5]] the radius is .5; the norm of its fourth power bounds it from above."""
    matrix = np.array([[0.5, 9.0], [0.0, 0.5]])
    low, high = joint_spectral_radius(matrix[None])
    assert low == pytest.approx(0.5, abs=1e-3)
    assert high == pytest.approx(np.linalg.norm(np.linalg.matrix_power(matrix, 4), 2) ** 0.25)
