"""Tables of a finished run, read into pandas."""

import subprocess
import sys

import pandas as pd
import pytest

import tinycog
from tinycog.errors import InputError
from tinycog.results.columns import INTEGER, NUMBER, TEXT, Column, Table

RATS = Table(
    "rats",
    "a rat",
    (
        Column("name", TEXT, "what it is called"),
        Column("age", INTEGER, "how old it is", "days", "nobody knows"),
        Column("share", NUMBER, "share of its choices", "share"),
    ),
)
MICE = Table("mice", "a mouse", RATS.columns[:1])
ROWS = [{"name": "007", "age": None, "share": 0.25}, {"name": "r2", "age": 90, "share": 1.0}]


@pytest.fixture
def run(tmp_path):
    RATS.write(tmp_path / "tables", ROWS)
    MICE.write(tmp_path / "tables", [])
    return tmp_path


def test_a_table_comes_as_it_was_written(run):
    table = tinycog.read(run, "rats")
    assert table["name"].tolist() == ["007", "r2"]
    assert table["age"].tolist() == [pd.NA, 90]
    assert table["share"].tolist() == [0.25, 1.0]
    pd.testing.assert_frame_equal(tinycog.read(str(run), "rats"), table)


def test_the_tables_of_a_run(run):
    found = tinycog.tables(run)
    assert found.index.tolist() == ["mice", "rats"]
    assert found.loc["rats"].to_dict() == {"rows": 2, "columns": 3, "a_row_is": "a rat"}
    assert found.loc["mice"].to_dict() == {"rows": 0, "columns": 1, "a_row_is": "a mouse"}


def test_tables_are_in_alphabetical_order(tmp_path):
    names = list("hdbfaceg")
    for name in names:
        Table(name, "a row", RATS.columns[:1]).write(tmp_path / "tables", [])
    assert tinycog.tables(tmp_path).index.tolist() == sorted(names)


def test_the_codebook_of_a_table(run):
    found = tinycog.columns(run, "rats")
    assert found.index.tolist() == ["name", "age", "share"]
    words = {"meaning": "how old it is", "unit": "days", "range": "0 or more", "missing": "nobody knows"}
    assert found.loc["age"].to_dict() == words
    assert found.loc["share", "range"] == "0 to 1"


def test_a_table_of_another_origin_has_no_words(run):
    pd.DataFrame({"a": [1]}).to_parquet(run / "tables/own.parquet")
    assert tinycog.columns(run, "own").loc["a"].to_dict() == dict.fromkeys(["meaning", "unit", "range", "missing"], "")
    assert tinycog.tables(run).loc["own", "a_row_is"] == ""


@pytest.mark.parametrize("read", [tinycog.read, tinycog.columns])
def test_an_unknown_table_is_told_with_those_there_are(run, read):
    with pytest.raises(InputError, match=r"tables: there is no table 'cats'; there are mice, rats$"):
        read(run, "cats")


def test_a_folder_without_tables_is_told(tmp_path):
    with pytest.raises(InputError, match=r"nowhere/tables: there is no such folder; name the folder of a run"):
        tinycog.tables(tmp_path / "nowhere")
    (tmp_path / "tables").mkdir()
    with pytest.raises(InputError, match="there is no table yet; run the experiment first"):
        tinycog.read(tmp_path, "fits")


def test_reading_loads_no_engine(run):
    """`import tinycog` alone loads nothing, and reading neither torch nor Numba."""
    code = (
        "import sys, tinycog; light = set(sys.modules); "
        f"tinycog.read({str(run)!r}, 'rats'); "
        "print(sorted({'numpy', 'pandas', 'torch', 'numba', 'scipy'} & light), "
        "sorted({'torch', 'numba', 'scipy', 'snakemake'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[] []"
    assert {"read", "tables", "columns", "score"} <= set(tinycog.__all__)
