"""Arrays that models consume, from small tables made by hand."""

import numpy as np
import pytest

from tinycog.errors import InputError
from tinycog.models.cognitive import rules
from tinycog.models.cognitive.original_two_stage import MBs
from tinycog.models.interface import Trial
from tinycog.storage import write_columns
from tinycog.tasks import task_of
from tinycog.trials.sequences import from_columns, read


def test_a_second_choice_after_a_forced_first_one_is_in_the_state_reached():
    task = task_of("original_two_stage")
    columns = {"block": [0, 0, 0], "trial": [0, 1, 2], "action": [-1, 1, -1], "state": [1, 0, 1], "mask": [0, 1, 0]}
    columns |= {"action2": [1, 0, -1], "reward": [1.0, 0.0, np.nan], "mask2": [1, 1, 0]}
    data = from_columns({name: np.array(values) for name, values in columns.items()}, task)
    assert data.mask[:, 0].tolist() == [0, 1, 1, 1, 0, 0]
    assert data.state[:, 0].tolist() == [1, 1, 0, 0, 0, 0]  # of the last trial nothing was seen
    assert data.action[:, 0].tolist() == [0, 5, 1, 2, 0, 2]
    offered = [np.flatnonzero(row == 0).tolist() for row in data.closed[:, 0]]
    assert offered == [[0, 1], [4, 5], [0, 1], [2, 3], [0, 1], [2, 3]]
    model = MBs(task)
    params = {name: np.array([0.5]) for name in model.parameters}
    state = model.initial_state(params, 1)
    for trial in data.trials()[:2]:
        state = model.update(params, state, trial)
    assert state[0, 0].tolist() == [0.0, -0.5]  # rewarded for the second of the actions in state 1


def test_the_reward_of_a_trial_of_two_choices_comes_with_the_second_as_it_is():
    columns = {"block": [0, 0, 0], "trial": [0, 1, 2], "action": [1, 0, 0], "state": [1, 0, 1], "mask": [1, 1, 1]}
    columns |= {"action2": [1, 0, -1], "reward": [0.25, 1.0, np.nan], "mask2": [1, 1, 0]}
    data = from_columns({name: np.array(values) for name, values in columns.items()}, task_of("original_two_stage"))
    assert data.reward[:, 0].tolist() == data.x[:, 0, -1].tolist() == [0, 0.25, 0, 1, 0, 0]


@pytest.mark.parametrize(
    ("column", "value", "masked_by"),
    [
        ("action", 2, ("mask",)),
        ("action2", 2, ("mask2",)),
        ("action2", -1, ("mask2",)),
        ("state", 2, ("mask", "mask2")),  # either choice shows it
        ("reward", -0.5, ("mask2",)),
    ],
)
def test_what_neither_of_two_choices_can_be_is_refused_where_one_is_scored(tmp_path, column, value, masked_by):
    codes = {"block": [0, 0], "trial": [0, 1], "action": [0, 1], "state": [0, 1], "action2": [1, 0]}
    columns = {name: np.array(values, np.int32) for name, values in codes.items()}
    columns |= {name: np.ones(2, np.int32) for name in ("mask", "mask2")}
    columns |= {"reward": np.ones(2), **{name: np.array(["d", "d"], object) for name in ("dataset", "subject")}}
    columns[column][1] = value
    path, task = tmp_path / "trials.parquet", task_of("original_two_stage")
    for mask in masked_by:
        write_columns(path, columns)
        with pytest.raises(
            InputError, match=f"block 0, trial 1: {column}: found {value}; allowed: (integers|a number) from 0 to 1$"
        ):
            read(path, task)
        columns[mask][1] = 0
    write_columns(path, columns)
    assert read(path, task).mask.sum() == 4 - len(masked_by)


def test_graded_rewards_count_as_rewarded_above_a_half():
    task = task_of("four_armed_bandit")
    action, reward = np.array([3, 0, 1, 2]), np.array([0.5, 0.51, 0.2, 1.0])
    assert task.condition(action, action, reward).tolist() == [6, 1, 2, 5]
    trial = Trial(action, action, reward)
    assert rules.rewarded(trial).tolist() == [[0], [1], [0], [1]]
