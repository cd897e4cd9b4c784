"""Arrays that models consume, from small tables made by hand."""

import numpy as np

from tinycog.models.cognitive.original_two_stage import MBs
from tinycog.tasks import task_of
from tinycog.trials.sequences import from_columns


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


def test_graded_rewards_count_as_rewarded_above_a_half():
    task = task_of("four_armed_bandit")
    action, reward = np.array([3, 0, 1, 2]), np.array([0.5, 0.51, 0.2, 1.0])
    assert task.condition(action, action, reward).tolist() == [6, 1, 2, 5]
