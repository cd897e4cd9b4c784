"""The cells of a user's table: looked at by their few different values, not row by row, and named as a person would."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinycog.errors import InputError
from tinycog.sections.coding import Values, as_number, listed
from tinycog.sources.reading import numbers


@dataclass(frozen=True)
class Column:
    """The cells of one column of the table.

    Attributes:
        name: in the table.
        codes: (row,) place of each row's cell among the different ones.
        different: text of the different cells.
        numbers: the same as numbers: NaN where one is empty or a word for nothing, infinity where it is other text.
    """

    name: str
    codes: np.ndarray
    different: list[str]
    numbers: np.ndarray

    @classmethod
    def of(cls, name: str, cells: Any, decimal: str = ".") -> Column:
        """From dictionary-encoded text of Arrow."""
        different = cells.dictionary.to_pylist()
        return cls(name, cells.indices.to_numpy(), different, numbers(different, decimal))

    @classmethod
    def of_text(cls, name: str, different: list[str], codes: np.ndarray) -> Column:
        """From different cells, which are no numbers, and each row's place among them."""
        return cls(name, codes, different, np.full(len(different), np.inf))

    def rows(self, rows: np.ndarray) -> Column:
        """Some rows, or all in another order."""
        return Column(self.name, self.codes[rows], self.different, self.numbers)

    def text(self) -> np.ndarray:
        """The cells, (row,) objects."""
        return np.array(self.different, dtype=object)[self.codes]

    def values(self) -> np.ndarray:
        """The cells as numbers, (row,)."""
        return self.numbers[self.codes]

    def one_of(self, values: Values) -> np.ndarray:
        """(row,) whether the cell is one of these values."""
        wanted = {as_number(value) for value in listed(values)}
        return np.array([self.key(place) in wanted for place in range(len(self.different))], dtype=bool)[self.codes]

    def place_in(self, labels: Sequence[Values]) -> np.ndarray:
        """(row,) place of the cell among labels, each one or several values; -1 if it is none of them."""
        place = {as_number(value): code for code, values in enumerate(labels) for value in listed(values)}
        return np.array([place.get(self.key(own), -1) for own in range(len(self.different))], dtype=int)[self.codes]

    def key(self, place: int) -> str | float:
        """What the different cell at `place` is compared by: a number stands for every way of writing it."""
        number = self.numbers[place]
        return float(number) if np.isfinite(number) else as_number(self.different[place])


class Rows:
    """Rows of a table, by columns, that know where a person finds them.

    Attributes:
        columns: canonical or own name: its cells.
        where: row of the whole table: file and line, as a person counts them.
        rows: (row,) number of each in the whole table.
    """

    def __init__(self, columns: Mapping[str, Column], where: Callable[[int], str], rows: np.ndarray):
        self.columns, self.where, self.rows = columns, where, rows

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, rows: np.ndarray) -> Rows:
        """Some of these rows, or all in another order; `rows` are places or truth values."""
        return Rows({name: column.rows(rows) for name, column in self.columns.items()}, self.where, self.rows[rows])

    def demand(self, good: np.ndarray, name: str, allowed: str) -> None:
        """Raise InputError for the first row that is not good: file, row, column, what was found, what is allowed."""
        bad = np.flatnonzero(~np.asarray(good))
        if len(bad):
            column, first = self.columns[name], bad[self.rows[bad].argmin()]
            code = column.codes[first]
            alike = int((column.codes[bad] == code).sum())
            more = f". {alike:,} such rows have this value" if alike > 1 else ""
            place = f"{self.where(int(self.rows[first]))}, column {column.name!r}"
            raise InputError(f"{place}: found {column.different[code]!r}; allowed: {allowed}{more}")


def shown(values: Values) -> str:
    """Values as a person would write them."""
    return " or ".join(repr(value) for value in listed(values))
