"""Files written whole or not at all, with the same bytes for the same content."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; move it over `path` when the block ends without an error."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)  # mkstemp makes private files; results are shared on clusters
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, content: Any) -> None:
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_parquet(path: Path, table: pa.Table) -> None:
    import pyarrow.parquet as pq

    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


# Arrow's own conversions from and to NumPy import pandas, and `pyarrow.parquet.read_table` as well, which takes longer
# than many a job. Small steps read and write through the buffers.


def read_columns(path: Path, names: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """Columns of a Parquet file, or those of `names` that it has, numbers in the file's own types.

    Missing numbers are NaN, which makes integers float64; text, and truth values some of which are missing, are of type
    object with None.
    """
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        table = file.read(columns=names)
    return {name: _from_arrow(table[name].combine_chunks()) for name in table.column_names}


def _from_arrow(values: pa.Array) -> np.ndarray:
    import pyarrow as pa

    kind = values.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        dtype = bool if pa.types.is_boolean(kind) and not values.null_count else object
        return np.array(values.to_pylist(), dtype=dtype)
    # by class and width: what Arrow calls a float is float32, NumPy's has 64 bits
    letter = "f" if pa.types.is_floating(kind) else "i" if pa.types.is_signed_integer(kind) else "u"
    dtype = np.dtype(f"{letter}{kind.bit_width // 8}")
    rows = slice(values.offset, values.offset + len(values))
    valid, content = values.buffers()
    numbers = np.frombuffer(content, dtype)[rows]
    if not values.null_count:
        return numbers
    bits = np.unpackbits(np.frombuffer(valid, dtype=np.uint8), bitorder="little")[rows]
    return np.where(bits == 1, numbers, np.nan)


def write_columns(path: Path, columns: Mapping[str, np.ndarray]) -> None:
    """Write a Parquet file of columns of 64-bit or 32-bit numbers, or of text."""
    import pyarrow as pa

    write_parquet(path, pa.table({name: _to_arrow(values) for name, values in columns.items()}))


def _to_arrow(values: np.ndarray) -> pa.Array:
    import pyarrow as pa

    if values.dtype.kind in "if":
        content = [pa.py_buffer(np.ascontiguousarray(values))]
        return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, *content])
    encoded = [text.encode() for text in values]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(values), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))])


def write_table(stem: Path, table: pd.DataFrame) -> None:
    """Write a result table as `stem.parquet` (typed) and `stem.csv` (readable anywhere)."""
    import pyarrow as pa

    with replacing(Path(f"{stem}.csv")) as temporary:
        table.to_csv(temporary, index=False)
    write_parquet(Path(f"{stem}.parquet"), pa.Table.from_pandas(table, preserve_index=False))
