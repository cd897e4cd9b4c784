"""How a result table is described: what a row is, and of each column its type, meaning and unit.

A description is written once, beside what makes the table: `results/tables.py` has those of every run, and
`tables.py` of each analysis its own. Writers write through it, so that a table has exactly these columns, of these
types and in this order, and the codebook of a run (`tables/README.md`) is made of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog import storage

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

TEXT, INTEGER, NUMBER, YES_NO, JSON = "text", "integer", "number", "yes or no", "JSON"
ROWS = 20_000  # of a table that are in memory while its parts are joined
# kind: its type in a data frame, and the types that pandas may infer for values that can be converted to it
KINDS = {
    TEXT: ("str", {"string"}),
    INTEGER: ("int64", {"integer", "floating"}),  # pandas holds integers as floats where some are missing
    NUMBER: ("float64", {"floating", "integer", "mixed-integer-float"}),
    YES_NO: ("bool", {"boolean"}),
    JSON: ("str", {"string"}),
}
ANY, NOT_NEGATIVE, AT_MOST_1, FROM_0_TO_1, CORRELATION = (-inf, inf), (0, inf), (-inf, 1), (0, 1), (-1, 1)
# where numbers of these units lie, unless a column says otherwise
RANGES = {
    "share": FROM_0_TO_1,
    "probability": FROM_0_TO_1,
    "choices": NOT_NEGATIVE,
    "trials": NOT_NEGATIVE,
    "blocks": NOT_NEGATIVE,
}


@dataclass(frozen=True)
class Column:
    """A column of a result table.

    Attributes:
        kind: one of `KINDS`.
        meaning: what it says, in a few words.
        unit: of numbers that have one.
        missing: in which rows there is no value; empty where every row has one.
        within: lowest and highest value that its definition allows, both included; by default what `RANGES` has for the
            unit, and 0 or more for integers, which count or number something.
    """

    name: str
    kind: str
    meaning: str
    unit: str = ""
    missing: str = ""
    within: tuple[float, float] | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest value that a number can have."""
        return self.within or RANGES.get(self.unit, NOT_NEGATIVE if self.kind == INTEGER else ANY)

    @property
    def range(self) -> str:
        """The bounds in words; empty where there are none."""
        low, high = self.bounds
        if (low, high) == ANY:
            return ""
        if high == inf:
            return f"{low} or more"
        return f"{low} to {high}" if low > -inf else f"{high} or less"

    @property
    def about(self) -> dict[str, str]:
        """What stands beside the column in a Parquet file: meaning, unit, range, and where it is missing."""
        return {"meaning": self.meaning, "unit": self.unit, "range": self.range, "missing": self.missing}

    @property
    def dtype(self) -> str:
        """Its type in a data frame; that of integers changes where some may be missing."""
        return "Int64" if self.kind == INTEGER and self.missing else KINDS[self.kind][0]

    def typed(self, values: pd.Series) -> pd.Series:
        """`values` as the column's type; ValueError if they are of another kind, or missing where they may not be."""
        import pandas as pd

        if values.isna().any() and not self.missing:
            raise ValueError(
                f"column {self.name!r}: row {int(values.isna().argmax())} has no value; every row needs one"
            )
        found = pd.api.types.infer_dtype(values, skipna=True)
        if not values.isna().all() and found not in KINDS[self.kind][1]:
            raise ValueError(f"column {self.name!r}: found values of kind {found!r}; allowed: {self.kind}")
        if self.kind == INTEGER and len(values):
            values = values.astype("Int64")  # refuses fractions, which int64 would cut off
        return values.astype(self.dtype)


@dataclass(frozen=True)
class Table:
    """A result table, `tables/{name}.csv` and `.parquet`; `row` says what one of its rows is."""

    name: str
    row: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def typed(self, rows: pd.DataFrame | Sequence[Mapping[str, Any]]) -> pd.DataFrame:
        """The rows with the described columns in their order and types, also for a table without rows.

        Raises:
            ValueError: a column is not described, or is missing, or its values are not as described.
        """
        import pandas as pd

        table = pd.DataFrame(rows)
        if not len(table.columns):
            table = pd.DataFrame(columns=self.names)
        if unknown := [name for name in table.columns if name not in self.names]:
            raise ValueError(f"table {self.name!r}: no description of column {', '.join(unknown)}")
        if absent := [name for name in self.names if name not in table.columns]:
            raise ValueError(f"table {self.name!r}: column {', '.join(absent)} is described, but not there")
        try:
            return pd.DataFrame({column.name: column.typed(table[column.name]) for column in self.columns})
        except ValueError as error:
            raise ValueError(f"table {self.name!r}: {error}") from None

    def write(self, folder: Path, rows: pd.DataFrame | Sequence[Mapping[str, Any]]) -> None:
        """Write the table of a run to its folder of tables, as Parquet and as CSV."""
        for suffix in ("csv", "parquet"):
            self.write_file(folder / f"{self.name}.{suffix}", rows)

    def write_parts(self, folder: Path, parts: Iterable[pa.Table]) -> None:
        """Write the table of a run from its parts, one at least, as they come: a few are in memory at a time."""
        import pyarrow as pa

        def joined() -> Iterator[pd.DataFrame]:
            some: list[pa.Table] = []
            for part in parts:
                some.append(part)
                if sum(map(len, some)) >= ROWS:
                    yield self.typed(pa.concat_tables(some, promote_options="permissive").to_pandas())
                    some = []
            if some:
                yield self.typed(pa.concat_tables(some, promote_options="permissive").to_pandas())

        storage.write_table_parts(folder / self.name, joined(), self._described)

    def write_file(self, path: Path, rows: pd.DataFrame | Sequence[Mapping[str, Any]]) -> None:
        """Write the rows as Parquet, each column with its description as metadata, or as CSV, by the suffix."""
        typed = self.typed(rows)
        if path.suffix == ".csv":
            with storage.replacing(path) as temporary:
                typed.to_csv(temporary, index=False)
        else:
            storage.write_parquet(path, self._described(typed))

    def _described(self, typed: pd.DataFrame) -> pa.Table:
        import pyarrow as pa

        content = pa.Table.from_pandas(typed, preserve_index=False)
        fields = [field.with_metadata(column.about) for field, column in zip(content.schema, self.columns, strict=True)]
        return content.cast(pa.schema(fields, metadata={**content.schema.metadata, "row": self.row}))

    def write_part(self, path: Path, rows: pd.DataFrame | Sequence[Mapping[str, Any]]) -> None:
        """Write some of the table's rows as Parquet, to be put together with others."""
        import pyarrow as pa

        storage.write_parquet(path, pa.Table.from_pandas(self.typed(rows), preserve_index=False))
