"""What the check of every run's tables finds: values, types and descriptions that are not as the codebook says."""

from dataclasses import replace

import pytest
from against_codebook import disagreements

from tinycog.analyses import codebook
from tinycog.results.columns import CORRELATION, INTEGER, JSON, NUMBER, Column, Table

RATS = Table(
    "rats",
    "a rat",
    (
        Column("age", INTEGER, "age", "days", "nobody knows"),
        Column("share", NUMBER, "share of its choices", "share"),
        Column("r", NUMBER, "a correlation", within=CORRELATION),
        Column("marks", JSON, "its marks"),
    ),
)
ROW = {"age": None, "share": 0.5, "r": -1.0, "marks": "[1]"}


@pytest.fixture
def found(tmp_path, monkeypatch):
    """What is found of rows that `written` has written, where the codebook describes `RATS`."""

    def check(*rows, written=RATS):
        written.write(tmp_path, list(rows))
        monkeypatch.setattr(codebook, "described", lambda: {"rats": RATS})
        return disagreements(tmp_path)

    return check


def test_rows_as_described_are_fine(found):
    assert found(ROW, {**ROW, "age": 3}) == []
    assert found() == []


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"age": -1}, "rats: age: -1.0 to -1.0, described is 0 or more"),
        ({"share": 1.001}, "rats: share: 0.5 to 1.001, described is 0 to 1"),
        ({"r": -1.1}, "rats: r: -1.1 to -1.0, described is -1 to 1"),
        ({"r": float("inf")}, "rats: r: -1.0 to inf, described is -1 to 1"),
    ],
)
def test_a_value_out_of_its_range_is_found(found, changed, problem):
    assert found(ROW, {**ROW, **changed}) == [problem]


def test_what_is_no_json_is_found(found):
    with pytest.raises(ValueError, match="Expecting value"):
        found({**ROW, "marks": "one"})


@pytest.mark.parametrize(
    ("changed", "row", "problem"),
    [
        ({"meaning": "something else"}, {}, "rats: share: the file says {'meaning': 'something else'"),
        ({"missing": "never measured"}, {"share": None}, "rats: share: some values are missing"),
        ({"kind": INTEGER}, {"share": 1}, "rats: share: of type int64, described is float64"),
        ({"name": "part"}, {"part": 0.5}, "rats: columns ['age', 'part', 'r', 'marks'], described are"),
    ],
)
def test_another_description_is_found(found, changed, row, problem):
    other = replace(RATS, columns=(RATS.columns[0], replace(RATS.columns[1], **changed), *RATS.columns[2:]))
    values = {**ROW, **row}
    lines = found({name: values[name] for name in other.names}, written=other)
    assert [line for line in lines if line.startswith(problem)]


def test_another_meaning_of_rows_is_found(found):
    assert found(ROW, written=replace(RATS, row="a mouse")) == ["rats: the file says otherwise what a row is"]
