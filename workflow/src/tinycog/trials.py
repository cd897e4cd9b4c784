"""The canonical trial table: one row per trial, checked once when it is made (contract of the results folder)."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from tinycog.errors import InputError
from tinycog.tasks import Task

COLUMNS = ("dataset", "subject", "session", "block", "trial", "action", "state", "reward", "mask")
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
}


def schema(task: Task) -> pa.DataFrameSchema:
    """Types and value ranges of a trial table of `task`; annotations `task_*` pass unchecked."""
    column = pa.Column
    scored = "where mask is 1"
    return pa.DataFrameSchema(
        {
            "dataset": column(str),
            "subject": column(str),
            "session": column(str),
            "block": column("int32", pa.Check.ge(0)),
            "trial": column("int32", pa.Check.ge(0)),
            "action": column("int16", pa.Check.isin(range(-1, task.n_actions))),
            "state": column("int16", pa.Check.isin(range(task.n_states))),
            "reward": column("float64", pa.Check.in_range(0, 1), nullable=True),
            "mask": column("int8", pa.Check.isin([0, 1])),
            r"task_.*": column(None, regex=True, required=False, nullable=True),
        },
        checks=[
            _row_check(
                "action", lambda t: (t["action"] >= 0) == (t["mask"] == 1), f"an action from 0 {scored}, -1 else"
            ),
            _row_check("reward", lambda t: t["reward"].notna() == (t["mask"] == 1), f"a reward {scored}, null else"),
            _row_check("state", lambda t: (t["state"] == t["action"]) | (t["mask"] == 0), "the action's own state"),
        ],
        strict=True,
    )


def _row_check(column: str, passes, what: str) -> pa.Check:
    return pa.Check(passes, error=f"{column}: {what}")


def validated(table: pd.DataFrame, task: Task, origin: str) -> pd.DataFrame:
    """`table` with the canonical types, checked.

    Raises:
        InputError: names the column, the first offending row (counted from 1, without a header), and what is allowed.
    """
    typed = {name: dtype for name, dtype in DTYPES.items() if name in table}
    table = table.reset_index(drop=True)
    try:
        table = table.astype(typed)
        schema(task).validate(table, lazy=True)
    except (ValueError, TypeError) as error:
        raise InputError(f"{origin}: {error}") from None
    except pa.errors.SchemaErrors as error:
        raise InputError(f"{origin}: " + _first_failure(error.failure_cases, table)) from None
    _check_order(table, origin)
    return table


def _first_failure(failures: pd.DataFrame, table: pd.DataFrame) -> str:
    whole = failures[failures["index"].isna()]
    if len(whole):
        first = whole.iloc[0]
        return f"{first['check']}: {first['failure_case']} ({first['column'] or 'table'})"
    # a wrong value often fails the checks across columns as well, which begin with the column that they are about
    about = failures["check"].astype(str).str.extract(r"^(\w+): ")[0]
    failure = (
        failures.assign(across=about.isin(table.columns), about=about)
        .sort_values(["index", "across"], kind="stable")
        .iloc[0]
    )
    row, check = int(failure["index"]), str(failure["check"])
    column = failure["about"] if failure["across"] else failure["column"]
    return f"row {row + 1}, column {column!r}: found {shown(table[column].iloc[row])}; allowed: {check}"


def shown(value: object) -> str:
    """A cell's value as a person would write it."""
    return repr(value.item() if hasattr(value, "item") else value)


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


def numbered(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """`table` with `block` (0.. within a subject) and `trial` (0.. within a block) renumbered.

    `keys` are the columns that tell blocks apart within a subject; a block is a run of rows with equal keys.
    """
    starts = (table[["subject", *keys]] != table[["subject", *keys]].shift()).any(axis=1)
    block = starts.groupby(table["subject"]).cumsum() - 1
    return table.assign(block=block, trial=table.groupby(starts.cumsum()).cumcount())
