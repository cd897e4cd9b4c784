"""A user's own CSV or Parquet table, with a mapping from canonical columns to its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources.prepared import Prepared, chosen, counts, existing
from tinycog.tasks import Task, task_of

if TYPE_CHECKING:
    import pandas as pd

REQUIRED = ("action", "reward")
OPTIONAL = ("subject", "session", "block", "trial", "state", "mask")


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    path = Path(options["file"])
    return existing([path if path.is_file() else raw / path], "the data set's table", "the data set's `file`")


def check(name: str, options: Mapping[str, Any], raw: Path) -> None:
    """Compare the columns asked for with those in the file, without reading its rows."""
    (path,) = files(options, raw)
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        header = pq.read_schema(path).names
    else:
        import csv

        with open(path, newline="", encoding="utf-8-sig") as file:
            header = next(csv.reader(file), [])
    _columns(name, options, header, path)


def _columns(name: str, options: Mapping[str, Any], header: list[str], path: Path) -> dict[str, str]:
    """Canonical name: name in the file, for every column that is used."""
    mapping = options["columns"]
    known = (*REQUIRED, *OPTIONAL)
    for canonical, own in mapping.items():
        if canonical not in known and not canonical.startswith("task_"):
            raise InputError(
                f"datasets.{name}.columns: unknown canonical column {canonical!r}; allowed: {', '.join(known)}, task_*"
            )
        if own not in header:
            raise InputError(
                f"datasets.{name}.columns.{canonical}: {path} has no column {own!r}; it has: {', '.join(header)}"
            )
    used = {
        column: mapping.get(column, column) for column in (*known, *mapping) if mapping.get(column, column) in header
    }
    if missing := [column for column in REQUIRED if column not in used]:
        raise InputError(
            f"datasets.{name}.columns: {path} has no column {missing[0]!r} and none is mapped to it; "
            f"it has: {', '.join(header)}"
        )
    return used


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    import pandas as pd

    from tinycog.trials import COLUMNS, numbered

    (path,) = files(options, raw)
    own = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    used = _columns(name, options, list(own.columns), path)
    table = own[list(used.values())].set_axis(list(used), axis=1).assign(dataset=name)
    defaults = {"subject": "subject", "session": "session", "block": 0}
    table = table.assign(**{column: value for column, value in defaults.items() if column not in table})
    for column in defaults:
        _refuse(table[column].isna(), table[column], f"{path}, column {used.get(column)!r}", "a value in every row")
    table = table.astype({"subject": str, "session": str})
    table = _scored(table, task_of(options["task"], options["n_actions"]), path, used)
    subjects = list(dict.fromkeys(table["subject"]))
    table = table.iloc[table["subject"].map({subject: i for i, subject in enumerate(subjects)}).argsort(kind="stable")]
    numbers = numbered(table, ["session", "block"])
    again = numbers.groupby(["subject", table["session"], table["block"]])["block"].transform("min") != numbers["block"]
    where = f"{path}, column {used.get('block', 'block')!r}"
    _refuse(again, table["block"], where, "the rows of a block one after the other; this block was left before")
    if "trial" in table:
        earlier = table["trial"].diff().le(0) & numbers["trial"].gt(0)
        _refuse(
            earlier, table["trial"], f"{path}, column {used['trial']!r}", "trial numbers that increase within a block"
        )
    annotations = [column for column in table if column.startswith("task_")]
    table = chosen(numbers[[*COLUMNS, *annotations]].reset_index(drop=True), options, name)
    return Prepared(table, counts(table))


def _scored(table: pd.DataFrame, task: Task, path: Path, used: Mapping[str, str]) -> pd.DataFrame:
    """`table` with action, state, reward and mask as the canonical table has them; errors name the file's own rows."""
    if "mask" not in table:  # a missing choice is an empty cell or -1
        table = table.assign(mask=(table["action"].notna() & table["action"].ne(-1)).astype(int))
    bad_mask = ~table["mask"].isin([0, 1])
    _refuse(bad_mask, table["mask"], f"{path}, column {used.get('mask')!r}", "0 or 1")
    scored = table["mask"].eq(1)
    for column, allowed in (("action", range(task.n_actions)), ("state", range(task.n_states))):
        if column in table:
            bad = scored & ~table[column].isin(allowed)
            what = f"integers from 0 to {len(allowed) - 1} (empty or -1 for a missing choice)"
            _refuse(bad, table[column], f"{path}, column {used[column]!r}", what)
    action = table["action"].where(scored, -1).astype(int)
    state = action.where(scored, 0)
    if "state" in table:
        other = scored & table["state"].ne(state)
        _refuse(other, table["state"], f"{path}, column {used['state']!r}", f"the action itself (task {task.name!r})")
    bad = scored & ~table["reward"].between(0, 1)
    _refuse(bad, table["reward"], f"{path}, column {used['reward']!r}", "a number from 0 to 1 for every choice")
    return table.assign(action=action, state=state, reward=table["reward"].where(scored).astype(float))


def _refuse(bad: pd.Series, values: pd.Series, where: str, allowed: str) -> None:
    """Raise InputError for the first row marked `bad`; rows are counted as a spreadsheet does, the header being 1."""
    from tinycog.trials import shown

    if bad.any():
        row = bad.idxmax()
        raise InputError(f"{where}, row {row + 2}: found {shown(values[row])}; needed: {allowed}")
