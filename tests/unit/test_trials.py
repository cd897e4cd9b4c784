"""The canonical table refuses what is not canonical; arrays made of it; names of folders."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import random_sequences
from tinycog.analyses.description import compute as description
from tinycog.errors import InputError
from tinycog.fitting.objective import choice_nll
from tinycog.models import registry
from tinycog.tasks import task_of
from tinycog.trials import sequences, subjects
from tinycog.trials.table import canonical_order, numbered, segmented, validated

TASK = task_of("bandit")


def canonical(**changes) -> pd.DataFrame:
    columns = {"dataset": "d", "subject": "s", "session": "x", "block": [0, 0, 1], "trial": [0, 1, 0]}
    columns |= {"action": [0, 1, -1], "state": [0, 1, 0], "reward": [1.0, 0.0, np.nan], "mask": [1, 1, 0]}
    return pd.DataFrame(columns | changes)


def test_a_canonical_table_gets_its_types():
    table = validated(canonical(), TASK, "t")
    assert table.dtypes.astype(str)[["block", "action", "mask", "reward"]].tolist() == [
        "int32",
        "int16",
        "int8",
        "float64",
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"action": [0, 5, -1]}, "row 2, column 'action': found 5; allowed: integers from -1 to 1"),
        ({"action": [0, -1, -1]}, "row 2, column 'action': found -1; allowed: from 0 where mask is 1"),
        ({"action": [0, 0.5, -1]}, "row 2, column 'action': found 0.5; allowed: integers"),
        ({"action": [0, 65537, -1]}, "row 2, column 'action': found 65537; allowed: integers from -1 to 1"),
        ({"action": [0, "x", -1]}, "row 2, column 'action': found 'x'; allowed: integers"),
        ({"reward": [1.0, 1.5, np.nan]}, "row 2, column 'reward': found 1.5; allowed: a number from 0 to 1"),
        ({"reward": [1.0, "x", np.nan]}, "row 2, column 'reward': found 'x'; allowed: numbers"),
        ({"reward": [1.0, np.nan, np.nan]}, "row 2, column 'reward': found nan; allowed: a number where mask is 1"),
        ({"reward": [1.0, 0.0, 1.0]}, "row 3, column 'reward': found 1.0; allowed: a number where mask is 1, null"),
        ({"state": [0, 0, 0]}, "row 2, column 'state': found 0; allowed: the action itself"),
        ({"mask": [1, 1, 2]}, "row 3, column 'mask': found 2; allowed: integers from 0 to 1"),
        ({"stim_s": [0.5, 1.0, np.nan]}, "row 3, column 'stim_s': found nan; allowed: a value in every row"),
        ({"stim_s": [0.5, np.inf, 0.0]}, "row 2, column 'stim_s': found inf; allowed: a number"),
        ({"session": ["x", None, "x"]}, "row 2, column 'session': found nan; allowed: a value in every row"),
        ({"trial": [0, 2, 0]}, "row 2, column 'trial': found 2, expected 1"),
        ({"block": [0, 0, 2]}, "row 3, column 'block': found 2, expected 1"),
        ({"surprise": 1}, "column 'surprise': no column of a trial table of this task"),
        ({"subject": "pooled"}, "a subject is called 'pooled', the name of all subjects fitted together; rename it"),
        (
            {"subject": description.POOLED},
            "a subject is called 'all', the name of the row of all subjects in the descr",
        ),
    ],
)
def test_the_first_offending_row_is_named(changes, message):
    with pytest.raises(InputError) as error:
        validated(canonical(**changes), TASK, "t")
    assert message in str(error.value)


def test_masked_trials_are_fed_as_zero_and_score_nothing():
    table = canonical()
    data = sequences.from_columns({name: table[name].to_numpy() for name in table}, TASK)
    assert data.action.tolist() == [[0, 0], [1, 0]]
    assert data.reward.tolist() == [[1, 0], [0, 0]]
    assert data.mask.tolist() == [[1, 0], [1, 0]]
    assert data.lengths.tolist() == [2, 1]
    np.testing.assert_array_equal(data.x[:, 0], [[0, 0, 1], [1, 1, 0]])
    logits = np.random.default_rng(0).normal(size=(3, 2, 2, 2))
    assert (sequences.log_likelihood(logits, data)[:, :, 1] == 0).all()


def test_likelihood_does_not_depend_on_padding_or_the_order_of_blocks():
    data = random_sequences(n_blocks=8, n_trials=20, masked=0.2, ragged=True)
    model = registry.cognitive(TASK, "MB1")
    params = {"alpha": np.array([0.3]), "D": np.array([0.9]), "beta": np.array([2.0])}
    together = choice_nll(model, params, data, by_block=True)[0, 0]
    for block in range(8):  # a block alone is not padded
        alone = choice_nll(model, params, data.subset(np.array([block])), by_block=True)[0, 0, 0]
        assert alone == pytest.approx(together[block], abs=1e-12)
    order = np.random.default_rng(0).permutation(8)
    reordered = choice_nll(model, params, data.subset(order), by_block=True)[0, 0]
    np.testing.assert_allclose(reordered, together[order], atol=1e-12)


def test_first_choice_is_predicted_without_data():
    a, b = random_sequences(seed=1), random_sequences(seed=2)
    model = registry.cognitive(TASK, "LS0")
    params = {"h": np.array([0.1]), "beta": np.array([4.0])}
    for data in (a, b):
        first = data.subset(np.arange(7))
        logits = model.policy(params, model.initial_state(params, first.n_blocks))
        np.testing.assert_array_equal(logits, np.full((1, 7, 2), 2.0))


def test_more_than_two_arms_are_one_hot():
    task = task_of("bandit", 4)
    action, reward = np.array([3, 0]), np.array([0.25, 1.0])
    expected = [[0, 0, 0, 1, 0.25], [1, 0, 0, 0, 1.0]]
    np.testing.assert_array_equal(task.encode(action, action, reward), expected)


def test_plain_ids_keep_their_name():
    for subject in ("V", "m-1.a_b", "3018Q3", "s0"):
        assert subjects.directory(subject) == subject
    assert subjects.directory("../etc") == "x+2E.+2Fetc"
    assert subjects.directory("a b") == "a+20b"
    assert subjects.directory("a__b") == "a_+5Fb"


@given(st.text(min_size=1, max_size=8), st.text(min_size=1, max_size=8))
def test_different_ids_have_different_safe_names(a, b):
    import re

    from tinycog.sections.base import IDENTIFIER

    name = subjects.directory(a)
    assert re.fullmatch(IDENTIFIER, name)
    assert "__" not in name
    assert (name == subjects.directory(b)) == (a == b)


def test_two_choices_of_a_trial_are_two_time_points():
    """Slots, inputs, offered actions; the second trial's second choice is missing (methods: two choices in a trial)."""
    task = task_of("original_two_stage")
    columns = {"block": [0, 0], "trial": [0, 1], "action": [1, 0], "state": [0, 1], "mask": [1, 1]}
    columns |= {"action2": [1, -1], "mask2": [1, 0], "reward": [1.0, np.nan]}
    data = sequences.from_columns({name: np.array(values) for name, values in columns.items()}, task)
    assert data.lengths.tolist() == [4]
    assert data.action[:, 0].tolist() == [1, 3, 0, 4]
    assert data.mask[:, 0].tolist() == [1, 1, 1, 0]
    first_stage, state_0, state_1 = [1, 0, 0], [0, 1, 0], [0, 0, 1]
    expected = [[*state_0, 0, 1, 0, 0, 0, 0, 0], [*first_stage, 0, 0, 0, 1, 0, 0, 1]]
    expected += [[*state_1, 1, 0, 0, 0, 0, 0, 0], [*first_stage, 0, 0, 0, 0, 1, 0, 0]]
    np.testing.assert_array_equal(data.x[:, 0], expected)
    offered = [np.flatnonzero(row == 0).tolist() for row in data.closed[:, 0]]
    assert offered == [[0, 1], [2, 3], [0, 1], [4, 5]]
    logits = np.random.default_rng(0).normal(size=(1, 4, 1, 6))
    probability = np.exp(sequences.log_likelihood(logits, data))[0, :, 0]
    two = np.exp(logits[0, 1, 0, 2:4])
    assert probability[1] == pytest.approx(two[1] / two.sum(), abs=1e-12)
    assert task.n_inputs == data.x.shape[-1] == 10
    assert task.n_outputs == 6


@pytest.mark.parametrize("task", ["reversal", "two_stage", "three_armed_reversal"])
def test_conditions_have_codes_labels_and_an_inverse(task):
    task = task_of(task)
    for code, label in enumerate(task.conditions):
        action, state, reward = task.trial_of(code)
        assert task.condition(np.array(action), np.array(state), np.array(float(reward))) == code
        expected = f"A{action + 1}R{reward}" if task.one_stage else f"A{action + 1}S{state + 1}R{reward}"
        assert label == expected


@pytest.mark.parametrize(("n", "lengths"), [(400, [134, 134, 132]), (150, [150]), (151, [76, 75]), (1, [1])])
def test_long_blocks_are_cut_evenly(n, lengths):
    """(methods: blocks and segments)"""
    table = pd.DataFrame({"subject": "s", "block": [0] * 10 + [1] * n, "trial": [*range(10), *range(n)]})
    cut = segmented(table, 150)
    assert cut.groupby("block").size().tolist() == [10, *lengths]
    assert cut.groupby("block")["trial"].max().tolist() == [9, *[length - 1 for length in lengths]]
    pd.testing.assert_frame_equal(segmented(table, None), table)


def test_filters_and_cuts_keep_a_trial_s_first_number():
    """Sessions of 5 and 400 trials; the third trial of each is dropped, and 399 are cut into 133, 133, 133."""
    table = pd.DataFrame({"subject": "s", "session": ["a"] * 5 + ["b"] * 400})
    table = numbered(table, ["session"])
    table = segmented(numbered(table[table["trial"] != 2], ["session"]), 150)
    first = table[table["session"] == "a"]
    assert first["source_trial"].tolist() == ["1", "2", "4", "5"]
    assert first["trial"].tolist() == [0, 1, 2, 3]
    second = table[table["session"] == "b"].reset_index(drop=True)
    assert second.groupby("block").size().tolist() == [133] * 3
    assert second["source_trial"].tolist() == [str(n) for n in range(1, 401) if n != 3]
    assert second.loc[second["trial"] == 0, "source_trial"].tolist() == ["1", "135", "268"]
    assert "source_trial" in canonical_order(table)
    own = numbered(table.assign(source_trial="x"), ["session"])
    assert own["source_trial"].unique().tolist() == ["x"]
