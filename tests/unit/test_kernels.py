"""The compiled kernels against the torch cells."""

import fcntl
import gc
import subprocess
import sys
import tempfile
from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest
from numba import njit
from numba.core import caching
from numba.core.dispatcher import Dispatcher

from conftest import random_sequences
from tinycog.fitting import kernels
from tinycog.fitting.gradient import Autograd
from tinycog.fitting.kernels import fused, lanes
from tinycog.fitting.kernels.fused import Fused, has_kernel
from tinycog.fitting.objective import Replicas
from tinycog.models import registry
from tinycog.models.cells.gru import GRU
from tinycog.models.cells.rnn import LowRankRNN
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.splits import ROLES


@njit
def apply_to_lanes(x, results):
    for start in range(0, x.size, lanes.WIDTH):
        value = lanes.load(x, start)
        lanes.store(results[0], start, lanes.exp(value))
        lanes.store(results[1], start, lanes.sigmoid(value))
        lanes.store(results[2], start, lanes.tanh(value))
        log, inverse = lanes.log_and_inverse(lanes.exp(value))
        lanes.store(results[3], start, log)
        lanes.store(results[4], start, inverse)
        first, second = lanes.sigmoids(value, lanes.load(x, x.size - start - lanes.WIDTH))
        lanes.store(results[5], start, first)
        lanes.store(results[6], x.size - start - lanes.WIDTH, second)


def lane_functions(x):
    results = np.empty((7, x.size))
    apply_to_lanes(x, results)
    return results


def test_functions_of_lanes_to_the_last_places():
    x = np.random.default_rng(0).uniform(-300, 300, 80_000) * np.logspace(-12, 0, 80_000)
    exp, sigmoid, tanh, log, inverse, first, second = lane_functions(x)
    np.testing.assert_allclose(exp, np.exp(x), rtol=5e-16)
    np.testing.assert_allclose(sigmoid, 1 / (1 + np.exp(-x)), rtol=1e-15)
    np.testing.assert_allclose(tanh, np.tanh(x), rtol=0, atol=5e-16)
    np.testing.assert_allclose(log, np.log(exp), rtol=1e-15, atol=0)
    np.testing.assert_allclose(inverse, 1 / exp, rtol=1e-15)
    np.testing.assert_allclose([first, second], [sigmoid, sigmoid], rtol=1e-15)


def test_functions_of_lanes_at_the_ends():
    results = lane_functions(np.array([np.nan, np.inf, -np.inf, 1e9, -1e9, 0.0, -0.0, 710.0]))
    assert np.isnan(results[:, 0]).all()  # what diverges is seen
    exp, sigmoid, tanh, log, inverse, first, second = results
    assert np.isfinite(exp[1:]).all()
    assert (exp[1:] > 0).all()
    np.testing.assert_array_equal(tanh[1:7], [1, -1, 1, -1, 0, 0])
    np.testing.assert_allclose(sigmoid[1:7], [1, 0, 1, 0, 0.5, 0.5], atol=1e-150)
    np.testing.assert_allclose([first[1:], second[1:]], [sigmoid[1:]] * 2, rtol=1e-15)
    np.testing.assert_allclose(inverse[1:], 1 / exp[1:], rtol=1e-15)
    np.testing.assert_allclose(log[1:], [350, -350, 350, -350, 0, 0, 350], rtol=1e-15)


def bandit(n_actions, **options):
    """Random choices among `n_actions`, the last block without any scored choice."""
    rng = np.random.default_rng(n_actions)
    data = random_sequences(masked=0.1, ragged=True, **options)
    action = rng.integers(0, n_actions, data.action.shape) * data.mask.astype(int)
    mask = data.mask.copy()
    mask[:, -1] = 0
    x = task_of("bandit", n_actions).encode(action, action, data.reward)
    condition = 2 * action + (data.reward > 0.5)
    return replace(data, action=action, state=action, mask=mask, x=x, condition=condition)


def two_stage(n_blocks=5):
    """Random choices of the original two-stage task: actions that are not offered, a missing second choice."""
    rng = np.random.default_rng(3)
    block, trial = np.divmod(np.arange(n_blocks * 9), 9)
    n = len(block)
    columns = {name: rng.integers(0, 2, n) for name in ("action", "state", "action2", "reward")}
    masks = {"mask": np.ones(n, dtype=np.int8), "mask2": (np.arange(n) % 7 > 0).astype(np.int8)}
    return sequences.from_columns({"block": block, "trial": trial, **columns, **masks}, task_of("original_two_stage"))


def points(n_blocks=5):
    """Every trial with real inputs of its own: five of them, as in a bandit with four arms that pay points."""
    data = bandit(4, n_blocks=n_blocks, n_trials=30)
    x = data.x + np.random.default_rng(1).normal(size=data.x.shape) * (data.x.sum(-1, keepdims=True) > 0)
    return replace(data, x=x)


def with_shares(data, n_actions):
    """The same choices, compared with shares of every action instead of themselves."""
    shares = np.random.default_rng(2).dirichlet(np.ones(n_actions), data.action.shape)
    if data.closed is not None:  # a teacher does not take what is not offered
        shares = np.where(data.closed < 0, 0, shares)
    return replace(data, target=shares / shares.sum(-1, keepdims=True))


DATA = {
    "two arms": (bandit(2), 2),
    "three arms": (bandit(3, n_blocks=9), 3),
    "five arms": (bandit(5), 5),
    "six arms": (bandit(6), 6),
    "points": (points(), 4),
    "two stages": (two_stage(), 6),
    "one block": (bandit(2, n_blocks=2).subset(np.array([0])), 2),
    "two blocks": (bandit(2, n_blocks=3).subset(np.array([0, 1])), 2),
    "five blocks": (bandit(2, n_blocks=5), 2),
    "eight blocks": (bandit(2, n_blocks=8), 2),
    "four blocks": (bandit(2, n_blocks=4), 2),
    "sixteen blocks": (bandit(2, n_blocks=16, n_trials=80), 2),  # more choices than are added up together
    "three arms in eight blocks": (bandit(3, n_blocks=8), 3),
    "points in eight blocks": (points(8), 4),
    "two stages in eight blocks": (two_stage(8), 6),
    "shares in eight blocks": (with_shares(points(8), 4), 4),
    "twenty arms": (bandit(20, n_blocks=8), 20),
    "shares of two arms": (with_shares(bandit(2), 2), 2),
    "shares of four arms": (with_shares(points(), 4), 4),
    "shares in two stages": (with_shares(two_stage(), 6), 6),
}


def random_replicas(data, n, by_trial):
    """Replicas with random roles: of blocks, or of single choices."""
    rng = np.random.default_rng(n)
    role = rng.integers(0, 3, (n, data.n_trials if by_trial else 1, data.n_blocks))
    role[:, 0, :3] = np.arange(min(3, data.n_blocks))  # each role somewhere
    alone = role.size == n  # a single block is trained on and validated on
    weights = {name: (alone | (role == code)).astype(float) for code, name in enumerate(ROLES)}
    return Replicas(np.zeros(n, int), np.arange(n), np.zeros(n), weights)


# cells whose loops over few units are unrolled
UNROLLED = ("gru", "switching_gru", "slin", "rnn", "mingru")
# each of them at every size: one to five units, two to six actions, conditions and real inputs
SIZES = ((1, "two arms"), (2, "three arms"), (3, "points"), (4, "five arms"), (5, "six arms"))
OTHERS = [
    ("gru", "two arms", 2, "full"),
    ("gru", "two arms", 2, "diagonal"),
    ("gru", "two arms", 5, "full"),
    ("gru", "three arms", 3, "diagonal"),
    ("gru", "two stages", 1, "full"),
    ("gru", "two stages", 3, "block"),
    ("gru", "one block", 2, "full"),
    ("gru", "two blocks", 1, "full"),
    ("gru", "five blocks", 2, "full"),
    ("gru", "eight blocks", 2, "full"),
    ("gru", "points in eight blocks", 2, "full"),
    ("gru", "sixteen blocks", 2, "full"),
    ("gru", "shares of two arms", 2, "full"),
    ("gru", "shares of four arms", 1, "full"),
    ("gru", "shares in two stages", 3, "block"),
    ("switching_gru", "two arms", 2, "full"),
    ("switching_gru", "one block", 2, "full"),
    ("switching_gru", "sixteen blocks", 2, "full"),
    ("switching_gru", "three arms in eight blocks", 2, "full"),
    ("switching_gru", "shares of two arms", 2, "full"),
    ("slin", "one block", 2, "full"),
    ("slin", "sixteen blocks", 3, "full"),
    ("rnn", "two arms", 2, "full"),
    ("mingru", "two arms", 2, "full"),
]


@pytest.mark.parametrize("by_trial", [False, True], ids=["by block", "by trial"])
@pytest.mark.parametrize(
    ("cell", "name", "n_units", "readout"),
    [*((cell, name, d, "full") for cell in UNROLLED for d, name in SIZES), *OTHERS],
)
def test_kernels_equal_their_oracles(cell, name, n_units, readout, by_trial):
    data, n_actions = DATA[name]
    sizes = {"n_inputs": data.x.shape[2], "n_units": n_units, "n_actions": n_actions, "n_conditions": 2 * n_actions}
    model = registry.cell(cell)(**sizes, readout=readout)
    grid = random_replicas(data, 11, by_trial)
    theta = np.random.default_rng(0).normal(size=(11, model.n_parameters)) * (0.3 if cell == "slin" else 1.0)
    assert has_kernel(model)
    own, oracle = Fused(model, data, grid), Autograd(model, data, grid)
    for rows in (np.arange(11) >= 0, np.arange(11) % 3 > 0):  # the whole stack, and what is left of it later
        own.keep(rows)
        oracle.keep(rows)
        (nll, gradient), (expected_nll, expected) = own(theta[rows]), oracle(theta[rows])
        np.testing.assert_allclose(nll, expected_nll, rtol=1e-13, atol=1e-12)
        np.testing.assert_allclose(gradient, expected, rtol=1e-12, atol=1e-12)


# every cell at any size: number of units, data, readout
WIDE = [
    (1, "points in eight blocks", "full"),
    (3, "two stages in eight blocks", "block"),
    (6, "sixteen blocks", "full"),
    (20, "twenty arms", "full"),
    (20, "twenty arms", "diagonal"),
    (33, "shares in eight blocks", "full"),
    (128, "eight blocks", "full"),
]
# one of them with one, two and four parts of the lanes, too
PARTS = [("gru", 9, "one block", "full"), ("gru", 16, "two blocks", "full"), ("gru", 50, "four blocks", "full")]


def embedded(data):
    """The data with codes of two tasks and three subjects."""
    rng = np.random.default_rng(5)
    return replace(data, task_code=rng.integers(0, 2, data.n_blocks), subject_code=rng.integers(0, 3, data.n_blocks))


def agrees(model, data, *, by_trial):
    """Gradients of five replicas equal those by torch."""
    grid = random_replicas(data, 5, by_trial)
    scale = 0.05 if model.cell == "slin" else 1 / np.sqrt(max(1, model.n_units / 3))
    theta = np.random.default_rng(0).normal(size=(5, model.n_parameters)) * scale
    (nll, gradient), (expected_nll, expected) = Fused(model, data, grid)(theta), Autograd(model, data, grid)(theta)
    np.testing.assert_allclose(nll, expected_nll, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-11 * np.abs(expected).max())


@pytest.mark.parametrize(
    ("cell", "n_units", "name", "readout"), [*((cell, *size) for cell in registry.KERNELS for size in WIDE), *PARTS]
)
def test_every_cell_has_a_gradient_at_any_size(cell, n_units, name, readout):
    if name.startswith("two stages") and registry.cell(cell).by_condition:
        pytest.skip("no condition is known to these data")
    data, n_actions = DATA[name]
    sizes = {"n_inputs": data.x.shape[2], "n_units": n_units, "n_actions": n_actions, "n_conditions": 2 * n_actions}
    agrees(registry.cell(cell)(**sizes, readout=readout), data, by_trial=n_units % 2 == 0)


@pytest.mark.parametrize("rank", [2, 5])
def test_a_recurrent_matrix_of_any_rank_has_a_gradient(rank):
    data, _ = DATA["sixteen blocks"]
    agrees(LowRankRNN(n_inputs=3, n_units=5, n_actions=2, rank=rank), data, by_trial=False)


@pytest.mark.parametrize("name", ["two arms", "points in eight blocks"])
@pytest.mark.parametrize("n_units", [2, 7])
@pytest.mark.parametrize("cell", [cell for cell in registry.KERNELS if not registry.cell(cell).by_condition])
def test_rows_of_embeddings_have_a_gradient(cell, n_units, name):
    data, n_actions = DATA[name]
    tables = {"n_tasks": 2, "n_subjects": 3, "subject_width": 2}
    model = registry.cell(cell)(n_inputs=data.x.shape[2], n_units=n_units, n_actions=n_actions, **tables)
    agrees(model, embedded(data), by_trial=False)


def test_an_embedding_needs_a_row_for_each_block():
    data, _ = DATA["two arms"]
    model = GRU(n_inputs=3, n_units=2, n_actions=2, n_subjects=3, subject_width=1)
    with pytest.raises(ValueError, match="E_subject needs sequences with `subject_code`"):
        Fused(model, data, random_replicas(data, 2, by_trial=False))


@pytest.mark.parametrize("cell", registry.KERNELS)
def test_the_gradient_is_the_slope_of_the_likelihood(cell):
    """Central differences, at a size where no loop is unrolled."""
    data, _ = DATA["sixteen blocks"]
    model = registry.cell(cell)(n_inputs=3, n_units=6, n_actions=2, n_conditions=4)
    grid = random_replicas(data, 1, by_trial=False)
    theta = np.random.default_rng(1).normal(size=(1, model.n_parameters)) * 0.3
    _, gradient = Fused(model, data, grid)(theta)
    some = np.random.default_rng(2).choice(model.n_parameters, 25, replace=False)
    steps = 1e-5 * np.eye(model.n_parameters)[some]
    (above, _), (below, _) = (Fused(model, data, _repeated(grid, 25))(theta + sign * steps) for sign in (1, -1))
    np.testing.assert_allclose((above[0] - below[0]) / 2e-5, gradient[0, some], rtol=1e-6, atol=1e-9)


def _repeated(grid, n):
    return grid[np.zeros(n, dtype=int)]


@pytest.mark.parametrize("n_values", [2, 1000])
def test_distinct_rows_are_those_of_numpy(n_values):
    x = np.random.default_rng(0).integers(-1, n_values, (500, 3)) / 7
    x[::9] = -0.0
    expected, place = np.unique(x, axis=0, return_inverse=True)
    rows, found = fused.distinct(x)
    np.testing.assert_array_equal(rows, expected)
    np.testing.assert_array_equal(found, place.ravel())


@pytest.mark.parametrize(
    ("most", "parts"),
    [
        (8, {1: 1, 2: 2, 3: 1, 4: 4, 5: 1, 6: 2, 7: 8, 8: 8, 9: 2, 13: 2, 14: 8, 15: 8, 500: 8}),
        (4, {1: 1, 2: 2, 3: 1, 4: 4, 5: 1, 6: 2, 7: 4, 8: 4, 9: 2, 13: 2, 14: 4, 15: 4, 500: 4}),
    ],
)
def test_blocks_are_run_together_where_they_leave_few_lanes_idle(most, parts):
    model = SimpleNamespace(by_condition=most == 4, n_conditions=9)
    for n, expected in parts.items():
        lengths = np.random.default_rng(n).integers(5, 9, n)
        sets = fused.sets(model, lengths)
        assert sets.shape == (-(-n // expected), expected)
        own = sets[~fused.repeated(sets)]
        assert sorted(own.tolist()) == list(range(n))
        assert (np.diff(lengths[own]) <= 0).all()


@pytest.mark.parametrize(
    ("cell", "n_units", "name", "parts", "few"),
    [
        ("gru", 2, "sixteen blocks", 8, 4),
        ("gru", 2, "one block", 1, 0),
        ("gru", 2, "three arms in eight blocks", 8, 0),  # six rows
        ("gru", 7, "sixteen blocks", 8, 0),  # layers read no rows
        ("slin", 2, "sixteen blocks", 8, 4),
        ("slin", 2, "three arms in eight blocks", 4, 0),
    ],
)
def test_eight_blocks_at_once_where_that_costs_nothing(cell, n_units, name, parts, few):
    data, n_actions = DATA[name]
    sizes = {"n_inputs": data.x.shape[2], "n_units": n_units, "n_actions": n_actions, "n_conditions": 2 * n_actions}
    own = Fused(registry.cell(cell)(**sizes), data, random_replicas(data, 2, by_trial=False))
    assert {(len(choices.parts), len(choices.few)) for choices in own.choices} == {(parts, few)}


def test_a_table_has_rows_of_what_is_fed_and_no_others():
    """What stands after the last choice of a block is fed to nobody."""
    data, _ = DATA["sixteen blocks"]
    x = np.where((np.arange(data.n_trials)[:, None] < data.lengths - 1)[..., None], data.x, 7.0)
    model = GRU(n_inputs=3, n_units=2, n_actions=2)
    plain, padded = (Fused(model, own, random_replicas(own, 2, by_trial=True)) for own in (data, replace(data, x=x)))
    assert len(padded.coded.inputs) == 4
    theta = np.random.default_rng(0).normal(size=(2, model.n_parameters))
    for own, expected in zip(padded(theta), plain(theta), strict=True):
        np.testing.assert_array_equal(own, expected)


@pytest.mark.parametrize(
    ("cell", "n_units", "name"),
    [
        *((cell, n_units, "two arms") for cell in registry.KERNELS for n_units in (2, 7)),
        *(("gru", 7, name) for name in ("one block", "two blocks", "four blocks")),
    ],
)
def test_a_replica_alone_has_the_same_bits_as_in_any_stack(cell, n_units, name):
    data, _ = DATA[name]
    model = registry.build(task_of("bandit"), {"family": "rnn", "cell": cell, "readout": "full"}, n_units)
    grid = random_replicas(data, 13, by_trial=True)
    theta = np.random.default_rng(0).normal(size=(13, model.n_parameters)) * 0.3
    nll, gradient = Fused(model, data, grid)(theta)
    for row in range(13):
        own_nll, own = Fused(model, data, grid[row : row + 1])(theta[row : row + 1])
        np.testing.assert_array_equal(own_nll[:, 0], nll[:, row])
        np.testing.assert_array_equal(own[0], gradient[row])


# unrolled with conditions, with inputs of its own in every trial, with closed actions; layers alike, with embeddings
DIVIDED = [
    *[("gru", 2, "sixteen blocks"), ("slin", 2, "sixteen blocks"), ("gru", 1, "points"), ("gru", 3, "two stages")],
    *[("gru", 7, "sixteen blocks"), ("lstm", 6, "points"), ("mi_gru", 6, "two stages")],
]


def divided(cell, n_units, name):
    data, n_actions = DATA[name]
    sizes = {"n_inputs": data.x.shape[2], "n_units": n_units, "n_actions": n_actions, "n_conditions": 2 * n_actions}
    if cell == "slin":  # some conditions never come
        data = replace(data, condition=2 + data.condition % 2)
    if cell == "lstm":
        data, sizes = embedded(data), sizes | {"n_tasks": 2, "n_subjects": 3, "subject_width": 2}
    model = registry.cell(cell)(**sizes)
    return model, data, np.random.default_rng(0).normal(size=(13, model.n_parameters)) * 0.3


@pytest.mark.parametrize(("cell", "n_units", "name"), DIVIDED)
def test_results_depend_neither_on_threads_nor_on_replicas_where_data_are_cut_into_chunks(
    cell, n_units, name, monkeypatch
):
    monkeypatch.setattr(fused, "CHOICES_OF_CHUNK", 20)
    model, data, theta = divided(cell, n_units, name)
    grid = random_replicas(data, 13, by_trial=False)
    nll, gradient = Fused(model, data, grid)(theta)
    expected_nll, expected = Autograd(model, data, grid)(theta)
    np.testing.assert_allclose(nll, expected_nll, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-11 * np.abs(expected).max())
    for threads in (2, 5):
        own = Fused(model, data, grid, threads)
        assert len(own.chunks) > 1
        for rows in (np.arange(13) >= 0, np.arange(13) == 4):
            own.keep(rows)
            own_nll, own_gradient = own(theta[rows])
            np.testing.assert_array_equal(own_nll, nll[:, rows])
            np.testing.assert_array_equal(own_gradient, gradient[rows])


def test_chunks_have_about_as_many_choices_and_none_is_empty():
    lengths = np.repeat([300, 200, 100, 50], [10, 10, 10, 10])[:, None] * np.ones((1, 8), dtype=int)  # 52,000 choices
    chunks = fused.chunks(lengths)
    assert [own.start for own in chunks[1:]] == [own.stop for own in chunks[:-1]]
    assert (chunks[0].start, chunks[-1].stop) == (0, 40)
    assert len(chunks) == 5
    assert all(8_000 <= lengths[own].sum() <= 13_000 for own in chunks)
    assert fused.chunks(lengths[:4]) == [slice(0, 4)]  # 9,600 choices
    assert len(fused.chunks(np.full((3, 1), 100_000))) == 3
    assert len(fused.chunks(np.full((4000, 1), 1000))) == 16


def test_there_is_room_for_the_chunk_with_the_most_inputs(monkeypatch):
    """The longest block is the first chunk, and all its trials have one input."""
    data = points()
    longest = np.argmax(data.lengths)
    x = data.x.copy()
    x[:, longest] = 1.0
    data = replace(data, x=x)
    monkeypatch.setattr(fused, "CHOICES_OF_CHUNK", 20)
    model = GRU(n_inputs=5, n_units=1, n_actions=4)
    own = Fused(model, data, random_replicas(data, 3, by_trial=False))
    most = np.sort(data.lengths)[-2] - 1  # nothing is fed after the last choice
    assert len(own.choices[0].inputs) < max(len(choices.inputs) for choices in own.choices) == most
    assert own.rooms.get().table.size == most * 3 * lanes.WIDTH  # three gates of one unit


@pytest.mark.parametrize(("cell", "n_units", "name"), DIVIDED)
def test_a_gradient_of_some_blocks_is_that_of_data_with_no_others(cell, n_units, name):
    model, data, theta = divided(cell, n_units, name)
    grid, blocks = random_replicas(data, 13, by_trial=True), np.argsort(data.lengths)[[2, 0, 1]]
    whole, oracle = Fused(model, data, grid), Autograd(model, data, grid)
    kept = np.arange(13) % 4 > 0
    whole.keep(kept)
    oracle.keep(kept)
    part = data.subset(blocks)
    with np.errstate(invalid="ignore"):  # replicas without a choice in a role
        alone = Fused(model, part, grid[kept].of_blocks(blocks, part.n_trials))(theta[kept])
        for own, expected in zip(whole.of(blocks)(theta[kept]), alone, strict=True):
            np.testing.assert_array_equal(own, expected)
        for own, expected in zip(oracle.of(blocks)(theta[kept]), alone, strict=True):
            np.testing.assert_allclose(own, expected, rtol=1e-10, atol=1e-11)
    for gradient in (whole, oracle):
        np.testing.assert_allclose(gradient.nll(theta[kept]), gradient(theta[kept])[0], rtol=1e-15)


def test_sizes_of_cells_have_names_of_their_own():
    """Compiled code is linked by the names of types: a second `Sizes` would run the kernel of the first."""
    model = GRU(n_inputs=3, n_units=1, n_actions=2, n_conditions=4)
    modules = [import_module(registry.kernel(cell)) for cell in registry.KERNELS]
    made = [
        make(model) for module in modules for name in ("sizes", "layer_sizes") if (make := getattr(module, name, 0))
    ]
    names = [type(sizes).__name__ for sizes in made]
    assert len(set(names)) == len(names) == 5 + 7


def test_functions_that_are_not_inlined_have_names_of_their_own():
    """Compiled code is linked by a function's name too: a closure would run the code of another one that is cached."""
    dispatchers = [found for found in gc.get_objects() if issubclass(type(found), Dispatcher)]
    own = [found for found in dispatchers if found.py_func.__module__.startswith(kernels.__name__)]
    linked = [found.py_func for found in own if not found.targetoptions.get("forceinline")]
    names = [f"{function.__module__}.{function.__qualname__}" for function in linked]
    assert "tinycog.fitting.kernels.products._add_rows" in names
    assert not [name for name in names if "<locals>" in name]
    assert len(set(names)) == len(names)


def test_what_is_not_a_number_stays_in_its_lane():
    data, _ = DATA["two arms"]
    model = GRU(n_inputs=3, n_units=2, n_actions=2)
    grid = random_replicas(data, 3, by_trial=False)
    theta = np.random.default_rng(0).normal(size=(3, model.n_parameters))
    sound, _ = Fused(model, data, grid)(theta)
    theta[1] = np.nan
    nll, gradient = Fused(model, data, grid)(theta)
    assert np.isnan(nll[:, 1]).all()
    assert np.isnan(gradient[1]).any()
    np.testing.assert_array_equal(nll[:, [0, 2]], sound[:, [0, 2]])


GRADIENTS_OF_CELLS = """
import sys
import numpy as np
sys.path[:0] = sys.argv[2:]
import test_kernels
for cell in sys.argv.pop(1).split():
    data, _ = test_kernels.DATA["five blocks"]
    model = test_kernels.registry.cell(cell)(n_inputs=3, n_units=7, n_actions=2)
    grid = test_kernels.random_replicas(data, 3, by_trial=False)
    theta = np.random.default_rng(0).normal(size=(len(grid), model.n_parameters))
    _, gradient = test_kernels.Fused(model, data, grid)(theta)
    _, expected = test_kernels.Autograd(model, data, grid)(theta)
    print(np.abs(gradient - expected).max())
"""


def test_code_that_different_processes_compiled_runs_in_one(tmp_path):
    """Each cell alone is right; both from the cache once were not: a process took the products of one for the other."""
    off = []
    for cells in ("gru", "lstm", "gru lstm", "lstm gru"):
        command = [sys.executable, "-c", GRADIENTS_OF_CELLS, cells, *sys.path]
        off += subprocess.check_output(command, text=True, env={"NUMBA_CACHE_DIR": str(tmp_path)}).split()
    assert len(off) == 6
    assert max(map(float, off)) < 1e-12


FIRST_GRADIENT = """
import hashlib
import sys
import numpy as np
sys.path[:0] = sys.argv[2:]
import test_kernels
from tinycog.fitting.kernels.layer import sweep_layer
from tinycog.fitting.kernels.sweep import sweep
n_units = int(sys.argv.pop(1))
sweep = sweep if n_units == 1 else sweep_layer
data, n_actions = test_kernels.DATA["two arms"]
model = test_kernels.GRU(n_inputs=3, n_units=n_units, n_actions=n_actions)
theta = np.random.default_rng(0).normal(size=(3, model.n_parameters))
_, gradient = test_kernels.Fused(model, data, test_kernels.random_replicas(data, 3, by_trial=False))(theta)
hits, misses = (sum(counts.values()) for counts in (sweep.stats.cache_hits, sweep.stats.cache_misses))
print(hits, misses, hashlib.sha256(gradient.tobytes()).hexdigest())
"""


def first_gradient(cache, n_units):
    command = [sys.executable, "-c", FIRST_GRADIENT, str(n_units), *sys.path]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"NUMBA_CACHE_DIR": str(cache)})


@pytest.mark.parametrize("n_units", [1, 7])
def test_processes_share_compiled_code_and_wait_for_each_other_and_agree_to_the_last_bit(tmp_path, n_units):
    together = [first_gradient(tmp_path, n_units) for _ in range(3)]
    found = sorted(process.communicate()[0].split() for process in together)
    # hits and misses of the cache: one compiled, the others waited
    assert [(hits, misses) for hits, misses, _ in found] == [("0", "1"), ("1", "0"), ("1", "0")]
    assert len({digest for *_, digest in found}) == 1


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Folders for compiled code in the order in which they are tried, beside sources of their own."""
    sources = tmp_path / "sources"
    sources.mkdir()
    for name in ("gru", "sweep"):
        (sources / f"{name}.py").write_text(f"# {name}")
    monkeypatch.setattr(kernels, "_SOURCES", sources)
    monkeypatch.setattr(kernels.config, "CACHE_DIR", str(tmp_path / "numba"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return [tmp_path / "numba", tmp_path / "cache/tinycog", sources / "__pycache__", tmp_path]


@pytest.mark.parametrize("edited", ["gru", "sweep"])
def test_compiled_code_is_kept_by_what_every_source_holds(places, edited):
    before = kernels._folder()
    assert kernels._folder() == before
    (kernels._SOURCES / f"{edited}.py").write_text("# edited")
    assert kernels._folder() != before


def test_compiled_code_is_kept_in_the_first_place_that_can_be_written_to(places):
    for place in places:
        assert kernels._folder().parent == place
        if place is not places[-1]:
            place.rename(place.with_name("gone"))
            place.touch()  # a file is no folder


@njit(cache=True)
def plus_one(x):
    return x + 1


def test_code_that_cannot_be_kept_serves_its_process_alone_with_a_warning(monkeypatch):
    def save(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(caching.IndexDataCacheFile, "save", save)
    with pytest.warns(UserWarning, match=f"cannot be kept in {kernels.config.CACHE_DIR} .*No space left on device"):
        assert kernels.compiled(plus_one, 1) == 2
    assert kernels.compiled(plus_one, 1) == 2


def test_a_lock_that_cannot_be_had_does_not_stop_a_kernel(tmp_path, monkeypatch):
    monkeypatch.setattr(kernels.config, "CACHE_DIR", str(tmp_path / "gone"))
    assert kernels.compiled(lambda x: x + 1, 1) == 2


@pytest.mark.parametrize(("error", "place"), [(BlockingIOError, 0), (OSError, 3)], ids=["held", "no locks"])
def test_compiled_code_is_kept_where_locks_work_even_if_another_holds_them(places, monkeypatch, error, place):
    def flock(*_):
        raise error

    monkeypatch.setattr(fcntl, "flock", flock)
    assert kernels._folder().parent == places[place]
