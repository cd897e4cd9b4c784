"""Columns of Parquet files, without pandas: every type of number, as Arrow itself converts it."""

import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import load_file

from tinycog.results import fits
from tinycog.storage import _from_arrow, read_columns, write_text

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
