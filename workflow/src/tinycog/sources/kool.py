"""Human original two-stage task, Kool, Cushman & Gershman 2016 (GitHub wkool/tradeoffs, the Daw paradigm).

`data` is a MATLAB cell array, one row per trial; rows of different participants may alternate. The 25 practice trials
of a participant are a block of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources.codes import read_matlab, refuse
from tinycog.sources.prepared import Prepared, chosen, counts, published

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "kool-two-step"
FILE = "daw paradigm/data.mat"
LENGTH = {1: 25, 0: 125}  # trials, in practice and after it
N_COLUMNS = 20
MISSED = -1
# column in the file, and what it may hold
COLUMNS = {
    "rt_1": (3, None),
    "choice_1": (4, (1, 2, MISSED)),
    "rt_2": (7, None),
    "choice_2": (8, (1, 2, MISSED)),
    "win": (9, (0, 1, MISSED)),
    "state": (10, (1, 2, MISSED)),
    "common": (11, (0, 1, MISSED)),
    "practice": (13, (0, 1)),
    "p_s0a0": (14, None),
    "p_s0a1": (15, None),
    "p_s1a0": (16, None),
    "p_s1a1": (17, None),
    "trial": (18, None),
}


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    return published(
        options, raw, FOLDER, FILE, "https://github.com/wkool/tradeoffs, folder data; doi 10.1371/journal.pcbi.1005090"
    )


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    from tinycog.trials.table import canonical_order, numbered

    (path,) = files(options, raw)
    rows = _read(path)
    first, second = rows["choice_1"].ne(MISSED), rows["choice_2"].ne(MISSED)
    table = rows[["subject"]].assign(
        dataset=name,
        session="1",
        action=(rows["choice_1"] - 1).where(first, -1).astype(int),
        state=(rows["state"] - 1).where(first, 0).astype(int),
        reward=rows["win"].where(second),
        mask=first.astype(int),
        action2=(rows["choice_2"] - 1).where(second, -1).astype(int),
        mask2=second.astype(int),
        task_practice=rows["practice"].astype("int8"),
        task_common=rows["common"].where(first).astype("Int8"),
        task_rt_ms=rows["rt_1"].where(first),
        task_rt2_ms=rows["rt_2"].where(second),
        **{f"task_{column}": rows[column] for column in COLUMNS if column.startswith("p_")},
    )
    table = chosen(numbered(table, ["task_practice"]), options, name)
    counts_raw = counts(table)
    removed = []
    if not options["practice"]:
        practice = table["task_practice"].eq(1)
        for subject, n in table[practice].groupby("subject", sort=False).size().items():
            removed.append({"subject": subject, "reason": "practice trials", "trials": int(n)})
        table = numbered(table[~practice], ["task_practice"])
    return Prepared(canonical_order(table), counts_raw, removed)


def _read(path: Path) -> pd.DataFrame:
    """The columns of `data` that are used, by name, the rows of each participant one after the other."""
    import pandas as pd

    cells = read_matlab(path, "a Kool file", "data")
    if cells.dtype != object or cells.ndim != 2 or cells.shape[1] != N_COLUMNS or not len(cells):
        kind = "a cell array" if cells.dtype == object else "an array of numbers"
        raise InputError(
            f"{path}: `data` is {kind} of shape {cells.shape}, expected a cell array (trials, {N_COLUMNS})"
        )

    def column(index: int) -> pd.Series:
        return pd.Series([cell.item() if cell.size == 1 else cell.tolist() for cell in cells[:, index]])

    def demand(good: pd.Series, index: int, allowed: str) -> None:
        refuse(~good, column(index), f"{path}, `data`, column {index + 1}", allowed, first=1)

    columns: dict[str, Any] = {"subject": column(0)}
    demand(columns["subject"].map(lambda value: isinstance(value, str)), 0, "a participant's name such as subject_1")
    for key, (index, allowed) in COLUMNS.items():
        values = column(index)
        demand(values.map(lambda value: isinstance(value, int | float)), index, "one number")
        if allowed is not None:
            demand(values.isin(allowed), index, ", ".join(map(str, allowed)))
        columns[key] = values.astype(float)
    rows = pd.DataFrame(columns)
    # a missed choice has no outcome; a made one has
    for key, choice in {"state": "choice_1", "common": "choice_1", "win": "choice_2"}.items():
        good = rows[key].ne(MISSED) | rows[choice].eq(MISSED)
        demand(good, COLUMNS[key][0], f"an outcome, as column {COLUMNS[choice][0] + 1} holds a choice")
    good = rows["choice_2"].eq(MISSED) | rows["choice_1"].ne(MISSED)
    demand(good, COLUMNS["choice_2"][0], "-1, as the first choice is missed")
    order = {subject: i for i, subject in enumerate(dict.fromkeys(rows["subject"]))}
    rows = rows.iloc[rows["subject"].map(order).argsort(kind="stable")].reset_index(drop=True)
    return _in_order(rows, path)


def _in_order(rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    """`rows`, once every participant is known to have all trials of practice and then all others, in order."""
    expected = [*range(LENGTH[1]), *range(LENGTH[0])]
    practice = [1] * LENGTH[1] + [0] * LENGTH[0]
    for subject, own in rows.groupby("subject", sort=False):
        if own["trial"].tolist() != expected or own["practice"].tolist() != practice:
            raise InputError(
                f"{path}: `data`, {subject}: trials (column {COLUMNS['trial'][0] + 1}) are not 0 to {LENGTH[1] - 1} of "
                f"practice and then 0 to {LENGTH[0] - 1}, in order"
            )
    return rows
