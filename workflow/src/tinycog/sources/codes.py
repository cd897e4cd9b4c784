"""Check what a file holds against what it may hold, and name the first row that does not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tinycog.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


class Between(NamedTuple):
    """Codes of a column that may hold any finite number from `low` to `high`."""

    low: float
    high: float
    whole: bool = False


def refuse(bad: pd.Series, values: pd.Series, origin: str, allowed: str, first: int = 2) -> None:
    """Raise InputError for the first row marked `bad`, named by its index label, which counts the file's rows from 0.

    `first` is the number that a person gives to the first row; with a header it is row 2.
    """
    from tinycog.trials import shown

    if bad.any():
        row = bad.idxmax()
        raise InputError(f"{origin}, row {row + first}: found {shown(values[row])}; allowed: {allowed}")


def read_csv(path: Path, **options: Any) -> pd.DataFrame:
    """All cells as text, empty ones as empty text; `options` are pandas'."""
    import pandas as pd

    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, **options)
    except ValueError as error:  # as all errors of pandas' parser are
        raise InputError(f"{path}: not a readable CSV file ({error})") from None


def coded(
    frame: pd.DataFrame,
    codes: Mapping[str, Sequence | Between | None],
    origin: Path,
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
        raise InputError(f"{origin}: no trials")
    columns = {}
    for name, allowed in codes.items():
        values = columns[name] = frame[name]
        if allowed is None:
            good, what = values.notna() & values.ne(""), "a value in every row"
        elif isinstance(allowed, Between):
            columns[name] = numbers = pd.to_numeric(values, errors="coerce")
            good = numbers.between(allowed.low, allowed.high) & np.isfinite(numbers)
            if allowed.whole:
                good &= numbers.mod(1).eq(0)
            what = f"a {'whole ' if allowed.whole else ''}number from {allowed.low} to {allowed.high}"
        else:
            if not isinstance(allowed[0], str):
                columns[name] = pd.to_numeric(values, errors="coerce")
            good, what = columns[name].isin(allowed), ", ".join(map(str, allowed))
        refuse(~good, values, f"{origin}, {part} {name!r}", what, first)
    return pd.DataFrame(columns)


def one_block_each(table: pd.DataFrame, trial: pd.Series, origin: str) -> pd.DataFrame:
    """`table` with trials and blocks numbered, if every subject's rows count 1, 2, ... in `trial`."""
    from tinycog.trials import numbered

    table = numbered(table, [])
    misplaced = trial.ne(table["trial"] + 1) | table["block"].ne(0)
    refuse(misplaced, trial, origin, "1, 2, ... in the rows of a participant, which follow each other")
    return table
