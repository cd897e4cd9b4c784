"""Tables of a run against their descriptions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from tinycog.analyses import codebook
from tinycog.results.columns import INTEGER, JSON, NUMBER, Column, Table

ROUNDING = 1e-12  # an interval of a share may end that far below 0


def disagreements(folder: Path) -> list[str]:
    """What stands in the described tables of a folder otherwise than their descriptions say."""
    known = codebook.described()
    paths = {path.stem: path for path in sorted(folder.glob("*.parquet"))}
    return [f"{name}: {found}" for name in known.keys() & paths for found in _of_table(known[name], paths[name])]


def _of_table(table: Table, path: Path) -> Iterator[str]:
    schema = pq.read_schema(path)
    if schema.names != table.names:
        yield f"columns {schema.names}, described are {table.names}"
        return
    if schema.metadata[b"row"].decode() != table.row:
        yield "the file says otherwise what a row is"
    content = pd.read_parquet(path)
    written = pd.read_csv(path.with_suffix(".csv"), usecols=table.names)
    if len(written) != len(content):
        yield f"{len(written)} rows as CSV, {len(content)} as Parquet"
    for column in table.columns:
        about = {key.decode(): words.decode() for key, words in schema.field(column.name).metadata.items()}
        if about != column.about:
            yield f"{column.name}: the file says {about}"
        yield from (f"{column.name}: {found}" for found in _of_values(column, content[column.name]))


def _of_values(column: Column, values: pd.Series) -> Iterator[str]:
    if str(values.dtype) != column.dtype:
        yield f"of type {values.dtype}, described is {column.dtype}"
    if values.isna().any() and not column.missing:
        yield "some values are missing"
    there = values.dropna()
    if column.kind in (INTEGER, NUMBER) and len(there):
        numbers = there.to_numpy(dtype=float)
        low, high = column.bounds
        if numbers.min() < low - ROUNDING or numbers.max() > high + ROUNDING or not np.isfinite(numbers).all():
            yield f"{numbers.min()} to {numbers.max()}, described is {column.range or 'any finite number'}"
    if column.kind == JSON:
        for text in there:
            json.loads(text)
