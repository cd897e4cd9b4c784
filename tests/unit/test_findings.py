"""What is said at the end of a run, from tables made by hand."""

import numpy as np
import pandas as pd

from tinycog.results.findings import findings


def performance(rows, share_max_epochs=0.0):
    table = pd.DataFrame(rows, columns=["dataset", "subject", "model", "dim", "test_nll"])
    return table.assign(share_max_epochs=share_max_epochs)


def dimensionality(rows, note=""):
    return pd.DataFrame(rows, columns=["dataset", "subject", "rule", "d_star"]).assign(note=note)


TWO = [
    ("mice", "m1", "gru", 1, 0.5),
    ("mice", "m1", "gru", 2, 0.4),
    ("mice", "m1", "MB0", 1, 0.45),
    ("mice", "m2", "gru", 1, 0.3),
    ("mice", "m2", "gru", 2, np.nan),
    ("mice", "m2", "MB0", 1, 0.25),
]


def test_best_model_and_d_star_of_each_subject():
    table = dimensionality(
        [("mice", "m1", "argmin", 1), ("mice", "m1", "reference", 2), ("mice", "m2", "reference", 1)]
    )
    assert findings(performance(TWO), table) == [
        "best model by test NLL, in nats per choice; d* by the rule `reference`",
        "  mice  m1  gru, d = 2  NLL 0.4000  d* = 2",
        "  mice  m2  MB0, d = 1  NLL 0.2500  d* = 1",
    ]


def test_what_the_grid_or_too_few_epochs_leave_open_is_said():
    table = dimensionality([("mice", "m1", "reference", 2), ("mice", "m2", "argmin", 1)])
    table["note"] = ["not bounded by this grid", "one dim only"]
    lines = findings(performance(TWO, [0.0, 0.5, np.nan, 0.2, 0.21, np.nan]), table)
    assert [line.split("d* = ")[1] for line in lines[1:3]] == [
        "2 (not bounded by this grid)",
        "1 (argmin, one dim only)",
    ]
    assert lines[3].startswith("  more than a fifth of the fits ended at training.max_epochs")
    assert lines[3].endswith("(gru d = 2): raise it")
    assert len(lines) == 4


def test_d_star_is_left_out_unknown_or_by_another_rule():
    assert findings(performance(TWO))[1:] == [
        "  mice  m1  gru, d = 2  NLL 0.4000",
        "  mice  m2  MB0, d = 1  NLL 0.2500",
    ]
    lines = findings(performance(TWO), dimensionality([("mice", "m2", "argmin", 1)]))
    assert [line.split("NLL")[1] for line in lines[1:]] == [" 0.4000  d* = ?", " 0.2500  d* = 1 (argmin)"]


def test_the_same_subject_of_two_data_sets_is_two_and_any_name_is_one_line():
    rows = [("a", "x", "gru", 1, 0.5), ("b", "x", "MB0", 1, 0.6), ("b", "two\nlines", "MB0", 1, 0.7)]
    table = dimensionality(
        [("a", "x", "reference", 1), ("b", "x", "reference", 3), ("b", "two\nlines", "reference", 2)]
    )
    lines = findings(performance(rows), table)
    assert [line.split()[-1] for line in lines[1:]] == ["1", "3", "2"]
    assert "'two\\nlines'" in lines[3]


def test_many_subjects_are_counted():
    rows = [("mice", f"m{i}", "gru", 1 if i < 13 else 2, 0.5) for i in range(21)]
    d_star = dimensionality([("mice", f"m{i}", "reference", 1 if i < 5 else 2) for i in range(20)])
    assert findings(performance(rows), d_star)[1:] == [
        "  mice  21 subjects; best model: gru, d = 1 in 13, gru, d = 2 in 8",
        "        d*: 2 in 15, 1 in 5, ? in 1",
    ]
    assert len(findings(performance(rows[:20]), d_star)) == 21  # twenty are listed one by one


def test_many_values_and_many_data_sets_stay_short():
    rows = [(f"set{i % 15}", f"m{i}", f"model{i // 15}", 1, 0.5) for i in range(120)]
    lines = findings(performance(rows), dimensionality([("set0", "m0", "reference", 1)]))
    assert len(lines) == 1 + 20
    assert lines[1].endswith("model0, d = 1 in 1, model1, d = 1 in 1, model2, d = 1 in 1, model3, d = 1 in 1, "
                             "model4, d = 1 in 1, others in 3")  # fmt: skip


def test_empty_tables_have_no_columns():
    assert findings(pd.DataFrame(), pd.DataFrame()) == ["No model has a test NLL: tables/excluded.csv says why"]
    lines = findings(performance(TWO), pd.DataFrame())
    assert [line.split()[-1] for line in lines[1:]] == ["?", "?"]


def test_no_finite_nll_is_said():
    assert "tables/excluded.csv" in findings(performance([("a", "x", "gru", 1, np.nan)]))[0]
