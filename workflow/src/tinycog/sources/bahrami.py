"""Human four-armed drifting bandit, Bahrami & Navajas 2020 (OSF f3t2a; methods: human four-armed bandit).

One CSV; a participant's 150 rows are in order, without a trial column. Points become rewards from 0 to 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources.codes import Between, coded, read_csv, refuse
from tinycog.sources.prepared import Prepared, asked_subjects, counts, given

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "bahrami-4arm-bandit"
FILES = ("4ArmBandit_DataAllSubjectsRewards.csv", "DataAllSubjectsRewards.csv")  # the reference's name, the published
N_TRIALS = 150
PAYOFFS = [f"reward_c{arm}" for arm in (1, 2, 3, 4)]
CODES = {
    "id": Between(0, math.inf, whole=True),
    "choice": Between(1, 4, whole=True, missing=True),
    "reward": Between(0, 100, missing=True),
    "rt": Between(-math.inf, math.inf, missing=True),  # the published file has a negative one
    "payoff_group": (2, 3, 4),
    **dict.fromkeys(PAYOFFS, Between(0, 100)),
}


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    return given(options, f"a file like {FILES[0]}", at_most=1) or _found(raw)


def _found(raw: Path) -> list[Path]:
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

    from tinycog.trials.table import canonical_order, numbered

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
    table = numbered(table, ["session"])
    missing = table["mask"].eq(0).groupby(table["subject"], sort=False).sum()
    enough = missing.le(options["max_missing"])
    if isinstance(options["subjects"], int):  # the first so many of those who are not left out
        last = asked_subjects(enough.index[enough], options, name)[-1]
        asked = enough.loc[:last].index
    else:
        asked = asked_subjects(enough.index, options, name)
    table = table[table["subject"].isin(asked)]
    counts_raw = counts(table)
    left_out = [subject for subject in asked if not enough[subject]]
    reason = f"more than {options['max_missing']} missing choices"
    removed = [{"subject": subject, "reason": reason, "trials": N_TRIALS} for subject in left_out]
    table = table[~table["subject"].isin(left_out)]
    if table.empty:
        raise InputError(f"datasets.{name}.max_missing: every participant has {reason}")
    return Prepared(canonical_order(table), counts_raw, removed)


def read(path: Path) -> pd.DataFrame:
    """The file's columns as numbers, missing choices as NaN; errors count rows as a spreadsheet does."""
    rows = coded(read_csv(path, keep_default_na=True), CODES, path)

    def demand(good: pd.Series, column: str, allowed: str) -> None:
        refuse(~good, rows[column], f"{path}, column {column!r}", allowed)

    demand(rows["choice"].isna() | rows["reward"].notna(), "reward", "points from 0 to 100 for every choice")
    started = rows["id"].ne(rows["id"].shift())
    demand(~(started & rows["id"].duplicated()), "id", "the rows of a participant one after the other")
    sizes = rows.groupby("id", sort=False).size()
    if (odd := sizes[sizes != N_TRIALS]).size:
        raise InputError(f"{path}: participant {int(odd.index[0])} has {odd.iloc[0]} rows, expected {N_TRIALS}")
    return rows
