"""Columns of Parquet files, without pandas: every type of number, as Arrow itself converts it."""

import errno
import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import load_file, save_file

from tinycog.errors import InputError
from tinycog.results import fits
from tinycog.storage import (
    _from_arrow,
    check_writable,
    read_columns,
    read_json,
    readable,
    reading,
    replacing,
    write_columns,
    write_json,
    write_text,
)

FLOATS = {"float16": pa.float16(), "float32": pa.float32(), "float64": pa.float64()}
INTEGERS = {f"{sign}int{bits}": getattr(pa, f"{sign}int{bits}")() for sign in ("", "u") for bits in (8, 16, 32, 64)}
NUMBERS = FLOATS | INTEGERS
VALUES = [1, 0, 100, 7, 3, 127, 2, 9, 11, 64]  # more than eight, so that validity takes a second byte
MISSING = (0, 3, 8)


def numbers(dtype, kind):
    return pa.array(np.array(VALUES, dtype) / (np.array(4, dtype) if dtype in FLOATS else 1), kind, safe=False)


def with_gaps(array):
    return pa.array([None if i in MISSING else value for i, value in enumerate(array.to_pylist())], array.type)


def written(path, table, **options):
    pq.write_table(table, path, **options)
    return read_columns(path)


def expected_of(dtype, missing=()):
    expected = [value / 4 if dtype in FLOATS else value for value in VALUES]
    return np.array([np.nan if i in missing else value for i, value in enumerate(expected)])


def test_a_file_is_written_whole_or_not_at_all_and_may_be_read_by_those_the_user_lets(tmp_path):
    path, before = tmp_path / "new/folder/t.json", os.umask(0o027)
    try:
        write_text(path, "first")
        write_text(path, "whole")
    finally:
        assert os.umask(before) == 0o027
    assert path.stat().st_mode & 0o777 == 0o640
    with pytest.raises(TypeError):
        write_text(path, None)  # fails when the new file is there already
    assert path.read_text() == "whole"
    assert list(path.parent.iterdir()) == [path]


def test_what_a_killed_process_left_of_a_file_goes_when_the_file_is_written(tmp_path):
    path = tmp_path / "a[1].json"  # a stem may hold what a pattern would read as its own
    others = [tmp_path / name for name in (".a[1].json", ".a[1].kept_txt.csv", ".a1.12345678.json", ".b.12345678.json")]
    for other in others:
        other.touch()
    killed = (
        f"import os\nfrom tinycog.storage import replacing\nwith replacing({str(path)!r}):\n    os.kill(os.getpid(), 9)"
    )
    for _ in range(2):
        assert subprocess.run([sys.executable, "-c", killed]).returncode == -9
    assert len(list(tmp_path.iterdir())) == len(others) + 2
    write_text(path, "whole")
    assert sorted(tmp_path.iterdir()) == sorted([*others, path])


@pytest.mark.parametrize("row_group_size", [None, 3])
def test_numbers_are_read_in_their_own_type(tmp_path, row_group_size):
    table = pa.table({dtype: numbers(dtype, kind) for dtype, kind in NUMBERS.items()})
    read = written(tmp_path / "t.parquet", table, row_group_size=row_group_size)
    assert {name: values.dtype.name for name, values in read.items()} == {name: name for name in NUMBERS}
    for name, values in read.items():
        assert values.tolist() == expected_of(name).tolist()


@pytest.mark.parametrize("row_group_size", [None, 3])
def test_missing_numbers_are_nan_and_integers_then_float64(tmp_path, row_group_size):
    table = pa.table({dtype: with_gaps(numbers(dtype, kind)) for dtype, kind in NUMBERS.items()})
    read = written(tmp_path / "t.parquet", table, row_group_size=row_group_size)
    for name, values in read.items():
        assert values.dtype.name == (name if name in FLOATS else "float64")
        np.testing.assert_array_equal(values, expected_of(name, MISSING))


@pytest.mark.parametrize(("dtype", "kind"), NUMBERS.items())
def test_slices_are_read_from_where_they_begin(dtype, kind):
    whole, gaps = numbers(dtype, kind), with_gaps(numbers(dtype, kind))
    for first, length in ((2, 5), (7, 3), (4, 0)):
        rows = slice(first, first + length)
        assert _from_arrow(whole[rows]).tolist() == expected_of(dtype)[rows].tolist()
        assert _from_arrow(whole[rows]).dtype.name == dtype
        np.testing.assert_array_equal(_from_arrow(gaps[rows]), expected_of(dtype, MISSING)[rows])


@pytest.mark.parametrize("row_group_size", [None, 2])
def test_truth_values_and_text(tmp_path, row_group_size):
    words = ["b", "a", "é", "a", ""]
    table = pa.table(
        {
            "flag": pa.array([True, False, True, True, False]),
            "gaps": pa.array([True, None, False, None, True]),
            "text": pa.array(words),
            "encoded": pa.array(words).dictionary_encode(),
            "text with gaps": pa.array(["b", None, "é", None, ""]).dictionary_encode(),
        }
    )
    read = written(tmp_path / "t.parquet", table, row_group_size=row_group_size)
    assert read["flag"].dtype == bool
    assert read["flag"].tolist() == [True, False, True, True, False]
    assert {name: values.dtype for name, values in read.items() if name != "flag"} == dict.fromkeys(
        ("gaps", "text", "encoded", "text with gaps"), np.dtype(object)
    )
    assert read["gaps"].tolist() == [True, None, False, None, True]
    assert read["text"].tolist() == read["encoded"].tolist() == words
    assert read["text with gaps"].tolist() == ["b", None, "é", None, ""]


def test_columns_in_chunks_are_read_whole(tmp_path):
    chunks = {name: pa.chunked_array([numbers(name, kind), numbers(name, kind)]) for name, kind in NUMBERS.items()}
    words = [list("ab") * 5, list("cb") * 5]
    chunks["word"] = pa.chunked_array([pa.array(some).dictionary_encode() for some in words])
    read = written(tmp_path / "t.parquet", pa.table(chunks), row_group_size=4)
    for name in NUMBERS:
        assert read[name].tolist() == 2 * expected_of(name).tolist()
    assert read["word"].tolist() == [*words[0], *words[1]]


def test_an_empty_table_has_its_types(tmp_path):
    kinds = NUMBERS | {"flag": pa.bool_(), "text": pa.string(), "encoded": pa.dictionary(pa.int32(), pa.string())}
    read = written(tmp_path / "t.parquet", pa.table({name: pa.array([], kind) for name, kind in kinds.items()}))
    for name, values in read.items():
        assert values.shape == (0,)
        assert values.dtype == np.dtype({"flag": "bool", "text": "O", "encoded": "O"}.get(name, name))


def test_reading_loads_no_pandas(tmp_path):
    path = tmp_path / "t.parquet"
    kinds = {**NUMBERS, "flag": pa.bool_(), "text": pa.string()}
    gaps = {name: pa.array([None, None], kind) for name, kind in kinds.items()}
    pq.write_table(pa.table(gaps), path)
    code = (
        f"import sys; from tinycog.storage import read_columns; read_columns({str(path)!r}); print(sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": ":".join(sys.path)}
    )
    assert "numpy" in done.stdout
    assert "'pandas'" not in done.stdout


@pytest.mark.parametrize(
    "view", [lambda x: x[:, 1:3], lambda x: x.T, lambda x: x[::-1], lambda x: x.reshape(4, 3, 2).transpose(2, 0, 1)]
)
def test_parameters_that_are_views_are_written_as_they_are(tmp_path, view):
    values = view(np.arange(24.0).reshape(4, 6))
    assert not values.flags.c_contiguous
    fits.write(tmp_path / "fits.parquet", {"seed": np.arange(4)}, {"W": values})
    np.testing.assert_array_equal(load_file(tmp_path / "fits.safetensors")["W"], values)


def whole(path):
    """A result of each kind."""
    content = {"a": np.arange(6.0).reshape(2, 3), "b": np.array([1, 2])}
    if path.suffix == ".parquet":
        write_columns(path, content | {"a": np.arange(2.0)})
    elif path.suffix == ".safetensors":
        save_file(content, path)
    elif path.suffix == ".npz":
        np.savez(path, **content)
    else:
        write_json(path, {"row": list(range(200))})
    return path


@pytest.mark.parametrize("suffix", [".parquet", ".safetensors", ".npz", ".json"])
@pytest.mark.parametrize("kept", [0, 0.01, 0.5, 0.99, -1])
def test_a_result_of_which_a_part_is_missing_is_not_readable(tmp_path, suffix, kept):
    path = whole(tmp_path / f"outer0{suffix}")
    assert readable(path) == ""
    size = path.stat().st_size
    os.truncate(
        path, size - 1 if kept < 0 and suffix != ".json" else int(size * max(kept, 0))
    )  # JSON ends in a newline
    assert readable(path)
    assert "\n" not in readable(path)


def test_a_damaged_result_is_named_by_what_reads_it(tmp_path):
    columns, content = whole(tmp_path / "a.parquet"), whole(tmp_path / "b.json")
    for path in (columns, content):
        os.truncate(path, 10)
    for path, read in ((columns, read_columns), (content, read_json)):
        with pytest.raises(InputError, match=rf"{path} is damaged \(.*\): delete it, and the next run makes it anew$"):
            read(path)


def test_other_errors_of_a_whole_file_are_not_taken_for_damage(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_columns(tmp_path / "nothing.parquet")
    with pytest.raises(ZeroDivisionError), reading(whole(tmp_path / "a.json")):
        _ = 1 / 0


@pytest.mark.parametrize(
    ("code", "words"), [(errno.ENOSPC, "the disk is full"), (errno.EDQUOT, "quota"), (errno.EROFS, "read-only")]
)
def test_what_keeps_a_file_from_being_written_is_told(tmp_path, code, words):
    path = tmp_path / "a.parquet"
    with (
        pytest.raises(
            InputError, match=rf"^{path} cannot be written: .*{words}.*; then run again, what is done is kept$"
        ),
        replacing(path),
    ):
        raise OSError(code, os.strerror(code))
    said = f"I/O error: {os.strerror(code)} (os error {code})"  # as safetensors says it
    with pytest.raises(InputError, match=words), replacing(path):
        raise RuntimeError(said)
    with pytest.raises(OSError, match="Broken pipe"), replacing(path):
        raise OSError(errno.EPIPE, os.strerror(errno.EPIPE))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_yet_is_writable_if_it_can_be_made(tmp_path):
    check_writable(tmp_path / "results/run")
    assert list(tmp_path.iterdir()) == []
