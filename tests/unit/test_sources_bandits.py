"""Bandits and reversals of mice and humans: Hou, Sabatini, Dezfouli, Eckstein, Zorowitz."""

import math
import zipfile

import numpy as np
import pandas as pd
import pytest

from tinycog.errors import InputError
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.sources import dezfouli, eckstein, hou, registry, sabatini, zorowitz
from tinycog.tasks import task_of
from tinycog.trials.table import validated

SOURCES = ("hou", "sabatini", "dezfouli", "eckstein", "zorowitz")
WHOLE = {"hou": {"longest_block": None}, "sabatini": {"longest_block": None, "duplicates": "keep"}}


def options(source: str, **given) -> dict:
    return checked({"source": source, **given}, "test", AnyDataset).model_dump()


def prepared(source: str, folder, **given):
    """What a source makes of its files, after its checks and with its table validated."""
    chosen = options(source, **given)
    registry.check(source, "d", chosen, folder)
    made = registry.load(source).prepare("d", chosen, folder, 0)
    task = task_of(chosen["task"], chosen.get("n_actions"))
    return made, validated(made.table, task, source)


@pytest.fixture(scope="module")
def whole(data_folder):
    """Every data set before truncation and filters, made once."""
    return {source: prepared(source, data_folder, **WHOLE.get(source, {})) for source in SOURCES}


def stay(trials: pd.DataFrame, rewarded: int) -> float:
    """P(same choice on the next trial) after reward or none, never across blocks."""
    after = trials.groupby(["subject", "block"])["action"].shift(-1)
    pairs = after.notna() & (trials["reward"] == rewarded)
    return float((after[pairs] == trials.loc[pairs, "action"]).mean())


def rounded(*figures: float) -> list[float]:
    return np.round(figures, 4).tolist()


# -- check figures of the data's own README --------------------------------------------------------------------------

HOU = {
    "FOR01": (10649, 22, 778, 0.3366, 0.4067, 0.5914, 0.8393, 0.7531),
    "FOR02": (13981, 23, 548, 0.3487, 0.4796, 0.6301, 0.8077, 0.6640),
    "FOR04": (15965, 24, 573, 0.3345, 0.4728, 0.5833, 0.8110, 0.7400),
    "FOR05": (25959, 50, 4701, 0.3694, 0.5638, 0.6103, 0.7683, 0.6814),
    "FOR06": (31700, 52, 2340, 0.3407, 0.5162, 0.5835, 0.7567, 0.6967),
    "FOR07": (15808, 25, 807, 0.4030, 0.6988, 0.5634, 0.7637, 0.7646),
    "FOR08": (12945, 24, 499, 0.3982, 0.6488, 0.4922, 0.6164, 0.6909),
    "FOR10": (12701, 24, 674, 0.4132, 0.5938, 0.5862, 0.8129, 0.7592),
    "FOR11": (15276, 30, 996, 0.3414, 0.5378, 0.5655, 0.6536, 0.6597),
    "FOR13": (4587, 8, 80, 0.3277, 0.4619, 0.5054, 0.5946, 0.6462),
    "FOR14": (1554, 4, 169, 0.3458, 0.4549, 0.6116, 0.6548, 0.6390),
    "HC16": (21486, 33, 792, 0.3299, 0.4718, 0.6028, 0.8895, 0.7803),
}


@pytest.mark.parametrize("mouse", HOU)
def test_hou_check_figures_of_each_mouse(whole, mouse):
    made, table = whole["hou"]
    trials = table.query("subject == @mouse")
    n_trials, sessions, ignored, *figures = HOU[mouse]
    raw = made.counts_raw[mouse]
    assert (raw["trials"], raw["blocks"], raw["trials"] - raw["scored"]) == (n_trials, sessions, ignored)
    assert {"subject": mouse, "reason": "trials without a response", "trials": ignored} in made.removed
    assert (len(trials), trials["session"].nunique()) == (n_trials - ignored, sessions)
    # the richer arm is chosen or not where one arm is richer: trials with equal probabilities hold neither
    means = [trials[column].mean() for column in ("reward", "action", "task_best_chosen")]
    assert rounded(*means, stay(trials, 1), stay(trials, 0)) == figures


def test_hou_check_figures_of_all_mice(whole):
    made, trials = whole["hou"]
    assert list(made.counts_raw) == list(HOU)
    sums = pd.DataFrame(made.counts_raw.values()).sum()
    assert (sums["trials"], sums["blocks"], sums["trials"] - sums["scored"]) == (182_611, 319, 12_957)
    assert rounded(trials["reward"].mean(), stay(trials, 1), stay(trials, 0)) == [0.3574, 0.7670, 0.7144]


SABATINI = {
    "90_10": (5, "dumble harry quirrel sprout tonks", 2545, 0.8016, 0.5151, 0.8754, 0.9892, 0.7877),
    "80_20": (48, "dumble harry k1 q43 quirrel tonks", 26242, 0.6880, 0.4763, 0.8107, 0.9818, 0.7547),
    "70_30": (19, "dumble harry quirrel sprout tonks", 10378, 0.5972, 0.5178, 0.7454, 0.9767, 0.7852),
}


@pytest.mark.parametrize("condition", SABATINI)
def test_sabatini_check_figures_of_each_condition(whole, condition):
    made, table = whole["sabatini"]
    trials = table.query("task_condition == @condition")
    sessions, mice, n_trials, *figures = SABATINI[condition]
    by_session = trials.groupby(["subject", "session"])["task_best_chosen"].mean()
    assert (len(by_session), " ".join(trials["subject"].unique()), len(trials)) == (sessions, mice, n_trials)
    means = [trials["reward"].mean(), trials["action"].eq(0).mean(), by_session.mean()]
    assert rounded(*means, stay(trials, 1), stay(trials, 0)) == figures
    assert set(trials["task_p0"]) == set(trials["task_p1"]) == {int(p) / 100 for p in condition.split("_")}
    assert made.removed == []


def test_sabatini_counts_of_all_mice(whole):
    made, trials = whole["sabatini"]
    sums = pd.DataFrame(made.counts_raw.values()).sum()
    assert (len(made.counts_raw), sums["blocks"], sums["trials"], len(trials)) == (7, 72, 39_165, 39_165)


DEZFOULI = {  # group: participants, presses, reward, P(richer key), stay(rew), stay(no rew)
    "all": (101, 132_251, 0.1100, 0.5946, 0.7339, 0.8009),
    "Healthy": (34, 44_658, 0.1137, 0.6336, 0.8002, 0.9102),
    "Depression": (34, 46_886, 0.1080, 0.5852, 0.7176, 0.8005),
    "Bipolar": (33, 40_707, 0.1081, 0.5626, 0.6761, 0.6823),
}


@pytest.mark.parametrize("group", DEZFOULI)
def test_dezfouli_check_figures_of_each_diagnosis(whole, group):
    _, trials = whole["dezfouli"]
    if group != "all":
        trials = trials.query("task_diagnosis == @group")
    participants, presses, *figures = DEZFOULI[group]
    assert (trials["subject"].nunique(), len(trials)) == (participants, presses)
    means = trials["reward"].mean(), trials["task_best_chosen"].mean()
    assert rounded(*means, stay(trials, 1), stay(trials, 0)) == figures


def test_dezfouli_counts_and_rewards_by_condition(whole):
    made, trials = whole["dezfouli"]
    raw = pd.DataFrame(made.counts_raw.values())
    assert (len(raw), raw["blocks"].sum(), raw["trials"].sum()) == (101, 1_212, 132_251)
    assert (raw["trials"].min(), raw["trials"].max(), set(raw["blocks"])) == (398, 2_021, {12})
    assert rounded(trials["action"].eq(0).mean()) == [0.5169]
    observed = trials.groupby(["task_best_chosen", "task_condition"])["reward"].mean().round(3)
    assert observed[1].to_dict() == {1: 0.247, 2: 0.246, 3: 0.122, 4: 0.121, 5: 0.082, 6: 0.082}
    assert observed[0].to_dict() == {1: 0.055, 2: 0.056, 3: 0.054, 4: 0.053, 5: 0.054, 6: 0.055}


def test_eckstein_check_figures(whole):
    made, trials = whole["eckstein"]
    raw = pd.DataFrame(made.counts_raw.values())
    assert (len(raw), raw["trials"].sum(), set(raw["blocks"])) == (306, 40_229, {1})
    assert raw["trials"].agg(["min", "max", "median"]).tolist() == [101, 156, 131]
    assert trials.groupby("subject")["task_schedule"].first().value_counts().sort_index().tolist() == [77, 81, 75, 73]
    means = [trials[column].mean() for column in ("reward", "action", "task_best_chosen")]
    by_choice = trials.groupby("task_best_chosen")["reward"].mean()
    assert rounded(*means, by_choice[1], by_choice[0]) == [0.5605, 0.4995, 0.7313, 0.7665, 0]
    assert rounded(stay(trials, 1), stay(trials, 0)) == [0.9370, 0.4157]


def test_zorowitz_check_figures(whole):
    made, trials = whole["zorowitz"]
    assert len(made.counts_raw) == 406
    assert {tuple(n.items()) for n in made.counts_raw.values()} == {
        (("sessions", 1), ("blocks", 1), ("shortest_block", 90), ("trials", 90), ("scored", 90))
    }
    assert trials.groupby("subject")["task_platform"].first().value_counts().to_dict() == {
        "mturk": 205,
        "prolific": 201,
    }
    choices = trials["action"].value_counts(normalize=True).sort_index()
    by_choice = trials.groupby("task_best_chosen")["reward"].mean()
    figures = [trials["reward"].mean(), trials["task_best_chosen"].mean(), *choices, by_choice[1], by_choice[0]]
    assert rounded(*figures) == [0.5464, 0.5673, 0.3264, 0.3424, 0.3313, 0.8034, 0.2094]
    assert rounded(stay(trials, 1), stay(trials, 0), trials["task_rt_s"].median()) == [0.8683, 0.3533, 0.323]
    assert (len(trials), trials.groupby("subject")["task_reversal"].sum().unique().tolist()) == (36_540, [5])


# -- segments and filters with the options as they come --------------------------------------------------------------


@pytest.mark.parametrize(("source", "longest"), [("hou", 150), ("sabatini", 150), ("sabatini", 60)])
def test_sessions_of_mice_are_cut_into_the_fewest_equal_blocks(data_folder, source, longest):
    _, trials = prepared(source, data_folder, longest_block=longest)
    for _, session in trials.groupby(["subject", "session"], sort=False):
        n = len(session)
        pieces = math.ceil(n / longest)
        length = math.ceil(n / pieces)
        found = session.groupby("block").size().tolist()
        assert found == [length] * (len(found) - 1) + [n - length * (len(found) - 1)]
        assert len(found) == math.ceil(n / length) <= pieces
    assert trials.groupby(["subject", "block"]).size().max() <= longest


def test_blocks_of_humans_are_not_cut(whole):
    lengths = {s: whole[s][1].groupby(["subject", "block"]).size() for s in ("dezfouli", "eckstein", "zorowitz")}
    assert {source: len(n) for source, n in lengths.items()} == {"dezfouli": 1212, "eckstein": 306, "zorowitz": 406}
    assert lengths["dezfouli"].max() > 150


def test_the_session_published_under_two_mice_is_dropped_from_both(data_folder):
    made, trials = prepared("sabatini", data_folder)
    assert [(r["subject"], r["trials"], r["blocks"]) for r in made.removed] == [("harry", 468, 1), ("quirrel", 468, 1)]
    assert "same content under quirrel" in made.removed[0]["reason"]
    assert len(trials) == 39_165 - 2 * 468
    assert trials["session"].nunique() == 70
    only, _ = prepared("sabatini", data_folder, subjects=["harry"])  # its copy is found under a mouse not asked for
    assert [r["subject"] for r in only.removed] == ["harry"]


# -- small made files ------------------------------------------------------------------------------------------------


def made_hou(folder, mouse="M1", **change):
    """Two sessions of four trials; the third of each is ignored, and the probabilities swap after the second."""
    arrays = {
        "choice": np.array([1, 2, 0, 1] * 2),
        "reward": np.array([1, 0, 0, 0] * 2),
        "p1": np.array([0.4, 0.4, 0.1, 0.1] * 2),
        "p2": np.array([0.1, 0.1, 0.4, 0.4] * 2),
        "session": np.repeat([6, 8], 4),
    } | change
    path = folder / hou.FOLDER / f"{mouse}.npz"
    path.parent.mkdir(exist_ok=True)
    np.savez(path, **{key: array for key, array in arrays.items() if array is not None})
    return path


def test_hou_drops_ignored_trials_before_blocks_are_numbered(tmp_path):
    made_hou(tmp_path)
    made, trials = prepared("hou", tmp_path)
    assert made.counts_raw["M1"] | {"trials": 8, "scored": 6, "blocks": 2} == made.counts_raw["M1"]
    assert trials["trial"].tolist() == [0, 1, 2] * 2
    assert trials["session"].tolist() == ["6"] * 3 + ["8"] * 3
    assert trials["action"].tolist() == [0, 1, 0] * 2
    assert trials["reward"].tolist() == [1, 0, 0] * 2
    assert trials["task_best_chosen"].tolist() == [1, 0, 0] * 2
    assert trials["task_trial_in_session"].tolist() == [0, 1, 3] * 2
    assert trials["source_trial"].tolist() == ["1", "2", "4"] * 2
    assert trials["task_new_probabilities"].tolist() == [0, 0, 1] * 2
    assert trials["task_baited"].eq(1).all()


def test_hou_masks_ignored_trials_if_asked(tmp_path):
    made_hou(tmp_path)
    made, trials = prepared("hou", tmp_path, ignored="mask")
    assert made.removed == []
    assert trials["mask"].tolist() == [1, 1, 0, 1] * 2
    assert trials["action"].tolist() == [0, 1, -1, 0] * 2
    assert trials["state"].tolist() == [0, 1, 0, 0] * 2
    assert trials["reward"].isna().tolist() == [False, False, True, False] * 2
    assert trials["task_new_probabilities"].tolist() == [0, 0, 1, 0] * 2


def test_hou_has_no_richer_arm_where_the_arms_are_equal(tmp_path):
    made_hou(tmp_path, p1=np.full(8, 0.2), p2=np.full(8, 0.2))
    assert prepared("hou", tmp_path)[1]["task_best_chosen"].isna().all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"p2": None}, r"M1\.npz: no array 'p2'; it has: choice, reward, p1, session"),
        ({"p1": np.zeros(7)}, r"shapes choice \(8,\), reward \(8,\), p1 \(7,\).*; allowed: one dimension and equal"),
        ({"choice": np.array([1, 2, 0, 1, 1, 3, 0, 1])}, r"array 'choice', row 6: found 3; allowed: 0, 1, 2"),
        ({"reward": np.array([1, 1, 0, 0] * 2)}, r"array 'reward', row 2: found 1; allowed: 0 or the chosen side"),
        ({"p1": np.array([0.4, np.nan] * 4)}, r"array 'p1', row 2: found nan; allowed: a number from 0 to 1"),
        ({"session": np.repeat([8, 6], 4)}, r"array 'session', row 5: found 6; allowed: session numbers that do not"),
        ({"session": np.repeat([6.5, 8], 4)}, r"array 'session', row 1: found 6\.5; allowed: a whole number"),
        ({"choice": np.array([None] * 8)}, r"not a readable NPZ file of plain arrays"),
        ({key: np.zeros(0) for key in hou.CODES}, r"M1\.npz: no rows"),
        ({"choice": np.zeros(8), "reward": np.zeros(8)}, r"datasets\.d: no trial with a response is left"),
    ],
)
def test_malformed_hou_files_are_refused(tmp_path, change, message):
    made_hou(tmp_path, **change)
    with pytest.raises(InputError, match=message):
        prepared("hou", tmp_path)


def test_a_hou_file_that_is_no_npz_is_refused(tmp_path):
    made_hou(tmp_path).write_bytes(b"nonsense")
    with pytest.raises(InputError, match=r"M1\.npz: not a readable NPZ file"):
        prepared("hou", tmp_path)


SESSION = ["10,1.5,0.3,1,0.8,0.2,1", "12,1.5,0.4,2,0.8,0.2,0", "15,1.5,0.3,2,0.2,0.8,1"]


def made_sabatini(folder, names, rows=SESSION):
    """Sessions that differ in their first time only."""
    for i, name in enumerate(names):
        path = folder / sabatini.FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([f"{i},{rows[0].partition(',')[2]}", *rows[1:]]) + "\n")


def test_sabatini_codes_ports_probabilities_and_reversals(tmp_path):
    made_sabatini(tmp_path, ["80_20_trial_data/tonks_070716_trials.csv"])
    _, trials = prepared("sabatini", tmp_path)
    assert trials["subject"].unique().tolist() == ["tonks"]
    assert trials["action"].tolist() == [0, 1, 1]
    assert trials["reward"].tolist() == [1, 0, 1]
    assert trials["task_p0"].tolist() == [0.8, 0.8, 0.2]
    assert trials["task_best_chosen"].tolist() == [1, 0, 1]
    assert trials["task_reversal"].tolist() == [0, 0, 1]
    assert trials["task_elapsed_s"].tolist() == [0, 12, 15]


def test_sabatini_sessions_are_in_order_of_date_and_undated_ones_last(tmp_path):
    in_order = [
        *("80_20_trial_data/a_120115_trials.csv", "80_20_trial_data/z/a_070716_8020_trials.csv"),
        *("70_30_trial_data/a_11302016.csv", "80_20_trial_data/a_12022016.csv"),
        *("70_30_trial_data/a_41_ .csv", "90_10_trial_data/a_4_.csv"),
    ]
    made_sabatini(tmp_path, sorted(in_order))
    _, trials = prepared("sabatini", tmp_path)
    assert list(dict.fromkeys(trials["session"])) == in_order
    assert trials["block"].tolist() == np.repeat(range(6), 3).tolist()


def test_sabatini_keeps_the_conditions_asked_for(tmp_path):
    made_sabatini(tmp_path, ["80_20_trial_data/a_1_.csv", "70_30_trial_data/a_1_.csv", "70_30_trial_data/b_1_.csv"])
    made, trials = prepared("sabatini", tmp_path, conditions=["80_20"])
    assert trials["session"].unique().tolist() == ["80_20_trial_data/a_1_.csv"]
    assert set(made.counts_raw) == {"a", "b"}
    assert [(r["subject"], r["reason"], r["trials"]) for r in made.removed] == [
        ("a", "condition 70_30", 3),
        ("b", "condition 70_30", 3),
    ]
    with pytest.raises(InputError, match=r"datasets\.d: no session left of the subjects asked for with conditions 80"):
        prepared("sabatini", tmp_path, conditions=["80_20"], subjects=["b"])
    with pytest.raises(InputError, match=r"datasets\.d\.conditions: no session with 90_10; there are: 80_20, 70_30"):
        prepared("sabatini", tmp_path, conditions=["90_10"])


@pytest.mark.parametrize(("mice", "left"), [("ab", 0), ("aa", 6)])
def test_a_copy_is_one_session_under_two_mice(tmp_path, mice, left):
    """The mouse of a session under one mouse twice is known."""
    for number, mouse in enumerate(mice):
        made_sabatini(tmp_path, [f"80_20_trial_data/{mouse}_{number}_.csv"])
    made_sabatini(tmp_path, ["80_20_trial_data/c_1_.csv"], [*SESSION, SESSION[0]])
    _, trials = prepared("sabatini", tmp_path)
    assert len(trials.query("subject != 'c'")) == left
    assert len(trials.query("subject == 'c'")) == 4
    assert len(prepared("sabatini", tmp_path, duplicates="keep")[1]) == 10


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["1,1,1,1,0.8,0.2"], r"a_1_\.csv: 6 columns, expected 7 and no header"),
        ([SESSION[0], "12,1.5,0.4,3,0.8,0.2,0"], r"column '4 \(port\)', row 2: found '3'; allowed: 1, 2"),
        ([SESSION[0], "12,1.5,0.4,1,80,0.2,0"], r"'5 \(right reward probability\)', row 2: found '80'; allowed: a num"),
        ([SESSION[0], "12,1.5,0.4,1,0.8,0.2,"], r"column '7 \(reward\)', row 2: found ''; allowed: 0, 1"),
        ([SESSION[0], "12,x,0.4,1,0.8,0.2,1"], r"column '2 \(time since the last trial\)', row 2: found 'x'; allowed"),
        ([SESSION[0], "1,2,3,4,5,6,7,8"], r"a_1_\.csv: not a readable CSV file"),
    ],
)
def test_malformed_sabatini_files_are_refused(tmp_path, rows, message):
    made_sabatini(tmp_path, ["80_20_trial_data/a_1_.csv"], rows)
    with pytest.raises(InputError, match=message):
        prepared("sabatini", tmp_path)


def test_an_empty_sabatini_file_is_refused(tmp_path):
    made_sabatini(tmp_path, ["80_20_trial_data/a_1_.csv"])
    (tmp_path / sabatini.FOLDER / "80_20_trial_data/a_1_.csv").write_text("")
    with pytest.raises(InputError, match=r"a_1_\.csv: not a readable CSV file"):
        prepared("sabatini", tmp_path)


# columns by row of one made file for each of the three human data sets
CSV = {
    "dezfouli": {
        "ID": ["s1", "s1", "s1", "s2"],
        "key": ["R1", "R2", "R2", "R1"],
        "block": [1, 1, 1, 2],
        "time": [1, 2.5, 3, 4],
        "condition": [1, 1, 2, 6],
        "outcome": ["null", "O1", "O2", "null"],
        "reward": [0, 1, 1, 0],
        "trial": [1, 1, 2, 7],
        "choice": ["R1", "R2", "R1", "R1"],
        "diag": ["Healthy", "Healthy", "Healthy", "Bipolar"],
        "PressRate.sec": [1.5, 1.5, 1.5, 2],
        "Mania": [0, 0, 0, 4],
        "Depression": [1, 1, 1, 5],
    },
    "eckstein": {
        "RT": [300, 200, 250, 400],
        "selected_box": [0, 0, 1, 1],
        "reward": [1, 0, 1, 0],
        "correct_box": [0, 1, 1, 0],
        "sID": [27, 27, 27, 5],
        "TrialID": [1, 2, 3, 1],
        "rewardversion": [2, 2, 2, 0],
        "block": [0, 1, 1, 0],
        "switch_trial": [False, True, False, False],
    },
    "zorowitz": {
        "platform": ["mturk", "mturk", "mturk", "prolific"],
        "subject": ["x", "x", "x", "b"],
        "block": [1, 1, 2, 1],
        "trial": [1, 2, 3, 1],
        "correct": [2, 2, 0, 1],
        "choice": [2.0, 1.0, 0.0, 1.0],
        "rt": [0.4, 0.3, 0.2, 0.5],
        "outcome": [1.0, 0.0, 1.0, 0.0],
    },
}
HUMANS = {"dezfouli": dezfouli, "eckstein": eckstein, "zorowitz": zorowitz}


def made_csv(folder, source, members=("choices_diagno.csv",), **change):
    columns = {name: values for name, values in (CSV[source] | change).items() if values is not None}
    path = folder / HUMANS[source].FOLDER / HUMANS[source].FILE
    path.parent.mkdir(exist_ok=True)
    text = pd.DataFrame(columns).to_csv(index=False)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for member in members:
                archive.writestr(member, text)
    else:
        path.write_text(text)
    return path


def made_and_prepared(folder, source, **given):
    made_csv(folder, source)
    made, trials = prepared(source, folder, **given)
    return made, trials, trials.to_dict("list")


def test_dezfouli_codes_keys_and_takes_trial_as_the_block(tmp_path):
    made, _, columns = made_and_prepared(tmp_path, "dezfouli")
    assert (columns["subject"], columns["block"]) == (["s1", "s1", "s1", "s2"], [0, 0, 1, 0])
    assert columns["trial"] == [0, 1, 0, 0]
    assert columns["action"] == [0, 1, 1, 0]
    assert columns["reward"] == [0, 1, 1, 0]
    assert columns["task_best_chosen"] == [1, 0, 1, 1]
    assert columns["task_sequence"] == [1, 1, 2, 7]
    assert columns["task_time_ms"] == [1, 2.5, 3, 4]
    assert made.removed == []


def test_dezfouli_keeps_the_diagnoses_asked_for(tmp_path):
    made, trials, _ = made_and_prepared(tmp_path, "dezfouli", diagnoses=["Bipolar", "Depression"])
    assert trials["subject"].unique().tolist() == ["s2"]
    assert made.removed == [{"subject": "s1", "reason": "diagnosis Healthy", "blocks": 2, "trials": 3}]
    assert set(made.counts_raw) == {"s1", "s2"}
    with pytest.raises(InputError, match=r"datasets\.d\.diagnoses: no participant left with Depression"):
        prepared("dezfouli", tmp_path, diagnoses=["Depression"])


def test_eckstein_codes_boxes_and_flags_reversals(tmp_path):
    _, _, columns = made_and_prepared(tmp_path, "eckstein")
    assert (columns["subject"], columns["trial"]) == (["27", "27", "27", "5"], [0, 1, 2, 0])
    assert (columns["action"], columns["reward"]) == ([0, 0, 1, 1], [1, 0, 1, 0])
    assert columns["task_correct"] == [0, 1, 1, 0]
    assert columns["task_best_chosen"] == [1, 0, 1, 0]
    assert columns["task_reversal"] == [0, 1, 0, 0]
    assert columns["task_rt_ms"] == [300, 200, 250, 400]


def test_zorowitz_codes_arms_and_flags_reversals(tmp_path):
    _, _, columns = made_and_prepared(tmp_path, "zorowitz")
    assert (columns["subject"], columns["trial"]) == (["x", "x", "x", "b"], [0, 1, 2, 0])
    assert (columns["action"], columns["reward"]) == ([2, 1, 0, 1], [1, 0, 1, 0])
    assert columns["task_correct"] == [2, 2, 0, 1]
    assert columns["task_best_chosen"] == [1, 0, 1, 1]
    assert columns["task_reversal"] == [0, 0, 1, 0]
    assert columns["task_rt_s"] == [0.4, 0.3, 0.2, 0.5]


@pytest.mark.parametrize(("source", "subject"), [("dezfouli", "s2"), ("eckstein", "5"), ("zorowitz", "b")])
def test_participants_asked_for_are_kept_and_counted_alone(tmp_path, source, subject):
    made, trials, _ = made_and_prepared(tmp_path, source, subjects=[subject])
    assert trials["subject"].tolist() == [subject]
    assert list(made.counts_raw) == [subject]
    with pytest.raises(InputError, match=r"datasets\.d\.subjects: nobody not in the data; there are: "):
        prepared(source, tmp_path, subjects=["nobody"])


BAD = [
    ("dezfouli", {"key": None}, r"no column 'key'; it has: ID, block"),
    ("dezfouli", {"key": ["R1", "R3", "R2", "R1"]}, r"column 'key', row 3: found 'R3'; allowed: R1, R2"),
    ("dezfouli", {"reward": [0, 1, 0, 0]}, r"column 'outcome', row 4: found 'O2'; allowed: null where reward is 0"),
    ("dezfouli", {"diag": ["Healthy", "", "Healthy", "Bipolar"]}, r"column 'diag', row 3: found ''; allowed: Healthy"),
    (
        "dezfouli",
        {"trial": [1, 2, 1, 7]},
        r"column 'trial', row 4: found 1.*; allowed: the rows of one ID and trial tog",
    ),
    ("dezfouli", {"trial": [1, 1, 13, 7]}, r"column 'trial', row 4: found '13'; allowed: a whole number from 1 to 12"),
    ("dezfouli", {"members": ["readme.txt"]}, r"\.zip: expected one CSV file in the zip, found: readme\.txt"),
    ("dezfouli", {"members": ["a.csv", "b.csv"]}, r"\.zip: expected one CSV file in the zip, found: a\.csv, b\.csv"),
    ("eckstein", {"selected_box": [0, 0, 2, 1]}, r"column 'selected_box', row 4: found '2'; allowed: 0, 1"),
    ("eckstein", {"reward": [1, None, 1, 0]}, r"column 'reward', row 3: found ''; allowed: 0, 1"),
    (
        "eckstein",
        {"TrialID": [1, 3, 4, 1]},
        r"column 'TrialID', row 3: found 3; allowed: 1, 2, \.\.\. in the rows of a",
    ),
    ("eckstein", {"sID": [27, 5, 27, 5]}, r"column 'TrialID', row 3: found 2; allowed: 1, 2"),
    ("eckstein", {"switch_trial": [0, 1, 0, 0]}, r"column 'switch_trial', row 2: found '0'; allowed: True, False"),
    ("eckstein", {"sID": None}, r"no column 'sID'; it has: RT, selected_box"),
    ("zorowitz", {"choice": [2, 1, 3, 1]}, r"column 'choice', row 4: found '3'; allowed: 0, 1, 2"),
    ("zorowitz", {"choice": [2, None, 0, 1]}, r"column 'choice', row 3: found ''; allowed: 0, 1, 2"),
    ("zorowitz", {"subject": ["x", "x", None, "b"]}, r"column 'subject', row 4: found ''; allowed: a value in every"),
    (
        "zorowitz",
        {"trial": [1, 2, 2, 1]},
        r"column 'trial', row 4: found 2; allowed: 1, 2, \.\.\. in the rows of a part",
    ),
    ("zorowitz", {"rt": [0.4, -1, 0.2, 0.5]}, r"column 'rt', row 3: found '-1\.0'; allowed: a number from 0 to inf"),
    ("zorowitz", {name: [] for name in CSV["zorowitz"]}, r"data\.csv: no rows"),
]


@pytest.mark.parametrize(("source", "change", "message"), BAD, ids=[f"{s} {i}" for i, (s, _, _) in enumerate(BAD)])
def test_malformed_human_files_are_refused(tmp_path, source, change, message):
    made_csv(tmp_path, source, **change)
    with pytest.raises(InputError, match=message):
        prepared(source, tmp_path)


@pytest.mark.parametrize("source", HUMANS)
def test_a_line_without_content_counts_and_is_refused(tmp_path, source):
    path = made_csv(tmp_path, source)
    lines = pd.DataFrame(CSV[source]).to_csv(index=False).splitlines(keepends=True)
    text = "".join([*lines[:2], "\n", *lines[2:]])
    if source == "dezfouli":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("choices_diagno.csv", text)
    else:
        path.write_text(text)
    with pytest.raises(InputError, match="row 3: found "):
        prepared(source, tmp_path)


@pytest.mark.parametrize("source", [*HUMANS, "hou"])
def test_a_file_that_the_config_names_is_read_in_place_of_those_in_the_raw_folder(tmp_path, source):
    path = made_hou(tmp_path) if source == "hou" else made_csv(tmp_path, source)
    _, elsewhere = prepared(source, tmp_path / "nowhere", files=[str(path)])
    assert elsewhere.equals(prepared(source, tmp_path)[1])
    message = r"M1\.npz: mouse M1 is also in" if source == "hou" else rf"`files`: found 2 .*; allowed: 1, .*{path.name}"
    with pytest.raises(InputError, match=message):
        prepared(source, tmp_path, files=[str(path), str(path)])


def test_sabatini_takes_the_sessions_that_the_config_names_in_their_order(tmp_path):
    names = ["80_20_trial_data/b_1_.csv", "70_30_trial_data/a_1_.csv", "80_20_trial_data/a_070716.csv"]
    made_sabatini(tmp_path, names)
    files = [str(tmp_path / sabatini.FOLDER / name) for name in names]
    _, trials = prepared("sabatini", tmp_path / "nowhere", files=files)
    assert list(dict.fromkeys(trials["session"])) == names
    assert trials["task_condition"].drop_duplicates().tolist() == ["80_20", "70_30"]
    for named, message in (
        ([files[0], files[0]], r"b_1_\.csv: session 80_20_trial_data/b_1_\.csv is also in"),
        ([__file__], r"bandits\.py: no condition in the path; expected it in a folder such as 80_20_trial_data"),
    ):
        with pytest.raises(InputError, match=message):
            prepared("sabatini", tmp_path, files=named)


@pytest.mark.parametrize(
    ("source", "content", "message"),
    [
        ("dezfouli", b"nonsense", r"choices_diagno\.csv\.zip: not a readable zip with a CSV file"),
        ("eckstein", b"", r"maria_data\.csv: not a readable CSV file"),
        ("zorowitz", b"\xff\xfe\x00", r"data\.csv: not a readable CSV file"),
    ],
)
def test_files_of_another_kind_are_refused(tmp_path, source, content, message):
    made_csv(tmp_path, source).write_bytes(content)
    with pytest.raises(InputError, match=message):
        prepared(source, tmp_path)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "hou",
            r"hou-mice-dynamic-foraging: no mouse found\. .*FOR01\.npz .*github\.com/hanhou/Dynamic-Foraging.*`raw`",
        ),
        ("sabatini", r"sabatini-mice-2arm-bandit: no session found\. .*80_20_trial_data/.*mouse_bandit.*`raw`"),
        ("dezfouli", r"dezfouli-2arm-bandit: choices_diagno\.csv\.zip not found .*rnn_hypercoder.*`raw`"),
        ("eckstein", r"eckstein-2arm-switching: maria_data\.csv not found .*osf\.io/7wuh4.*`raw`"),
        ("zorowitz", r"zorowitz-3arm-reversal: data\.csv not found .*nivlab/sciops.*`raw`"),
    ],
)
def test_missing_data_are_named_with_their_place_on_the_web(tmp_path, source, message):
    with pytest.raises(InputError, match=message):
        registry.check(source, "d", options(source), tmp_path)


def test_mice_that_are_not_there_are_named_before_files_are_read(tmp_path):
    made_hou(tmp_path).write_bytes(b"nonsense")
    made_sabatini(tmp_path, ["80_20_trial_data/a_1_.csv"], ["nonsense"])
    for source, there in (("hou", "M1"), ("sabatini", "a")):
        with pytest.raises(InputError, match=rf"datasets\.d\.subjects: Z9 not in the data; there are: {there}"):
            registry.check(source, "d", options(source, subjects=["Z9"]), tmp_path)
