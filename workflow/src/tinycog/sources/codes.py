"""Read published files, check what they hold against what they may hold, and name the first row that does not fit."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tinycog.errors import InputError
from tinycog.sources import bounds

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class Between(NamedTuple):
    """Codes of a column that may hold any finite number from `low` to `high`, and with `missing` nothing as well."""

    low: float
    high: float
    whole: bool = False
    missing: bool = False


# -- reading ---------------------------------------------------------------------------------------------------------


@contextmanager
def readable(path: Path, what: str) -> Iterator[None]:
    """What a parser raises becomes an InputError: `path` is not `what`."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # parsers fail in any way on a damaged file, and no user can mend one
        found = f"{type(error).__name__}: {str(error).strip()}"
        advice = "the file is truncated, or not what was published: fetch it again"
        raise InputError(f"{path}: not {what} ({found}); {advice}") from None


def read_csv(path: Path, content: bytes | None = None, **options: Any) -> pd.DataFrame:
    """All cells as text, empty ones as empty text; `options` are pandas', `content` is what to read if not `path`."""
    import pandas as pd

    # lines without content count, so that rows have the numbers that a person sees
    settings = {"dtype": str, "keep_default_na": False, "skip_blank_lines": False} | options
    with readable(path, "a readable CSV file"):
        content = bounds.content(path) if content is None else content
        _check_cells(path, content)
        rows = pd.read_csv(io.BytesIO(content), **settings)
    if not isinstance(rows.index, pd.RangeIndex):  # pandas takes the cells that are too many for the rows' names
        first = ", ".join(map(str, rows.columns))
        raise InputError(f"{path}, row 2: found more cells than in the header ({first}); allowed: as many in every row")
    return rows


def _check_cells(path: Path, content: bytes) -> None:
    """Raise InputError if all lines, filled up to the length of the first as pandas does, are too much to hold."""
    first = next(csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8", "replace", newline="")), [])
    lines = content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n") + 1
    bounds.Claims(path).add(8 * lines * len(first), f"a table of {lines:,} lines and {len(first):,} columns")


def read_matlab(path: Path, what: str, name: str | None = None) -> Any:
    """The variable `name` of a MATLAB 5 file, or all of them by name; `what` is what the file should be."""
    from scipy.io import loadmat

    from tinycog.sources import matlab5

    with readable(path, f"{what}: no readable MATLAB 5 {f'matrix `{name}`' if name else 'file'}"):
        content = bounds.content(path)
        matlab5.check(content, path, name)
        variables = loadmat(io.BytesIO(content), variable_names=name)
        return variables[name] if name else variables


def read_npz(path: Path, names: Iterable[str]) -> dict[str, np.ndarray]:
    """The arrays `names` of an NPZ file, never pickled ones."""
    import zipfile

    with (
        readable(path, "a readable NPZ file of plain arrays"),
        zipfile.ZipFile(io.BytesIO(bounds.content(path))) as archive,
    ):
        there = [member.removesuffix(".npy") for member in archive.namelist()]
        members = {name: archive.getinfo(f"{name}.npy") for name in names if name in there}
        bounds.check_members([*members.values()], path)
        arrays = {
            name: bounds.npy_array(bounds.member_content(archive, member), f"{path}, array {name!r}")
            for name, member in members.items()
        }
    if missing := [name for name in names if name not in arrays]:
        raise InputError(f"{path}: no array {missing[0]!r}; it has: {', '.join(there) or 'none'}")
    if unreal := [name for name, array in arrays.items() if array.dtype.kind == "c"]:
        raise InputError(f"{path}, array {unreal[0]!r}: found complex numbers; allowed: real ones")
    # bytes in this machine's order, since pandas computes with no others
    return {name: array.astype(array.dtype.newbyteorder("="), copy=False) for name, array in arrays.items()}


# -- checking --------------------------------------------------------------------------------------------------------


def numbers(array: Any, origin: str) -> Any:
    """`array`, or an HDF5 data set, once it is known to hold numbers: neither text nor MATLAB's cells and structs."""
    if array.dtype.kind not in "biuf":
        kind = "text" if array.dtype.kind in "SU" else "cells or structs"
        raise InputError(f"{origin}: found an array of {kind}; allowed: numbers")
    return array


def columns(arrays: Mapping[str, Sequence | np.ndarray], origin: Path | str) -> pd.DataFrame:
    """A table of arrays that have one value for each trial."""
    import numpy as np
    import pandas as pd

    shapes = {name: np.shape(array) for name, array in arrays.items()}
    if len(set(shapes.values())) > 1 or any(len(shape) != 1 for shape in shapes.values()):
        found = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise InputError(f"{origin}: found arrays of shapes {found}; allowed: one dimension and equal lengths")
    return pd.DataFrame(arrays)


def refuse(
    bad: pd.Series | np.ndarray, values: pd.Series | np.ndarray, origin: str, allowed: str, first: int = 2
) -> None:
    """Raise InputError for the first row marked `bad`, named by its index label, which counts the file's rows from 0.

    `first` is the number that a person gives to the first row; with a header it is row 2.
    """
    import pandas as pd

    from tinycog.trials.table import shown

    bad, values = pd.Series(bad), pd.Series(values)
    if bad.any():
        row = bad.idxmax()
        raise InputError(f"{origin}, row {row + first}: found {shown(values[row])}; allowed: {allowed}")


def coded(
    frame: pd.DataFrame,
    codes: Mapping[str, Sequence | Between | None],
    origin: Path | str,
    *,
    first: int = 2,
    part: str = "column",
) -> pd.DataFrame:
    """The columns of `frame` named in `codes`, as numbers where the codes are, holding nothing but what is allowed.

    A column's codes are the values allowed, or a range of numbers, or None for any value that is not empty.
    """
    import numpy as np
    import pandas as pd

    if missing := [name for name in codes if name not in frame]:
        raise InputError(f"{origin}: no {part} {missing[0]!r}; it has: {', '.join(map(str, frame)) or 'none'}")
    if frame.empty:
        raise InputError(f"{origin}: no rows")
    checked = {}
    for name, allowed in codes.items():
        values = checked[name] = frame[name]
        if allowed is None:
            good, what = values.notna() & values.ne(""), "a value in every row"
        elif isinstance(allowed, Between):
            checked[name] = found = pd.to_numeric(values, errors="coerce")
            good = found.between(allowed.low, allowed.high) & np.isfinite(found)
            if allowed.whole:
                good &= found.mod(1).eq(0)
            what = f"a {'whole ' if allowed.whole else ''}number from {allowed.low} to {allowed.high}"
            if allowed.missing:
                good |= values.isna() | values.eq("")
                what += ", or nothing"
        else:
            if not isinstance(allowed[0], str):
                checked[name] = pd.to_numeric(values, errors="coerce")
            good, what = checked[name].isin(allowed), ", ".join(map(str, allowed))
        refuse(~good, values, f"{origin}, {part} {name!r}", what, first)
    return pd.DataFrame(checked)


def one_block_each(table: pd.DataFrame, trial: pd.Series, origin: str) -> pd.DataFrame:
    """`table` with trials and blocks numbered, if every subject's rows count 1, 2, ... in `trial`."""
    from tinycog.trials.table import numbered

    table = numbered(table, [])
    misplaced = trial.ne(table["trial"] + 1) | table["block"].ne(0)
    refuse(misplaced, trial, origin, "1, 2, ... in the rows of a participant, which follow each other")
    return table
