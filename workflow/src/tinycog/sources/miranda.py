"""Macaque original two-stage task with three reward levels, Miranda et al. 2025 (GitHub jamesbutler01/TwoStepTask).

One MATLAB 5 file; of each session the good trials only are in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources.prepared import Prepared, asked_subjects, chosen, counts, published

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "miranda-monkeys-two-step"
FILE = "PreparedData.mat"
MONKEYS = ("Charlie", "Jacob")  # in the order of the file's cell array
FIELDS = {  # allowed values; None: any
    "indxGoodTrials": None,
    "TrialType": (1, 2, 3),
    "PicChosen1": (1, 2),
    "Transition": (1, 2),
    "PicChosen2": (3, 4, 5, 6),
    "LevelRew2": (1, 2, 3),
}


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    return published(raw, FOLDER, FILE, "https://github.com/jamesbutler01/TwoStepTask, data; Miranda et al. 2025")


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

    from tinycog.trials import canonical_order, numbered, segmented

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
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    try:
        monkeys = loadmat(path, variable_names=["PreparedData"])["PreparedData"].ravel()
    except (KeyError, ValueError, TypeError, NotImplementedError, OSError, MatReadError) as error:
        raise InputError(f"{path}: no readable MATLAB 5 variable `PreparedData` ({error})") from None
    if len(monkeys) != len(MONKEYS):
        raise InputError(f"{path}: `PreparedData` has {len(monkeys)} cells, expected {len(MONKEYS)} ({MONKEYS})")
    sessions, left_out = [], {}
    for monkey, cell in zip(MONKEYS, monkeys, strict=True):
        left_out[monkey] = 0
        for number, entry in enumerate(cell.ravel(), start=1):
            where = f"{path}, {monkey}, session {number}"
            names = entry.dtype.names or ()
            if missing := [field for field in (*FIELDS, "TotalNumTrials") if field not in names]:
                raise InputError(f"{where}: no field {missing[0]!r}; it has: {', '.join(names)}")
            fields = {field: entry[field].ravel().astype("int64") for field in FIELDS}
            rows = _checked(fields, where)
            left_out[monkey] += int(entry["TotalNumTrials"].item()) - len(rows)
            sessions.append(rows.assign(subject=monkey, session=f"{number:02d}"))
    return pd.concat(sessions, ignore_index=True), left_out


def _checked(fields: dict, where: str) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    lengths = {field: len(values) for field, values in fields.items()}
    if len(set(lengths.values())) != 1:
        raise InputError(f"{where}: found fields of different lengths {lengths}; needed: one value for each good trial")
    rows = pd.DataFrame(fields)
    for field, allowed in FIELDS.items():
        if allowed is not None and (bad := ~rows[field].isin(allowed)).any():
            row = int(bad.idxmax())
            raise InputError(f"{where}, {field}, row {row + 1}: found {rows[field][row]}; allowed: {allowed}")
    if not (np.diff(rows["indxGoodTrials"]) > 0).all():
        raise InputError(
            f"{where}, indxGoodTrials: found trial numbers that do not increase; needed: the trials in order"
        )
    crossed = (rows["PicChosen1"].eq(1) == rows["PicChosen2"].le(4)) != rows["Transition"].eq(1)
    if crossed.any():
        row = int(crossed.idxmax())
        found = "transition {} from picture {} to {}".format(*rows.loc[row, ["Transition", "PicChosen1", "PicChosen2"]])
        raise InputError(
            f"{where}, row {row + 1}: found {found}; needed: 1 (common) from picture 1 to 3 or 4 and from 2 to 5 or 6, "
            "2 (rare) otherwise"
        )
    return rows
