"""Files written whole or not at all, with the same bytes for the same content."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
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


def write_json(path: Path, content: Any) -> None:
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_parquet(path: Path, table: pa.Table) -> None:
    import pyarrow.parquet as pq

    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def read_columns(path: Path, names: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """Columns of a Parquet file, or those of `names` that it has; missing numbers are NaN, text is of type object.

    Arrow's own conversion would import pandas, and `pyarrow.parquet.read_table` as well, which takes longer than many
    a job.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        table = file.read(columns=names).combine_chunks()
    columns = {}
    for name in table.column_names:
        values = table[name].chunk(0)
        if pa.types.is_string(values.type):
            columns[name] = np.array(values.to_pylist(), dtype=object)
        else:
            columns[name] = np.from_dlpack(values.fill_null(float("nan")) if values.null_count else values)
    return columns


def write_table(stem: Path, table: pd.DataFrame) -> None:
    """Write a result table as `stem.parquet` (typed) and `stem.csv` (readable anywhere)."""
    import pyarrow as pa

    with replacing(Path(f"{stem}.csv")) as temporary:
        table.to_csv(temporary, index=False)
    write_parquet(Path(f"{stem}.parquet"), pa.Table.from_pandas(table, preserve_index=False))
