"""Human four-armed drifting bandit, Bahrami & Navajas 2020 (OSF f3t2a; core.md 2.5).

One CSV; a participant's 150 rows are in order, without a trial column. Points become rewards from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources.prepared import Prepared, chosen, counts

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "bahrami-4arm-bandit"
FILES = ("4ArmBandit_DataAllSubjectsRewards.csv", "DataAllSubjectsRewards.csv")  # the reference's name, the published
N_TRIALS = 150
PAYOFFS = [f"reward_c{arm}" for arm in (1, 2, 3, 4)]
COLUMNS = ["id", "choice", "reward", "rt", "payoff_group", *PAYOFFS]


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    folder = raw / FOLDER
    found = [path for name in FILES if (path := folder / name).is_file()]
    if not found:
        raise InputError(
            f"{folder}: no Bahrami file found. Expected {FILES[0]} or, as published, {FILES[1]} "
            "(doi 10.17605/OSF.IO/F3T2A); put it there or change `raw`"
        )
    return found[:1]


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    import pandas as pd

    from tinycog.trials import canonical_order, numbered

    (path,) = files(options, raw)
    rows = read(path)
    answered = rows["choice"].notna()
    action = (rows["choice"] - 1).where(answered, -1).astype(int)
    payoffs = rows[PAYOFFS] / 100
    table = pd.DataFrame(
        {
            "dataset": name,
            "subject": rows["id"].astype(int).astype(str),
            "session": "1",
            "action": action,
            "state": action.where(answered, 0),
            "reward": rows["reward"].where(answered) / 100,
            "mask": answered.astype(int),
            "task_payoff_group": rows["payoff_group"].astype("int8"),
            **{f"task_payoff_a{arm}": payoffs[column] for arm, column in enumerate(PAYOFFS)},
            # an arm that shares the highest payoff counts as best
            "task_best_chosen": rows["reward"].eq(rows[PAYOFFS].max(axis=1)).astype("Int8").where(answered),
            "task_rt_ms": rows["rt"].astype(float),
        }
    )
    table = chosen(numbered(table, ["session"]), options, name)
    counts_raw = counts(table)
    missing = table["mask"].eq(0).groupby(table["subject"], sort=False).sum()
    left_out = list(missing.index[missing > options["max_missing"]])
    reason = f"more than {options['max_missing']} missing choices"
    removed = [{"subject": subject, "reason": reason, "trials": N_TRIALS} for subject in left_out]
    table = table[~table["subject"].isin(left_out)]
    if table.empty:
        raise InputError(f"datasets.{name}.max_missing: every participant has {reason}")
    return Prepared(canonical_order(table), counts_raw, removed)


def read(path: Path) -> pd.DataFrame:
    """The file's columns as numbers, missing choices as NaN; errors count rows as a spreadsheet does."""
    import pandas as pd

    from tinycog.trials import shown

    try:
        text = pd.read_csv(path, dtype=str)
    except (ValueError, OSError) as error:  # pandas' parser errors are ValueErrors
        raise InputError(f"{path}: not a readable CSV ({error})") from None
    if missing := [column for column in COLUMNS if column not in text]:
        raise InputError(f"{path}: no column {missing[0]!r}; it has: {', '.join(text)}")
    if text.empty:
        raise InputError(f"{path}: no rows below the header")
    rows = text[COLUMNS].apply(pd.to_numeric, errors="coerce")

    def refuse(bad: pd.Series, column: str, allowed: str) -> None:
        if bad.any():
            row = bad.idxmax()
            raise InputError(
                f"{path}, column {column!r}, row {row + 2}: found {shown(text[column][row])}; allowed: {allowed}"
            )

    answered = text["choice"].notna()
    refuse(rows["id"].isna() | rows["id"].mod(1).ne(0), "id", "a participant's number in every row")
    refuse(answered & ~rows["choice"].isin([1, 2, 3, 4]), "choice", "1, 2, 3, 4, or nothing on a missed trial")
    refuse(answered & ~rows["reward"].between(0, 100), "reward", "points from 0 to 100 for every choice")
    refuse(text["rt"].notna() & rows["rt"].isna(), "rt", "a number, or nothing on a missed trial")
    refuse(~rows["payoff_group"].isin(range(1, 5)), "payoff_group", "a schedule's number, 1 to 4")
    for column in PAYOFFS:
        refuse(~rows[column].between(0, 100), column, "points from 0 to 100")
    started = rows["id"].ne(rows["id"].shift())
    refuse(started & rows["id"].duplicated(), "id", "the rows of a participant one after the other")
    sizes = rows.groupby("id", sort=False).size()
    if (odd := sizes[sizes != N_TRIALS]).size:
        raise InputError(f"{path}: participant {int(odd.index[0])} has {odd.iloc[0]} rows, expected {N_TRIALS}")
    return rows
