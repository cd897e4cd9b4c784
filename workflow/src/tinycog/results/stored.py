"""The tables of a finished run, read into pandas: `tinycog.read`, `tinycog.tables`, `tinycog.columns`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tinycog.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def read(run: str | Path, name: str) -> pd.DataFrame:
    """A result table, typed: whole numbers some of which are missing are Int64, with NA; text of type JSON stays text.

    Args:
        run: the run's folder, as `results/demo`.
        name: the table's name, as `setpoints`; `tables` lists those that the run has.

    Raises:
        InputError: the folder has no tables, or none of that name.
    """
    import pandas as pd

    return pd.read_parquet(_path(run, name))


def tables(run: str | Path) -> pd.DataFrame:
    """The tables of a run, one a row, indexed by name: how many `rows` and `columns` it has, and what `a_row_is`.

    Raises:
        InputError: the folder has no tables.
    """
    import pandas as pd
    import pyarrow.parquet as pq

    found = {name: pq.read_metadata(path) for name, path in _paths(run).items()}
    about = {
        "rows": [file.num_rows for file in found.values()],
        "columns": [file.num_columns for file in found.values()],
        "a_row_is": [(file.metadata or {}).get(b"row", b"").decode() for file in found.values()],
    }
    return pd.DataFrame(about, index=pd.Index(found, name="table"))


def columns(run: str | Path, name: str) -> pd.DataFrame:
    """The codebook of a table, one column a row, indexed by name: `meaning`, `unit`, `range`, and where `missing`.

    Raises:
        InputError: as `read`.
    """
    import pandas as pd
    import pyarrow.parquet as pq

    schema = pq.read_schema(_path(run, name))
    about = ("meaning", "unit", "range", "missing")
    words = [{key: (field.metadata or {}).get(key.encode(), b"").decode() for key in about} for field in schema]
    return pd.DataFrame(words, index=pd.Index(schema.names, name="column"))


def _path(run: str | Path, name: str) -> Path:
    paths = _paths(run)
    if name not in paths:
        raise InputError(f"{Path(run) / 'tables'}: there is no table {name!r}; there are {', '.join(paths)}")
    return paths[name]


def _paths(run: str | Path) -> dict[str, Path]:
    """Files of the tables by name, in alphabetical order."""
    folder = Path(run) / "tables"
    if paths := {path.stem: path for path in sorted(folder.glob("*.parquet"))}:
        return paths
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder; name the folder of a run, as results/demo")
    raise InputError(f"{folder}: there is no table yet; run the experiment first")
