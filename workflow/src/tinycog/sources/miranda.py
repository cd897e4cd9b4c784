"""Macaque original two-stage task with three reward levels, Miranda et al. 2025 (GitHub jamesbutler01/TwoStepTask).

One MATLAB 5 file; of each session the good trials only are in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources.codes import Between, coded, columns, numbers, read_matlab, refuse
from tinycog.sources.prepared import Prepared, asked_subjects, chosen, counts, published

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FOLDER = "miranda-monkeys-two-step"
FILE = "PreparedData.mat"
MONKEYS = ("Charlie", "Jacob")  # in the order of the file's cell array
FIELDS = {
    "indxGoodTrials": Between(1, math.inf, whole=True),
    "TrialType": (1, 2, 3),
    "PicChosen1": (1, 2),
    "Transition": (1, 2),
    "PicChosen2": (3, 4, 5, 6),
    "LevelRew2": (1, 2, 3),
}


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    return published(
        options, raw, FOLDER, FILE, "https://github.com/jamesbutler01/TwoStepTask, data; Miranda et al. 2025"
    )


def check(name: str, options: Mapping[str, Any], raw: Path) -> None:
    """Raise InputError unless the file, and the monkeys asked for, are there."""
    files(options, raw)
    asked_subjects(MONKEYS, options, name)


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    """Sessions as blocks, cut to at most `longest_block` trials.

    Trials of type 2 had a forced first stage: `forced` 1, mask 0. In type 3 the second stage was (presumably) forced:
    mask2 0, and so no reward may stand in the table. What happened there stays in task_picture1, task_picture2 and
    task_reward_level (1 large, 2 medium, 3 none). A trial that the authors left out starts no new block; it shows as
    a gap in task_trial_number. `counts_raw` counts the good trials of whole sessions.
    """
    import numpy as np

    from tinycog.trials.table import canonical_order, numbered, segmented

    (path,) = files(options, raw)
    table, left_out = _read(path)
    free1, free2 = table["TrialType"].ne(2), table["TrialType"].ne(3)
    levels = np.asarray(options["reward_levels"], dtype=float)
    table = table.assign(
        dataset=name,
        action=(table["PicChosen1"] - 1).where(free1, -1),
        state=table["PicChosen2"].ge(5).astype("int16"),
        action2=((table["PicChosen2"] - 3) % 2).where(free2, -1),
        reward=levels[table["LevelRew2"] - 1],
        mask=free1.astype("int8"),
        mask2=free2.astype("int8"),
        forced=table["TrialType"].eq(2).astype("int8"),
        task_trial_type=table["TrialType"].astype("int8"),
        task_trial_number=table["indxGoodTrials"].astype("int32"),
        task_picture1=table["PicChosen1"].astype("int8"),
        task_picture2=table["PicChosen2"].astype("int8"),
        task_common=table["Transition"].eq(1).astype("int8"),
        task_reward_level=table["LevelRew2"].astype("int8"),
    )
    table["reward"] = table["reward"].where(free2)
    table = chosen(numbered(table, ["session"]), options, name)
    removed = [
        {"subject": monkey, "reason": "trials that the authors left out, which are not in the file", "rows": n}
        for monkey, n in left_out.items()
        if n and monkey in set(table["subject"])
    ]
    return Prepared(canonical_order(segmented(table, options["longest_block"])), counts(table), removed)


def _read(path: Path) -> tuple[pd.DataFrame, dict[str, int]]:
    """The fields used of all good trials, and how many trials of each monkey are not in the file."""
    import pandas as pd

    monkeys = read_matlab(path, "a Miranda file", "PreparedData").ravel()
    if len(monkeys) != len(MONKEYS):
        raise InputError(f"{path}: `PreparedData` has {len(monkeys)} cells, expected {len(MONKEYS)} ({MONKEYS})")
    sessions, left_out = [], {}
    for monkey, cell in zip(MONKEYS, monkeys, strict=True):
        left_out[monkey] = 0
        for number, entry in enumerate(cell.ravel(), start=1):
            where = f"{path}, {monkey}, session {number}"
            names, there = (*FIELDS, "TotalNumTrials"), entry.dtype.names or ()
            if missing := [field for field in names if field not in there]:
                raise InputError(f"{where}: no field {missing[0]!r}; it has: {', '.join(there) or 'none'}")
            fields = {field: numbers(entry[field], f"{where}, field {field!r}").ravel() for field in names}
            rows, run = _checked(fields, where), fields["TotalNumTrials"]
            if run.size != 1 or not len(rows) <= run[0] < math.inf:
                raise InputError(f"{where}, field 'TotalNumTrials': found {run.tolist()}; allowed: {len(rows)} or more")
            left_out[monkey] += int(run[0]) - len(rows)
            sessions.append(rows.assign(subject=monkey, session=f"{number:02d}"))
    return pd.concat(sessions, ignore_index=True), left_out


def _checked(fields: Mapping[str, np.ndarray], where: str) -> pd.DataFrame:
    rows = columns({field: fields[field] for field in FIELDS}, where)
    rows = coded(rows, FIELDS, where, first=1, part="field").astype("int64")
    order = rows["indxGoodTrials"]
    refuse(order.diff().le(0), order, f"{where}, field 'indxGoodTrials'", "trial numbers that increase", first=1)
    common = rows["PicChosen1"].eq(1) == rows["PicChosen2"].le(4)
    refuse(
        common != rows["Transition"].eq(1),
        rows["Transition"],
        f"{where}, field 'Transition'",
        "1 (common) from picture 1 to 3 or 4 and from 2 to 5 or 6, 2 (rare) otherwise",
        first=1,
    )
    return rows
