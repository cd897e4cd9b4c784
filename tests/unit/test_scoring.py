"""`tinycog.score` as a function and as a command: where the state starts anew, masks, and what is refused."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import tinycog
from tinycog.cli import main
from tinycog.errors import InputError
from tinycog.models import registry
from tinycog.models.interface import run
from tinycog.tasks import task_of
from tinycog.trials.sequences import from_columns

TASKS = ("reversal", "two_stage", "transition_reversal", "three_armed_reversal", "four_armed_bandit")
MB0 = {"alpha": 0.5, "beta": 2.0}


def table(**changes):
    columns = {"action": [0, 1, 1, 0], "state": [0, 0, 1, 1], "reward": [1.0, 1.0, 0.0, 1.0]}
    return pd.DataFrame(columns).assign(**changes)


def scored(trials, *, task="two_stage", model="MB0", parameters=MB0, **options):
    return tinycog.score(task=task, model=model, parameters=parameters, trials=trials, **options)


# -- values ----------------------------------------------------------------------------------------------------------


def test_probabilities_and_log_likelihoods_by_hand():
    """Q(1) with alpha = 1/2: Q is (0, 0), (0.5, 0), (0.5, 0.5), (0.5, 0.25) before the four trials."""
    found = scored(table(), model="Q(1)")
    p_1 = [0.5, 1 / (1 + math.exp(1)), 0.5, 1 / (1 + math.exp(0.5))]
    assert list(found) == ["p_0", "p_1", "log_likelihood"]
    np.testing.assert_allclose(found["p_1"], p_1, atol=1e-12)
    np.testing.assert_allclose(found["p_0"], 1 - np.array(p_1), atol=1e-12)
    chosen = [1 - p_1[0], p_1[1], p_1[2], 1 - p_1[3]]
    np.testing.assert_allclose(found["log_likelihood"], np.log(chosen), atol=1e-12)
    pd.testing.assert_frame_equal(found, scored(table(), model="Q1"))


def test_rows_keep_their_index():
    trials = table().set_axis([7, 7, "x", 2])
    assert scored(trials).index.tolist() == [7, 7, "x", 2]
    np.testing.assert_array_equal(scored(trials), scored(table()))


def test_bandits_have_as_many_actions_as_is_said():
    trials = pd.DataFrame({"action": [4, 0], "reward": [0.5, 1.0]})
    found = scored(trials, task="bandit", model="MF", n_actions=5)
    weights = np.exp([0, 0, 0, 0, 2 * 0.5 * 0.5])
    np.testing.assert_allclose(found.iloc[1, :5].astype(float), weights / weights.sum(), atol=1e-12)
    assert scored(trials.assign(action=[1, 0]), task="bandit").shape == (2, 3)


def test_a_masked_row_is_seen_as_it_stands_or_where_it_is_missing_as_action_0_without_reward():
    masked = table(mask=[1, 0, 1, 1])
    missing = masked.assign(action=[0, -1, 1, 0], reward=[1.0, np.nan, 0.0, 1.0], state=[0, 9, 1, 1])
    zeros = table(action=[0, 0, 1, 0], state=[0, 0, 1, 1], reward=[1.0, 0.0, 0.0, 1.0])
    for trials, fed in ((masked, table()), (missing, zeros)):
        found, expected = scored(trials), scored(fed)
        np.testing.assert_array_equal(found[["p_0", "p_1"]], expected[["p_0", "p_1"]])
        assert found["log_likelihood"].iloc[1] == 0
        assert not np.signbit(found["log_likelihood"].iloc[1])
        unmasked = [0, 2, 3]
        np.testing.assert_array_equal(found["log_likelihood"].iloc[unmasked], expected["log_likelihood"].iloc[unmasked])
    assert found["p_0"].iloc[2] != scored(table().drop(index=1))["p_0"].iloc[1]  # the state has moved


def test_either_choice_of_a_trial_may_be_masked():
    trials = table(action2=[1, 0, 1, 1], mask=[1, 0, 1, 0], mask2=[1, 1, 0, 0])
    parameters = {"alpha_1": 0.5, "alpha_2": 0.3, "kappa": 1.0, "w": 0.4}
    found = scored(trials, task="original_two_stage", model="MX", parameters=parameters)
    expected = scored(trials.assign(mask=1, mask2=1), task="original_two_stage", model="MX", parameters=parameters)
    np.testing.assert_array_equal(found["log_likelihood_1"], expected["log_likelihood_1"] * trials["mask"])
    np.testing.assert_array_equal(found["log_likelihood_2"], expected["log_likelihood_2"] * trials["mask2"])
    columns = ["p1_0", "p1_1", "p2_0", "p2_1"]
    np.testing.assert_array_equal(found[columns], expected[columns])
    gone = trials.assign(action=[0, -1, 1, -1], action2=[1, 0, -1, -1], reward=[1.0, 1.0, np.nan, np.nan])
    gone["mask"] = [1, 0, 1, 0]
    fed = trials.assign(action=[0, 0, 1, 0], action2=[1, 0, 0, 0], reward=[1.0, 1.0, 0.0, 0.0], mask=1, mask2=1)
    found, expected = (scored(t, task="original_two_stage", model="MX", parameters=parameters) for t in (gone, fed))
    np.testing.assert_array_equal(found[columns], expected[columns])
    one_mask = scored(
        trials.drop(columns="mask2"), task="original_two_stage", model="MX", parameters=parameters
    )  # of both
    assert (one_mask["log_likelihood_2"] == 0).tolist() == [False, True, False, True]


# -- blocks ----------------------------------------------------------------------------------------------------------

HALVES = [
    {"block": [0, 0, 1, 1]},
    {"block": ["b", "b", "a", "a"]},
    {"subject": ["x", "x", "y", "y"]},
    {"subject": ["x", "x", "y", "y"], "block": 0},
    {"trial": [0, 1, 0, 1]},
    {"trial": [3, 8, 3, 9]},
    {"subject": ["x", "x", "y", "y"], "trial": [0, 1, 2, 3]},
    {"subject": "x", "block": [5, 5, 2, 2], "trial": [0, 1, 0, 1]},
]


@pytest.mark.parametrize("columns", HALVES)
def test_the_state_starts_anew_with_each_block(columns):
    halves = [scored(table().iloc[:2]), scored(table().iloc[2:])]
    np.testing.assert_array_equal(scored(table(**columns)), pd.concat(halves))


def test_rows_may_come_in_any_order_if_trials_are_numbered():
    trials = table(block=[0, 0, 1, 1], trial=[0, 1, 0, 1])
    order = [3, 0, 2, 1]
    pd.testing.assert_frame_equal(scored(trials.iloc[order]), scored(trials).iloc[order])


@st.composite
def situations(draw):
    """A model, random parameters and a table of three blocks, some rows masked."""
    task = draw(st.sampled_from(TASKS))
    own = task_of(task)
    model = draw(st.sampled_from(list(registry.COGNITIVE[task])))
    classes = registry.cognitive(own, model).classes
    parameters = {
        name: draw(st.floats(max(cls.low, -5), min(cls.high, 20), allow_subnormal=False))
        for name, cls in classes.items()
    }
    n = 12
    integers = st.lists(st.integers(0, own.n_actions - 1), min_size=n, max_size=n)
    flags = st.lists(st.integers(0, 1), min_size=n, max_size=n)
    action = draw(integers)
    trials = pd.DataFrame({"block": np.repeat([0, 1, 2], 4), "trial": np.tile(range(4), 3), "action": action})
    trials = trials.assign(state=action if own.one_stage else draw(flags), reward=draw(flags), mask=draw(flags))
    return task, model, parameters, trials


@settings(max_examples=60, deadline=None)
@given(situations())
def test_what_holds_for_every_model(situation):
    task, model, parameters, trials = situation
    options = {"task": task, "model": model, "parameters": parameters}
    found = scored(trials, **options)
    policy = found.filter(like="p_").to_numpy()
    assert ((policy >= 0) & (policy <= 1)).all()
    np.testing.assert_allclose(policy.sum(axis=1), 1, atol=1e-12)
    assert (found["log_likelihood"] < 1e-12).all()
    masked = trials["mask"] == 0
    assert (found["log_likelihood"][masked] == 0).all()
    # a masked row changes the state as if it were scored, and a missing one as a row of zeros
    np.testing.assert_array_equal(scored(trials.assign(mask=1), **options).filter(like="p_"), policy)
    gone = {name: trials[name].where(~masked, value) for name, value in (("action", -1), ("state", 9), ("reward", 1))}
    zeros = {name: trials[name].where(~masked, 0) for name in ("action", "state", "reward")}
    fed = scored(trials.assign(mask=1, **zeros), **options).filter(like="p_")
    np.testing.assert_array_equal(scored(trials.assign(**gone), **options).filter(like="p_"), fed)
    # blocks do not know of each other
    order = np.concatenate([np.flatnonzero(trials["block"] == block) for block in (2, 0, 1)])
    pd.testing.assert_frame_equal(scored(trials.iloc[order], **options), found.iloc[order])


def test_a_masked_trial_moves_the_state():
    task = task_of("reversal")
    columns = {"block": np.zeros(2, int), "trial": np.arange(2), "action": np.array([1, -1]), "state": np.array([1, 0])}
    data = from_columns({**columns, "reward": np.array([1.0, np.nan]), "mask": np.array([1, 0])}, task)
    params = {name: np.array([0.5]) for name in ("alpha", "D", "beta")}
    states, _ = run(registry.cognitive(task, "MB1"), params, data, 2)
    np.testing.assert_allclose(states[0, :, 0], [[0, 0], [0, 0.5], [0, 0.25]])


# -- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"task": "chess"}, "task: found 'chess'; allowed: bandit, reversal"),
        ({"task": "reversal", "n_actions": 3}, "n_actions: found 3; task 'reversal' has 2"),
        ({"model": "MXX"}, "task 'two_stage' with 2 actions has no cognitive model 'MXX'; it has: BAS, LS0, LS1, MFs"),
        ({"task": "three_armed_reversal"}, "has no cognitive model 'MB0'; it has: MF, MFD, MFDp, MFL"),
        ({"parameters": {"alpha": 1.5}}, "parameters: alpha: found 1.5; must lie in [0, 1]"),
        ({"parameters": {"beta": -0.1}}, "parameters: beta: found -0.1; must lie in [0, inf)"),
        ({"model": "LS0", "parameters": {"h": 0.6}}, "parameters: h: found 0.6; must lie in [0, 0.5]"),
        ({"parameters": {"gamma": 1}}, "parameters: found 'gamma'; model 'MB0' has: alpha, beta"),
        ({"parameters": [1, 2]}, "parameters: found [1, 2]; allowed: a mapping"),
    ],
)
def test_models_and_parameters_that_are_refused(given, message):
    with pytest.raises(InputError) as error:
        scored(table(), **given)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"action": [0, 1, 2, 0]}, "row 3, column 'action': found 2; allowed: integers from 0 to 1"),
        ({"action": [0, -1, 2, 0]}, "row 2, column 'action': found -1; allowed"),
        ({"action": [0, 0.5, 1, 0]}, "row 2, column 'action': found 0.5; allowed"),
        ({"action": [0, None, 1, 0]}, "row 2, column 'action': found nan; allowed"),
        ({"action": [0, "left", 1, 0]}, "row 2, column 'action': found 'left'; allowed"),
        ({"state": [0, 0, 0, 2]}, "row 4, column 'state': found 2; allowed: integers from 0 to 1"),
        ({"reward": [0, 0, -0.5, 2]}, "row 3, column 'reward': found -0.5; allowed: a number from 0 to 1"),
        ({"reward": [0, 0, 0, np.nan]}, "row 4, column 'reward': found nan"),
        ({"mask": [1, 1, 0, 0.5]}, "row 4, column 'mask': found 0.5; allowed: 0 or 1"),
        ({"block": [0, 0, 1, 0]}, "row 4, column 'block': found 0; allowed: the rows of a block one after the other"),
        ({"block": [0, None, 1, 1]}, "row 2, column 'block': found nan; allowed: a value in every row"),
        ({"block": 0, "trial": [0, 1, 2, 1]}, "row 4, column 'trial': found 1; allowed: a number only once"),
        ({"trial": [0, 1, None, 1]}, "row 3, column 'trial': found nan; allowed: a number in every row"),
    ],
)
def test_tables_that_are_refused(changes, message):
    with pytest.raises(InputError) as error:
        scored(table(**changes))
    assert message in str(error.value)


def test_columns_that_are_missing():
    for task, column in (("two_stage", "action"), ("two_stage", "state"), ("original_two_stage", "action2")):
        model = "MBs" if task == "original_two_stage" else "MB0"
        with pytest.raises(InputError, match=f"no column '{column}', which task '{task}' needs; found: "):
            scored(table().drop(columns=column, errors="ignore"), task=task, model=model, parameters={})
    with pytest.raises(InputError, match="no rows; needed: one for each trial"):
        scored(table().iloc[:0])
    twice = pd.concat([table(), table()[["reward"]]], axis=1)
    with pytest.raises(InputError, match="2 columns are called 'reward'"):
        scored(twice)


def test_where_the_state_is_the_action_it_may_be_left_out():
    one = table(state=[0, 1, 1, 0])
    np.testing.assert_array_equal(scored(one, task="reversal"), scored(one.drop(columns="state"), task="reversal"))
    three = {"task": "three_armed_reversal", "model": "MFD"}
    trials = pd.DataFrame({"action": [2, 0], "reward": [1.0, 0.0]})
    pd.testing.assert_frame_equal(scored(trials.assign(state=0), **three), scored(trials, **three))


# -- the command -----------------------------------------------------------------------------------------------------


def command(folder, trials, parameters, *arguments):
    (folder / "p.json").write_text(parameters if isinstance(parameters, str) else json.dumps(parameters))
    names = ["--parameters", folder / "p.json", "--trials", trials, "--output", folder / "out/scored.csv"]
    return CliRunner().invoke(main, ["score", *map(str, names), *arguments])


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_command_writes_what_the_function_returns(tmp_path, suffix):
    trials = table(subject=["01", "01", "1", "1"], reward=[1 / 3, 0.1, 1.0, 0.7])
    path = tmp_path / f"trials.{suffix}"
    trials.to_csv(path, index=False) if suffix == "csv" else trials.to_parquet(path)
    result = command(tmp_path, path, MB0, "--task", "two_stage", "--model", "MB0")
    assert result.exit_code == 0, result.output
    written = pd.read_csv(tmp_path / "out/scored.csv")
    pd.testing.assert_frame_equal(written, scored(trials), rtol=1e-14)


@pytest.mark.parametrize("column", ["subject", "block"])
def test_any_text_is_an_id(tmp_path, column):
    """Those that pandas takes for missing, too; a missing action, in a row that is not scored, may be written so."""
    ids, path = ["NA", "nan", "1", "01"], tmp_path / "trials.csv"
    rows = table(**{column: ids}, mask=[1, 0, 1, 1])
    rows.astype({"action": object}).assign(action=["1", "NA", "0", "1"]).to_csv(path, index=False)
    result = command(tmp_path, path, MB0, "--task", "two_stage", "--model", "MB0")
    assert result.exit_code == 0, result.output
    expected = scored(table(**{column: list("abcd")}, mask=[1, 0, 1, 1], action=[1, np.nan, 0, 1]))
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "out/scored.csv"), expected, rtol=1e-14)
    assert (expected["p_0"] == 0.5).all()  # four blocks of one trial each
    table(**{column: ["a", "", "b", "b"]}).to_csv(path, index=False)
    result = command(tmp_path, path, MB0, "--task", "two_stage", "--model", "MB0")
    assert f"row 2, column {column!r}: found nan; allowed: a value in every row" in result.output


def test_the_command_says_what_is_wrong(tmp_path):
    path = tmp_path / "trials.csv"
    options = ("--task", "two_stage", "--model", "MB0")
    result = command(tmp_path, path, MB0, *options)
    assert (result.exit_code, result.output) == (1, f"Error: {path}: no such file\n")
    table().to_csv(path, index=False)
    assert "p.json: not readable as JSON" in command(tmp_path, path, "{alpha", *options).output
    assert "parameters: found 3; allowed: a mapping" in command(tmp_path, path, "3", *options).output
    assert "Error: parameters: beta: found -1" in command(tmp_path, path, {"beta": -1}, *options).output
    path.write_text("")
    assert "trials.csv: not readable as csv" in command(tmp_path, path, MB0, *options).output
