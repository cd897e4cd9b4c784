"""Files written whole or not at all, with the same bytes for the same content."""

from __future__ import annotations

import errno
import glob
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tinycog.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


# what keeps a file from being written, and what helps; finished results are kept in any case
UNWRITABLE = {
    errno.ENOSPC: "the disk is full: make room",
    errno.EDQUOT: "the quota of disk space is used up: make room",
    errno.EROFS: "the file system is read-only: run where results can be written",
    errno.EACCES: "no permission to write there: change it, or run in a folder of your own",
}


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; move it over `path` when the block ends without an error.

    Temporary files of the same path that a killed process left behind go, too.

    Raises:
        InputError: the file system does not take the file.
    """
    path = Path(path)
    with _told(path), _temporary(path) as temporary:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)  # mkstemp makes private files; results are shared on clusters
        temporary.replace(path)
        for left in path.parent.glob(f".{glob.escape(path.stem)}.{8 * '?'}{glob.escape(path.suffix)}"):
            left.unlink(missing_ok=True)  # what was killed as it wrote this file could not take its own away


def check_writable(folder: Path) -> None:
    """Raise InputError if nothing can be written to a folder, or to the one in which it would be made."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    with _told(folder), _temporary(there / "probe"):
        pass


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say what keeps a file from being written, and what helps."""
    try:
        yield
    except Exception as error:
        said = (code for code in UNWRITABLE if f"(os error {code})" in str(error))  # by safetensors
        code = getattr(error, "errno", None) or next(said, None)
        if code not in UNWRITABLE:
            raise
        raise InputError(
            f"{path} cannot be written: {UNWRITABLE[code]}; then run again, what is done is kept"
        ) from error


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, content: Any) -> None:
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    with reading(path):
        return json.loads(Path(path).read_text(encoding="utf-8"))


def write_parquet(path: Path, table: pa.Table) -> None:
    import pyarrow.parquet as pq

    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def readable(path: Path) -> str:
    """What keeps a result from being read, empty if nothing does: a part of it is missing, say."""
    try:
        READERS.get(path.suffix, lambda path: None)(path)
    except (ValueError, OSError, zipfile.BadZipFile) as error:  # Arrow's errors are of these too
        return str(error).splitlines()[0].strip(".")
    return ""


def _open_parquet(path: Path) -> None:
    import pyarrow.parquet as pq

    pq.ParquetFile(path).close()


def _open_safetensors(path: Path) -> None:
    """By its header, which says how much follows; without the library, which few environments have."""
    with open(path, "rb") as file:
        n = int.from_bytes(file.read(8), "little")
        if not 0 < n < path.stat().st_size:
            raise ValueError("its header is incomplete")
        header = json.loads(file.read(n))
    ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    if path.stat().st_size != 8 + n + max(ends, default=0):
        raise ValueError("it has not as many bytes as its header says")


READERS = {
    ".parquet": _open_parquet,
    ".safetensors": _open_safetensors,
    ".npz": lambda path: zipfile.ZipFile(path).close(),
    ".json": lambda path: json.loads(path.read_text(encoding="utf-8")),
}


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Name a result that cannot be read in the block because a part of it is missing.

    Raises:
        InputError: with what to do.
    """
    try:
        yield
    except Exception as error:
        if not Path(path).is_file() or not (problem := readable(Path(path))):
            raise
        raise InputError(damaged({path: problem})) from error


def damaged(problems: Mapping[Path, str]) -> str:
    """What to tell of results that cannot be read."""
    return "\n".join(
        f"{path} is damaged ({why}): delete it, and the next run makes it anew" for path, why in problems.items()
    )


# Arrow's own conversions from and to NumPy import pandas, and `pyarrow.parquet.read_table` as well, which takes longer
# than many a job. Small steps read and write through the buffers.


def read_columns(path: Path, names: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """Columns of a Parquet file, or those of `names` that it has, numbers in the file's own types.

    Missing numbers are NaN, which makes integers float64; text, and truth values some of which are missing, are of type
    object with None.
    """
    import pyarrow.parquet as pq

    with reading(path), pq.ParquetFile(path) as file:
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

    write_table_parts(stem, [table], lambda part: pa.Table.from_pandas(part, preserve_index=False))


def write_table_parts(stem: Path, parts: Iterable[pd.DataFrame], as_arrow: Callable[[pd.DataFrame], pa.Table]) -> None:
    """As `write_table`, of parts with the same columns, one at least; only one is in memory at a time."""
    import pyarrow.parquet as pq

    with (
        replacing(Path(f"{stem}.csv")) as csv,
        replacing(Path(f"{stem}.parquet")) as parquet,
        open(csv, "w", encoding="utf-8", newline="") as text,
        ExitStack() as files,
    ):
        writer = None
        for part in parts:
            content = as_arrow(part)
            writer = writer or files.enter_context(pq.ParquetWriter(parquet, content.schema, compression="zstd"))
            writer.write_table(content)
            part.to_csv(text, index=False, header=not text.tell(), lineterminator="\n")
