"""Paths of states after reversals and under repeated trials, of fits whose maps are known."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from safetensors.numpy import save_file

from tinycog.analyses.trajectories import compute, figure, outputs
from tinycog.analyses.trajectories.plot import plot
from tinycog.analyses.trajectories.step import trajectories
from tinycog.analyses.trajectories.tables import OF_ONE
from tinycog.config import Config
from tinycog.models import registry
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


def test_means_after_reversals_by_hand():
    """Three blocks: from the first action at trial 2, back again at trial 4; from the second at 3; no reversal."""
    best = np.array([[0, 1, 0], [0, 1, 0], [1, 1, 0], [1, 0, 0], [0, 0, 0]])
    places = np.zeros((5, 3, 2))
    places[..., 0] = np.arange(5)[:, None] + [0, 10, 20]
    places[..., 1] = -1
    apart = compute.after_reversals(places, best, aligned=False)
    assert apart == [
        {"better_before": 0, "offset": 0, "x": 2, "y": -1, "n": 1},
        {"better_before": 0, "offset": 1, "x": 3, "y": -1, "n": 1},
        {"better_before": 1, "offset": 0, "x": (4 + 13) / 2, "y": -1, "n": 2},
        {"better_before": 1, "offset": 1, "x": 14, "y": -1, "n": 1},
    ]
    together = compute.after_reversals(places, best, aligned=True)
    assert together == [  # axes change places where the second action was better before
        {"better_before": None, "offset": 0, "x": (2 - 1 - 1) / 3, "y": (-1 + 4 + 13) / 3, "n": 3},
        {"better_before": None, "offset": 1, "x": (3 - 1) / 2, "y": (-1 + 14) / 2, "n": 2},
    ]
    assert compute.after_reversals(places, np.full((5, 3), -1), aligned=True) == []
    assert compute.after_reversals(places, np.full((5, 3), -1), aligned=False) == []


def test_a_mean_ends_where_fewer_than_half_of_the_reversals_go_on():
    """Three reversals at trial 1, of blocks that are known for 2, 3 and 30 trials."""
    best = np.full((31, 3), -1)
    for block, known in enumerate((2, 3, 31)):
        best[0, block], best[1:known, block] = 0, 1
    rows = compute.after_reversals(np.zeros((31, 3, 2)), best, aligned=True)
    assert [(row["offset"], row["n"]) for row in rows] == [(0, 3), (1, 2)]
    rows = compute.after_reversals(np.zeros((31, 1, 2)), best[:, 2:], aligned=True)
    assert [row["offset"] for row in rows] == list(range(20))


def test_a_plane_of_two_variables_has_their_scale():
    diagonal = registry.build(TASK, {"family": "rnn", "cell": "gru", "readout": "diagonal"}, 2)
    state = np.random.default_rng(0).normal(size=(30, 2))
    found = compute.plane(diagonal, {"c": np.array([-4.0])}, state, -4 * (state[:, 0] - state[:, 1]))
    np.testing.assert_allclose(found.of(state), -4 * state)
    np.testing.assert_allclose([*found.slope, found.offset], [1, -1, 0], atol=1e-9)
    assert found.names == ("logit of {0}", "logit of {1}")
    assert found.exact


def test_a_plane_of_three_variables_has_the_logit_and_the_largest_variance_across():
    """L grows along (1, 1, 0); across it states vary most along (0, 0, -1), little along (1, -1, 0)."""
    rng = np.random.default_rng(0)
    along, across, least = rng.normal(size=(3, 500)) * [[5.0], [2.0], [0.2]]
    state = np.stack([along + least + 30, along - least - 30, -across], axis=1)
    logit = 3 * (state[:, 0] + state[:, 1]) + 0.5
    gru = registry.build(TASK, {"family": "rnn", "cell": "gru", "readout": "full"}, 3)
    found = compute.plane(gru, {}, state, logit)
    drawn = found.of(state)
    np.testing.assert_allclose(drawn[:, 0], logit)
    assert np.corrcoef(drawn[:, 1], -across)[0, 1] == pytest.approx(1, abs=0.02)  # its largest entry is positive
    assert found.matrix[1] @ [1, 1, 0] == pytest.approx(0, abs=1e-9)
    assert np.linalg.norm(found.matrix[1]) == pytest.approx(1)
    assert ([*found.slope], found.offset, found.exact) == ([1, 0], 0, True)
    assert found.names[0].startswith("logit")
    flat = compute.plane(gru, {}, state, np.zeros(500))  # the readout ignores the state
    assert np.isfinite(flat.of(state)).all()


def test_limits_are_where_trials_are_and_runaway_streams_do_not_set_them():
    visited = np.column_stack([np.linspace(0, 1, 1001), np.linspace(0, 2, 1001)])  # 98 % within .01-.99, .02-1.98
    inside = compute.limits(visited, np.full((1, 2), 0.5), equal=False)
    np.testing.assert_allclose(inside, [[0.01 - 0.049, 0.02 - 0.098], [0.99 + 0.049, 1.98 + 0.098]])
    further = compute.limits(visited, np.array([[-0.2, -1e9], [1.5, 1e9]]), equal=False)
    low, high = np.array([-0.2, 0.02 - 1.96]), np.array([1.5, 1.98 + 1.96])
    np.testing.assert_allclose(further, [low - 0.05 * (high - low), high + 0.05 * (high - low)])
    equal = compute.limits(visited, np.full((1, 2), 0.5), equal=True)
    np.testing.assert_allclose(equal, [[0.01 - 0.05 * 1.97] * 2, [1.98 + 0.05 * 1.97] * 2])


def test_starts_are_states_along_trials():
    state = np.arange(80.0).reshape(40, 2)
    drawn = compute.starts(state, np.random.default_rng(0))
    assert drawn.shape == (12, 2)
    assert (np.diff(drawn[:, 0]) > 0).all()
    assert set(map(tuple, drawn)) <= set(map(tuple, state))
    assert len(compute.starts(state[:5], np.random.default_rng(0))) == 5


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Tables of a linear network, of which the first outer fold has no fit, and of another subject without any."""
    folder = tmp_path_factory.mktemp("trajectories")
    params = {
        "V": (MATRICES - np.eye(2))[None],
        "b": SHIFTS[None],
        "W_out": np.array([[[3.0, 0.0], [0.0, 2.0]]]),
        "b_out": np.array([[0.5, 0.0]]),
    }
    save_file(params, folder / "fits.safetensors")
    rng = np.random.default_rng(0)
    n_blocks, n_trials = 6, 50
    block, trial = np.divmod(np.arange(n_blocks * n_trials), n_trials)
    columns = {"block": block, "trial": trial, "mask": (trial != 7).astype(int)}
    columns |= {"action": rng.integers(0, 2, block.size), "reward": rng.integers(0, 2, block.size).astype(float)}
    columns["state"] = columns["action"]
    better = (trial >= 20) != (block % 2)  # the second action from trial 20 on; in every other block the reverse
    table = pd.DataFrame(columns).assign(task_p0=np.where(better, 0.2, 0.8), task_p1=np.where(better, 0.8, 0.2))
    trials = []
    for name in ("s", "failed"):
        trials.append(folder / f"{name}.parquet")
        table.assign(dataset="d", subject=name).to_parquet(trials[-1])
    data = sequences.from_columns(columns, TASK)
    model = registry.build(TASK, SPEC, 2)
    weights = {role: np.full((1, n_blocks), float(role == "train")) for role in ROLES}
    along = scores.score(TASK, model, params, data, weights)
    selected, scored = [], []
    for outer, own in ((0, None), (3, along), (5, along)):
        selected.append(folder / f"selected{outer}.json")
        scored.append(folder / f"scores{outer}.npz")
        ids = {"dataset": "d", "model": "m", "dim": 2, "outer": outer, "parameters": "fits.safetensors"}
        row = None if own is None else 0
        write_json(selected[-1], [ids | {"subject": "s", "row": row}, ids | {"subject": "failed", "row": None}])
        scores.write(scored[-1], [own, None])
    trajectories(selected, scored, trials, folder, root=folder, task="reversal", n_actions=2, spec=SPEC, dim=2)
    tables = {of.name: pd.read_parquet(folder / f"{of.name}.parquet") for of in OF_ONE}
    return folder, tables, along


def test_a_stream_repeats_the_map_of_its_condition(found):
    _, tables, along = found
    streams = tables["streams"]
    assert set(streams["outer"]) == {3}
    assert set(streams["subject"]) == {"s"}
    assert len(streams) == 4 * 12 * 31
    visited = {tuple(state) for state in along.before(along.states)[along.mask == 1].round(12)}
    begins = []
    for code, label in enumerate(TASK.conditions):
        own = streams[streams["condition"] == label]
        for _, stream in own.groupby("stream"):
            assert stream["step"].tolist() == list(range(31))
            state = stream[["x", "y"]].to_numpy()
            np.testing.assert_allclose(state[1:], state[:-1] @ MATRICES[code].T + SHIFTS[code], atol=1e-12)
        begins.append(own.loc[own["step"] == 0, ["x", "y"]].to_numpy())
        assert {tuple(state) for state in begins[-1].round(12)} <= visited
    for other in begins[1:]:
        np.testing.assert_array_equal(begins[0], other)


def test_paths_after_reversals_are_means_of_states(found):
    _, tables, along = found
    after = tables["after_reversals"]
    states = np.stack([along.states[start : start + 50] for start in along.row_start[:-1]])  # before each trial
    assert after["offset"].tolist() == [*range(20)] * 2
    for action, blocks in ((0, [0, 2, 4]), (1, [1, 3, 5])):
        own = after[after["better_before"] == action]
        assert own["n"].eq(3).all()
        np.testing.assert_allclose(own[["x", "y"]], states[blocks, 20:40].mean(axis=0), atol=1e-12)


def test_the_plane_of_a_fit(found):
    _, tables, _ = found
    (plane,) = tables["planes"].itertuples()
    assert (plane.x_name, plane.y_name, plane.exact) == ("h1", "h2", True)
    np.testing.assert_allclose([plane.along_x, plane.along_y, plane.offset], [3, -2, 0.5], atol=1e-9)
    assert (plane.x_low, plane.x_high) == (plane.y_low, plane.y_high)


def test_values_of_a_cognitive_model_are_aligned(tmp_path):
    """Mirrored blocks: where labels are exchanged the values are, and the aligned mean is that of the first block."""
    first = pd.DataFrame({"trial": range(40), "action": 0, "reward": 1.0, "mask": 1}).assign(
        action=lambda own: (own["trial"] >= 22).astype(int)
    )
    second = first.assign(action=1 - first["action"])
    table = pd.concat([first.assign(block=0), second.assign(block=1)], ignore_index=True)
    better = (table["trial"] >= 20) != (table["block"] == 1)
    table = table.assign(state=table["action"], task_p0=np.where(better, 0.2, 0.8), task_p1=np.where(better, 0.8, 0.2))
    table.assign(dataset="d", subject="s").to_parquet(tmp_path / "s.parquet")
    spec = {"family": "cognitive", "model": "MB0"}
    params = {"alpha": np.array([0.5]), "beta": np.array([3.0])}
    save_file(params, tmp_path / "fits.safetensors")
    data = sequences.from_columns({name: table[name].to_numpy() for name in table}, TASK)
    weights = {role: np.full((1, 2), float(role == "train")) for role in ROLES}
    along = scores.score(TASK, registry.build(TASK, spec, 2), params, data, weights)
    ids = {"dataset": "d", "subject": "s", "model": "MB0", "dim": 2, "outer": 0, "row": 0}
    write_json(tmp_path / "selected.json", ids | {"parameters": "fits.safetensors"})
    scores.write(tmp_path / "scores.npz", [along])
    paths = ([tmp_path / "selected.json"], [tmp_path / "scores.npz"], [tmp_path / "s.parquet"], tmp_path)
    trajectories(*paths, root=tmp_path, task="reversal", n_actions=2, spec=spec, dim=2)
    after = pd.read_parquet(tmp_path / "after_reversals.parquet")
    assert after["better_before"].isna().all()
    assert after["n"].eq(2).all()
    # two more rewards of the old action, then the other one's value moves half of the way to 1 each time
    old = 1 - 0.5 ** np.minimum(np.arange(20, 40), 22)
    new = 1 - 0.5 ** np.maximum(np.arange(20) - 2, 0)
    np.testing.assert_allclose(after[["x", "y"]], np.column_stack([old, new]), atol=1e-12)


@pytest.mark.filterwarnings("error")
def test_figures_can_be_drawn_of_any_name(found, tmp_path):
    folder, *_ = found
    plot(folder, tmp_path / "paths", subject="s", actions=["a name that is much longer than it may be$", "猴1"])
    assert {path.suffix for path in tmp_path.glob("paths.*")} == {".png", ".pdf"}


def test_what_a_figure_shows(found, tmp_path):
    folder, tables, _ = found
    after, streams, planes = (tables[name] for name in ("after_reversals", "streams", "planes"))
    drawn = figure.trajectories(after, streams, planes.iloc[0], actions=["left", "right"], title="t")
    texts = {text.get_text() for text in drawn.findobj(Text)}
    assert {"after reversals, mean of 6", "left was better before", "right was better before"} <= texts
    assert {"left, no reward", "right, reward", "h1", "h2", "trials since the reversal"} <= texts
    aligned = figure.trajectories(
        after.assign(better_before=None), streams, planes.iloc[0], actions=["left", "right"], title="t"
    )
    texts = {text.get_text() for text in aligned.findobj(Text)}
    assert "value of the action better before" in texts
    assert "left was better before" not in texts
    without = figure.trajectories(after.iloc[:0], streams, planes.iloc[0], actions=["left", "right"], title="t")
    assert len(without.axes) == 4
    plot(folder, tmp_path / "note", subject="failed", actions=["a", "b"])
    assert (tmp_path / "note.png").stat().st_size < 20_000


def test_models_with_two_or_three_variables_and_two_actions_have_paths():
    data = {"source": "simulate", "n_blocks": 6, "n_trials": 12}
    content = {
        "run": "t",
        "datasets": {
            "two": data | {"task": "bandit"},
            "three": data | {"task": "bandit", "n_actions": 3, "agent": {"model": "MF"}},
            "stages": data | {"task": "two_stage"},
        },
        "models": {"gru": {"family": "rnn", "dims": [1, 2, 3, 4]}},
        "cv": {"outer": 3, "inner": 2},
    }
    own = checked(content | {"analyses": {"trajectories": {}}}, "t", Config)
    assert outputs.dims(own) == {"gru": {"two": [2, 3], "three": [], "stages": [2, 3]}}
    fits = [("two", "s1", "gru", dim, outer) for dim in (1, 2) for outer in (0, 1)]
    assert outputs.figures(own, fits) == ["trajectories__two__s1__gru__d2"]
    assert outputs.tables(own) == []
    assert outputs.figures(checked(content | {"analyses": {}}, "t", Config), fits) == []
