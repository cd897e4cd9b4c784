"""Marks of subjects: the file that the page exports, and the subjects that it drops."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml
from project import small_table

from tinycog import config
from tinycog.errors import InputError
from tinycog.setup import preflight
from tinycog.sources import marks
from tinycog.steps.prepare import prepare

HEADER = "dataset\tsubject\tmark\tcomment\n"
DEFAULT = Path(__file__).parents[2] / "config/config.yaml"


def written(folder: Path, *rows: str) -> Path:
    path = folder / "marks.tsv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return path


def test_marks_of_one_data_set_are_read_in_order_and_unquoted(tmp_path):
    quoted = '"he said ""no""\tand left"'
    rows = [f"mine\tm2\tdrop\t{quoted}", "other\tm1\tdrop\t", "mine\tm1\t\tlate", "", 'mine\t"a\tb"\tkeep\t']
    path = written(tmp_path, *rows)
    assert [tuple(mark) for mark in marks.read("mine", path)] == [
        ("m2", "drop", 'he said "no"\tand left', 2),
        ("m1", "", "late", 4),
        ("a\tb", "keep", "", 6),
    ]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (["mine\tm1\tdropped\t"], r"row 2, column mark: found 'dropped'; allowed: keep, doubt, drop"),
        (["other\tm1\tgone\t"], r"row 2, column mark: found 'gone'"),
        (["mine\tm1\tdrop"], r"row 2: found 3 cells; allowed: 4"),
        (["mine\tm1\tdrop\t", "mine\tm2\tkeep\t", "mine\tm1\tkeep\t"], r"row 4: subject 'm1' is also in row 2"),
        (['mine\tm1\tdrop\t"open'], r"not text in UTF-8 with tabs"),
    ],
)
def test_a_bad_row_is_named(tmp_path, rows, problem):
    with pytest.raises(InputError, match=rf"datasets\.mine\.marks: .*marks\.tsv.*{problem}"):
        marks.read("mine", written(tmp_path, *rows))


@pytest.mark.parametrize("content", ["", "subject,mark\nm1,drop\n", HEADER.replace("mark", "verdict")])
def test_another_table_is_refused_by_its_columns(tmp_path, content):
    path = tmp_path / "marks.tsv"
    path.write_text(content)
    with pytest.raises(InputError, match=r"row 1: .*allowed: the columns dataset, subject, mark, comment"):
        marks.read("mine", path)


def test_a_file_that_is_not_there_is_named_before_any_job(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small_table(tmp_path)
    section = {"source": "table", "task": "reversal", "file": "choices.csv", "marks": "none.tsv"}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"datasets": {"mine": section}}))
    with pytest.raises(InputError, match=r"datasets\.mine\.marks: none\.tsv: no such file; looked for"):
        preflight.check(config.load(DEFAULT, [tmp_path / "mine.yaml"]))


def test_a_file_of_marks_is_looked_up_beside_the_config_and_is_no_option_of_the_data(tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    small_table(tmp_path)
    path = written(tmp_path, "mine\tm1\tnonsense\t")
    section = {"source": "table", "task": "reversal", "file": "choices.csv", "marks": path.name}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"datasets": {"mine": section}}))
    loaded = config.load(DEFAULT, [tmp_path / "mine.yaml"])
    assert loaded.datasets["mine"].marks == str(path)
    assert "marks" not in loaded.datasets["mine"].model_dump()
    with pytest.raises(InputError, match="nonsense"):
        preflight.check(loaded)


def prepared(folder: Path, *rows: str, subjects: object = "all") -> dict:
    """meta.json of two subjects, m1 and m2 of 48 trials each, with these marks."""
    table = small_table(folder)
    options = {"source": "table", "task": "reversal", "file": str(table), "subjects": subjects}
    (folder / "c.yaml").write_text(yaml.safe_dump({"datasets": {"mine": options}}))
    full = config.load(DEFAULT, [folder / "c.yaml"]).datasets["mine"].model_dump()
    marked = written(folder, *rows) if rows else None
    prepare(folder / "data/meta.json", name="mine", options=full, raw=folder, seed=0, marked=marked)
    return json.loads((folder / "data/meta.json").read_text())


def test_dropped_subjects_are_left_out_with_the_reason(tmp_path):
    meta = prepared(tmp_path, "mine\tm1\tdrop\tasleep", "mine\tm2\tdoubt\tlate")
    assert meta["subjects"] == ["m2"]
    assert list(meta["counts_analysed"]) == ["m2"]
    assert meta["removed"] == [{"subject": "m1", "reason": "marked drop: asleep", "trials": 48}]
    assert meta["marks"] == [
        {"subject": "m1", "mark": "drop", "comment": "asleep"},
        {"subject": "m2", "mark": "doubt", "comment": "late"},
    ]
    assert [path.stem for path in (tmp_path / "data/subjects").iterdir()] == ["m2"]
    assert set(pd.read_parquet(tmp_path / "data/subjects/m2.parquet")["subject"]) == {"m2"}


def test_marks_that_drop_nobody_leave_the_data_as_they_are(tmp_path):
    before = prepared(tmp_path)
    assert "marks" not in before
    after = prepared(tmp_path, "mine\tm1\tkeep\t")
    assert after.pop("marks") == [{"subject": "m1", "mark": "keep", "comment": ""}]
    assert after == before


def test_an_unknown_subject_is_refused_unless_some_are_asked_for(tmp_path):
    with pytest.raises(
        InputError, match=r"marks\.tsv, row 3: subject 'm3' is to be dropped, but not in the data, which"
    ):
        prepared(tmp_path, "mine\tm1\tkeep\t", "mine\tm3\tdrop\t")
    assert prepared(tmp_path, "mine\tm2\tdrop\t", subjects=["m1"])["subjects"] == ["m1"]


def test_somebody_has_to_be_left(tmp_path):
    with pytest.raises(InputError, match="drops all 2 subjects; allowed: one is left"):
        prepared(tmp_path, "mine\tm1\tdrop\t", "mine\tm2\tdrop\t")
