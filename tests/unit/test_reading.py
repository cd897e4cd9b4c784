"""Text tables as experiments wrote them: what is recognised, what is read, and what is refused."""

from __future__ import annotations

import csv
import gzip
import io
import random
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tinycog.errors import InputError
from tinycog.sources import bounds, reading
from tinycog.sources.reading import Format, header, numbers, read, recognised


def written(folder: Path, text: str | bytes, name: str = "t.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def cells(table: reading.Table) -> list[list[str]]:
    """Header and rows."""
    columns = [column.to_pylist() for column in table.columns.values()]
    return [list(table.columns), *map(list, zip(*columns, strict=True))]


def without_arrow(monkeypatch):
    monkeypatch.setattr(reading, "_by_arrow", lambda *_: None)


def refused(match: str):
    return pytest.raises(InputError, match=match)


# -- both readers give the same cells --------------------------------------------------------------------------------

PIECES = ["a", "7", "é", "", "0.5", ",", ";", "\t", "|", '"', "\n", "\r\n", "\r", " ", "x y", "日本", "\\", "'"]


def random_cell(draw: random.Random) -> str:
    return "".join(draw.choices(PIECES, k=draw.choice([0, 1, 1, 2, 3])))


def random_table(draw: random.Random, separator: str, tidy: bool) -> tuple[list[list[str]], list[int], str]:
    """Cells, the line of each row, and a text that holds them: with blank lines; untidy ones with spaces around."""
    rows = [[random_cell(draw) for _ in range(draw.randint(2, 4))]]
    rows += [[random_cell(draw) for _ in rows[0]] for _ in range(draw.randint(1, 12))]
    end = draw.choice(["\n", "\r\n", "\r"])

    def as_text(cell: str, first: bool) -> str:
        needed = any(sign in cell for sign in (separator, '"', "\n", "\r", " ")) or separator == " "
        text = '"' + cell.replace('"', '""') + '"' if needed or draw.random() < 0.2 else cell
        return text if tidy or first else " " * draw.randint(0, 2) + text + " " * draw.randint(0, 2)

    text, lines = "", []
    for row in rows:
        lines.append(1 + len(re.findall(r"\r\n|\r|\n", text)))
        # spaces around separators that are spaces: one or more of them
        between = separator * (1 if tidy or separator != " " else draw.randint(1, 3))
        text += between.join(as_text(cell, i == 0 or separator == " ") for i, cell in enumerate(row)) + end
        text += "".join(blank + end for blank in draw.choices(["", "  "], k=draw.choice([0, 0, 0, 1, 2])))
    return rows, lines, text if draw.random() < 0.5 else text.removesuffix(end)


@pytest.mark.parametrize("tidy", [True, False], ids=["tidy", "spaces"])
@pytest.mark.parametrize("separator", reading.SEPARATORS)
def test_arrow_and_csv_read_what_python_s_csv_reads(tmp_path, monkeypatch, separator, tidy):
    draw = random.Random(7)
    by_arrow, taken = reading._by_arrow, []

    def counted(*given):
        taken.append(by_arrow(*given))
        return taken[-1]

    form = Format(separator, header=False)
    for _ in range(100):
        expected, lines, text = random_table(draw, separator, tidy)
        expected = [[cell.strip(" \t\r\n") for cell in row] for row in expected]
        path = written(tmp_path, text)
        monkeypatch.setattr(reading, "_by_arrow", counted)
        fast = read([path], form)
        without_arrow(monkeypatch)
        slow = read([path], form)
        oracle = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
        oracle = [[cell.strip(" \t\r\n") for cell in row] for row in oracle]
        oracle = [row[: len(expected[0])] for row in oracle if (len(row) > 1 and any(row)) or row in expected]
        assert cells(fast)[1:] == expected, text
        assert cells(slow)[1:] == expected, text
        assert [fast.where(row) for row in range(len(lines))] == [f"{path}, row {line}" for line in lines], text
        assert [row for row in expected if any(row)] == [row for row in oracle if any(row)], text
    if tidy:
        assert sum(part is not None for part in taken) > 10


@pytest.mark.parametrize("fast", [True, False])
def test_cells_keep_what_is_inside_and_lose_the_spaces_around(tmp_path, monkeypatch, fast):
    if not fast:
        without_arrow(monkeypatch)
    text = 'a, b ,"c"\n1 , "x, ""y""\n z" ,NA\n\n   \n,,\n"he said ""no""",5" nails,\u00a0null\t\n'
    rows = [["a", "b", "c"], ["1", 'x, "y"\n z', "NA"], ["", "", ""], ['he said "no"', '5" nails', "null"]]
    assert cells(read([written(tmp_path, text)], Format())) == rows


@pytest.mark.parametrize(
    ("separator", "text", "rows"),
    [
        *(
            (" ", text, [["1", "2"], ["3", "4"]])
            for text in ("1 2\n 3 4\n", "1 2\r 3 4\r", " 1 2\n3 4\n", "1  2\n3 4\n")
        ),
        *((" ", text, [["1", "2"], ["3", "4"]]) for text in ("1 2 \n3 4\n", "1 2 \r3 4\r", "1 2\n3 4 \n")),
        *(
            (",", text, [["1", "2"], ["3", "4"]])
            for text in (' "1",2\n3,4\n', '1,2\n "3",4\n', '1,2\r  "3",4', '1, "2"\n3,4')
        ),
        (",", '1,  "2,5"\n3,4\n', [["1", "2,5"], ["3", "4"]]),
        ("|", '1| "2"\n3|4\n', [["1", "2"], ["3", "4"]]),
    ],
)
def test_what_arrow_would_read_otherwise_is_left_to_csv(tmp_path, separator, text, rows):
    assert cells(read([written(tmp_path, text)], Format(separator, header=False)))[1:] == rows


@pytest.mark.parametrize("text", ["1 2\n 3\n", "1 2\r 3\r", "1 2\n3 \n", "1 2\r3 \r", "1 2\n  \n\n  3\n"])
def test_a_space_more_is_no_cell(tmp_path, text):
    with refused("found 1 cell; allowed: 2, as in the first line"):
        read([written(tmp_path, text)], Format(" ", header=False))
    with refused("row 2: found 2 cells; allowed: 3, as in the first line"):
        read([written(tmp_path, "1 2 3\n1  3\n")], Format(" ", header=False))


def test_a_line_of_tabs_is_a_row_of_empty_cells_and_no_blank_line(tmp_path):
    path = written(tmp_path, "a\tb\tc\n\t\t\n\t\n")
    with refused("row 3: found 2 cells; allowed: 3"):
        read([path], Format("\t"))


def test_cells_that_differ_in_spaces_only_are_stored_once(tmp_path):
    path = written(tmp_path, "a,b\n1,x\n 1,x \n1 , x\n")
    columns = read([path], Format()).columns
    assert [column.dictionary.to_pylist() for column in columns.values()] == [["1"], ["x"]]


def test_a_cell_may_be_longer_than_csv_and_arrow_expect(tmp_path):
    long = "x" * 3_000_000  # Arrow's blocks have one megabyte, csv's cells 131,072 letters
    limit = csv.field_size_limit(1000)
    assert cells(read([written(tmp_path, f'a,b\n1,"{long}"\n')], Format()))[1] == ["1", long]
    assert csv.field_size_limit(limit) == 1000


@pytest.mark.parametrize("n_rows", [3, 50_000])  # one block of Arrow's, several
def test_rows_over_many_blocks_keep_their_order(tmp_path, n_rows, monkeypatch):
    rows = [["n", "text"], *([str(i), f"{i * i},\n{'é' * (i % 40)}x"] for i in range(n_rows))]
    path = written(tmp_path, "  \n".join(f'{a},"{b}"\n' for a, b in rows))
    with monkeypatch.context() as only_arrow:
        only_arrow.setattr(reading, "_by_csv", lambda *_: pytest.fail("Arrow did not read this"))
        assert cells(read([path], Format())) == rows
    without_arrow(monkeypatch)
    monkeypatch.setattr(reading, "CELLS", 1000)
    assert cells(read([path], Format())) == rows


# -- rows that do not fit --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n\n0,1\n0,1,2\n", r"row 4: found 3 cells; allowed: 2, as in the header\. Look for a comma too many"),
        ("a,b\r1,2\r0\r", r"row 3: found 1 cell; allowed: 2"),
        ('a,b\n"x\ny",1\n"x\ny",1,2\n', r"row 4: found 3 cells"),
        ('"a","b"\n"1",0,1\n', r"row 2: .* or row names without a name in the header"),
        ('a,b\n0,1\n0,"1\n5,6\n', r"row 3: not a readable CSV file \(a quote opens a cell and is never closed"),
        ('a,b\n0,1\n"0,1\n5,6', r"row 3: not a readable CSV file"),
        ('a,"b\n0,1', r"row 1: not a readable CSV file"),
        ("", r"the file is empty; needed: a header and one row for each trial"),
        ("\n \n", r"the file is empty"),
        ("a,b\n\n", r"no rows below the header; needed: one row for each trial"),
    ],
)
def test_rows_that_do_not_fit_are_named_by_file_and_line(tmp_path, text, message):
    with refused(rf"t\.csv(, |: ){message}"):
        read([written(tmp_path, text)], Format())


def test_empty_cells_at_the_end_are_no_error(tmp_path):
    text = "a,b\n1,2,\n3,4\n5,6, ,\n"
    assert cells(read([written(tmp_path, text)], Format())) == [["a", "b"], ["1", "2"], ["3", "4"], ["5", "6"]]
    for text, message in {
        "a,b\n1,2,\n3,4,5\n": r"row 3: found 3 cells; allowed: 2,",
        "a,b,\n1,2,\n3\n": r"row 3: found 1 cell; allowed: 2,",
        "a,b,\n1,2,\n3,4,5,6\n": r"row 3: found 4 cells; allowed: 3,",
    }.items():
        with refused(message):
            read([written(tmp_path, text)], Format())


def test_a_last_column_without_name_and_cells_is_none(tmp_path):
    path = written(tmp_path, "a,b,\n1,2,\n3,4,\n5,6\n")  # PsychoPy ends lines with a separator
    assert header(path, Format()) == ["a", "b"]
    assert cells(read([path], Format())) == [["a", "b"], ["1", "2"], ["3", "4"], ["5", "6"]]
    path = written(tmp_path, ",a,,,\n1,2,3,,\n3,4,,9,\n")
    assert header(path, Format()) == ["column_1", "a"]
    names = ["column_1", "a", "column_3", "column_4"]
    assert cells(read([path], Format())) == [names, ["1", "2", "3", ""], ["3", "4", "", "9"]]
    assert cells(read([path], Format(), ["column_5"])) == [["column_5"], [""], [""]]


def test_spaces_at_the_end_of_a_line_are_no_cell_unless_one_is_quoted(tmp_path):
    form = Format(" ")
    assert cells(read([written(tmp_path, 'a  b \n 1 2\n3   "" \n4 "" \n')], form)) == [
        ["a", "b"],
        ["1", "2"],
        ["3", ""],
        ["4", ""],
    ]
    with refused("row 3: found 1 cell; allowed: 2"):
        read([written(tmp_path, "a b\n1 2\n3 \n")], form)


# -- where a row is --------------------------------------------------------------------------------------------------


def test_rows_are_counted_as_a_person_counts_lines(tmp_path):
    one = written(tmp_path, '\n"a\nb",c\n\n1,"x\ny\nz"\n \n2,w\n', "one.csv")
    two = written(tmp_path, '"a\nb",c\r5,6\r\r7,8', "two.csv")
    three = tmp_path / "three.parquet"
    pq.write_table(pa.table({"a\nb": [9, 9], "c": [1, 2]}), three)
    table = read([one, two, three], Format())
    assert table.columns["a\nb"].to_pylist() == ["1", "2", "5", "7", "9", "9"]
    assert table.file.tolist() == [0, 0, 1, 1, 2, 2]
    assert [table.where(row) for row in range(6)] == [
        f"{one}, row 5",
        f"{one}, row 9",
        f"{two}, row 3",
        f"{two}, row 5",
        f"{three}, row 1",
        f"{three}, row 2",
    ]
    assert read([two], Format(header=False)).where(1) == f"{two}, row 3"


def test_a_file_without_rows_does_not_move_the_others(tmp_path):
    paths = [written(tmp_path, text, f"{i}.csv") for i, text in enumerate(["a,b\n", "a,b\n1,2\n", "a,b\n", "a,b\n3,4"])]
    table = read(paths, Format())
    assert table.file.tolist() == [1, 3]
    assert table.where(1) == f"{paths[3]}, row 2"


# -- columns by name -------------------------------------------------------------------------------------------------


def test_files_may_have_their_columns_in_any_order_and_further_ones(tmp_path):
    one = written(tmp_path, "id,choice,x\na,1,7\n", "one.csv")
    two = written(tmp_path, "choice,note,id\n2,hm,b\n", "two.csv")
    assert cells(read([one, two], Format(), ["choice", "id"])) == [["choice", "id"], ["1", "a"], ["2", "b"]]
    everything = [["id", "choice", "x", "note"], ["a", "1", "7", ""], ["b", "2", "", "hm"]]
    assert cells(read([one, two], Format())) == everything
    with refused(r"two\.csv: no column 'x'; it has: choice, note, id$"):
        read([one, two], Format(), ["id", "x"])


def test_a_repeated_name_matters_if_it_is_asked_for(tmp_path):
    path = written(tmp_path, "a, a,b\n1,2,3\n")
    assert header(path, Format()) == ["a", "a", "b"]
    assert cells(read([path], Format(), ["b"])) == cells(read([path], Format())) == [["b"], ["3"]]
    with refused(r"t\.csv: 2 columns are called 'a'; rename all but one"):
        read([path], Format(), ["b", "a"])


def test_a_table_without_header_gets_names(tmp_path):
    path = written(tmp_path, "\ufeff1,L,\n2,R,x\n")
    form = Format(header=False)
    assert header(path, form) == ["column_1", "column_2", "column_3"]
    assert header(path, form, ["n", "c", "x"]) == ["n", "c", "x"]
    assert cells(read([path], form, ["column_2"])) == [["column_2"], ["L"], ["R"]]
    assert cells(read([path], form, names=["n", "c", "x"])) == [["n", "c", "x"], ["1", "L", ""], ["2", "R", "x"]]
    assert cells(read([path], form, names=["n", "c"])) == [["n", "c", "column_3"], ["1", "L", ""], ["2", "R", "x"]]
    with refused(r"found 3 cells in the first line; allowed: 1, as names are given"):
        read([path], form, names=["n"])
    with refused(r"found 3 cells in the first line; allowed: 4"):
        header(path, form, list("nabc"))
    for n, text in {2: "3,L\n4,R\n", 4: "3,L,x,1\n"}.items():
        for columns in (None, ["column_1"]):
            with refused(rf"other\.csv: found {n} columns; allowed: 3, as in the files before"):
                read([path, written(tmp_path, text, "other.csv")], form, columns)


def test_one_column_is_a_table(tmp_path):
    path = written(tmp_path, 'choice\nL\n\n"R"\n""\n')
    assert recognised(path) == Format()
    assert cells(read([path], Format())) == [["choice"], ["L"], ["R"], [""]]


def test_no_column_asked_for_gives_the_rows(tmp_path):
    table = read([written(tmp_path, "a,b\n1,2\n3,4\n")], Format(), [])
    assert (table.columns, table.file.tolist()) == ({}, [0, 0])


# -- what is recognised ----------------------------------------------------------------------------------------------

HEADED = "id{s}rt{s}choice{s}note\nm1{s}0{d}5{s}1{s}a, b\nm1{s}1{d}25{s}2{s}x;y\nm2{s}{s}1{s}c|d\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separator_decimal_and_encoding_are_recognised(tmp_path, separator, decimal, encoding):
    rows = [["id", "größe", "choice", "note"], ["m1", f"0{decimal}5", "1", "a, b"], ["m2", f"1{decimal}25", "2", "x;y"]]
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(
        [*rows, ["m3", "3", "1", "d\x81" if encoding == "latin-1" else "|"]]
    )
    path = written(tmp_path, text.getvalue(), encoding=encoding)
    form = recognised(path)
    if separator == "," and decimal == ",":
        decimal = "."  # the cells are quoted, and "0,5" may be anything
    named = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    assert form == Format(separator, decimal, named, True)
    assert cells(read([path], form))[:3] == rows


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_seen_by_its_zeros(tmp_path, encoding):
    path = written(tmp_path, "id\tchoice\nm1\t0\n", encoding=encoding)
    assert recognised(path) == Format("\t", ".", encoding)
    assert cells(read([path], recognised(path))) == [["id", "choice"], ["m1", "0"]]
    assert header(path, recognised(path)) == ["id", "choice"]


def test_what_is_given_is_taken_as_it_is(tmp_path):
    path = written(tmp_path, "a;b\n1,5;2\n1,7;3\n")
    assert recognised(path) == Format(";", ",")
    given = {"separator": "|", "decimal": ".", "encoding": "cp1250", "header": False}
    assert recognised(path, **given) == Format(**given)


@pytest.mark.parametrize(
    ("above", "skip"),
    [
        ("", 0),
        ("# a remark, with; signs\n", 1),
        ("sep=;\n", 1),
        ('"sep=;"\r\n', 1),
        ("A title\n\n", 2),
        ("# remark\nA title\nand a line\n", 3),
        ("a line\n" * 20, 20),
    ],
)
@pytest.mark.parametrize("names", ["a;b\n", ""])
def test_lines_above_a_table_are_no_part_of_it(above, skip, names, tmp_path):
    """Neither for Arrow nor for Python's csv, which tells the lines of wrong rows."""
    body = "".join(f"{i},5;x{i}\n" for i in range(30))
    path = written(tmp_path, above + names + body)
    told = names or "sep=" in above  # without, a comma fits as well
    format = recognised(path) if told else recognised(path, separator=";")
    assert format == Format(";", ",", header=bool(names), skip=skip)
    for columns in (["a"], None) if names else (["column_1"], None):
        table = read([path], format, columns)
        assert cells(table)[1][0] == "0,5"
        assert len(cells(table)) == 31
        assert table.where(29) == f"{path}, row {skip + bool(names) + 30}"
    with path.open("a") as file:
        file.write("1;2;3\n")
    with refused(f"row {skip + bool(names) + 31}: found 3 cells; allowed: 2"):
        read([path], format)


@pytest.mark.parametrize("text", ["a line\n" * 21 + "a;b\n" + "1;2\n" * 30, "a line\n" * 3 + "a;b\n1;2\n"])
def test_many_lines_without_a_separator_are_no_titles(text, tmp_path):
    assert recognised(written(tmp_path, text)).skip == 0
    assert recognised(written(tmp_path, text), skip=3).skip == 3


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a, b, c\n1, 2, 3\n", ","),  # spaces give three cells as well
        ("subject id,choice made\ns 1,left key\n", ","),
        ('a,"b;c"\n1,"2;3"\n', ","),
        ("a  b c\n 1 2   3 \n4 5 6\n", " "),
        ("rt choice x\n0,5 1 1\n0,7 0 1\n", " "),
        ('"id" "choice"\n"1" "s1" 0\n"2" "s1" 1\n', " "),  # as R's write.table writes it
        ("answer\nleft key pressed\nright\nno key\n", ","),
        ("your answer\nleft key pressed\nright\nno key\n", ","),
        ("choice\nleft key\nright key\n", ","),
        ("note; answer\nx\ny; z; w\nv; w\n", ","),  # signs in texts, in no constant number
        ("note; answer\nx\ny\nz\n", ","),
        ("a;b;c\n1,2;3,4;5\n2,2;3,4;5\n", ";"),
        ("a\tb\n1\t2\n1\t2\t3\n1\t4\n", "\t"),  # one line is damaged: reading says so
    ],
)
def test_a_separator_gives_most_lines_the_same_number_of_cells(tmp_path, text, separator):
    assert recognised(written(tmp_path, text)).separator == separator


def test_two_separators_that_fit_are_asked_for(tmp_path):
    path = written(tmp_path, "0,5;1\n0,7;0\n")
    with refused(r"t\.csv: ',' \(comma\) and ';' \(semicolon\) fit equally well .* say which it is with `separator`"):
        recognised(path)
    assert recognised(path, separator=";") == Format(";", ",", header=False)


def test_both_decimal_signs_are_asked_for_and_more_columns_decide(tmp_path):
    text = "a;b;c\n0,5;1.5;x\n0,7;2.5;y\n"
    with refused(r"found numbers like 0\.5 and numbers like 0,5; say which it is with `decimal`"):
        recognised(written(tmp_path, text))
    assert recognised(written(tmp_path, text.replace("x", "1,5").replace("y", "-,5"))).decimal == ","
    assert recognised(written(tmp_path, text.replace("x", "1.5").replace("y", "-.5e3"))).decimal == "."
    assert recognised(written(tmp_path, "a;b\n0,5;2021.2.3\ntimeout;2021.2.3\n1,5;2021.2.3\n")).decimal == ","
    assert recognised(written(tmp_path, "a;b\n1,2,3;1\n2,1,3;2\n")).decimal == "."
    assert recognised(written(tmp_path, "a;b\nx 1,2;1\nL;2\nR;3\n1,2;4\n")).decimal == "."


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("id,choice\n1,0\n", True),
        ("1,0\n1,1\n", False),
        ("m1,0,left\nm2,1,right\n", False),
        ("m1,left,win\nm1,right,win\n", False),  # texts that come again in their columns
        ("m1,left,win\nm2,right,loss\n", True),
        ("id,choice\nm1,L\nid,choice\nm2,R\n", True),  # tables put together, each with its header
        ("id,1,x\nm1,2,a\nm2,,b\n", False),
        ("id,1,x\nm1,2,a\nm2,late,b\n", True),  # a name that is a number, of a column that is not all numbers
        (",NA,x\n1,2,a\n2,3,b\n", True),
        ("1,2,3\n", False),
        ("a,b,c\n", True),
    ],
)
def test_a_header_has_names_and_no_cells(tmp_path, text, named):
    assert recognised(written(tmp_path, text)).header is named


def test_a_long_file_is_recognised_by_its_beginning(tmp_path):
    lines = f"s1;0,5;{'é' * 500}\n" * 1_100
    for extra in ("", "a"):  # the beginning ends within a letter in one of them
        path = written(tmp_path, f"id{extra};rt;note\n{lines}x\n")
        assert path.stat().st_size > reading.BEGINNING
        assert recognised(path) == Format(";", ",")
        assert header(path, Format(";", ",")) == [f"id{extra}", "rt", "note"]


def test_a_line_that_the_beginning_cuts_does_not_count(tmp_path):
    path = written(tmp_path, "a;b\n" + "x" * reading.BEGINNING + ";1\n")
    assert recognised(path).separator == ";"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"separator": ":"}, r"`separator`: found ':'; allowed: ',' \(comma\), ';' \(semicolon\), '\\t' \(tab\)"),
        ({"decimal": "'"}, r"`decimal`: found \"'\"; allowed: a point or a comma"),
        ({"encoding": "utf8bits"}, r"`encoding`: found 'utf8bits'; allowed: a text encoding that Python knows"),
        ({"encoding": "hex"}, r"`encoding`: found 'hex'"),
        ({"encoding": "undefined"}, r"`encoding`: found 'undefined'"),
    ],
)
def test_formats_that_are_none_are_refused(tmp_path, given, message):
    with refused(message):
        Format(**given)
    with refused(message):
        recognised(written(tmp_path, "a,b\n1,2\n"), **given)


# -- files written in another way ------------------------------------------------------------------------------------


def test_mixed_separators_are_refused(tmp_path):
    one = written(tmp_path, "id,choice\na,1\n", "one.csv")
    two = written(tmp_path, "id;choice\na;1\nb;2\n", "two.csv")
    for columns in (["choice"], None):
        with refused(
            r"two\.csv: cells are separated by ';' \(semicolon\), but those of .*one\.csv by ',' \(comma\); a"
        ):
            read([one, two], Format(), columns)
    bare = [written(tmp_path, text, f"bare{text[1]}.csv") for text in ("1,2,3\n", "1;2;3\n")]
    with refused(r"bare;\.csv: cells are separated by ';'"):
        read(bare, Format(header=False))


def test_decimal_commas_that_were_read_as_separators_are_told(tmp_path):
    for text in ("rt;choice\n1,5;2\n0,7;1\n", "rt;choice\n1,5;2\n3;1\n4;1\n"):
        for columns in (["choice"], None):
            with refused(
                r"t\.csv: cells are separated by ';' \(semicolon\), and the commas in them are decimal commas, which "
                r"were read as separators; state `separator` ';' and `decimal` ','"
            ):
                read([written(tmp_path, text)], Format(), columns)
    with refused(r"t\.csv: cells are separated by '\\t' \(tab\), not by ',' \(comma\); state it with `separator`"):
        read([written(tmp_path, "rt\tchoice\n1.5\t2\n")], Format(), ["choice"])
    with refused(r"t\.csv: cells are separated by ';' \(semicolon\), not by '\|' \(vertical bar\); state it"):
        read([written(tmp_path, "rt;choice\n1,5;2\n")], Format("|"), ["choice"])


NAMES = "id,choice\nJosé,1\n"


@pytest.mark.parametrize(
    ("stated", "written_in", "message"),
    [
        (
            "utf-8",
            "latin-1",
            r"two\.csv: not UTF-8 text at byte 14 \(0xe9\); it looks like cp1252\. State `encoding` if",
        ),
        (
            "utf-8",
            "utf-16",
            r"two\.csv: not UTF-8 text, as its byte-order mark is that of utf-16; it looks like utf-16",
        ),
        ("utf-8", "utf-16-le", r"two\.csv: not UTF-8 text at byte 27 \(0xe9\); it looks like utf-16-le"),
        ("cp1252", "utf-8", r"two\.csv: UTF-8 text, but .*one\.csv is not; allowed: one encoding for all files"),
        ("cp1252", "utf-8-sig", r"two\.csv: not CP1252 text, as its byte-order mark is that of utf-8"),
        ("utf-16", "utf-16-be", r"two\.csv: not UTF-16 text, as it has no byte-order mark"),
        ("utf-16", "cp1252", r"two\.csv: not UTF-16 text; it looks like cp1252"),
    ],
)
def test_mixed_encodings_are_refused(tmp_path, stated, written_in, message):
    paths = [written(tmp_path, NAMES, "one.csv", stated), written(tmp_path, NAMES, "two.csv", written_in)]
    with refused(message):
        read(paths, Format(encoding=stated))


def test_an_encoding_that_is_stated_is_used_for_what_could_be_another(tmp_path):
    plain = written(tmp_path, "id,choice\nm,1\n", "plain.csv")
    windows = written(tmp_path, NAMES, "windows.csv", "cp1252")
    assert read([plain, windows], Format(encoding="cp1252")).columns["id"].to_pylist() == ["m", "José"]
    paths = [plain, written(tmp_path, NAMES, "one.csv"), written(tmp_path, NAMES, "two.csv")]
    assert read(paths, Format(encoding="cp1252")).columns["id"].to_pylist() == ["m", "JosÃ©", "JosÃ©"]
    assert cells(read([written(tmp_path, "id,č\nš,1\n", encoding="cp1250")], Format(encoding="cp1250"))) == [
        ["id", "č"],
        ["š", "1"],
    ]


@pytest.mark.parametrize("cut", [0, 1, 2])
def test_a_bad_letter_is_named_by_its_byte_in_the_whole_file(tmp_path, cut):
    start = "日" * 349_526  # a letter of three bytes lies over the end of the first megabyte
    content = "x" * cut + start
    path = written(tmp_path, content.encode() + b"\xff,\n1,2\n")
    with refused(rf"not UTF-8 text at byte {3 * 349_526 + cut + 1} \(0xff\)"):
        read([path], Format())


def test_files_that_are_no_text_are_refused_in_one_sentence(tmp_path):
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    parquet = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), parquet)
    kinds = {
        "t.xlsx": (
            book.getvalue(),
            "no text table but an Excel workbook or another zip archive; save the sheet as CSV",
        ),
        "t.csv.gz": (gzip.compress(b"a,b\n1,2\n"), "no text table but compressed by gzip; unpack it"),
        "t.pq": (parquet.getvalue(), r"no text table but a Parquet file; let its name end with \.parquet"),
        "nul.csv": (b"a,b\n1,\0\n", "not text, as it has zero bytes; save the table as CSV"),
        "dump.csv": (b"a,\xff\0\n1,2\n", r"not UTF-8 text at byte 3 \(0xff\); save the table as CSV"),
        "cut.csv": ("a,é".encode()[:-1], r"not UTF-8 text at byte 3 \(0xc3\); "),
        "lfs.csv": (bounds.LFS + b"v1\noid 4d7a\n", "a pointer of Git LFS"),
        "lfs.parquet": (bounds.LFS + b"v1\noid 4d7a\n", "a pointer of Git LFS"),
        "cut.parquet": (b"PAR1 and no more", "not a readable Parquet file"),
    }
    for name, (content, message) in kinds.items():
        path = written(tmp_path, content, name)
        for use in (lambda path: read([path], Format()), lambda path: header(path, Format())):
            with refused(rf"^{re.escape(str(path))}: {message}[^\n]*$"):
                use(path)
        if path.suffix != ".parquet" and b"\xc3" not in content and b"\xff" not in content:
            with refused(message):
                recognised(path)
    for use in (recognised, lambda path: read([path], Format())):
        with refused(r"away\.csv: cannot be read"):
            use(tmp_path / "away.csv")


# -- bounds ----------------------------------------------------------------------------------------------------------


def test_tables_larger_than_any_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "LARGEST", 100_000)
    big = written(tmp_path, "a,b\n" + "1,2\n" * 30_000, "big.csv")
    for use in (recognised, lambda path: read([path], Format()), lambda path: header(path, Format())):
        with refused(r"big\.csv: the file claims 117\.2 KiB; allowed: at most 97\.7 KiB in a file\. Leave out columns"):
            use(big)
    wide = written(tmp_path, "a,b\n" + "," * 999 + "\n" * 90_000, "wide.csv")
    with refused(r"wide\.csv: a table of 90,002 lines and 2 columns claims"):
        read([wide], Format())
    many = [written(tmp_path, "a,b\n" + "1,2\n" * 4_000, f"{i}.csv") for i in range(4)]
    assert len(read(many[:1], Format()).file) == 4_000
    with refused(r"0\.csv and 3 more: with .* the content claims .*; allowed: at most 97\.7 KiB"):
        read(many, Format())


def test_parquet_cells_that_are_stored_once_count_in_every_row(tmp_path, monkeypatch):
    path, n = tmp_path / "t.parquet", 3000
    names = pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, "i4")), pa.array(["n" * 1000]))
    pq.write_table(pa.table({"subject": names, "action": np.arange(n) % 2}), path)
    assert path.stat().st_size < 100_000
    assert read([path], Format()).columns["subject"].to_pylist() == ["n" * 1000] * n
    monkeypatch.setattr(bounds, "LARGEST", 2_000_000)
    with refused(r"t\.parquet: with a part of 1,024 rows the content claims 2\.0 MiB; allowed: at most 1\.9 MiB"):
        read([path], Format())
    assert read([path], Format(), ["action"]).columns["action"].to_pylist() == ["0", "1"] * (n // 2)
    monkeypatch.setattr(bounds, "LARGEST", 40_000)
    with refused(r"t\.parquet: a table of 3,000 rows and 2 columns claims 46\.9 KiB"):
        read([path], Format())


# -- Parquet files ---------------------------------------------------------------------------------------------------


def test_parquet_cells_are_text_as_a_person_writes_it(tmp_path):
    path = tmp_path / "t.parquet"
    columns = {
        "id": ["001", " 1", None],
        "whole": pa.array([1, -20, None]),
        "holes": pa.array([1.0, None, 2.0]),
        "half": pa.array([0.5, float("nan"), 2.0]),
        "small": pa.array([0.1, 1e-7, 3], pa.float32()),
        "yes": [True, None, False],
        "kind": pa.array(["a", "b", "a"]).dictionary_encode(),
        "level": pa.DictionaryArray.from_arrays(pa.array([0, None, 1]), pa.array([2.0, 0.25])),
        "nothing": pa.nulls(3),
        "pair": [[0, 1], [2, 3], [0, 1]],
        " day": pa.array(pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-01"])),
    }
    pq.write_table(pa.table(columns), path)
    assert header(path, Format(";")) == [name.strip() for name in columns]
    assert recognised(path) == Format()
    assert {name: column.to_pylist() for name, column in read([path], Format(";")).columns.items()} == {
        "id": ["001", "1", ""],
        "whole": ["1", "-20", ""],
        "holes": ["1", "", "2"],
        "half": ["0.5", "nan", "2"],
        "small": ["0.1", "1e-7", "3"],
        "yes": ["True", "", "False"],
        "kind": ["a", "b", "a"],
        "level": ["2", "", "0.25"],
        "nothing": ["", "", ""],
        "pair": ["[0 1]", "[2 3]", "[0 1]"],
        "day": ["2020-01-01", "2020-01-02", "2020-01-01"],
    }
    assert read([path], Format(), ["day"]).columns["day"][0].as_py() == "2020-01-01"
    asked = read([path], Format(), ["kind", "id"])
    assert cells(asked) == [["kind", "id"], ["a", "001"], ["b", "1"], ["a", ""]]
    with refused(r"t\.parquet: no column 'x'; it has: id, whole"):
        read([path], Format(), ["x"])


def test_parquet_and_text_files_go_together(tmp_path):
    pq.write_table(pa.table({"b": ["x"] * 2000, "a": range(2000)}), tmp_path / "t.parquet")
    path = written(tmp_path, "a,b\n7,y\n")
    table = read([tmp_path / "t.parquet", path], Format(), ["a", "b"])
    assert cells(table)[1:] == [*([str(i), "x"] for i in range(2000)), ["7", "y"]]
    assert table.where(1999) == f"{tmp_path / 't.parquet'}, row 2000"
    assert table.where(2000) == f"{path}, row 2"


# -- numbers ---------------------------------------------------------------------------------------------------------

NAN, INF = float("nan"), float("inf")
MISSING = ["", "na", "NA", "NaN", "n/a", "#N/A", "NULL", "None", "<NA>", " na "]


@pytest.mark.parametrize(
    ("decimal", "text", "values"),
    [
        (".", ["0", "-1", "2.5", ".5", "1e3", "007", "True", "FALSE"], [0, -1, 2.5, 0.5, 1000, 7, 1, 0]),
        (".", ["1" + "0" * 30, "-" + "9" * 25], [1e30, -1e25]),
        (",", ["0", "-1", "2,5", ",5", "1e3", "007", "True", "FALSE"], [0, -1, 2.5, 0.5, 1000, 7, 1, 0]),
        (".", MISSING, [NAN] * len(MISSING)),
        (",", MISSING, [NAN] * len(MISSING)),
        (".", ["left", "1,5", "1,234.5", "1 2", "-", "inf", "1_000", "?"], [INF] * 8),
        (",", ["left", "1.5", "1.234,5", "1,2,3", "-", "inf", ",", "?"], [INF] * 8),
        (".", [], []),
    ],
)
def test_numbers_are_told_from_missing_cells_and_other_text(decimal, text, values):
    np.testing.assert_array_equal(numbers(text, decimal), np.array(values, dtype=float))
    made = numbers(pa.array(text, pa.string()), decimal)
    assert made.dtype == np.float64
    np.testing.assert_array_equal(made, values)


# -- odd texts -------------------------------------------------------------------------------------------------------


def test_any_text_is_read_alike_by_both_readers_or_refused(tmp_path, monkeypatch):
    draw, by_arrow = random.Random(1), reading._by_arrow

    def outcome(path: Path, form: Format) -> object:
        try:
            table = read([path], form)
            return cells(table), [table.where(row) for row in range(len(table.file))]
        except InputError as error:
            return str(error)

    for _ in range(600):
        separator = draw.choice(list(reading.SEPARATORS))
        signs = [separator] * 4 + [
            "a",
            "é",
            "0",
            '"',
            '""',
            "\n",
            "\n",
            "\r",
            "\r\n",
            " ",
            "\t",
            ",",
            "\u00a0",
            "\f",
            "\\",
        ]
        text = draw.choice(["", f"h{separator}g\n"]) + "".join(draw.choices(signs, k=draw.randint(1, 14)))
        path, form = written(tmp_path, text), Format(separator, header=draw.random() < 0.5)
        monkeypatch.setattr(reading, "_by_arrow", by_arrow)
        fast = outcome(path, form)
        without_arrow(monkeypatch)
        assert outcome(path, form) == fast, text


def test_any_bytes_are_recognised_or_refused(tmp_path):
    draw = random.Random(3)
    for _ in range(400):
        path = written(tmp_path, bytes(draw.choices(b'ab01,;\t|"\n\r .\xff\xfe\xe9\x00', k=draw.randint(0, 20))))
        for given in ({}, {"encoding": draw.choice(["utf-8", "utf-16", "utf-16-le", "latin-1", "cp932", "utf-7"])}):
            try:
                form = recognised(path, **given)
                header(path, form)
                read([path], form)
            except InputError:
                pass
