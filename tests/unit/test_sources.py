"""From raw files, simulators and users' tables to the canonical trial table."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.io import loadmat, savemat

from tinycog.errors import InputError
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.sources import bartolo, simulate, table
from tinycog.sources.prepared import asked_subjects
from tinycog.tasks import task_of
from tinycog.trials.table import validated

REVERSAL = task_of("reversal")


def options(**given) -> dict:
    return checked(given, "test", AnyDataset).model_dump()


# -- Bartolo ---------------------------------------------------------------------------------------------------------


def stay(trials: pd.DataFrame, rewarded: int) -> float:
    """P(same choice on the next trial) after reward or none, never across blocks."""
    after = trials.groupby(["subject", "block"])["action"].shift(-1)
    pairs = after.notna() & (trials["reward"] == rewarded)
    return float((after[pairs] == trials.loc[pairs, "action"]).mean())


# figures of the data's own README, before truncation
@pytest.mark.parametrize(
    ("subject", "blocks", "reward", "best", "action_1", "stay_rewarded", "stay_unrewarded"),
    [("V", 24, 0.5823, 0.7427, 0.5182, 0.8250, 0.6759), ("W", 23, 0.5690, 0.6745, 0.4908, 0.7911, 0.6437)],
)
def test_bartolo_check_figures(data_folder, subject, blocks, reward, best, action_1, stay_rewarded, stay_unrewarded):
    prepared = bartolo.prepare("b", options(source="bartolo", trials=[1, 80]), data_folder, 0)
    trials = validated(prepared.table, REVERSAL, "b").query("subject == @subject")
    assert trials["block"].nunique() == blocks
    assert len(trials) == blocks * 80
    figures = [trials["reward"].mean(), trials["task_best_chosen"].mean(), trials["action"].mean()]
    figures += [stay(trials, 1), stay(trials, 0)]
    assert np.round(figures, 4).tolist() == [reward, best, action_1, stay_rewarded, stay_unrewarded]


def test_bartolo_counts_before_and_after_truncation(data_folder):
    prepared = bartolo.prepare("b", options(source="bartolo"), data_folder, 0)
    raw = {subject: (n["blocks"], n["trials"]) for subject, n in prepared.counts_raw.items()}
    assert raw == {"V": (24, 1920), "W": (23, 1840)}
    assert prepared.table.groupby("subject").size().to_dict() == {"V": 1440, "W": 1380}
    assert prepared.table["task_trial_in_block"].agg(["min", "max"]).tolist() == [11, 70]
    removed = {(row["subject"], row.get("rows", row.get("trials"))) for row in prepared.removed}
    assert removed == {("V", 36), ("V", 480), ("W", 53), ("W", 460)}
    reversal = prepared.table.query("task_reversal == 1")
    assert (reversal.groupby("subject").size() == [24, 23]).all()
    assert reversal["trial"].between(20, 39).all()  # (methods: macaque reversal)


def session(folder, name="V20160929", block_ids=(1, 13), completed=1, length=80, columns=13):
    """A made session: image 0 and location 1 chosen throughout, so that block types decide the action."""
    rows = []
    for block_id in block_ids:
        for trial in range(length):
            kind = 1 if block_id <= 12 else 2
            rows.append([0, 1, trial % 2, 1, 1, trial + 1, trial == 40, block_id, 1, kind, 1, 1, completed][:columns])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"SPKcounts_{name}cue_MW_250X250ms.mat"
    savemat(path, {"Y": np.array(rows, dtype=np.uint16), "X": np.zeros(3)})
    return path


def test_bartolo_takes_the_image_or_the_location(tmp_path):
    session(tmp_path / bartolo.FOLDER)
    prepared = bartolo.prepare("b", options(source="bartolo"), tmp_path, 0)
    assert prepared.table.groupby("task_block_type")["action"].unique().map(list).to_dict() == {
        "what": [0],
        "where": [1],
    }
    only = bartolo.prepare("b", options(source="bartolo", block_types=["where"]), tmp_path, 0)
    assert only.table["block"].unique().tolist() == [0]
    assert only.removed[-1] == {"subject": "V", "reason": "trials of a block outside 11 to 70", "trials": 20}


def test_bartolo_keeps_rows_and_blocks_of_the_session_s_matrices(tmp_path):
    """Trials 11 to 70 of each block of 80; the spike counts beside `Y` have the same rows."""
    path = session(tmp_path / bartolo.FOLDER, block_ids=(3, 25, 14))  # 25 is no complete block
    trials = validated(bartolo.prepare("b", options(source="bartolo"), tmp_path, 0).table, REVERSAL, "b")
    assert trials["source_block"].tolist() == ["3"] * 60 + ["14"] * 60
    assert trials["source_trial"].tolist() == [str(n) for n in (*range(11, 71), *range(171, 231))]
    rows = loadmat(path)["Y"][trials["source_trial"].astype(int) - 1]
    np.testing.assert_array_equal(rows[:, 2], trials["reward"])
    np.testing.assert_array_equal(rows[:, 5], trials["task_trial_in_block"])


def test_bartolo_orders_sessions_as_the_reference(tmp_path):
    for name in ("V20160929", "V20161005", "W20160112"):
        session(tmp_path / bartolo.FOLDER, name)
    prepared = bartolo.prepare("b", options(source="bartolo"), tmp_path, 0)
    assert list(dict.fromkeys(prepared.table["session"])) == ["V20161005", "V20160929", "W20160112"]
    only = bartolo.prepare("b", options(source="bartolo", subjects=["W"]), tmp_path, 0)
    assert set(only.counts_raw) == {"W"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"length": 79}, "complete block 1 has 79 trials, expected 80"),
        ({"columns": 12}, r"matrix `Y` has shape \(160, 12\), expected \(trials, 13\)"),
        ({"completed": 0}, "no complete block"),
    ],
)
def test_bartolo_refuses_other_files(tmp_path, change, message):
    session(tmp_path / bartolo.FOLDER, **change)
    with pytest.raises(InputError, match=message):
        bartolo.prepare("b", options(source="bartolo"), tmp_path, 0)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_truncated_matlab_file_is_refused(tmp_path, share):
    path = session(tmp_path / bartolo.FOLDER)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError, match=rf"{path.name}: not a Bartolo session"):
        bartolo.prepare("b", options(source="bartolo"), tmp_path, 0)


def test_bartolo_names_what_is_missing(tmp_path):
    with pytest.raises(InputError, match="no Bartolo session found"):
        bartolo.check("b", options(source="bartolo"), tmp_path)
    path = session(tmp_path / bartolo.FOLDER)
    with pytest.raises(InputError, match=r"datasets\.b\.subjects: W not in the data; there are: V"):
        bartolo.check("b", options(source="bartolo", subjects=["W"]), tmp_path)
    path.write_bytes(b"nonsense")
    with pytest.raises(InputError, match="no readable MATLAB 5 matrix"):
        bartolo.prepare("b", options(source="bartolo"), tmp_path, 0)
    with pytest.raises(InputError, match=r"nofile\.mat: no such file"):
        bartolo.check("b", options(source="bartolo", files=["nofile.mat"]), tmp_path)


# -- simulation ------------------------------------------------------------------------------------------------------


def simulated(**given):
    given = {"source": "simulate", "task": "bandit", **given}
    return simulate.prepare("sim", options(**given), None, 7)


def test_simulation_depends_on_its_key_alone():
    one = simulated(n_subjects=1, n_blocks=20)
    three = simulated(n_subjects=3, n_blocks=20)
    first = three.table[three.table["subject"] == "s0"]
    pd.testing.assert_frame_equal(one.table, first)
    other = three.table[three.table["subject"] == "s1"]
    assert (first["action"].to_numpy() != other["action"].to_numpy()).any()
    assert one.parameters["seed"] == 7
    assert simulated(seed=8).parameters["seed"] == 8


def test_agent_follows_its_own_softmax_and_rewards_their_probability():
    prepared = simulated(n_blocks=4000, n_trials=3, agent={"model": "MB0", "parameters": {"alpha": 0.5, "beta": 2.0}})
    trials = validated(prepared.table, task_of("bandit"), "sim")
    first, second = (trials[trials["trial"] == t].reset_index(drop=True) for t in (0, 1))
    p0 = first[["task_p0", "task_p1"]].to_numpy()[np.arange(4000), first["action"]]
    assert abs(first["action"].mean() - 0.5) < 4 * 0.5 / np.sqrt(4000)
    assert abs((first["reward"] - p0).mean()) < 4 * 0.5 / np.sqrt(4000)
    rewarded = first["reward"] == 1
    stay = (second["action"] == first["action"])[rewarded].mean()
    expected = 1 / (1 + np.exp(-2.0 * 0.5))  # the chosen value is 0.5, the other 0
    assert abs(stay - expected) < 4 * np.sqrt(expected * (1 - expected) / rewarded.sum())


def test_a_reversal_swaps_the_probabilities_once_within_its_window():
    environment = {"probabilities": [0.7, 0.3], "reversal": [3, 6]}
    trials = simulated(task="reversal", n_blocks=300, n_trials=10, environment=environment).table
    swaps = trials.groupby("block")["task_p0"].agg(lambda p: int((p == 0.7).sum()))
    assert sorted(swaps.unique()) == [3, 4, 5, 6]
    assert set(trials["task_p0"] + trials["task_p1"]) == {1.0}


# -- a user's table --------------------------------------------------------------------------------------------------

ROWS = {
    "who": ["m1", "m1", "m1", "m1", "m2", "m2"],
    "day": [1, 1, 2, 2, 1, 1],
    "choice": [0, 1, 1, None, 1, 0],
    "rew": [1.0, 0.0, 0.5, None, 1.0, 0.0],
    "extra": list("abcdef"),
}
COLUMNS = {"subject": "who", "block": "day", "action": "choice", "reward": "rew", "task_note": "extra"}


def from_table(folder, rows=ROWS, columns=COLUMNS, suffix=".csv", **given):
    path = folder / f"my{suffix}"
    frame = pd.DataFrame(rows)
    frame.to_parquet(path) if suffix == ".parquet" else frame.to_csv(path, index=False)
    given = {"task": "bandit", **given}
    chosen = options(source="table", file=str(path), columns=columns, **given)
    table.check("t", chosen, folder)
    return validated(table.prepare("t", chosen, folder, 0).table, task_of(given["task"]), "t")


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_columns_are_mapped_and_blocks_numbered(tmp_path, suffix):
    trials = from_table(tmp_path, suffix=suffix)
    assert trials["subject"].tolist() == ["m1"] * 4 + ["m2"] * 2
    assert trials["block"].tolist() == [0, 0, 1, 1, 0, 0]
    assert trials["trial"].tolist() == [0, 1, 0, 1, 0, 1]
    assert trials["action"].tolist() == [0, 1, 1, -1, 1, 0]
    assert trials["mask"].tolist() == [1, 1, 1, 0, 1, 1]
    assert trials["reward"].isna().tolist() == [False] * 3 + [True] + [False] * 2
    assert trials["task_note"].tolist() == list("abcdef")


def test_rows_keep_the_names_that_the_table_gives_them(tmp_path):
    rows = {"who": list("baab"), "run": ["1", "01", "x", "1"], "n": [5, 2, 1, 9], "action": 1, "reward": [1, 0, 0, 1]}
    columns = {"subject": "who", "block": "run", "trial": "n"}
    trials = from_table(tmp_path, rows, columns)
    assert trials["subject"].tolist() == list("bbaa")
    assert trials["source_block"].tolist() == ["1", "1", "01", "x"]
    assert trials["source_trial"].tolist() == ["5", "9", "2", "1"]
    assert trials["source_row"].tolist() == [1, 2, 1, 2]  # of each subject
    trials = from_table(tmp_path, rows, {"subject": "who"})
    assert trials["source_row"].tolist() == [1, 2, 1, 2]
    rest = from_table(tmp_path, rows | {"use": [0, 1, 1, 1]}, {"subject": "who"}, where={"use": 1})
    assert rest["source_row"].tolist() == [1, 2, 2]  # rows that are left out are counted
    assert not {"source_block", "source_trial"} & set(trials)


def test_numbers_that_restart_are_those_of_trials(tmp_path):
    rows = {"n": [1, 2, 4, 1, 2, 3], "k": list("uvwxyz"), "action": 1, "reward": 1}
    trials = from_table(tmp_path, rows, {}, restarts="n")
    assert trials["block"].tolist() == [0, 0, 0, 1, 1, 1]
    assert trials["source_trial"].tolist() == ["1", "2", "4", "1", "2", "3"]
    assert from_table(tmp_path, rows | {"m": range(6)}, {"trial": "m"}, restarts="n")["source_trial"].tolist() == list(
        "012345"
    )


def test_rows_of_a_subject_are_counted_on_over_files(tmp_path):
    for name, choices in (("a", [1, 0]), ("b", [0, 0, 1])):
        people = ["s", *["t"] * (len(choices) - 1)]
        pd.DataFrame({"subject": people, "action": choices, "reward": 1}).to_csv(tmp_path / f"{name}.csv", index=False)
    chosen = options(source="table", task="bandit", files=str(tmp_path / "*.csv"))
    trials = table.prepare("t", chosen, tmp_path, 0).table
    assert trials["subject"].tolist() == list("ssttt")
    assert trials["source_row"].tolist() == [1, 2, 1, 2, 3]


def test_a_table_lies_where_its_name_says_or_below_the_raw_folder(tmp_path, monkeypatch):
    chosen = options(source="table", task="bandit", file="my.csv")
    for folder in ("here", "raw"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(InputError, match=r"my\.csv: no such file .* change the data set's `file`"):
        table.files(chosen, tmp_path / "raw")
    (tmp_path / "raw/my.csv").touch()
    assert table.files(chosen, tmp_path / "raw") == [tmp_path / "raw/my.csv"]
    (tmp_path / "here/my.csv").touch()
    assert [path.resolve() for path in table.files(chosen, tmp_path / "raw")] == [tmp_path / "here/my.csv"]


@pytest.mark.parametrize(("asked", "given"), [("all", list("bac")), (2, list("ba")), (list("cb"), list("bc"))])
def test_subjects_are_those_asked_for_in_the_order_of_the_data(asked, given):
    assert asked_subjects("bbaacb", {"subjects": asked}, "t") == given


def test_interleaved_subjects_are_sorted_apart(tmp_path):
    rows = {"subject": ["b", "a", "b", "a"], "action": [0, 1, 1, 0], "reward": [1, 0, 1, 0]}
    trials = from_table(tmp_path, rows, {})
    assert trials["subject"].tolist() == ["b", "b", "a", "a"]
    assert trials["action"].tolist() == [0, 1, 1, 0]


BAD_TABLES = [
    ({"choice": [0, 1, 2, None, 1, 0]}, {}, r"row 4, column 'choice': found '2\.0'; allowed: integers from 0 to 1"),
    ({"choice": [0, 0.5, 1, None, 1, 0]}, {}, r"row 3, column 'choice': found '0\.5'"),
    ({"choice": ["x"] * 6}, {}, r"row 2, column 'choice': found 'x'"),
    ({"rew": [1, 0, 2, None, 1, 0]}, {}, r"row 4, column 'rew': found '2\.0'; allowed: a number from 0 to 1"),
    ({"rew": [1, None, 1, None, 1, 0]}, {}, r"row 3, column 'rew': found ''; allowed: a number from 0 to 1"),
    (
        {"who": ["m1", None, "m1", "m1", "m2", "m2"]},
        {},
        r"row 3, column 'who': found ''; allowed: a value in every row",
    ),
    (
        {"day": [1, 2, 1, 1, 1, 1]},
        {},
        r"row 4, column 'day': found '1'; allowed: the rows of a block one after the other",
    ),
    ({}, {"action": "choise"}, r"datasets\.t\.columns\.action: .* has no column 'choise'; it has: who, day"),
    ({}, {"acton": "choice"}, r"unknown canonical column 'acton'"),
    (
        {},
        {"action2": "choice"},
        r"unknown canonical column 'action2'; allowed in task 'bandit':\n  action   the choice, .*\n  reward ",
    ),
    ({}, {"trial": "extra"}, r"row 2, column 'extra': found 'a'; allowed: trial numbers that increase"),
    (
        {"choice": [0, 1, 1, None, "left", 0]},
        {},
        r"row 6, column 'choice': found 'left'; allowed: integers from 0 to 1",
    ),
    ({"rew": ["win"] * 6}, {}, r"row 2, column 'rew': found 'win'; allowed: a number from 0 to 1"),
    ({"day": [1, 1, "NA", 2, 1, 1]}, {}, r"row 4, column 'day': found 'NA'; allowed: a value in every row"),
    ({}, {"forced": "choice"}, r"row 5, column 'choice': found ''; allowed: 0 or 1"),
    ({}, {"mask": "extra"}, r"row 2, column 'extra': found 'a'; allowed: 0 or 1"),
    ({}, {"stim_s": "rew"}, r"row 5, column 'rew': found ''; allowed: a number in every row"),
    ({}, {"subjects": ["m9"]}, r"datasets\.t\.subjects: m9 not in the data; there are: m1, m2"),
]


@pytest.mark.parametrize(("rows", "change", "message"), BAD_TABLES, ids=[m[2][:40] for m in BAD_TABLES])
def test_bad_tables_name_column_row_and_need(tmp_path, rows, change, message):
    given = {"subjects": change["subjects"]} if "subjects" in change else {}
    columns = COLUMNS if given else COLUMNS | change
    with pytest.raises(InputError) as error:
        from_table(tmp_path, ROWS | rows, columns, **given)
    assert re.search(message, str(error.value)), str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", r"empty\.csv: the file is empty; needed: a header and one row for each trial"),
        ("header.csv", b"action,reward\n", r"header\.csv: no rows below the header"),
        (
            "latin.csv",
            "subject,action,reward\nJosé,0,1\n".encode("latin-1"),
            r"latin\.csv: not UTF-8 text at byte \d+ \(0xe9",
        ),
        (
            "wide.csv",
            "action,reward\n0,1\n".encode("utf-16"),
            r"wide\.csv: not UTF-8 text, .* looks like utf-16\. State",
        ),
        (
            "ragged.csv",
            b"action,reward\n0,1\n0,1,2\n",
            r"ragged\.csv, row 3: found 3 cells; allowed: 2, as in the header",
        ),
        ("comma.csv", b"action,reward\n0,1,1\n1,0,\n", r"comma\.csv, row 2: found 3 cells; allowed: 2"),
        ("r.csv", b'"action","reward"\n"1",0,1\n', r"r\.csv, row 2: found 3 cells; .* row names without a name"),
        ("short.csv", b"action,reward\n\n0,1\n0", r"short\.csv, row 4: found 1 cell; allowed: 2"),
        ("quote.csv", b'action,reward\n0,1\n0,"1\n', r"quote\.csv, row 3: not a readable CSV file"),
        ("twice.csv", b"action,action,reward\n0,1,1\n", r"twice\.csv: 2 columns are called 'action'; rename"),
        ("blank.csv", b"action,reward\n0,1\n\n,\n7,1\n", r"blank\.csv, row 5, column 'action': found '7'"),
        ("empty.csv", b"action,reward\n,\n,\n", r"empty\.csv: no row has a value in columns \['action', 'reward'\]"),
        ("cut.parquet", b"PAR1 and no more", r"cut\.parquet: not a readable Parquet file"),
    ],
)
def test_files_that_are_no_tables_are_refused(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    chosen = options(source="table", task="bandit", file=str(tmp_path / name))

    def read():
        table.check("t", chosen, tmp_path)
        return table.prepare("t", chosen, tmp_path, 0)

    with pytest.raises(InputError, match=message):
        read()


def test_a_spreadsheet_s_byte_order_mark_is_no_part_of_a_name(tmp_path):
    path = tmp_path / "excel.csv"
    path.write_bytes("action,reward\n0,1\n1,0\n".encode("utf-8-sig"))
    chosen = options(source="table", task="bandit", file=str(path))
    table.check("t", chosen, tmp_path)
    assert table.prepare("t", chosen, tmp_path, 0).table["action"].tolist() == [0, 1]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_ids_stay_as_they_are_written(tmp_path, suffix):
    ids = ["001", "1", "1.50", "1.5", "1e5", "NA"]
    rows = {
        "subject": ids,
        "session": ids[::-1],
        "action": [0, 1] * 3,
        "reward": ["NA", "0", "nan", "1", "True", "False"],
    }
    trials = from_table(tmp_path, rows | {"mask": [0, 1, 0, 1, 1, 1]}, {}, suffix)
    assert trials["subject"].tolist() == ids
    assert trials["session"].tolist() == ids[::-1]
    assert trials["reward"].dropna().tolist() == [0, 1, 1, 0]


def parquet(folder, frame):
    frame.to_parquet(folder / "my.parquet")
    chosen = options(source="table", task="bandit", file=str(folder / "my.parquet"))
    table.check("t", chosen, folder)
    return table.prepare("t", chosen, folder, 0).table


def test_a_named_index_is_a_column(tmp_path):
    rows = {"subject": ["a", "a", "b"], "action": [0, 1, 1], "reward": [1, 0, 1]}
    pd.testing.assert_frame_equal(
        parquet(tmp_path, pd.DataFrame(rows).set_index("subject")), parquet(tmp_path, pd.DataFrame(rows))
    )


@pytest.mark.parametrize("index", [[5, 6, 9], [1, 1, 1], list("abc")])
def test_rows_of_a_parquet_file_are_counted(tmp_path, index):
    frame = pd.DataFrame({"action": [0, 1, 7], "reward": [1, 0, 1]}, index=index)
    with pytest.raises(InputError, match="row 3, column 'action': found '7'; allowed: integers from 0 to 1"):
        parquet(tmp_path, frame)


@pytest.mark.parametrize(
    ("column", "cells", "message"),
    [
        ("reward", pd.array([1, None, 0], dtype="Int64"), "row 2, column 'reward': found .*; allowed: a number from 0"),
        ("reward", [[0, 1]] * 3, r"row 1, column 'reward': found '\[0 1\]'; allowed: a number from 0 to 1"),
        ("trial", pd.date_range("2020-01-01", periods=3), "row 1, column 'trial': found .*; allowed: trial numbers"),
    ],
)
def test_cells_of_other_types_are_refused(tmp_path, column, cells, message):
    frame = pd.DataFrame({"action": [0, 1, 1], "reward": [1, 0, 1]}).assign(**{column: cells})
    with pytest.raises(InputError, match=message):
        parquet(tmp_path, frame)


def test_stimuli_forced_choices_and_annotations_are_carried_along(tmp_path):
    rows = {"action": [0, 1], "reward": [1, 0], "contrast": [0.5, -1], "forced": [0, 1], "p": [0.25, None]}
    columns = {"stim_contrast": "contrast", "task_p0": "p", "task_side": "side"}
    trials = from_table(tmp_path, rows | {"side": ["L", "7"]}, columns, task="perceptual")
    assert trials["stim_contrast"].tolist() == [0.5, -1]
    assert trials["forced"].tolist() == [0, 1]
    assert trials["task_p0"].fillna(9).tolist() == [0.25, 9]
    assert trials["task_side"].tolist() == ["L", "7"]


def test_a_table_without_choices_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"has no column 'action' and none is mapped to it, .* it has: a"):
        from_table(tmp_path, {"a": [1]}, {})


def test_a_session_that_was_left_is_named_by_its_own_column(tmp_path):
    rows = {"action": [0, 1, 0], "reward": [0, 0, 0], "session": ["x", "y", "x"]}
    with pytest.raises(InputError, match="row 4, column 'session': found 'x'; allowed: the rows of a block one after"):
        from_table(tmp_path, rows, {})


@pytest.mark.parametrize("last", [2, 3])
def test_trial_numbers_must_increase(tmp_path, last):
    rows = {"action": [0, 1, 0], "reward": [0, 0, 0], "trial": [1, 3, last]}
    with pytest.raises(
        InputError, match=f"row 4, column 'trial': found '{last}'; allowed: trial numbers that increase"
    ):
        from_table(tmp_path, rows, {})


TWO = {"action": [0, 1, None], "state": [1, 0, 0], "reward": [1, 0, None], "action2": [1, None, 0]}


@pytest.mark.parametrize("missing", [None, -1])
def test_tables_of_two_stage_tasks_have_states_and_second_choices(tmp_path, missing):
    two = TWO | {"action": [0, 1, missing], "action2": [1, missing, 0]}
    stated = {"missing": {"action": missing}} if missing else {}
    rows = {name: two[name] for name in ("action", "state", "reward")}
    trials = from_table(tmp_path, rows, {}, task="two_stage", **stated)
    assert trials["state"].tolist() == [1, 0, 0]
    assert trials["mask"].tolist() == [1, 1, 0]
    stated = {"missing": {"action": missing, "action2": missing}} if missing else {}
    trials = from_table(tmp_path, two | {"reward": [1, None, None]}, {}, task="original_two_stage", **stated)
    assert trials["action"].tolist() == [0, 1, -1]
    assert trials["action2"].tolist() == [1, -1, -1]
    assert (trials["mask"] + trials["mask2"]).tolist() == [2, 1, 0]
    assert trials["reward"].isna().tolist() == [False, True, True]


def test_each_choice_of_a_trial_has_its_own_mask(tmp_path):
    rows = TWO | {"state": [1, 0, 1], "reward": [1, None, 0], "mask": [1, 1, 0], "mask2": [1, 0, 1]}
    trials = from_table(tmp_path, rows, {}, task="original_two_stage")
    assert trials["action"].tolist() == [0, 1, -1]
    assert trials["action2"].tolist() == [1, -1, 0]
    assert trials["state"].tolist() == [1, 0, 1]
    assert trials["mask2"].tolist() == [1, 0, 1]
    assert trials["reward"].fillna(9).tolist() == [1, 9, 0]


@pytest.mark.parametrize(
    ("task", "rows", "message"),
    [
        (
            "two_stage",
            {"action": [0], "reward": [1]},
            "no column 'state' and none is mapped to it, as task 'two_stage' needs",
        ),
        ("original_two_stage", {"action": [0], "state": [0], "reward": [1]}, "no column 'action2'"),
        ("two_stage", TWO | {"state": [1, 2, 0]}, "row 3, column 'state': found '2'; allowed: integers from 0 to 1"),
        ("original_two_stage", TWO | {"action2": [3, 0, 0]}, "row 2, column 'action2': found '3'"),
        ("original_two_stage", TWO | {"mask2": [1, 0, 2]}, "row 4, column 'mask2': found '2'; allowed: 0 or 1"),
        ("reversal", TWO, "row 2, column 'state': found '1'; allowed: the action itself"),
    ],
)
def test_states_and_second_choices_are_checked(tmp_path, task, rows, message):
    with pytest.raises(InputError) as error:
        from_table(tmp_path, rows, {}, task=task)
    assert message in str(error.value)
