"""Descriptions of data sets against figures published with the data and against hand-made tables."""

import numpy as np
import pandas as pd
import pytest

from tinycog.analyses.description.compute import describe, running_shares
from tinycog.analyses.description.figure import overview
from tinycog.analyses.description.intervals import with_intervals
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.sources import bartolo
from tinycog.tasks import task_of
from tinycog.trials.table import validated


def values(described, subject):
    return described[described["subject"] == subject].set_index("statistic")["value"]


def test_published_figures_of_the_monkeys(data_folder):
    options = checked({"source": "bartolo", "trials": [1, 80]}, "t", AnyDataset).model_dump()
    table = validated(bartolo.prepare("b", options, data_folder, 0).table, task_of("reversal"), "b")
    described = describe(table, task_of("reversal"))
    expected = {"V": (24, 1920, 0.5823, 0.5182, 0.8250, 0.6759), "W": (23, 1840, 0.5690, 0.4908, 0.7911, 0.6437)}
    names = ["blocks", "trials", "reward_rate", "share_1", "stay_rewarded", "stay_unrewarded"]
    for subject, figures in expected.items():
        assert values(described, subject)[names].round(4).tolist() == list(figures)
    assert values(described, "all")["trials"] == 3760


def small(**changes):
    columns = {"dataset": "d", "subject": ["a"] * 4 + ["b"] * 2, "session": "x", "block": [0, 0, 0, 1, 0, 0]}
    columns |= {"trial": [0, 1, 2, 0, 0, 1], "action": [0, 0, 1, 1, 1, 1], "state": [0, 1, 1, 0, 0, 1]}
    columns |= {"reward": [1.0, 0.0, 1.0, 1.0, 0.0, 1.0], "mask": 1}
    return pd.DataFrame(columns | changes)


def test_stay_by_transition_and_reward_never_crosses_a_block():
    a = values(describe(small(), task_of("two_stage")), "a")
    # pairs within block 0 of a: (common, rewarded, stay), (rare, unrewarded, switch)
    assert a["stay_common_rewarded"] == 1.0
    assert a["stay_rare_unrewarded"] == 0.0
    assert np.isnan(a["stay_rare_rewarded"])
    assert np.isnan(a["stay_common_unrewarded"])
    assert (a["share_0"], a["reward_rate"], a["blocks"]) == (0.5, 0.75, 2)
    pooled = (
        describe(small(), task_of("two_stage")).query("subject == 'all' and statistic == 'stay_unrewarded'").iloc[0]
    )
    assert (pooled["value"], pooled["n"]) == (0.5, 2)  # a switches, b stays


def test_missed_trials_are_counted_and_pair_with_nothing():
    table = small(action=[0, -1, 1, 1, 1, 1], reward=[1.0, np.nan, 1.0, 1.0, 0.0, 1.0], mask=[1, 0, 1, 1, 1, 1])
    a = values(describe(table, task_of("reversal")), "a")
    assert a["missing"] == 1
    assert np.isnan(a["stay_rewarded"])
    assert a["share_1"] == pytest.approx(2 / 3)


def test_a_missed_second_choice_is_counted_and_its_trial_pairs_with_nothing():
    second = {"action2": [0, -1, 1, -1, 0, 1], "mask2": [1, 0, 1, 0, 1, 1]}
    table = small(reward=[1.0, np.nan, 1.0, np.nan, 0.0, 1.0], **second)
    described = describe(table, task_of("original_two_stage")).query("subject == 'a'").set_index("statistic")
    assert described.loc["missing", "value"] == 2
    assert described.loc[["stay_rewarded", "stay_unrewarded"], "n"].tolist() == [1, 0]


def test_graded_rewards_are_split_at_the_subject_s_median():
    rewards = {"reward": [0.9, 0.1, 0.5, 0.05, 0.1, 0.0], "action": [0, 0, 1, 1, 1, 0], "state": 0}
    table = small(subject=list("aaabbb"), block=0, trial=[0, 1, 2] * 2, **rewards)
    described = describe(table, task_of("reversal")).set_index(["subject", "statistic"])
    stays = {
        "a": [(1, 1), (0, 1)],  # median .5; rewarded, stay; unrewarded, switch
        "b": [(0.5, 2), (np.nan, 0)],  # median .05; both rewarded, the first one just so; stay, switch
        "all": [(2 / 3, 3), (0, 1)],  # nothing from the last trial of a to the first of b
    }
    for subject, expected in stays.items():
        found = described.loc[[(subject, "stay_rewarded"), (subject, "stay_unrewarded")], ["value", "n"]]
        np.testing.assert_allclose(found.astype(float), expected)


def test_common_transitions_follow_the_rule_of_the_trial():
    columns = {"subject": "a", "block": 0, "trial": range(6), "reward": 1.0}
    # straight, straight, crossed, crossed, crossed, straight
    columns |= {"action": [0, 1, 0, 0, 1, 1], "state": [0, 1, 1, 1, 0, 1]}
    stays = [0, 0, 1, 0, 1]  # trial by trial, the last one has no next

    def shares(task, **annotation):
        a = values(describe(small(**columns, **annotation), task_of(task)), "a")
        return [a["stay_common_rewarded"], a["stay_rare_rewarded"]]

    expected = [np.mean(stays[:2]), np.mean(stays[2:])]
    assert shares("two_stage") == expected
    assert shares("transition_reversal", task_transition_reversed=[0] * 6) == expected
    # where the transitions are reversed a crossed one is common
    assert shares("transition_reversal", task_transition_reversed=[1] * 6) == expected[::-1]
    state = [1, -1, 1, 1, 1, -1]  # 1 straight; -1 not known
    assert shares("transition_reversal", task_transition_state=state) == [stays[0], expected[1]]
    assert np.isnan(shares("transition_reversal")).all()
    # fixed transitions that lead action 0 to state 1
    columns["state"] = [1, 0, 1, 1, 0, 1]
    assert shares("two_stage") == [np.mean(stays), pytest.approx(np.nan, nan_ok=True)]
    columns["state"] = [0, 0, 1, 1, 0, 1]  # in two trials of three
    assert shares("two_stage") == [np.mean(stays[1:]), stays[0]]


def test_page_shows_the_first_session_with_shares_that_stay_within_blocks():
    table = pd.DataFrame({"dataset": "d", "subject": "a", "session": ["x"] * 16 + ["y"] * 8})
    table = table.assign(
        block=np.repeat([0, 1, 2], 8), trial=np.tile(range(8), 3), reward=1.0, task_p0=0.2, task_p1=0.7
    )
    actions = [0, 1, 1, 1, 0, 0, 0, 0] + [1] * 8 + [0] * 8
    table = table.assign(action=actions, state=actions, mask=1)
    table.loc[3, ["action", "mask"]] = -1, 0
    figure = overview(table, with_intervals(describe(table, task_of("bandit"))), ["left", "right"])
    schedule, shares, choices, _ = figure.axes
    assert [line.get_ydata().tolist() for line in schedule.lines[:2]] == [[0.2] * 16, [0.7] * 16]
    share = shares.lines[0].get_ydata()
    # eleven trials around the first: trials 1 to 6 of the block, one of them missed: two of five
    assert share[0] == 2 / 5
    assert share[7] == 1 / 5  # trials 3 to 8
    assert share[8:].tolist() == [1.0] * 8
    assert [line.get_xdata()[0] for line in shares.lines[1:]] == [8.5]  # where the second block begins
    assert sorted(x for line in choices.lines for x in line.get_xdata()) == list(range(1, 9))


def test_running_shares_are_those_of_six_to_eleven_trials_of_a_block():
    action = [0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2, 0, 1, 1]
    table = pd.DataFrame({"block": [0] * 12 + [1] * 2, "trial": [*range(12), 0, 1], "action": action, "mask": 1})
    table.loc[8, ["action", "mask"]] = -1, 0
    shares = running_shares(table, 3)
    # around the first trial 1 to 6, around the sixth 1 to 11 less a missed one, around the last 7 to 12
    assert shares.loc[[0, 5, 11], 0].tolist() == [5 / 6, 7 / 10, 3 / 5]
    assert shares.loc[[0, 5, 11], 1].tolist() == [1 / 6, 2 / 10, 1 / 5]
    assert shares.loc[[0, 5, 11], 2].tolist() == [0, 1 / 10, 1 / 5]
    assert shares.loc[[12, 13]].to_numpy().tolist() == [[0, 1, 0]] * 2
    assert running_shares(table.assign(mask=0), 3).isna().all(axis=None)
