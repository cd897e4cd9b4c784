"""Published data of humans and rats: the figures of the data's own README, and how malformed files are refused."""

import csv
import re
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from scipy.io import savemat

from tinycog.errors import InputError
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.sources import registry
from tinycog.sources.prepared import Prepared
from tinycog.tasks import task_of
from tinycog.trials.table import validated


def prepare(source: str, raw: Path, **given) -> Prepared:
    """What the importer hands over, its table checked."""
    options = checked({"source": source, **given}, "test", AnyDataset).model_dump()
    registry.check(source, "d", options, raw)
    prepared = registry.load(source).prepare("d", options, raw, 0)
    table = validated(prepared.table, task_of(options["task"]), "d")
    return Prepared(table, prepared.counts_raw, prepared.removed)


def counted(prepared: Prepared, subject: str) -> tuple[int, int, int]:
    """Blocks, trials and choices of a subject before filters."""
    return tuple(prepared.counts_raw[subject][kind] for kind in ("blocks", "trials", "scored"))


def total(prepared: Prepared, kind: str) -> int:
    return sum(counts[kind] for counts in prepared.counts_raw.values())


def rounded(figures) -> list[float]:
    return np.round(np.array(figures, dtype=float), 4).tolist()


def next_action(trials: pd.DataFrame) -> pd.Series:
    """The choice of the block's next trial, NaN on its last one."""
    return trials.groupby(["subject", "block"])["action"].shift(-1)


def stay(trials: pd.DataFrame, given: pd.Series) -> float:
    """P(same choice on the next trial) over trials `given`, with a choice on both."""
    after = next_action(trials)
    used = given & trials["mask"].eq(1) & after.ge(0)
    return (after == trials["action"])[used].mean()


def stay_table(trials: pd.DataFrame, valid: pd.Series) -> list[float]:
    """P(same first choice) after common rewarded, common unrewarded, rare rewarded, rare unrewarded trials.

    The trial and the next one must both be valid.
    """
    next_valid = valid.groupby([trials["subject"], trials["block"]]).shift(-1, fill_value=False)
    cells = [(common, reward) for common in (1, 0) for reward in (1, 0)]
    both = valid & next_valid
    kind = trials["task_common"].fillna(-1)
    return [stay(trials, both & kind.eq(common) & trials["reward"].eq(reward)) for common, reward in cells]


# -- monkeys, Bartolo et al. 2020 ------------------------------------------------------------------------------------


def write_session(folder: Path, name="V20160929", change=None) -> Path:
    """A what block, then a where block, then a row of a block that was not completed; `change` edits the matrix."""
    rows = [
        [0, 1, i % 2, 1, 1, i + 1, i == 40, block, 1, kind, 1, 1, 1]
        for block, kind in ((1, 1), (13, 2))
        for i in range(80)
    ]
    matrix = np.array([*rows, [0, 1, 0, 1, 1, 1, 0, 14, 1, 2, 1, 1, 0]], dtype=float)
    if change:
        matrix = change(matrix)
    path = folder / "bartolo-monkeys-reversal" / f"SPKcounts_{name}cue_MW_250X250ms.mat"
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, {"Y": matrix})
    return path


def entry(row: int, column: int, value):
    """An edit that puts `value` there, both counted from 1."""

    def change(matrix):
        matrix[row - 1, column - 1] = value
        return matrix

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (entry(90, 10, 3), r"column '10 \(block type\)', row 90: found 3\.0; allowed: 1, 2$"),
        (entry(1, 1, 5), r"column '1 \(chosen image\)', row 1: found 5\.0; allowed: 0, 1$"),
        (entry(3, 1, 0.5), r"column '1 \(chosen image\)', row 3: found 0\.5; allowed: 0, 1$"),
        (entry(3, 2, np.nan), r"column '2 \(chosen location\)', row 3: found nan; allowed: 0, 1$"),
        (entry(3, 3, 2), r"column '3 \(outcome\)', row 3: found 2\.0"),
        (entry(3, 5, 7), r"column '5 \(best option chosen\)', row 3: found 7\.0"),
        (entry(3, 6, 81), r"column '6 \(trial in block\)', row 3: found 81\.0; allowed: a whole number from 1 to 80$"),
        (entry(3, 7, 9), r"column '7 \(reversal\)', row 3: found 9\.0"),
        (entry(161, 8, np.nan), r"column '8 \(block id\)', row 161: found nan; allowed: a whole number from 0"),
        (entry(161, 13, 2), r"column '13 \(block completed\)', row 161: found 2\.0; allowed: 0, 1$"),
        (lambda matrix: matrix.astype(object), r": found an array of cells or structs; allowed: numbers"),
    ],
)
def test_bartolo_refuses_codes_that_are_not_published(tmp_path, change, message):
    path = write_session(tmp_path, change=change)
    with pytest.raises(InputError, match=rf"{path.name}, matrix `Y`,? ?{message}"):
        prepare("bartolo", tmp_path)


@pytest.mark.parametrize(("completed", "block"), [(0, 14), (1, 0), (1, 25)])  # complete blocks are 1 to 24
def test_bartolo_may_hold_anything_outside_complete_blocks(tmp_path, completed, block):
    write_session(tmp_path, change=lambda matrix: [*matrix[:160], [np.nan] * 7 + [block] + [np.nan] * 4 + [completed]])
    assert total(prepare("bartolo", tmp_path), "trials") == 160


def test_bartolo_does_not_read_the_sessions_of_a_monkey_that_is_not_asked_for(tmp_path):
    write_session(tmp_path)
    write_session(tmp_path, "W20160112").write_bytes(b"nonsense")
    prepared = prepare("bartolo", tmp_path, subjects=["V"])
    assert {row["subject"] for row in prepared.removed} == set(prepared.counts_raw) == {"V"}


def test_bartolo_does_not_read_a_session_twice(tmp_path):
    files = [write_session(tmp_path / place) for place in "ab"]
    with pytest.raises(InputError, match=rf"{files[1]}: session V20160929 is also in {files[0]}; keep one of the two"):
        prepare("bartolo", tmp_path, files=[str(path) for path in files])


# -- rats, Miller et al. 2022 ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rats(data_folder):
    return prepare("miller", data_folder, min_trials=0, longest_block=None)


MILLER = {  # sessions, trials, free, violations; reward, P(left), common, better; stay table
    "M055": ([15, 12445, 12445, 0], [0.5989, 0.5082, 0.8034, 0.7552], [0.9588, 0.6051, 0.5278, 0.8550]),
    "M064": ([10, 10702, 8602, 3], [0.5753, 0.4178, 0.7949, 0.7363], [0.9113, 0.6072, 0.4709, 0.9131]),
    "M070": ([14, 6806, 5387, 1], [0.5705, 0.4440, 0.7950, 0.7203], [0.9392, 0.6464, 0.3874, 0.7748]),
    "M071": ([6, 4004, 3208, 2], [0.5445, 0.4600, 0.7992, 0.6047], [0.7492, 0.2912, 0.5907, 0.9201]),
    "M088": ([6, 1919, 1700, 4], [0.5446, 0.5300, 0.7989, 0.6453], [0.8419, 0.4384, 0.5154, 0.8297]),
    "M093": ([1, 537, 489, 1], [0.5717, 0.7635, 0.7896, 0.7628], [0.8650, 0.3814, 0.4643, 0.9836]),
}


@pytest.mark.parametrize(("rat", "numbers", "shares", "stays"), [(rat, *figures) for rat, figures in MILLER.items()])
def test_miller_check_figures(rats, rat, numbers, shares, stays):
    trials = rats.table.query("subject == @rat")
    free = trials["forced"].eq(0)
    assert [trials["block"].nunique(), len(trials), free.sum(), trials["task_violation"].sum()] == numbers
    assert counted(rats, rat) == (*numbers[:2], numbers[1])
    figures = [trials["reward"], trials["action"].eq(0), trials["task_common"], trials["task_better_chosen"]]
    assert rounded([figure.mean() for figure in figures]) == shares
    assert rounded(stay_table(trials, free & trials["task_violation"].eq(0))) == stays


def test_miller_action_i_commonly_leads_to_state_i_in_every_rat(rats):
    trials = rats.table[rats.table["task_violation"].eq(0)]
    assert (trials["task_common"].eq(1) == trials["action"].eq(trials["state"])).all()
    free = trials[trials["forced"].eq(0)]
    best = free["task_p_s1"].gt(free["task_p_s0"]).astype(int)
    assert (free["action"].eq(best) == free["task_better_chosen"].eq(1)).all()
    assert rats.table.loc[rats.table["task_violation"].eq(1), "state"].eq(1).all()  # as the paper reads them


def test_miller_default_is_the_papers_four_rats_in_blocks_of_at_most_150_trials(data_folder, rats):
    prepared = prepare("miller", data_folder)
    assert list(prepared.table["subject"].unique()) == ["M055", "M064", "M070", "M071"]
    assert len(prepared.table) == 33_957
    assert total(prepared, "trials") == total(rats, "trials") == 36_413
    reason = "rats with fewer than 4000 trials"
    assert prepared.removed == [
        {"subject": "M088", "reason": reason, "trials": 1919},
        {"subject": "M093", "reason": reason, "trials": 537},
    ]
    sessions = rats.table.groupby(["subject", "session"]).size()
    pieces = prepared.table.groupby(["subject", "session"])["block"].nunique()
    assert (pieces == np.ceil(sessions[pieces.index] / 150)).all()
    assert prepared.table.groupby(["subject", "block"]).size().max() <= 150


def rat_fields(congruent=0.2, **changes):
    """One made rat: two sessions of four and three trials; the second trial is forced, the third a violation."""
    fields = {
        **{"ratname": "R1", "sides1": "llrlrrl", "sides2": "rrvllrr", "rewards": [1, 0, 0, 1, 0, 1, 1]},
        **{"trans_common": [1, 1, 0, 0, 1, 0, 1], "new_sess": [1, 0, 0, 0, 1, 0, 0], "viols": [0] * 7},
        **{"bad_timing": [0] * 7, "leftprobs": [0.8] * 7, "rightprobs": [0.2] * 7, "p_congruent": [congruent]},
        **{"better_choices": [0, np.nan, np.nan, 0, 1, 1, 0], "c1_times": np.arange(7.0)},
        "s1_times": np.arange(7.0) + 0.25,
    }
    fields = {**fields, **changes}
    return {key: value for key, value in fields.items() if value is not None}


def write_rats(folder: Path, *rats, name="ofc_physdata.mat", cells="ratdatas") -> Path:
    """A file with the layout of MATLAB 7.3: text as character codes, structs behind references."""
    path = folder / "miller-rats-two-step" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        references = file.create_dataset(cells, (1, len(rats)), dtype=h5py.ref_dtype)
        for i, rat in enumerate(rats):
            struct = file.create_group(f"#refs#/rat{i}")
            for key, value in rat.items():
                codes = np.array([ord(c) for c in value], np.uint16) if isinstance(value, str) else value
                struct[key] = np.atleast_2d(codes)
            references[0, i] = struct.ref
    return path


@pytest.mark.parametrize(
    ("given", "actions", "states", "blocks", "removed"),
    [
        ({}, [0, 0, 1, 0, 1, 1, 0], [0, 0, 1, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1, 1], {}),
        ({"forced": "mask"}, [0, -1, -1, 0, 1, 1, 0], [0, 0, 1, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1, 1], {"forced": 2}),
        ({"forced": "drop"}, [0, 0, 1, 1, 0], [0, 1, 1, 0, 0], [0, 0, 1, 1, 1], {"forced": 2}),
        ({"violations": "drop"}, [0, 0, 0, 1, 1, 0], [0, 0, 1, 1, 0, 0], [0, 0, 0, 1, 1, 1], {"trials": 1}),
        ({"longest_block": 2}, [0, 0, 1, 0, 1, 1, 0], [0, 0, 1, 1, 1, 0, 0], [0, 0, 1, 1, 2, 2, 3], {}),
    ],
)
def test_miller_options_keep_mask_drop_and_cut(tmp_path, given, actions, states, blocks, removed):
    write_rats(tmp_path, rat_fields())
    prepared = prepare("miller", tmp_path, min_trials=7, **given)
    assert prepared.table["action"].tolist() == actions
    assert prepared.table["state"].tolist() == states
    assert prepared.table["block"].tolist() == blocks
    assert {row["reason"].split()[0]: row["trials"] for row in prepared.removed} == removed
    assert counted(prepared, "R1") == (2, 7, 7)
    assert prepared.table["task_rt_s"].eq(0.25).all()


def test_miller_states_follow_the_rats_own_common_transition(tmp_path):
    write_rats(tmp_path, rat_fields(congruent=0.8), rat_fields(ratname="R2"))
    table = prepare("miller", tmp_path, min_trials=0).table
    states = table.groupby("subject")["state"].agg(list)
    assert states["R1"] == [1, 1, 1, 0, 0, 1, 1]
    assert states["R2"] == [0, 0, 1, 1, 1, 0, 0]
    assert table.groupby("subject")["task_p_s0"].first().to_dict() == {"R1": 0.8, "R2": 0.2}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sides1": "llrlrxl"}, r"ofc_physdata\.mat, rat 1 \(R1\), field 'sides1', row 6: found 'x'; allowed: l, r$"),
        ({"sides2": "rrvllrq"}, r"field 'sides2', row 7: found 'q'; allowed: l, r, v$"),
        ({"rewards": [1, 0, 0, 2, 0, 1, 1]}, r"field 'rewards', row 4: found 2; allowed: 0, 1$"),
        ({"rewards": [1.0, 0, np.nan, 0, 0, 1, 1]}, r"field 'rewards', row 3: found nan; allowed: 0, 1$"),
        ({"rewards": [1, 0]}, r"arrays of shapes sides1 \(7,\), sides2 \(7,\), rewards \(2,\)"),
        ({"leftprobs": None}, r"rat 1: no field 'leftprobs'; there are: "),
        (
            {"leftprobs": [0.2, np.nan, *[0.8] * 5]},
            r"field 'leftprobs', row 2: found nan; allowed: a number from 0 to 1",
        ),
        ({"better_choices": [0, 0.5, *[1] * 5]}, r"field 'better_choices', row 2: found 0\.5; allowed: a whole number"),
        ({"p_congruent": []}, r"rat 1 \(R1\), field 'p_congruent': found \[\]; needed: one probability"),
        ({"p_congruent": [np.nan]}, r"field 'p_congruent': found \[nan\]; needed: one probability"),
        ({"ratname": "\0\0"}, r"rat 1, field 'ratname': found '\\x00\\x00'; needed: the rat's name"),
        ({"sides1": [108.5] * 7}, r"not a Miller file: .*TypeError.*fetch it again"),
        ({"new_sess": [0, 0, 0, 0, 1, 0, 0]}, r"'new_sess' does not begin with 1"),
    ],
)
def test_miller_refuses_malformed_rats(tmp_path, changes, message):
    write_rats(tmp_path, rat_fields(**changes))
    with pytest.raises(InputError, match=message):
        prepare("miller", tmp_path)


def test_miller_reads_the_files_it_is_given_and_refuses_other_ones(tmp_path):
    one, other = (write_rats(tmp_path, rat_fields(ratname=n), name=f"{n}.mat") for n in ("A", "B"))
    prepared = prepare("miller", tmp_path, files=[str(other), str(one)], min_trials=0)
    assert list(prepared.counts_raw) == ["B", "A"]
    with pytest.raises(InputError, match=r"A\.mat: rat A is there twice"):
        prepare("miller", tmp_path, files=[str(one), str(one)])
    with pytest.raises(InputError, match=r"datasets\.d: no trial is left without rats with fewer than 4000 trials"):
        prepare("miller", tmp_path, files=[str(one)])
    with pytest.raises(InputError, match="no cell array `ratdatas`; the file has: #refs#, other"):
        prepare("miller", tmp_path, files=[str(write_rats(tmp_path, rat_fields(), cells="other"))])


@pytest.mark.parametrize(
    "change",
    [
        lambda file, rat: rat.move("sides1", "gone") or rat.create_group("sides1"),
        lambda file, rat: file.move("ratdatas", "gone") or file.create_group("ratdatas"),
        lambda file, rat: file["ratdatas"].write_direct(np.array([[h5py.Reference()]], h5py.ref_dtype)),
        lambda file, rat: file["ratdatas"].write_direct(np.array([[rat["rewards"].ref]], h5py.ref_dtype)),
    ],
    ids=["a group as field", "a group as cell array", "a reference to nothing", "no struct"],
)
def test_miller_refuses_files_of_another_structure(tmp_path, change):
    with h5py.File(write_rats(tmp_path, rat_fields()), "r+") as file:
        change(file, file["#refs#/rat0"])
    with pytest.raises(InputError, match=r"ofc_physdata\.mat: not a Miller file: .*not what was published: fetch it"):
        prepare("miller", tmp_path)


# -- humans, Suthaharan et al. 2021 ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def decks(data_folder):
    prepared = prepare("suthaharan", data_folder)
    return Prepared(prepared.table.assign(file=prepared.table["subject"].str.split(".").str[0]), prepared.counts_raw)


SUTHAHARAN = [  # file; subjects, trials; reward, choices, stay after reward and none
    ("pandemic_lockdown_TP463_TP693_231", 231, 36960, [0.6281, 0.3154, 0.3548, 0.3298, 0.8939, 0.2717]),
    ("pandemic_postlockdown_TP694_TP865_172", 172, 27520, [0.6271, 0.3339, 0.3545, 0.3116, 0.8900, 0.2500]),
    ("pandemic_prelockdown_TP117_TP261_130", 130, 20800, [0.6358, 0.3233, 0.3549, 0.3219, 0.9175, 0.2829]),
    ("replication_R100_R150_51", 51, 8160, [0.6312, 0.3505, 0.3388, 0.3107, 0.9167, 0.2766]),
    ("replication_R151_R198_48", 48, 7680, [0.6246, 0.3449, 0.3583, 0.2967, 0.9333, 0.3491]),
    ("", 632, 101120, [0.6294, 0.3271, 0.3537, 0.3192, 0.9026, 0.2744]),
]


@pytest.mark.parametrize(("file", "subjects", "trials", "figures"), SUTHAHARAN, ids=[f[0] or "all" for f in SUTHAHARAN])
def test_suthaharan_check_figures(decks, file, subjects, trials, figures):
    rows = decks.table[decks.table["file"].eq(file) | (file == "")]
    assert (rows["subject"].nunique(), len(rows)) == (subjects, trials)
    found = [rows["reward"].mean(), *(rows["action"].eq(arm).mean() for arm in range(3))]
    assert rounded([*found, *(stay(rows, rows["reward"].eq(reward)) for reward in (1, 0))]) == figures


def test_suthaharan_has_one_block_of_160_trials_for_each_participant(decks):
    assert {counted(decks, subject) for subject in decks.counts_raw} == {(1, 160, 160)}
    assert total(decks, "trials") == 101_120
    assert decks.table.groupby("task_half")["trial"].agg(["min", "max"]).to_numpy().tolist() == [[0, 79], [80, 159]]


def write_decks(folder: Path, name="some.mat", people=("TP1", "TP2"), **changes) -> Path:
    """Made halves: choice 1 in the first, 3 in the second; every other trial pays. None leaves a variable out."""
    variables = {}
    for who in people:
        for half, choice in ((1, 1), (2, 3)):
            variables[f"{who}_V3_choices_{half}"] = np.full((80, 1), choice, np.uint8)
            variables[f"{who}_V3_outcomes_{half}"] = (np.arange(80) % 2).astype(np.uint8)[:, None]
    path = folder / "suthaharan-3arm-reversal" / "hgfPRL" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, {key: value for key, value in {**variables, **changes}.items() if value is not None})
    return path


def test_suthaharan_joins_halves_and_tells_people_with_one_name_apart(tmp_path):
    write_decks(tmp_path, "b.mat")
    write_decks(tmp_path, "a.mat", people=("TP2",))
    table = prepare("suthaharan", tmp_path).table
    assert list(table["subject"].unique()) == ["a.TP2", "b.TP1", "b.TP2"]
    assert table["action"].tolist() == ([0] * 80 + [2] * 80) * 3
    only = prepare("suthaharan", tmp_path, subjects=["b.TP2"])
    assert list(only.counts_raw) == ["b.TP2"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"TP2_V3_outcomes_2": None}, r"some\.mat: no variable 'TP2_V3_outcomes_2'"),
        ({"TP1_V3_choices_1": np.ones((79, 1))}, r"'TP1_V3_choices_1' has 79 values, expected 80"),
        ({"TP1_V3_choices_2": np.arange(80)}, r"'TP1_V3_choices_2', row 1: found 0; allowed: 1, 2, 3$"),
        ({"TP2_V3_outcomes_1": np.arange(80)}, r"'TP2_V3_outcomes_1', row 3: found 2; allowed: 0, 1$"),
        ({"TP1_V3_choices_1": np.full(80, 1, object)}, r"'TP1_V3_choices_1': found an array of cells or structs"),
        ({"TP1_V3_choices_1": np.full(80, 1.5)}, r"'TP1_V3_choices_1', row 1: found 1\.5; allowed: 1, 2, 3$"),
        ({"people": ()}, r"some\.mat: no variable such as TP100_V3_choices_1"),
    ],
)
def test_suthaharan_refuses_malformed_files(tmp_path, changes, message):
    write_decks(tmp_path, **changes)
    with pytest.raises(InputError, match=message):
        prepare("suthaharan", tmp_path)


def test_suthaharan_reads_the_files_it_is_given(tmp_path):
    one, other = write_decks(tmp_path, "a.mat"), write_decks(tmp_path, "b.mat")
    prepared = prepare("suthaharan", tmp_path, files=[str(other), str(one)])
    assert [subject[0] for subject in prepared.counts_raw] == ["b", "b", "a", "a"]
    with pytest.raises(InputError, match=r"participant TP1 of a file called a\.mat is there twice"):
        prepare("suthaharan", tmp_path, files=[str(one), str(one)])


# -- humans, Bahrami & Navajas 2020 ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bandit(data_folder):
    return prepare("bahrami", data_folder, max_missing=150)


def test_bahrami_check_figures(bandit):
    trials = bandit.table
    answered = trials[trials["mask"].eq(1)]
    assert (len(bandit.counts_raw), total(bandit, "trials"), len(trials)) == (965, 144_750, 144_750)
    assert (total(bandit, "scored"), len(trials) - len(answered)) == (144_750 - 4_934, 4_934)
    assert trials.groupby("task_payoff_group")["subject"].nunique().to_dict() == {2: 329, 3: 312, 4: 324}
    assert round(answered["reward"].mean() * 100, 3) == 58.530
    assert rounded([answered["action"].eq(arm).mean() for arm in range(4)]) == [0.1570, 0.4076, 0.3404, 0.0951]
    assert rounded([answered["task_best_chosen"].mean()]) == [0.6135]
    assert trials["task_rt_ms"].median() == 985
    assert [(trials["task_rt_ms"] < 0).sum(), (trials["task_rt_ms"] > 4000).sum()] == [1, 931]
    median = trials.groupby("subject")["reward"].transform("median")
    high, low = trials["reward"] >= median, trials["reward"] < median
    assert rounded([stay(trials, high), stay(trials, low)]) == [0.7677, 0.4404]


def test_bahrami_reward_is_the_chosen_arms_payoff(bandit):
    answered = bandit.table[bandit.table["mask"].eq(1)]
    payoffs = answered[[f"task_payoff_a{arm}" for arm in range(4)]].to_numpy()
    assert (payoffs[np.arange(len(answered)), answered["action"]] == answered["reward"]).all()


def test_bahrami_default_leaves_out_participants_with_more_than_15_missing_choices(data_folder, bandit):
    prepared = prepare("bahrami", data_folder)
    assert prepared.table["subject"].nunique() == 908
    assert prepared.counts_raw == bandit.counts_raw
    gone = {row["subject"] for row in prepared.removed}
    assert len(gone) == len(prepared.removed) == 57
    missing = bandit.table["mask"].eq(0).groupby(bandit.table["subject"]).sum()
    assert gone == set(missing.index[missing > 15])
    assert {row["trials"] for row in prepared.removed} == {150}


def write_bandit(folder: Path, change=None, name="4ArmBandit_DataAllSubjectsRewards.csv", missing=(2,)) -> Path:
    """Two made participants with 150 rows each, the first without the choices `missing`; `change` edits the rows."""
    header = ["id", "choice", "reward", "rt", "payoff_group", *(f"reward_c{arm}" for arm in (1, 2, 3, 4))]
    rows = [
        [who, *(["NaN"] * 3 if who == 1 and trial in missing else [arm, arm * 10, 500]), 2, 10, 20, 30, 40]
        for who in (1, 2)
        for trial in range(150)
        for arm in [trial % 4 + 1]
    ]
    rows = [header, *rows]
    path = folder / "bahrami-4arm-bandit" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if change:
        rows = change(rows) or rows
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def test_bahrami_masks_missed_trials_and_scales_points(tmp_path):
    write_bandit(tmp_path, name="DataAllSubjectsRewards.csv")
    prepared = prepare("bahrami", tmp_path)
    first = prepared.table.head(4)
    assert first["action"].tolist() == [0, 1, -1, 3]
    assert first["state"].tolist() == [0, 1, 0, 3]
    assert first["mask"].tolist() == [1, 1, 0, 1]
    assert np.array_equal(first["reward"], [0.1, 0.2, np.nan, 0.4], equal_nan=True)
    assert first["task_best_chosen"].fillna(9).tolist() == [0, 0, 9, 1]
    assert counted(prepared, "1") == (1, 150, 149)
    fewer = prepare("bahrami", tmp_path, max_missing=0)
    assert list(fewer.table["subject"].unique()) == ["2"]
    assert fewer.removed == [{"subject": "1", "reason": "more than 0 missing choices", "trials": 150}]
    with pytest.raises(InputError, match=r"datasets\.d\.max_missing: every participant has more than 0 missing"):
        prepare("bahrami", tmp_path, max_missing=0, subjects=["1"])


def test_bahrami_counts_the_first_participants_after_those_left_out(data_folder, bandit):
    prepared = prepare("bahrami", data_folder, subjects=50)
    missed = bandit.table["mask"].eq(0).groupby(bandit.table["subject"], sort=False).sum()
    assert prepared.table["subject"].unique().tolist() == list(missed.index[missed <= 15][:50])
    assert len(prepared.counts_raw) == 50 + len(prepared.removed) > 50


@pytest.mark.parametrize(
    ("asked", "kept", "left_out"),
    [(1, ["2"], ["1"]), (["1", "2"], ["2"], ["1"]), (["2"], ["2"], []), ("all", ["2"], ["1"])],
)
def test_bahrami_says_whom_of_those_asked_for_it_leaves_out(tmp_path, asked, kept, left_out):
    write_bandit(tmp_path)
    prepared = prepare("bahrami", tmp_path, max_missing=0, subjects=asked)
    assert prepared.table["subject"].unique().tolist() == kept
    assert [row["subject"] for row in prepared.removed] == left_out
    assert sorted(prepared.counts_raw) == sorted(kept + left_out)


def test_bahrami_cannot_give_more_participants_than_are_not_left_out(tmp_path):
    write_bandit(tmp_path)
    with pytest.raises(InputError, match=r"datasets\.d\.subjects: the first 2 asked for; there are 1: 2$"):
        prepare("bahrami", tmp_path, max_missing=0, subjects=2)


def cell(row: int, column: int, value):
    """An edit that puts `value` in the cell of that row, the header being row 1."""

    def change(rows):
        rows[row - 1][column] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (cell(3, 1, 5), r"column 'choice', row 3: found '5'; allowed: a whole number from 1 to 4, or nothing$"),
        (cell(3, 1, "x"), r"column 'choice', row 3: found 'x'"),
        (cell(6, 2, ""), r"column 'reward', row 6: found nan; allowed: points from 0 to 100 for every choice"),
        (cell(6, 2, 101), r"column 'reward', row 6: found '101'"),
        (cell(5, 3, "fast"), r"column 'rt', row 5: found 'fast'"),
        (cell(7, 0, ""), r"column 'id', row 7: found nan; allowed: a whole number"),
        (cell(7, 4, 1), r"column 'payoff_group', row 7: found '1'; allowed: 2, 3, 4$"),
        (cell(7, 8, -1), r"column 'reward_c4', row 7: found '-1'; allowed: a number from 0 to 100$"),
        (cell(7, 0, 2), r"column 'id', row 8: found 1; allowed: the rows of a participant one after the other"),
        (cell(1, 3, "time"), r"no column 'rt'; it has: id, choice, reward, time, payoff_group"),
        (lambda rows: rows[:-1], r"participant 2 has 149 rows, expected 150"),
        (lambda rows: rows[:1], r"4ArmBandit_DataAllSubjectsRewards\.csv: no rows"),
        (lambda rows: [*rows[:3], [], *rows[3:]], r"column 'id', row 4: found nan"),
    ],
)
def test_bahrami_refuses_malformed_rows(tmp_path, change, message):
    write_bandit(tmp_path, change)
    with pytest.raises(InputError, match=message):
        prepare("bahrami", tmp_path)


# -- humans, original two-stage task ---------------------------------------------------------------------------------


def two_stage_figures(trials: pd.DataFrame) -> tuple[int, list[float]]:
    """Missed trials; means over participants of reward, first option and common transitions; the stay table."""
    valid = trials["mask2"].eq(1)
    measured = trials.assign(first=trials["action"].eq(0))[valid].groupby("subject")
    means = measured[["reward", "first", "task_common"]].mean().mean()
    return int((~valid).sum()), rounded([*means, *stay_table(trials, valid)])


def assert_two_stage_annotations_agree(trials: pd.DataFrame) -> None:
    """Common transitions lead from option i to state i, and rewards come as often as the chosen option promises."""
    made = trials[trials["mask"].eq(1)]
    assert (made["task_common"].eq(1) == made["action"].eq(made["state"])).all()
    paid = trials[trials["mask2"].eq(1)]
    for state in (0, 1):
        for action in (0, 1):
            cells = paid.query("state == @state and action2 == @action")
            bias = (cells["reward"] - cells[f"task_p_s{state}a{action}"]).mean()
            assert abs(bias) < 4 * 0.5 / np.sqrt(len(cells))
    assert trials.loc[trials["mask"].eq(0), "state"].eq(0).all()


# -- Gillan et al. 2016


@pytest.fixture(scope="module")
def twostep(data_folder):
    return prepare("gillan", data_folder)


@pytest.mark.parametrize(
    ("experiment", "subjects", "missed", "figures"),
    [
        (1, 548, 995, [0.5416, 0.5461, 0.6999, 0.8921, 0.7063, 0.8475, 0.7756]),
        (2, 300, 625, [0.5433, 0.5371, 0.6991, 0.8594, 0.6968, 0.8084, 0.7616]),
    ],
)
def test_gillan_check_figures(twostep, experiment, subjects, missed, figures):
    trials = twostep.table.query("task_experiment == @experiment")
    assert (trials["subject"].nunique(), len(trials)) == (subjects, subjects * 200)
    assert two_stage_figures(trials) == (missed, figures)
    assert_two_stage_annotations_agree(trials)


def test_gillan_counts_the_analysed_sample_and_names_the_others(twostep, data_folder):
    assert (len(twostep.counts_raw), total(twostep, "trials"), total(twostep, "blocks")) == (848, 169_600, 848)
    assert {(row["reason"], row["blocks"]) for row in twostep.removed} == {
        ("not in Experiment 1's self-report table", 1)
    }
    assert len({row["subject"] for row in twostep.removed} - set(twostep.counts_raw)) == 101
    only = prepare("gillan", data_folder, experiments=[2])
    assert (len(only.counts_raw), only.removed) == (300, [])


GILLAN_LINES = [  # a common rewarded trial, one missed at the second stage, and one missed altogether
    "0.3,0.4,0.5,0.6,right,2,400,true,left,1,3,700,1,1",
    "0.3,0.4,0.5,0.6,left,1,300,false,-1,2,3,-1,-1,1",
    "0.3,0.4,0.5,0.6,-1,2,-1,-1,-1,-1,-1,-1,-1,1",
]


def write_twostep(folder: Path, change=None, listed=("A",), there=("A", "Z"), experiment=1, column="subj.x") -> Path:
    """A made experiment: the self-report table lists `listed`, task files of `there` exist."""
    place = folder / "gillan-two-step" / f"Experiment {experiment}"
    tasks = place / f"twostep_data_study{experiment}"
    tasks.mkdir(parents=True)
    table = place / f"self_report_study{experiment}.csv"
    table.write_text("".join(f'"{i}","{subject}"\n' for i, subject in enumerate(listed)))
    table.write_text(f'"","{column}"\n' + table.read_text())
    lines = ["AgeDropdown,57", "", "instructionLoop"]
    lines += [f"{i + 1},{GILLAN_LINES[min(i, 2) if i < 3 else 0]}" for i in range(200)]
    for subject in there:
        own = lines if change is None or subject != "A" else change(list(lines))
        (tasks / f"{subject}.csv").write_text("\n".join(own) + "\n")
    return tasks


@pytest.mark.parametrize(
    ("old", "new"),
    [("", ""), ("left,1,300,false,-1,2,3", "left,1,300,false,left,-1,3"), ("-1,2,-1,-1", "right,-1,400,true")],
    ids=["response", "second stimulus", "first stimulus"],
)
def test_gillan_takes_a_choice_without_response_or_without_stimulus_as_missed(tmp_path, old, new):
    write_twostep(tmp_path, lambda lines: [line.replace(old, new, 1) for line in lines] if old else lines)
    prepared = prepare("gillan", tmp_path, experiments=[1])
    first = prepared.table.head(3)
    columns = ["action", "state", "mask", "action2", "mask2"]
    assert first[columns].to_numpy().tolist() == [[1, 1, 1, 0, 1], [0, 1, 1, -1, 0], [-1, 0, 0, -1, 0]]
    assert np.array_equal(first["reward"], [1, np.nan, np.nan], equal_nan=True)
    assert first["task_common"].fillna(-1).tolist() == [1, 0, -1]
    assert np.array_equal(first["task_rt_ms"], [400, 300, np.nan], equal_nan=True)
    assert list(prepared.counts_raw) == ["A"]
    assert counted(prepared, "A") == (1, 200, 2 * 200 - 3)
    assert prepared.removed == [{"subject": "Z", "reason": "not in Experiment 1's self-report table", "blocks": 1}]


def test_gillan_keeps_the_trials_of_a_participant_of_both_experiments_together(tmp_path):
    write_twostep(tmp_path, listed=("A", "Z"))
    write_twostep(tmp_path, listed=("B", "A"), there=("A", "B"), experiment=2, column="subj")
    table = prepare("gillan", tmp_path).table
    blocks = table.groupby(["subject", "block"], sort=False)["task_experiment"].first()
    assert blocks.to_dict() == {("A", 0): 1, ("A", 1): 2, ("Z", 0): 1, ("B", 0): 2}


def test_gillan_reads_an_experiment_that_is_named_twice_once(tmp_path):
    write_twostep(tmp_path)
    chosen = checked({"source": "gillan", "experiments": [1]}, "test", AnyDataset).model_dump()
    prepared = registry.load("gillan").prepare("d", chosen | {"experiments": [1, 1]}, tmp_path, 0)
    assert counted(prepared, "A")[:2] == (1, 200)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfes\0", r"self_report_study1\.csv: not a readable CSV file \(UnicodeDecodeError.*fetch it again"),
        (
            b"a,subj.x\n1,A\n2\n",
            r"self_report_study1\.csv, column 'subj\.x', row 3: found .*; allowed: a value in every",
        ),
        (b"a,subj.x\n1,A\n\n2,\n", r"self_report_study1\.csv, column 'subj\.x', row 3: found "),
    ],
)
def test_gillan_refuses_other_tables_of_participants(tmp_path, content, message):
    (write_twostep(tmp_path).parent / "self_report_study1.csv").write_bytes(content)
    with pytest.raises(InputError, match=message):
        prepare("gillan", tmp_path, experiments=[1])


def test_gillan_files_that_do_not_suit_say_what_is_expected(tmp_path):
    tasks = write_twostep(tmp_path)
    table, task = tasks.parent / "self_report_study1.csv", tasks / "A.csv"
    expected = r"self_report_study1\.csv and twostep_data_study1/<participant>\.csv"
    for files, message in (
        ([table], rf"`files`: no Gillan data found\. Expected {expected}"),
        ([table, task, tasks / "A.csv"], r"A\.csv: participant A is also in "),
        ([table, task, write_bandit(tmp_path)], rf"Rewards\.csv: not a file to read\. Expected under .*{expected}"),
    ):
        with pytest.raises(InputError, match=message):
            prepare("gillan", tmp_path, experiments=[1], files=[str(file) for file in files])


def line(number: int, old: str, new: str):
    """An edit of the task's lines: the first `old` of that line, counted from 1, becomes `new`."""

    def change(lines):
        lines[number - 1] = lines[number - 1].replace(old, new, 1)
        return lines

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: lines[:-1], r"A\.csv: 199 lines from the one whose first field is 1, expected 200 trials"),
        (lambda lines: lines[:3], r"A\.csv: 0 lines from the one whose first field is 1"),
        (line(4, "right", "up"), r"A\.csv, line 4, field 6: found 'up'; allowed: left, right, -1$"),
        (line(4, "right,2", "right,3"), r"line 4, field 7: found '3'; allowed: 1, 2$"),
        (line(4, "true", "-1"), r"line 4, field 9: found '-1'; allowed: true, false$"),
        (line(4, "left,1,3", "left,1,4"), r"line 4, field 12: found '4'; allowed: 2, 3$"),
        (line(4, "700,1,1", "700,-1,1"), r"line 4, field 14: found '-1'; allowed: 0, 1$"),
        (line(4, "700", "long"), r"line 4, field 13: found 'long'; allowed: a number$"),
        (line(5, "0.4", ""), r"line 5, field 3: found ''; allowed: a number$"),
        (line(5, "0.4", "nan"), r"line 5, field 3: found 'nan'; allowed: a number$"),
        (line(7, "4,", "5,"), r"line 7, field 1: found '5'; allowed: 4$"),
        (line(8, ",1,1", ",1"), r"line 8: 14 fields, expected 15$"),
    ],
)
def test_gillan_refuses_malformed_lines(tmp_path, change, message):
    write_twostep(tmp_path, change)
    with pytest.raises(InputError, match=message):
        prepare("gillan", tmp_path, experiments=[1])


@pytest.mark.parametrize(
    ("made", "given", "message"),
    [
        ({"listed": ["A", "B"]}, {}, r"B\.csv: no such file, but self_report_study1\.csv lists the participant"),
        ({"listed": ["A", "../../x"]}, {}, r"/\.\./\.\./x\.csv: no such file, but self_report_study1\.csv lists the"),
        ({"column": "subject"}, {}, r"self_report_study1\.csv: no column 'subj\.x'; it has: Unnamed: 0, subject"),
        ({"listed": []}, {}, r"self_report_study1\.csv: no rows"),
        ({"listed": ["A", ""]}, {}, r"self_report_study1\.csv, column 'subj\.x', row 3: found ''; allowed: a value in"),
        ({}, {"subjects": ["Z"]}, r"datasets\.d\.subjects: Z not in the data; there are: A"),
        ({}, {"experiments": [1, 2]}, r"Experiment 2: no Gillan data found.*leave 2 out of the data set's `exp"),
        ({"there": []}, {}, r"Experiment 1: no Gillan data found"),
    ],
)
def test_gillan_names_what_is_missing_before_it_reads_a_trial(tmp_path, made, given, message):
    write_twostep(tmp_path, **made)
    options = {"source": "gillan", "experiments": [1], **given}
    options = checked(options, "test", AnyDataset).model_dump()
    with pytest.raises(InputError, match=message):
        registry.check("gillan", "d", options, tmp_path)


# -- Kool et al. 2016


def test_kool_check_figures(data_folder):
    prepared = prepare("kool", data_folder)
    trials = prepared.table
    assert (trials["subject"].nunique(), len(trials)) == (206, 25_750)
    assert (trials.groupby("subject").size() == 125).all()
    figures = [0.5255, 0.5253, 0.6991, 0.7527, 0.6245, 0.6995, 0.6877]
    assert two_stage_figures(trials) == (1_000, figures)
    assert_two_stage_annotations_agree(trials)
    assert total(prepared, "trials") == 25_750 + 5_150
    assert sum(row["trials"] for row in prepared.removed) == 5_150
    assert {row["subject"] for row in prepared.removed} == set(prepared.counts_raw)


def kool_rows(subject: str) -> list[list]:
    """A made participant: every trial common and rewarded but the first two after practice, which are missed."""
    made = [1, 2, 400, 2, 1, 2, 500, 1, 1, 2, 1, 7]
    half = [1, 2, 300, 1, 1, 2, -1, -1, -1, 2, 0, 7]
    none = [1, 2, -1, -1, 1, 2, -1, -1, -1, -1, -1, 7]
    kinds = [*[made] * 25, half, none, *[made] * 123]
    numbers = [*range(25), *range(125)]
    return [
        [subject, *kind, int(i < 25), 0.3, 0.4, 0.6, 0.7, trial, 1000 + i]
        for i, (kind, trial) in enumerate(zip(kinds, numbers, strict=True))
    ]


def write_kool(folder: Path, rows) -> Path:
    path = folder / "kool-two-step" / "daw paradigm" / "data.mat"
    path.parent.mkdir(parents=True, exist_ok=True)
    data = rows
    if isinstance(rows, list):
        data = np.empty((len(rows), len(rows[0])), dtype=object)
        for i, row in enumerate(rows):
            data[i] = row
    savemat(path, {"data": data})
    return path


def test_kool_sorts_alternating_participants_apart_and_makes_practice_a_block_of_its_own(tmp_path):
    one, other = kool_rows("subject_9"), kool_rows("subject_2")
    write_kool(tmp_path, [*one[:60], *other[:100], *one[60:], *other[100:]])
    prepared = prepare("kool", tmp_path, practice=True)
    sizes = prepared.table.groupby(["subject", "block"], sort=False)["task_practice"].agg(["size", "mean"])
    assert sizes.index.tolist() == [("subject_9", 0), ("subject_9", 1), ("subject_2", 0), ("subject_2", 1)]
    assert sizes.to_numpy().tolist() == [[25, 1], [125, 0]] * 2
    assert prepared.removed == []
    assert counted(prepared, "subject_9") == (2, 150, 297)

    table = prepare("kool", tmp_path, subjects=["subject_2"]).table
    columns = ["block", "trial", "action", "state", "mask", "action2", "mask2"]
    assert table[columns].head(3).to_numpy().tolist() == [
        [0, 0, 0, 1, 1, -1, 0],
        [0, 1, -1, 0, 0, -1, 0],
        [0, 2, 1, 1, 1, 0, 1],
    ]
    assert np.array_equal(table["reward"].head(3), [np.nan, np.nan, 1], equal_nan=True)
    assert table["task_common"].head(3).fillna(-1).tolist() == [0, -1, 1]


def kool_cell(row: int, column: int, value):
    """Rows of a made participant in which one cell, both counted from 1, holds `value`."""
    rows = kool_rows("subject_1")
    rows[row - 1][column - 1] = value
    return rows


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (kool_cell(30, 5, 3), r"data\.mat, `data`, column 5, row 30: found 3; allowed: 1, 2, -1$"),
        (kool_cell(30, 9, 0), r"column 9, row 30: found 0; allowed: 1, 2, -1$"),
        (kool_cell(30, 10, 2), r"column 10, row 30: found 2; allowed: 0, 1, -1$"),
        (kool_cell(30, 10, -1), r"column 10, row 30: found -1; allowed: an outcome, as column 9 holds a"),
        (kool_cell(30, 11, -1), r"column 11, row 30: found -1; allowed: an outcome, as column 5 holds a"),
        (kool_cell(27, 9, 1), r"column 10, row 27: found -1; allowed: an outcome"),
        (kool_cell(30, 5, -1), r"column 9, row 30: found 1; allowed: -1, as the first choice is missed"),
        (kool_cell(30, 14, []), r"column 14, row 30: found \[\]; allowed: one number"),
        (kool_cell(30, 4, "x"), r"column 4, row 30: found 'x'; allowed: one number"),
        (kool_cell(30, 1, 7), r"column 1, row 30: found 7; allowed: a participant's name such as subject_1"),
        (kool_rows("s")[:-1], r"`data`, s: trials \(column 19\) are not 0 to 24 of practice and then 0 to 124"),
        (kool_cell(30, 19, 9), r"`data`, subject_1: trials \(column 19\) are not 0 to 24"),
        ([row[:19] for row in kool_rows("s")], r"a cell array of shape \(150, 19\), expected a cell array"),
        (np.zeros((150, 20)), r"`data` is an array of numbers of shape \(150, 20\)"),
    ],
)
def test_kool_refuses_malformed_cells(tmp_path, rows, message):
    write_kool(tmp_path, rows)
    with pytest.raises(InputError) as error:
        prepare("kool", tmp_path)
    assert re.search(message, str(error.value)), str(error.value)


# -- all of them


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("miller", r"miller-rats-two-step: ofc_physdata\.mat not found \(doi 10\.6084/m9\."),
        ("suthaharan", r"hgfPRL: no Suthaharan file found\. Expected .*\.mat \(https://github\.com/psuthaharan"),
        ("bahrami", r"bahrami-4arm-bandit: no Bahrami file found\. Expected 4ArmBandit_Data.*doi 10\.17605/OSF\.IO"),
        ("gillan", r"Experiment 1: no Gillan data found\. Expected self_report_study1\.csv and .*osf\.io/usdgt"),
        ("kool", r"kool-two-step: daw paradigm/data\.mat not found \(https://github\.com/wkool"),
    ],
)
def test_absent_files_are_named_with_their_public_source(tmp_path, source, message):
    with pytest.raises(InputError, match=message) as error:
        prepare(source, tmp_path)
    assert "change `raw`" in str(error.value)


MADE = {  # how to write a small file of a source
    "bartolo": lambda folder: write_session(folder),
    "miller": lambda folder: write_rats(folder, rat_fields()),
    "suthaharan": lambda folder: write_decks(folder),
    "bahrami": lambda folder: write_bandit(folder),
    "gillan": lambda folder: write_twostep(folder),
    "kool": lambda folder: write_kool(folder, kool_rows("subject_1")),
}
GIVEN = {"miller": {"min_trials": 0}, "gillan": {"experiments": [1]}}


@pytest.mark.parametrize("source", MADE)
def test_files_that_the_config_names_are_read_in_place_of_those_in_the_raw_folder(tmp_path, source):
    MADE[source](tmp_path)
    given = GIVEN.get(source, {})
    options = checked({"source": source, **given}, "test", AnyDataset).model_dump()
    files = [str(path) for path in registry.load(source).files(options, tmp_path)]
    elsewhere = prepare(source, tmp_path / "nowhere", files=files, **given)
    pd.testing.assert_frame_equal(elsewhere.table, prepare(source, tmp_path, **given).table)
    with pytest.raises(
        InputError, match=r"nofile\.mat: no such file \(a .*\)\. Put it there or change the data set's `fi"
    ):
        prepare(source, tmp_path, files=["nofile.mat"], **given)


@pytest.mark.parametrize(("source", "like"), [("bahrami", "4ArmBandit_Data"), ("kool", r"data\.mat")])
def test_a_source_of_one_file_takes_one(tmp_path, source, like):
    path = str(MADE[source](tmp_path))
    with pytest.raises(InputError, match=rf"`files`: found 2 \(.*\); allowed: 1, a file like {like}"):
        prepare(source, tmp_path, files=[path, path])


# -- files that are no such files ------------------------------------------------------------------------------------

BINARY = {
    "bartolo": "bartolo-monkeys-reversal/SPKcounts_V20161017cue_MW_250X250ms.mat",
    "miller": "miller-rats-two-step/ofc_physdata.mat",
    "suthaharan": "suthaharan-3arm-reversal/hgfPRL/replication_R100_R150_51.mat",
    "kool": "kool-two-step/daw paradigm/data.mat",
    "miranda": "miranda-monkeys-two-step/PreparedData.mat",
    "hou": "hou-mice-dynamic-foraging/FOR14.npz",
    "ibl": "ibl-mice-perceptual/ZM_1745_unnormalized.npz",
    "psytrack": "psytrack-rat-learning/sampleRatData.npz",
    "dezfouli": "dezfouli-2arm-bandit/choices_diagno.csv.zip",
}
COMPRESSED = ("suthaharan", "kool", "miranda", "hou", "ibl", "psytrack", "dezfouli")


def refusal(source: str, folder: Path, content: bytes) -> str:
    """What is said of a file with this content, after its path."""
    path = folder / BINARY[source]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    (path.parent / "ZM_1745_rewarded.npz").write_bytes(content)
    with pytest.raises(InputError) as error:
        prepare(source, folder)
    assert str(error.value).startswith(str(path))
    return str(error.value).removeprefix(str(path))


@pytest.mark.parametrize(
    "content", [b"", b"404: Not Found", b"hello world\n", b"hello world\n" * 50, b"PK\x03\x04" * 9]
)
@pytest.mark.parametrize("source", BINARY)
def test_what_is_no_data_file_at_all_is_refused(tmp_path, source, content):
    said = refusal(source, tmp_path, content)
    assert said.startswith(": not a")
    assert said.endswith("the file is truncated, or not what was published: fetch it again")


def damaged(content: bytes) -> bytes:
    """`content` with zeros in its middle: in the compressed data, where there are any."""
    middle = len(content) // 2
    return content[:middle] + bytes(200) + content[middle + 200 :]


def unpackable(content: bytes) -> bytes:
    """`content` with ones where the first compressed data begin, in a zip or else in a MATLAB 5 file."""
    name, extra = (int.from_bytes(content[at : at + 2], "little") for at in (26, 28))
    start = 30 + name + extra if content.startswith(b"PK") else 138
    return content[:start] + b"\xff" * 8 + content[start + 8 :]


HARMS = [damaged, lambda content: content[: len(content) // 2], lambda content: content[-len(content) // 2 :]]


@pytest.mark.parametrize(
    ("source", "harm"), [(source, harm) for source in BINARY for harm in HARMS] + [(s, unpackable) for s in COMPRESSED]
)
def test_harmed_files_are_refused(data_folder, tmp_path, source, harm):
    assert refusal(source, tmp_path, harm((data_folder / BINARY[source]).read_bytes()))
