"""Clouds of logit changes and vector fields, of fits whose maps are known."""

import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from safetensors.numpy import save_file

from tinycog.analyses.fields import compute, figure, outputs
from tinycog.analyses.fields.plot import plot_cloud, plot_field
from tinycog.analyses.fields.step import fields
from tinycog.config import Config
from tinycog.dynamics import fixed_points
from tinycog.models import registry
from tinycog.models.interface import run
from tinycog.results import scores
from tinycog.sections.messages import checked
from tinycog.storage import write_json
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.splits import ROLES

TASK = task_of("reversal")
SPEC = {"family": "rnn", "cell": "slin", "readout": "full"}
MATRICES = np.array(
    [[[0.5, 0.0], [0.0, 0.8]], [[0.9, 0.0], [0.0, 0.3]], [[0.6, 0.2], [0.2, 0.6]], [[0.0, -0.5], [0.5, 0.0]]]
)
SHIFTS = np.array([[0.5, 0.2], [0.0, 0.7], [0.1, 0.1], [0.2, 0.0]])
IDS = {"dataset": "d", "subject": "s", "model": "m", "dim": 2}


def test_spread_is_nothing_where_the_logit_tells_all_and_one_where_it_tells_nothing():
    rng = np.random.default_rng(0)
    logit = rng.normal(size=20_000)
    assert compute.spread(logit, np.round(logit) * 0.0 + 1.0 - logit) < 0.02
    assert compute.spread(logit, rng.normal(size=20_000)) == pytest.approx(1.0, abs=0.01)
    # a step of 1 or -1, and noise of variance 1: half of the variance remains
    both = np.sign(logit) + rng.choice([-1.0, 1.0], 20_000)
    assert compute.spread(logit, both) == pytest.approx(0.5, abs=0.01)


def test_spread_by_hand():
    """Forty trials in twenty bins of two: within each bin the changes are 0 and 1, so that all variance remains."""
    logit = np.arange(40.0)
    assert compute.spread(logit, np.tile([0.0, 1.0], 20)) == pytest.approx(1.0)
    assert compute.spread(logit, np.repeat([0.0, 1.0], 20)) == 0.0
    assert np.isnan(compute.spread(logit[:39], np.tile([0.0, 1.0], 20)[:39]))
    assert np.isnan(compute.spread(logit, np.full(40, 0.3)))


def test_limits_are_where_trials_are_and_a_runaway_trial_does_not_set_them():
    state = np.column_stack([np.linspace(0.0, 1.0, 1001), np.linspace(0.2, 0.8, 1001)])
    low, high = compute.square(state)
    assert low == pytest.approx(0.01 - 0.08 * 0.98)
    assert high == pytest.approx(0.99 + 0.08 * 0.98)
    state[0] = -1e6
    np.testing.assert_allclose(compute.square(state), (low, high), rtol=0.05, atol=0.02)
    low, high = compute.square(np.array([[-0.5, 0.0], [0.25, 0.1]]))  # 98 % of its range end at -.4925
    assert (low, high) == (pytest.approx(-0.4925 * 1.16), pytest.approx(0.4925 * 1.16))
    assert compute.square(np.full((5, 2), 0.3)) == pytest.approx((-0.7, 1.3))


def test_names_of_axes():
    gru = registry.build(TASK, {"family": "rnn", "cell": "gru", "readout": "full"}, 2)
    diagonal = registry.build(TASK, {"family": "rnn", "cell": "gru", "readout": "diagonal"}, 2)
    state = np.random.default_rng(0).normal(size=(30, 2))
    logit = 2.0 * state[:, 0] - 3.0 * state[:, 1] + 0.5
    own = compute.axes(gru, {}, state, logit)
    assert (own.names, own.exact) == (("h1", "h2"), True)
    np.testing.assert_allclose([*own.slope, own.offset], [2.0, -3.0, 0.5])
    own = compute.axes(diagonal, {"c": np.array([-4.0])}, state, -4.0 * (state[:, 0] - state[:, 1]))
    assert own.names == ("logit of {0}", "logit of {1}")
    np.testing.assert_allclose(own.scale, [-4.0, -4.0])
    np.testing.assert_allclose([*own.slope, own.offset], [1.0, -1.0, 0.0], atol=1e-12)
    assert not compute.axes(gru, {}, state, state[:, 0] ** 2).exact
    values = compute.axes(registry.cognitive(TASK, "MF0sp"), {}, state, logit)
    assert values.names == registry.cognitive(TASK, "MF0sp").state_names[:2]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Tables of two outer folds of a linear network; the trials are its own."""
    folder = tmp_path_factory.mktemp("fields")
    params = {
        "V": (MATRICES - np.eye(2))[None],
        "b": SHIFTS[None],
        "W_out": np.array([[[3.0, 0.0], [0.0, 2.0]]]),
        "b_out": np.array([[0.5, 0.0]]),
    }
    save_file(params, folder / "fits.safetensors")
    rng = np.random.default_rng(0)
    n_blocks, n_trials = 12, 100
    block, trial = np.divmod(np.arange(n_blocks * n_trials), n_trials)
    action, reward = rng.integers(0, 2, block.size), rng.integers(0, 2, block.size)
    columns = {"block": block, "trial": trial, "mask": np.ones(block.size, int)}
    data = sequences.from_columns(columns | {"action": action, "state": action, "reward": reward}, TASK)
    weights = {role: np.full((1, n_blocks), float(role == "train")) for role in ROLES}
    model = registry.build(TASK, SPEC, 2)
    along = scores.score(TASK, model, params, data, weights)
    selected, scored = [], []
    for outer in (4, 2):
        selected.append(folder / f"selected{outer}.json")
        scored.append(folder / f"scores{outer}.npz")
        write_json(selected[-1], {**IDS, "outer": outer, "row": 0, "parameters": "fits.safetensors"})
        scores.write(scored[-1], [along])
    fields(selected, scored, folder, root=folder, task="reversal", n_actions=2, spec=SPEC, dim=2)
    names = ("logit_changes", "cloud", "field", "steps", "field_roots", "axes")
    states = run(model, params, data, n_trials)[0][0]
    return folder, {name: pd.read_parquet(folder / f"{name}.parquet") for name in names}, states, 2 * action + reward


def test_figures_are_those_of_the_first_fold_that_has_a_fit(found):
    _, tables, _, codes = found
    assert tables["logit_changes"]["outer"].tolist() == [4] * 4 + [2] * 4
    assert tables["logit_changes"]["n_trials"].tolist() == [*np.bincount(codes)] * 2
    for name in ("cloud", "field", "steps", "field_roots", "axes"):
        assert set(tables[name]["outer"]) == {4}


def test_a_cloud_has_logit_and_change_of_every_trial(found):
    _, tables, states, codes = found
    logit = 3 * states[..., 0] + 0.5 - 2 * states[..., 1]
    before, change = logit[:-1].T.ravel(), np.diff(logit, axis=0).T.ravel()
    for code, label in enumerate(TASK.conditions):
        own = tables["cloud"][tables["cloud"]["condition"] == label]
        np.testing.assert_allclose(own["logit"], before[codes == code], atol=1e-12)
        np.testing.assert_allclose(own["change"], change[codes == code], atol=1e-12)


def test_a_field_has_the_steps_of_the_map(found):
    _, tables, _, codes = found
    for code, label in enumerate(TASK.conditions):
        grid = tables["field"][tables["field"]["condition"] == label]
        state = grid[["x", "y"]].to_numpy()
        assert len(state) == 2500
        step = state @ MATRICES[code].T + SHIFTS[code] - state
        np.testing.assert_allclose(grid["speed"], np.linalg.norm(step, axis=1), atol=1e-12)
        moves = tables["steps"][tables["steps"]["condition"] == label]
        assert len(moves) == min(200, (codes == code).sum())
        start, end = moves[["x", "y"]].to_numpy(), moves[["to_x", "to_y"]].to_numpy()
        np.testing.assert_allclose(end, start @ MATRICES[code].T + SHIFTS[code], atol=1e-12)
        (root,) = tables["field_roots"][tables["field_roots"]["condition"] == label].itertuples()
        np.testing.assert_allclose(
            [root.x, root.y], np.linalg.solve(np.eye(2) - MATRICES[code], SHIFTS[code]), atol=1e-9
        )
        assert root.stable
    axes = tables["axes"].iloc[0]
    np.testing.assert_allclose(axes[["along_x", "along_y", "offset"]].astype(float), [3.0, -2.0, 0.5], atol=1e-10)
    assert axes["exact"]


def test_a_linear_map_has_its_real_eigenvectors(found):
    _, tables, *_ = found
    lines = [json.loads(text) for text in tables["field_roots"]["lines"]]
    assert [[value for _, value in own] for own in lines] == [
        pytest.approx([0.8, 0.5]), pytest.approx([0.9, 0.3]), pytest.approx([0.8, 0.4]), []
    ]  # fmt: skip
    angles = np.mod([[angle for angle, _ in own] for own in lines[:3]], np.pi)
    np.testing.assert_allclose(angles, [[np.pi / 2, 0], [0, np.pi / 2], [np.pi / 4, 3 * np.pi / 4]], atol=1e-9)


@pytest.mark.parametrize(
    ("matrix", "stable", "angle"),
    [
        (np.diag([0.5, 1.0]), True, np.pi / 2),  # the second value is left alone
        (np.diag([1.0, 1.5]), False, 0.0),
        (np.diag([0.5, 0.9]), True, None),
        (np.diag([0.5, 1.1]), False, None),
        (np.eye(2), False, None),  # nothing moves at all
    ],
)
def test_a_line_of_fixed_points_attracts_if_states_beside_it_come_nearer(matrix, stable, angle):
    points = fixed_points.of_jacobians(np.zeros((1, 2)), matrix[None])
    ((found, along),) = compute.attracting(points, np.ones(2))
    assert found == stable
    assert (along is None) == (angle is None)
    if angle is not None:
        assert np.tan(along) == pytest.approx(np.tan(angle), rel=1e-6) or abs(np.cos(along)) < 1e-12


def test_the_same_trials_are_drawn_whatever_else_is(found):
    rng = np.random.default_rng
    np.testing.assert_array_equal(compute.sample(1000, rng(1)), compute.sample(1000, rng(1)))
    drawn = compute.sample(1000, rng(1))
    assert len(set(drawn)) == 200
    assert (np.diff(drawn) > 0).all()
    assert compute.sample(7, rng(1)).tolist() == list(range(7))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["s", "a$x^$b", "a name that is much longer than it may be", "猴1"])
def test_figures_can_be_drawn_of_any_name(found, tmp_path, name):
    folder, *_ = found
    plot_cloud(folder, tmp_path / "cloud", subject="s", actions=[name, f"{name}2"])
    plot_field(folder, tmp_path / "field", subject="s", actions=[name, f"{name}2"])
    for stem in ("cloud", "field"):
        assert {path.suffix for path in tmp_path.glob(f"{stem}.*")} == {".png", ".pdf"}


def test_what_a_field_shows(found):
    _, tables, *_ = found
    grid, steps, roots = (tables[name] for name in ("field", "steps", "field_roots"))
    drawn = figure.field(grid, steps, roots, tables["axes"].iloc[0], actions=["left", "right"], title="t")
    assert len(drawn.axes) == 4
    titles = [ax.get_title() for ax in drawn.axes]
    assert titles == ["left, no reward", "right, no reward", "left, reward", "right, reward"]
    texts = [text.get_text() for text in drawn.findobj(Text)]
    assert {"h1", "h2", "0.80", "0.30", "logit grows (towards left)"} <= set(texts)
    unstable = roots.assign(stable=False, lines=None, free=[0.0, None, None, None])
    axes = tables["axes"].iloc[0].copy()
    axes["exact"] = False
    other = figure.field(grid, steps, unstable, axes, actions=["left", "right"], title="t")
    texts = [text.get_text() for text in other.findobj(Text)]
    assert "logit grows (towards left)" not in texts
    assert "line of fixed points" in texts


def test_a_subject_without_a_fit_has_a_note(found, tmp_path):
    folder, *_ = found
    for plot in (plot_cloud, plot_field):
        plot(folder, tmp_path / "empty", subject="other", actions=["a", "b"])
        assert (tmp_path / "empty.png").stat().st_size < 20_000


def config(**analyses):
    models = {
        "gru": {"family": "rnn", "cell": "gru", "dims": [1, 2, 3]},
        "lstm": {"family": "rnn", "cell": "lstm", "dims": [1]},
    }
    data = {"source": "simulate", "task": "bandit", "n_blocks": 6, "n_trials": 12}
    content = {
        "run": "t",
        "datasets": {"d": data, "three": data | {"n_actions": 3, "agent": {"model": "MF"}}},
        "models": models,
    }
    return checked(content | {"cv": {"outer": 3, "inner": 2}, "analyses": analyses}, "t", Config)


def test_models_with_several_variables_and_two_actions_have_clouds_and_those_with_two_a_field():
    own = config(fields={})
    found = outputs.dims(own)  # the cell of an LSTM is a second variable
    assert found == {"gru": {"d": [2, 3], "three": [2, 3]}, "lstm": {"d": [1], "three": [1]}}
    fits = [("d", "s1", "gru", dim, outer) for dim in (1, 2, 3) for outer in (0, 1)]
    assert outputs.figures(own, fits) == ["cloud__d__s1__gru__d2", "field__d__s1__gru__d2", "cloud__d__s1__gru__d3"]
    assert outputs.tables(own) == ["logit_changes"]
    assert outputs.tables(config()) == []


def test_values_of_several_actions_have_figures_where_subjects_are_few():
    own = config(fields={})
    fits = [("three", f"s{i}", "gru", dim, 0) for i in range(10) for dim in (1, 2)]
    names = outputs.figures(own, fits)
    assert names[:2] == ["values_R0__three__s0__gru__d2", "values_R1__three__s0__gru__d2"]
    assert len(names) == 20
    assert outputs.figures(own, [*fits, ("three", "s10", "gru", 2, 0)]) == []


def test_figures_by_task():
    spec = {"family": "rnn", "cell": "gru", "readout": "full"}
    assert outputs.kinds(task_of("bandit", 5), spec, 2) == ["values_R0", "values_R1"]
    assert outputs.kinds(task_of("bandit", 6), spec, 2) == []
    assert outputs.kinds(task_of("original_two_stage"), spec, 2) == ["quiver"]
    assert outputs.kinds(task_of("two_stage"), spec, 3) == ["cloud"]
    assert outputs.kinds(task_of("perceptual"), spec, 2) == []
    assert outputs.kinds(task_of("original_two_stage"), spec, 1) == []
