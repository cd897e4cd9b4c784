"""A user's own CSV or Parquet table, with a mapping from canonical columns to its own."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources import bounds
from tinycog.sources.canonical import listed
from tinycog.sources.codes import refuse
from tinycog.sources.prepared import Prepared, chosen, counts
from tinycog.tasks import Task, task_of
from tinycog.trials.values import allowed

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

OPTIONAL = ("subject", "session", "block", "trial", "state", "mask", "forced")
ADDED = ("stim_", "task_")  # begin the names of columns that are used where the mapping names them
BATCH = 1024  # rows of a Parquet file that are read before their size is looked at
SPLIT = "Leave out columns that are not used, or split the table into data sets"
MISSING = ("", "na", "nan", "n/a", "#n/a", "null", "none", "<na>")  # cells of a column of numbers, in lower case


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    """The table, from the working folder or else from `raw`. Before that `config.load` looks beside the config file."""
    path = Path(options["file"])
    if found := [place for place in (path, raw / path) if place.is_file()]:
        return found[:1]
    both = f"; looked for {path.absolute()} and, below `raw`, for {(raw / path).absolute()}"
    raise InputError(
        f"{path}: no such file (the data set's table){'' if path.is_absolute() else both}. Put it there or change the "
        "data set's `file`"
    )


def check(name: str, options: Mapping[str, Any], raw: Path) -> None:
    """Compare the columns asked for with those in the file, without reading its rows."""
    (path,) = files(options, raw)
    _columns(name, options, list(_read(path, header_only=True)), path)


def _read(path: Path, header_only: bool = False) -> pd.DataFrame:
    """The file's columns; its rows are labelled as a person counts them: a CSV file's lines, a Parquet file's rows.

    The cells of a CSV file are text: 001 and 1 may be two subjects. InputError says why a file cannot be read.
    """
    table = _parquet(path, header_only) if path.suffix == ".parquet" else _csv(path, header_only)
    if not header_only and table.empty:
        raise InputError(f"{path}: no rows below the header; needed: one row for each trial")
    return table


def _parquet(path: Path, header_only: bool) -> pd.DataFrame:
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(bounds.fetched(path)) as file:
            table = file.schema_arrow.empty_table() if header_only else _rows(file, path)
    except InputError:
        raise
    except (ValueError, OSError) as error:  # as Arrow's are
        raise InputError(f"{path}: not a readable Parquet file ({error})") from None
    table = table.to_pandas(ignore_metadata=True)  # an index that pandas wrote is then a column like others
    return table.set_axis(range(1, len(table) + 1))


def _rows(file: pq.ParquetFile, path: Path) -> pa.Table:
    """All rows, a few at a time: a cell that is stored once may stand in every row, and takes its size in each."""
    import pyarrow as pa

    n, width = file.metadata.num_rows, file.metadata.num_columns
    bounds.Claims(path, advice=SPLIT).add(8 * n * width, f"a table of {n:,} rows and {width:,} columns")
    claims, batches = bounds.Claims(path, advice=SPLIT), []
    for batch in file.iter_batches(BATCH):
        columns = (c.dictionary_decode() if pa.types.is_dictionary(c.type) else c for c in batch.columns)
        claims.add(sum(column.nbytes for column in columns), f"a part of {len(batch):,} rows")
        batches.append(batch)
    return pa.Table.from_batches(batches, file.schema_arrow)


def _csv(path: Path, header_only: bool) -> pd.DataFrame:
    import pandas as pd

    try:
        text = bounds.content(path, SPLIT).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = f"byte {error.start + 1} ({error.object[error.start]:#04x})"
        raise InputError(f"{path}: not UTF-8 text at {where}; save the table as CSV with encoding UTF-8") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines, rows = [], []
    try:
        for cells in filter(None, reader):  # blank lines are counted, but are no rows
            if rows and len(cells) != len(rows[0]):
                found = f"{len(cells)} cell{'s' * (len(cells) > 1)}"
                raise InputError(
                    f"{path}, row {reader.line_num}: found {found}; allowed: {len(rows[0])}, as in the "
                    "header. Look for a comma too many or too few, or row names without a name in the header"
                )
            lines.append(reader.line_num)
            rows.append(cells)
            if header_only:
                break
    except csv.Error as error:
        raise InputError(f"{path}, row {reader.line_num}: not a readable CSV file ({error})") from None
    if not rows:
        raise InputError(f"{path}: the file is empty; needed: a header and one row for each trial")
    return pd.DataFrame(rows[1:], columns=rows[0], index=lines[1:], dtype=str)


def _columns(name: str, options: Mapping[str, Any], header: list[str], path: Path) -> dict[str, str]:
    """Canonical name: name in the file, for every column that is used."""
    mapping, task = options["columns"], task_of(options["task"], options["n_actions"])
    required = ["action", "reward", *([] if task.one_stage else ["state"]), *(["action2"] if task.stages == 2 else [])]
    known = list(dict.fromkeys([*required, *OPTIONAL, *(["mask2"] if task.stages == 2 else [])]))
    for canonical, own in mapping.items():
        if canonical not in known and not canonical.startswith(ADDED):
            raise InputError(
                f"datasets.{name}.columns: unknown canonical column {canonical!r}; allowed in task {task.name!r}:\n"
                f"{listed([*known, *(f'{stem}*' for stem in ADDED)])}"
            )
        if own not in header:
            raise InputError(
                f"datasets.{name}.columns.{canonical}: {path} has no column {own!r}; it has: {', '.join(header)}"
            )
    used = {
        column: mapping.get(column, column) for column in (*known, *mapping) if mapping.get(column, column) in header
    }
    if missing := [column for column in required if column not in used]:
        raise InputError(
            f"datasets.{name}.columns: {path} has no column {missing[0]!r} and none is mapped to it, as task "
            f"{task.name!r} needs; it has: {', '.join(header)}\nCanonical columns of this task:\n{listed(known)}"
        )
    if repeated := [own for own in used.values() if header.count(own) > 1]:
        raise InputError(f"{path}: {header.count(repeated[0])} columns are called {repeated[0]!r}; rename all but one")
    return used


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    from tinycog.trials.table import canonical_order, numbered

    (path,) = files(options, raw)
    own = _read(path)
    used = _columns(name, options, list(own.columns), path)
    defaults = {"subject": "subject", "session": "session", "block": "0"}
    cells = own[list(used.values())].set_axis(list(used), axis=1)
    cells = cells.assign(**{column: value for column, value in defaults.items() if column not in used})
    cells = cells.astype(dict.fromkeys(defaults, str))
    values = cells.apply(_numbers)

    def demand(good: pd.Series, column: str, what: str) -> None:
        refuse(~good, cells[column], f"{path}, column {used.get(column, column)!r}", what, first=0)

    for column in defaults:
        # somebody may be called NA, but no block is
        missing = values[column].isna() if column == "block" else cells[column].isna() | cells[column].eq("")
        demand(~missing, column, "a value in every row")
    made = _scored(cells, values, task_of(options["task"], options["n_actions"]), demand)
    table = cells.assign(dataset=name, **made)
    subjects = list(dict.fromkeys(table["subject"]))
    table = table.iloc[table["subject"].map({subject: i for i, subject in enumerate(subjects)}).argsort(kind="stable")]
    numbers = numbered(table, ["session", "block"])
    again = numbers.groupby(["subject", table["session"], table["block"]])["block"].transform("min") != numbers["block"]
    rule = "the rows of a block one after the other; this block was left before"
    demand(~again, "block" if "block" in used else "session", rule)
    if "trial" in used:
        trial = values["trial"].loc[table.index]
        earlier = trial.diff().le(0) & numbers["trial"].gt(0)
        demand(~earlier & trial.ne(float("inf")), "trial", "trial numbers that increase within a block")
    table = chosen(canonical_order(numbers), options, name)
    return Prepared(table, counts(table))


def _numbers(cells: pd.Series) -> pd.Series:
    """The cells as numbers: NaN where one is missing, infinity, which no column allows, where it is something else."""
    import pandas as pd

    codes, different = pd.factorize(cells.astype(str).fillna(""))  # a million rows have few different cells
    text = pd.Series(different, dtype=str).str.strip().str.lower().replace({"true": "1", "false": "0"})
    numbers = pd.to_numeric(text, errors="coerce")
    numbers = numbers.mask(numbers.isna() & ~text.isin(MISSING), float("inf"))
    return pd.Series(numbers.to_numpy(dtype=float)[codes], cells.index)


def _scored(
    cells: pd.DataFrame, values: pd.DataFrame, task: Task, demand: Callable[[pd.Series, str, str], None]
) -> dict[str, pd.Series]:
    """Choices, state, reward, masks and what else holds numbers, as the canonical table has them.

    A missing choice is an empty cell or -1; a column `mask` (`mask2` of second choices), if there is one, says instead
    which choices count. Without `mask2` a missing first choice takes the second one with it.
    """
    import numpy as np

    holds = allowed(task)

    def given(column: str, mask: str) -> pd.Series:
        if mask not in values:
            return values[column].notna() & values[column].ne(-1)
        demand(values[mask].isin([0, 1]), mask, "0 or 1")
        return values[mask].eq(1)

    def coded(column: str, needed: pd.Series, otherwise: int) -> pd.Series:
        missing = " (empty or -1 for a missing choice)" if otherwise == -1 else ""
        demand(~needed | holds[column].holds(values[column]), column, f"{holds[column]}{missing}")
        return values[column].where(needed, otherwise).astype(int)

    first = last = given("action", "mask")
    made = {"mask": first.astype(int), "action": coded("action", first, -1)}
    if task.stages == 2:
        last = given("action2", "mask2") & (True if "mask2" in values else first)
        made |= {"mask2": last.astype(int), "action2": coded("action2", last, -1)}
    if not task.one_stage:
        made["state"] = coded("state", first | last, 0)
    else:
        made["state"] = made["action"].where(first, 0)
        if "state" in values:
            demand(~first | values["state"].eq(made["state"]), "state", f"the action itself (task {task.name!r})")
    demand(~last | holds["reward"].holds(values["reward"]), "reward", f"{holds['reward']} for every choice")
    made["reward"] = values["reward"].where(last).astype(float)
    if "forced" in values:
        demand(values["forced"].isin([0, 1]), "forced", "0 or 1")
        made["forced"] = values["forced"].astype(int)
    for column in cells:
        if column.startswith("stim_"):
            demand(np.isfinite(values[column]), column, "a number in every row")
            made[column] = values[column].astype(float)
        elif column.startswith("task_") and not np.isinf(values[column]).any():  # text stays text
            made[column] = values[column]
    return made
