"""A user's own CSV or Parquet table, with a mapping from canonical columns to its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources.codes import refuse
from tinycog.sources.prepared import Prepared, chosen, counts, existing
from tinycog.tasks import Task, task_of

if TYPE_CHECKING:
    import pandas as pd

REQUIRED = ("action", "reward")
OPTIONAL = ("subject", "session", "block", "trial", "state", "action2", "mask")


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    path = Path(options["file"])
    return existing([path if path.is_file() else raw / path], "the data set's table", "the data set's `file`")


def check(name: str, options: Mapping[str, Any], raw: Path) -> None:
    """Compare the columns asked for with those in the file, without reading its rows."""
    (path,) = files(options, raw)
    _columns(name, options, list(_read(path, header_only=True)), path)


def _read(path: Path, header_only: bool = False) -> pd.DataFrame:
    """The file's columns; InputError says why it cannot be read."""
    import pandas as pd

    try:
        if path.suffix == ".parquet":
            import pyarrow.parquet as pq

            return pq.read_schema(path).empty_table().to_pandas() if header_only else pd.read_parquet(path)
        table = pd.read_csv(path, nrows=0 if header_only else None, encoding="utf-8-sig")
    except pd.errors.EmptyDataError:
        raise InputError(f"{path}: the file is empty; needed: a header and one row for each trial") from None
    except UnicodeDecodeError as error:
        where = f"byte {error.start + 1} ({error.object[error.start]:#04x})"
        raise InputError(f"{path}: not UTF-8 text at {where}; save the table as CSV with encoding UTF-8") from None
    except (ValueError, OSError) as error:  # of pandas' and of Arrow's parsers
        kind = "Parquet" if path.suffix == ".parquet" else "CSV"
        raise InputError(f"{path}: not a readable {kind} file ({error})") from None
    if not header_only and table.empty:
        raise InputError(f"{path}: no rows below the header; needed: one row for each trial")
    return table


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

    from tinycog.trials import canonical_order, numbered

    (path,) = files(options, raw)
    own = _read(path)
    used = _columns(name, options, list(own.columns), path)
    table = own[list(used.values())].set_axis(list(used), axis=1).assign(dataset=name)
    defaults = {"subject": "subject", "session": "session", "block": 0}
    table = table.assign(**{column: value for column, value in defaults.items() if column not in table})
    for column in defaults:
        refuse(table[column].isna(), table[column], f"{path}, column {used.get(column)!r}", "a value in every row")
    table = table.astype({"subject": str, "session": str})
    table = _scored(table, task_of(options["task"], options["n_actions"]), path, used)
    subjects = list(dict.fromkeys(table["subject"]))
    table = table.iloc[table["subject"].map({subject: i for i, subject in enumerate(subjects)}).argsort(kind="stable")]
    numbers = numbered(table, ["session", "block"])
    again = numbers.groupby(["subject", table["session"], table["block"]])["block"].transform("min") != numbers["block"]
    where = f"{path}, column {used.get('block', 'block')!r}"
    refuse(again, table["block"], where, "the rows of a block one after the other; this block was left before")
    if "trial" in table:
        earlier = table["trial"].diff().le(0) & numbers["trial"].gt(0)
        refuse(
            earlier, table["trial"], f"{path}, column {used['trial']!r}", "trial numbers that increase within a block"
        )
    table = chosen(canonical_order(numbers), options, name)
    return Prepared(table, counts(table))


def _scored(table: pd.DataFrame, task: Task, path: Path, used: Mapping[str, str]) -> pd.DataFrame:
    """`table` with choices, state, reward and masks as the canonical table has them; errors name the file's own rows.

    A missing choice is an empty cell or -1; a column `mask`, if there is one, says instead which (first) choices count.
    """

    def demand(good: pd.Series, column: str, what: str) -> None:
        refuse(~good, table[column], f"{path}, column {used.get(column)!r}", what)

    needed = [] if task.one_stage else ["state"] if task.stages == 1 else ["state", "action2"]
    if missing := [column for column in needed if column not in table]:
        raise InputError(f"{path}: task {task.name!r} needs a column {missing[0]!r}, and none is mapped to it")
    given = table["action"].notna() & table["action"].ne(-1)
    if "mask" in table:
        demand(table["mask"].isin([0, 1]), "mask", "0 or 1")
        given = table["mask"].eq(1)
    several = " (empty or -1 for a missing choice)"
    demand(
        ~given | table["action"].isin(range(task.n_actions)),
        "action",
        f"integers from 0 to {task.n_actions - 1}{several}",
    )
    action = table["action"].where(given, -1).astype(int)
    state, last = action.where(given, 0), given
    if task.one_stage and "state" in table:
        demand(~given | table["state"].eq(state), "state", f"the action itself (task {task.name!r})")
    elif not task.one_stage:
        demand(~given | table["state"].isin(range(task.n_states)), "state", f"integers from 0 to {task.n_states - 1}")
        state = table["state"].where(given, 0).astype(int)
    if task.stages == 2:
        last = given & table["action2"].notna() & table["action2"].ne(-1)
        demand(~last | table["action2"].isin([0, 1]), "action2", f"0 or 1{several}")
        table = table.assign(action2=table["action2"].where(last, -1).astype(int), mask2=last.astype(int))
    demand(~last | table["reward"].between(0, 1), "reward", "a number from 0 to 1 for every choice")
    reward = table["reward"].where(last).astype(float)
    return table.assign(action=action, state=state, reward=reward, mask=given.astype(int))
