"""One-dimensional portraits against closed forms and against the trials themselves."""

import itertools

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file
from scipy.optimize import brentq

from conftest import random_sequences
from tinycog.analyses.portraits import compute as portrait
from tinycog.analyses.portraits.gather import gather
from tinycog.analyses.portraits.step import portrait as make_portrait
from tinycog.models import registry
from tinycog.models.cells.gru import GRU
from tinycog.models.cells.rnn import RNN
from tinycog.models.interface import run
from tinycog.results import scores
from tinycog.sections.fits import CrossValidation
from tinycog.storage import write_json
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.splits import ROLES

TASK = task_of("reversal")
NOWHERE = np.zeros((0, 1))  # visited states do not matter where states have bounds
ALL_TRAIN = {"train": np.ones((1, 1)), "val": np.zeros((1, 1)), "test": np.zeros((1, 1))}


def bayesian(h=0.1, beta=5.0):
    return registry.cognitive(TASK, "LS0"), {"h": np.array([h]), "beta": np.array([beta])}


def gru(seed):
    model = GRU(n_inputs=3, n_units=1, n_actions=2)
    return model, {name: value[None] * 2.5 for name, value in model.initialise(seed).items()}


def test_bayesian_map_and_setpoint_are_the_closed_forms():
    """For g = .7, h = .1, beta = 5: 5 * 0.678709, multiplier 0.415669 (methods: logit maps in closed form)."""
    model, params = bayesian()
    one_step = portrait.OneStep(TASK, model, params)
    the_map = portrait.exact_map(one_step, NOWHERE)
    x, kappa = the_map.logit / 5.0, 0.4
    for code, label in enumerate(TASK.conditions):
        e = {"A1R1": 1, "A2R0": 1, "A1R0": -1, "A2R1": -1}[label]
        expected = 0.8 * 5.0 * (x + e * kappa) / (1 + e * kappa * x)
        np.testing.assert_allclose(the_map.next_logit[code], expected, atol=1e-12)
        points = portrait.fixed_points(one_step, the_map, code)
        assert points.logit == pytest.approx([e * 5.0 * 0.678709], abs=5e-6)
        assert points.multiplier == pytest.approx([0.415669], abs=5e-7)
        assert points.attracts.all()
        assert portrait.setpoint(points, near=np.nan) == 0


@pytest.mark.parametrize("seed", range(4))
def test_visited_trials_lie_on_the_map_of_a_network(seed):
    data = random_sequences(n_blocks=5, n_trials=40, seed=seed)
    model, params = gru(seed)
    along = scores.score(TASK, model, params, data, ALL_TRAIN)
    one_step = portrait.OneStep(TASK, model, params)
    the_map = portrait.exact_map(one_step, NOWHERE)
    order = np.argsort(the_map.logit)
    for code in range(4):
        trials = portrait.visited(along, code)
        assert len(trials.logit) > 20
        change = np.interp(trials.logit, the_map.logit[order], (the_map.next_logit[code] - the_map.logit)[order])
        np.testing.assert_allclose(trials.change, change, atol=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_fixed_points_of_a_network_are_fixed_and_iteration_finds_the_attracting_ones(seed):
    model, params = gru(seed)
    one_step = portrait.OneStep(TASK, model, params)
    the_map = portrait.exact_map(one_step, NOWHERE)
    for code in range(4):
        points = portrait.fixed_points(one_step, the_map, code)
        assert len(points.state)
        state = points.state[:, None]
        np.testing.assert_allclose(one_step.step(state, code)[:, 0], points.state, atol=1e-14)
        nudged = (one_step.step(state + 1e-6, code) - one_step.step(state - 1e-6, code))[:, 0] / 2e-6
        np.testing.assert_allclose(nudged, points.multiplier, atol=1e-7)
        ends = np.linspace(-0.999, 0.999, 50)[:, None]
        for _ in range(20_000):
            ends = one_step.step(ends, code)
        distance = np.abs(ends - points.state[points.attracts]).min(axis=1)
        assert distance.max() < 1e-6


@pytest.mark.parametrize("cell", ["gru", "switching_gru"])
@pytest.mark.parametrize("name", ["two_stage", "three_armed_reversal"])
def test_a_step_of_a_condition_is_what_the_model_does_in_such_a_trial(name, cell):
    """Codes are 4 a + 2 s + r where states are reached, and 2 a + r where they are the actions."""
    task, rng = task_of(name), np.random.default_rng(3)
    action, reward = rng.integers(0, task.n_actions, 60), rng.integers(0, 2, 60)
    state = rng.integers(0, 2, 60) if name == "two_stage" else action
    codes = 4 * action + 2 * state + reward if name == "two_stage" else 2 * action + reward
    columns = {"block": np.zeros(60, int), "trial": np.arange(60), "mask": np.ones(60, int)}
    data = sequences.from_columns(columns | {"action": action, "state": state, "reward": reward}, task)
    model = registry.build(task, {"family": "rnn", "cell": cell, "readout": "full"}, 1)
    params = {name: value[None] * 2 for name, value in model.initialise(1).items()}
    states = run(model, params, data, 60)[0][0, :, 0, 0]
    one_step = portrait.OneStep(task, model, params)
    assert set(codes) == set(range(len(task.conditions)))
    for code in set(codes):
        rows = np.flatnonzero(codes == code)
        after = one_step.step(states[rows][:, None], code)
        np.testing.assert_allclose(after[:, 0], states[rows + 1], atol=1e-14)


@pytest.mark.parametrize("threshold", [-0.3, 0.0, 0.30005])
def test_a_bistable_network_has_a_repelling_fixed_point_between_two_attracting_ones(threshold):
    """h' = tanh(2 h + b) with its middle root at the threshold u: b = atanh(u) - 2 u, multipliers 2 (1 - h^2)."""
    bias = np.arctanh(threshold) - 2 * threshold
    model = RNN(n_inputs=3, n_units=1, n_actions=2)
    params = {"W_ih": np.zeros((1, 1, 3)), "W_hh": np.full((1, 1, 1), 2.0), "b_ih": np.full((1, 1), bias)}
    params |= {"b_hh": np.zeros((1, 1)), "W_out": np.array([[[1.5], [-1.5]]]), "b_out": np.zeros((1, 2))}
    one_step = portrait.OneStep(TASK, model, params)
    points = portrait.fixed_points(one_step, portrait.exact_map(one_step, NOWHERE), 0)
    ends = [brentq(lambda h: np.tanh(2 * h + bias) - h, *span, xtol=1e-14) for span in ((-1, -0.5), (0.5, 1))]
    expected = np.array([ends[0], threshold, ends[1]])
    np.testing.assert_allclose(points.state, expected, atol=1e-12)
    np.testing.assert_allclose(points.logit, 3 * expected, atol=1e-12)
    np.testing.assert_allclose(points.multiplier, 2 * (1 - expected**2), atol=1e-11)
    assert points.attracts.tolist() == [True, False, True]


@pytest.mark.parametrize("n_times", [1, 12])
def test_scores_are_ragged_and_follow_the_trials(n_times, tmp_path):
    """Roles belong to blocks, or to single choices."""
    data = random_sequences(n_blocks=6, n_trials=12, masked=0.2, ragged=True, seed=4)
    model, params = gru(0)
    split = np.random.default_rng(0).choice(ROLES, (n_times, 6))
    weights = {role: (split == role).astype(float) for role in ROLES}
    along = scores.score(TASK, model, params, data, weights)
    assert len(along.logits) == data.lengths.sum() + 6
    assert len(along.condition) == len(along.mask) == data.lengths.sum()
    role = np.broadcast_to(split, (12, 6))
    assert along.split.tolist() == [role[t, block] for block, length in enumerate(data.lengths) for t in range(length)]
    assert along.trial_start.tolist() == [sum(data.lengths[:block]) for block in range(7)]
    assert along.row_start.tolist() == [sum(data.lengths[:block] + 1) for block in range(7)]
    np.testing.assert_array_equal(along.states[along.row_start[:-1]], 0.0)
    assert along.mask.sum() == data.mask.sum()
    position = 0
    for block, length in enumerate(data.lengths):
        expected = 2 * data.action[:length, block] + data.reward[:length, block]
        np.testing.assert_array_equal(along.condition[position : position + length], expected)
        position += length
    scores.write(tmp_path / "scores.npz", [along])
    [again] = scores.read(tmp_path / "scores.npz")
    for name, value in vars(along).items():
        np.testing.assert_array_equal(getattr(again, name), value)


def test_a_trial_of_two_choices_has_one_condition():
    """8a + 4s + 2b + r of each row, worked out by hand; roles and masks are of each choice."""
    task = task_of("original_two_stage")
    rows = [  # block, a, s, b, r, whether each choice is scored; code and its label
        (0, 1, 0, 1, 1, 1, 1, 11, "A2S1B2R1"),
        (0, 0, 1, 0, 0, 1, 1, 4, "A1S2B1R0"),
        (0, 1, 1, 1, 1, 1, 1, 15, "A2S2B2R1"),
        (0, 1, 1, 0, 0, 1, 1, 12, "A2S2B1R0"),
        (1, 0, 0, 0, 1, 1, 1, 1, "A1S1B1R1"),
        (1, -1, 0, -1, np.nan, 0, 0, 0, "A1S1B1R0"),  # neither choice was made
        (1, -1, 1, 1, 1, 0, 1, 7, "A1S2B2R1"),  # the first was not the subject's
        (2, 1, 1, -1, np.nan, 1, 0, 12, "A2S2B1R0"),  # the second is missing
    ]
    names = ("block", "action", "state", "action2", "reward", "mask", "mask2")
    columns = {name: np.array([row[i] for row in rows]) for i, name in enumerate(names)}
    data = sequences.from_columns(columns | {"trial": np.array([0, 1, 2, 3, 0, 1, 2, 0])}, task)
    model = registry.build(task, {"family": "rnn", "cell": "gru", "readout": "full"}, 2)
    params = {name: value[None] for name, value in model.initialise(0).items()}
    weights = {role: np.array([[float(role == own) for own in ("train", "test", "val")]]) for role in ROLES}
    along = scores.score(task, model, params, data, weights)
    assert along.condition.tolist() == [row[-2] for row in rows]
    assert [task.conditions[code] for code in along.condition] == [row[-1] for row in rows]
    assert along.mask.tolist() == [1] * 8 + [1, 1, 0, 0, 0, 1] + [1, 0]
    assert along.split.tolist() == ["train"] * 8 + ["test"] * 6 + ["val"] * 2
    assert along.trial_start.tolist() == [0, 4, 7, 8]
    assert along.row_start.tolist() == [0, 9, 16, 19]
    assert len(along.before(along.logits)) == len(along.after(along.logits)) == len(along.mask)
    states = run(model, params, data.subset(np.array([1])), 6)[0][0, :, 0]
    np.testing.assert_allclose(along.states[9:16], states, rtol=1e-14)


@pytest.mark.parametrize("task", ["bandit", "two_stage", "original_two_stage"])
def test_conditions_are_numbered_as_their_labels(task):
    the_task = task_of(task)
    choices = np.array(list(itertools.product(range(2), range(2), range(2), range(2)))).T  # a, s, b, r
    first, state, second, reward = choices[:, choices[0] == choices[1]] if task == "bandit" else choices
    codes = the_task.condition(first, state, reward, *([second] if the_task.stages == 2 else []))
    for code, a, s, b, r in zip(codes, first, state, second, reward, strict=True):
        label = {"bandit": f"A{a + 1}R{r}", "two_stage": f"A{a + 1}S{s + 1}R{r}"}
        assert the_task.conditions[code] == label.get(task, f"A{a + 1}S{s + 1}B{b + 1}R{r}")


def test_no_fit_has_no_scores(tmp_path):
    scores.write(tmp_path / "scores.npz", [None])
    assert scores.read(tmp_path / "scores.npz") == [None]


def test_visited_trials_are_the_scored_ones_of_a_condition():
    logit = np.array([0.0, 1.0, 3.0, 2.0, 0.0, -2.0])  # rows of a block of three trials and of one of a single trial
    along = scores.Scores(
        logits=np.stack([logit + 5, np.full(6, 5.0)], axis=1),
        states=logit[:, None],
        condition=np.array([1, 1, 2, 1]),
        mask=np.array([1, 0, 1, 1]),
        split=np.array(["train", "train", "train", "test"]),
        row_start=np.array([0, 4, 6]),
        trial_start=np.array([0, 3, 4]),
    )
    trials = portrait.visited(along, 1)
    assert (trials.logit.tolist(), trials.change.tolist()) == ([0, 0], [1, -2])
    assert trials.split.tolist() == ["train", "test"]
    assert (trials.block.tolist(), trials.trial.tolist()) == ([0, 1], [0, 0])
    assert (portrait.visited(along, 2).block.tolist(), portrait.visited(along, 2).trial.tolist()) == ([0], [2])
    assert portrait.visited(along, 2).change.tolist() == [-1]


def test_reference_estimates():
    change = np.array([0.9, -0.5, 0.01, -0.02] + [0.03] * 8 + [2.0])
    logit = np.arange(13.0)
    trials = portrait.Visited(logit, change, np.full(13, "test"), np.zeros(13), logit)
    # the ten trials of smallest |change|: 2..11
    assert portrait.reference_setpoint(trials) == np.median(np.arange(2.0, 12.0))
    line = portrait.Visited(logit, 0.3 - 0.25 * logit, np.full(13, "test"), np.zeros(13), logit)
    assert portrait.slope(line) == pytest.approx(-0.25)
    nothing = portrait.Visited(*np.empty((2, 0)), np.array([], dtype=str), *np.empty((2, 0)))
    assert np.isnan(portrait.reference_setpoint(nothing))
    assert np.isnan(portrait.slope(nothing))


def test_setpoint_is_the_attracting_root_nearest_to_the_estimate():
    points = portrait.FixedPoints(np.zeros(3), np.array([-2.0, 0.1, 1.5]), np.array([0.5, 1.4, 0.2]))
    assert portrait.setpoint(points, near=0.0) == 2
    assert portrait.setpoint(points, near=-1.9) == 0
    repelling = portrait.FixedPoints(np.zeros(1), np.zeros(1), np.array([1.2]))
    assert portrait.setpoint(repelling, near=0.0) is None


def test_a_network_that_ignores_its_state_is_recognised():
    model, params = gru(0)
    params |= {"W_out": np.zeros((1, 2, 1))}
    assert portrait.ignores_state(portrait.exact_map(portrait.OneStep(TASK, model, params), NOWHERE))


def test_tables_of_a_portrait_of_a_bistable_network(tmp_path):
    """h' = tanh(2 h + b) without a reward, with its middle root at -.3, and tanh(2 h + b + 3) with one; L = 3 h.

    Of the three outer folds one has no fit, and one has a readout that ignores the state.
    """
    bias = np.arctanh(-0.3) + 0.6

    def root(shift, *span):
        return brentq(lambda h: np.tanh(2 * h + bias + shift) - h, *span, xtol=1e-14)

    roots = np.array([root(0, -1, -0.5), -0.3, root(0, 0.5, 1)])
    rewarded = np.array([root(3, 0.5, 1)])
    stack = {"W_ih": np.zeros((3, 1, 3)), "W_hh": np.full((3, 1, 1), 2.0), "b_ih": np.full((3, 1), bias)}
    stack["W_ih"][1:, 0, 2] = 3.0  # inputs are action, state and reward
    stack |= {"b_hh": np.zeros((3, 1)), "W_out": np.zeros((3, 2, 1)), "b_out": np.zeros((3, 2))}
    stack["W_out"][1, :, 0] = 1.5, -1.5
    save_file(stack, tmp_path / "fits.safetensors")
    low, middle, high = 3 * roots
    steps = {  # condition: logit before and change of each of its trials, all blocks of one trial
        0: [(middle + 0.09, 0.5), (0.0, 0.02), (high - 0.11, -0.01), (high - 0.12, 0.2)],
        1: [(3 * rewarded[0] - 0.09, 0.01), (1.0, 1.0)],
        3: [(3 * rewarded[0] + 0.11, -0.01), (9.0, 0.0)],  # the second one is not scored
    }
    trials = [(code, before, change) for code, own in steps.items() for before, change in own]
    pairs = np.array([(before, before + change) for _, before, change in trials]).ravel()
    along = scores.Scores(
        logits=np.stack([pairs, 0 * pairs], axis=1),
        states=pairs[:, None] / 3,
        condition=np.array([code for code, *_ in trials]),
        mask=np.array([1] * 7 + [0]),
        split=np.array(["train", "val", "test"] * 3)[:8],
        row_start=np.arange(9) * 2,
        trial_start=np.arange(9),
    )
    selected, scored = [], []
    for outer, row in ((3, 1), (5, None), (7, 2)):
        selected.append(tmp_path / f"selected{outer}.json")
        scored.append(tmp_path / f"scores{outer}.npz")
        keys = {"dataset": "d", "subject": "s", "model": "m", "dim": 1, "outer": outer}
        write_json(selected[-1], {**keys, "row": row, "parameters": "fits.safetensors"})
        scores.write(scored[-1], [None if row is None else along])
    spec = {"family": "rnn", "cell": "rnn", "readout": "full"}
    make_portrait(selected, scored, tmp_path / "out", root=tmp_path, task="reversal", n_actions=2, spec=spec, dim=1)
    names = ("setpoints", "roots", "maps", "visited")
    tables = {name: pd.read_parquet(tmp_path / f"out/{name}.parquet") for name in names}
    for table in tables.values():
        assert table[["dataset", "subject", "model", "dim"]].drop_duplicates().to_numpy().tolist() == [
            ["d", "s", "m", 1]
        ]
    own, ignoring = ({name: t[t["outer"] == outer] for name, t in tables.items()} for outer in (3, 7))
    assert sum(len(t) for t in tables.values()) == sum(len(t) for each in (own, ignoring) for t in each.values())

    (tmp_path / "dynamics/d/s/m").mkdir(parents=True)
    (tmp_path / "out").rename(tmp_path / "dynamics/d/s/m/d1")
    counts = {"s": {"blocks": 3, "shortest_block": 2}}
    write_json(tmp_path / "data/d/meta.json", {"subjects": ["s"], "counts_analysed": counts})
    cv = CrossValidation(outer=3, inner=2).folds()
    grid = {"datasets": ["d"], "models": {"m": {"d": [1]}}, "cv": {"d": cv}, "chunks": {}}
    gather(tmp_path, grid=grid, actions={"d": ["left", "right"]})
    of_run = pd.read_parquet(tmp_path / "tables/setpoints.parquet")
    words = {"A1R0": "left, no reward", "A1R1": "left, reward", "A2R0": "right, no reward", "A2R1": "right, reward"}
    assert of_run.pop("in_words").tolist() == of_run["condition"].map(words).tolist()
    pd.testing.assert_frame_equal(of_run, tables["setpoints"])

    found = own["setpoints"].set_index("condition").loc[["A1R0", "A1R1", "A2R0", "A2R1"]]
    # without trials the attracting root nearest to 0
    expected = [high, 3 * rewarded[0], high if high < -low else low, 3 * rewarded[0]]
    np.testing.assert_allclose(found["setpoint"], expected, atol=1e-11)
    np.testing.assert_allclose(found["multiplier"], 2 * (1 - (np.array(expected) / 3) ** 2), atol=1e-10)
    estimates = [np.median([x for x, _ in steps[0]]), np.median([x for x, _ in steps[1]]), np.nan, steps[3][0][0]]
    np.testing.assert_allclose(found["setpoint_ref"], estimates)
    assert abs(estimates[0] - high) < abs(estimates[0] - low), "the nearest root must be the upper one"
    slopes = [
        np.polyfit(*np.array(steps[0]).T, 1)[0],
        np.diff(np.array(steps[1])[:, 1]) / np.diff(np.array(steps[1])[:, 0]),
    ]
    np.testing.assert_allclose(found["slope"].astype(float), [slopes[0], *slopes[1], np.nan, np.nan])
    assert found["n_trials"].tolist() == [4, 2, 0, 1]
    assert found["n_roots"].tolist() == [3, 1, 3, 1]
    assert found["in_range"].tolist() == [False, True, False, False]  # .1 nats beyond the trials count, .11 do not

    drawn = own["roots"]
    assert drawn["condition"].tolist() == ["A1R0"] * 3 + ["A1R1"] + ["A2R0"] * 3 + ["A2R1"]
    np.testing.assert_allclose(drawn["logit"], 3 * np.concatenate([roots, rewarded, roots, rewarded]), atol=1e-11)
    assert drawn["attracts"].tolist() == [True, False, True, True] * 2

    grid = np.linspace(-1, 1, 201)
    for label, shift in (("A1R0", 0), ("A1R1", 3), ("A2R0", 0), ("A2R1", 3)):
        line = own["maps"][own["maps"]["condition"] == label]
        np.testing.assert_allclose(line["logit"], 3 * grid, atol=1e-12)
        np.testing.assert_allclose(line["change"], 3 * np.tanh(2 * grid + bias + shift) - 3 * grid, atol=1e-12)
    seen = own["visited"]
    assert seen["condition"].tolist() == ["A1R0"] * 4 + ["A1R1"] * 2 + ["A2R1"]
    np.testing.assert_allclose(seen[["logit", "change"]], [step[1:] for step in trials[:7]], atol=1e-12)
    assert seen["split"].tolist() == along.split[:7].tolist()
    assert seen["block"].tolist() == list(range(7))
    assert seen["trial"].tolist() == [0] * 7

    assert ignoring["setpoints"]["n_roots"].tolist() == [0] * 4
    assert ignoring["setpoints"]["setpoint"].isna().all()
    assert not ignoring["setpoints"]["in_range"].any()
    assert ignoring["roots"].empty
