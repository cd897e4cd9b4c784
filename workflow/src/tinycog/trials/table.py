"""The canonical trial table: one row per trial, checked once when it is made (methods: trial table)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pandera.pandas as pa

from tinycog.errors import InputError
from tinycog.tasks import Task
from tinycog.trials.subjects import POOLED
from tinycog.trials.values import allowed

COLUMNS = ("dataset", "subject", "session", "block", "trial", "action", "state", "reward", "mask")
SECOND_STAGE = ("action2", "mask2")  # of tasks with two choices in a trial
OPTIONAL = ("forced", "aug_of")  # 1 where the subject had no choice; block of which a relabelled block is a copy
SOURCE = ("source_block", "source_trial", "source_row")  # where the trial stood in the data as they came
RESERVED = {POOLED: "all subjects fitted together", "all": "the row of all subjects in the description"}  # ids
DTYPES = {
    "dataset": "str",
    "subject": "str",
    "session": "str",
    "block": "int32",
    "trial": "int32",
    "action": "int16",
    "state": "int16",
    "reward": "float64",
    "mask": "int8",
    "action2": "int16",
    "mask2": "int8",
    "forced": "int8",
    "aug_of": "int32",
    "source_block": "str",
    "source_trial": "str",
    "source_row": "int64",
}


def schema(task: Task) -> pa.DataFrameSchema:
    """Columns and value ranges of a trial table of `task`; annotations `task_*` pass unchecked."""
    column = pa.Column
    flag, counted = _integers(0, 1), pa.Check.ge(0, error="integers from 0")
    holds = allowed(task)
    finite = pa.Check(np.isfinite, error="a number")
    columns = {
        "dataset": column(str),
        "subject": column(str),
        "session": column(str),
        "block": column(int, counted),
        "trial": column(int, counted),
        "action": column(int, _integers(-1, holds["action"].high)),
        "state": column(int, _integers(0, holds["state"].high)),
        "reward": column(float, pa.Check(holds["reward"].holds, error=str(holds["reward"])), nullable=True),
        "mask": column(int, flag),
        "forced": column(int, flag, required=False),
        "aug_of": column(int, counted, required=False),
        "source_block": column(str, required=False),
        "source_trial": column(str, required=False),
        "source_row": column(int, counted, required=False),
        r"task_.*": column(None, regex=True, required=False, nullable=True),
        r"stim_.*": column(float, finite, regex=True, required=False),
    }
    checks = [_row_check("action", lambda t: (t["action"] >= 0) == (t["mask"] == 1), "from 0 where mask is 1, -1 else")]
    if task.stages == 2:
        columns |= {"action2": column(int, _integers(-1, holds["action2"].high)), "mask2": column(int, flag)}
        last = "mask2"
        rule = "from 0 where mask2 is 1, -1 else"
        checks.append(_row_check("action2", lambda t: (t["action2"] >= 0) == (t["mask2"] == 1), rule))
    else:
        last = "mask"
    rule = f"a number where {last} is 1, null else"
    checks.append(_row_check("reward", lambda t: t["reward"].notna() == (t[last] == 1), rule))
    if task.one_stage:
        rule = "the action itself"
        checks.append(_row_check("state", lambda t: (t["state"] == t["action"]) | (t["mask"] == 0), rule))
    return pa.DataFrameSchema(columns, checks=checks, strict=True)


def _integers(low: int, high: int) -> pa.Check:
    return pa.Check.isin(range(low, high + 1), error=f"integers from {low} to {high}")


def _row_check(column: str, passes, what: str) -> pa.Check:
    """A check across columns; its text begins with the column that it is about."""
    return pa.Check(passes, error=f"{column}: {what}")


def validated(table: pd.DataFrame, task: Task, origin: str) -> pd.DataFrame:
    """`table` with the canonical types, checked.

    Raises:
        InputError: names the column, the first offending row (counted from 1, without a header), and what is allowed.
    """
    table = table.reset_index(drop=True)
    dtypes = DTYPES | {column: "float64" for column in table if column.startswith("stim_")}
    dtypes = {column: dtype for column, dtype in dtypes.items() if column in table}
    table = table.assign(**{column: _typed(table[column], dtype, origin) for column, dtype in dtypes.items()})
    try:
        schema(task).validate(table, lazy=True)
    except pa.errors.SchemaErrors as error:
        raise InputError(f"{origin}: {_first_failure(error.failure_cases, table)}") from None
    _check_order(table, origin)
    for reserved, meaning in RESERVED.items():
        if table["subject"].eq(reserved).any():
            raise InputError(f"{origin}: a subject is called {reserved!r}, the name of {meaning}; rename it")
    return table.astype(dtypes)


def _typed(values: pd.Series, dtype: str, origin: str) -> pd.Series:
    """`values` as text, numbers or integers as `dtype` says; in the widest type: a narrow one would change some."""
    if dtype == "str":
        return values.astype(str)
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    whole = dtype.startswith("int")
    good = numbers.mod(1).eq(0) if whole else numbers.notna() | values.isna()
    if not good.all():
        what = "integers" if whole else "numbers"
        raise InputError(f"{origin}: {_found(int(good.argmin()), values)}; allowed: {what}")
    return numbers.astype(int) if whole else numbers


def _found(row: int, values: pd.Series) -> str:
    return f"row {row + 1}, column {values.name!r}: found {shown(values.iloc[row])}"


def _first_failure(failures: pd.DataFrame, table: pd.DataFrame) -> str:
    whole = failures[failures["index"].isna()]
    if len(whole):
        first = whole.iloc[0]
        what = "missing" if first["check"] == "column_in_dataframe" else "no column of a trial table of this task"
        return f"column {first['failure_case']!r}: {what}"
    # a wrong value often fails the checks across columns as well, which begin with the column that they are about
    about = failures["check"].astype(str).str.extract(r"^(\w+): ")[0]
    failures = failures.assign(across=about.isin(table.columns), about=about)
    failure = failures.sort_values(["index", "across"], kind="stable").iloc[0]
    column = failure["about"] if failure["across"] else failure["column"]
    allowed = str(failure["check"]).removeprefix(f"{column}: ").replace("not_nullable", "a value in every row")
    return f"{_found(int(failure['index']), table[column])}; allowed: {allowed}"


def shown(value: object) -> str:
    """A cell's value as a person would write it."""
    return repr(value.tolist() if hasattr(value, "tolist") else value)


def _check_order(table: pd.DataFrame, origin: str) -> None:
    """Blocks are numbered 0.. within a subject in the order of the data, trials 0.. within a block, both contiguous."""
    block_starts = (table["subject"] != table["subject"].shift()) | (table["block"] != table["block"].shift())
    expected_trial = table.groupby(block_starts.cumsum()).cumcount()
    expected_block = block_starts.groupby(table["subject"]).cumsum() - 1
    for column, expected in (("trial", expected_trial), ("block", expected_block)):
        if (wrong := table[column] != expected).any():
            row = int(wrong.to_numpy().argmax())
            raise InputError(
                f"{origin}: row {row + 1}, column {column!r}: found {table[column].iloc[row]}, expected "
                f"{expected.iloc[row]}: blocks and trials count from 0 without gaps"
            )


def canonical_order(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with the canonical columns first, then optional ones, stimuli and annotations; others are dropped."""
    extras = [c for c in table if c.startswith(("stim_", "task_"))]
    named = [c for c in (*COLUMNS, *SECOND_STAGE, *OPTIONAL, *SOURCE) if c in table]
    return table[[*named, *extras]].reset_index(drop=True)


def numbered(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """`table` with `block` (0.. within a subject) and `trial` (0.. within a block) renumbered.

    `keys` are the columns that tell blocks apart within a subject; a block is a run of rows with equal keys. The first
    numbers, from 1, stay in `source_trial` unless that is there: filters and cuts number trials anew.
    """
    starts = (table[["subject", *keys]] != table[["subject", *keys]].shift()).any(axis=1)
    block = starts.groupby(table["subject"]).cumsum() - 1
    table = table.assign(block=block, trial=table.groupby(starts.cumsum()).cumcount())
    return table if "source_trial" in table else table.assign(source_trial=(table["trial"] + 1).astype(str))


def segmented(table: pd.DataFrame, longest: int | None) -> pd.DataFrame:
    """`table` with blocks of n trials cut into K = ceil(n / longest) blocks of ceil(n / K) trials, the last shorter.

    None leaves blocks as they are (methods: blocks and segments).
    """
    if longest is None:
        return table
    n = table.groupby(["subject", "block"], sort=False)["trial"].transform("size")
    pieces = -(-n // longest)
    return numbered(table.assign(piece=table["trial"] // -(-n // pieces)), ["block", "piece"]).drop(columns="piece")
