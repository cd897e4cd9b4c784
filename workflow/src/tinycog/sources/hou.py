"""Mouse two-armed dynamic foraging with baited rewards, Hou 2020 (GitHub hanhou/Dynamic-Foraging, folder `export`).

One NPZ file per mouse, named after it, with five arrays of equal length. An arm that was to pay keeps its reward until
it is chosen, so the programmed probabilities are not those of a Bernoulli bandit: `task_baited` says so on every row.
Action 0 is left, 1 is right; `task_p0` and `task_p1` are the programmed probabilities of these actions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources.codes import Between, coded, columns, read_npz, refuse
from tinycog.sources.prepared import Prepared, asked_subjects, by_name, chosen, counts, given

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "hou-mice-dynamic-foraging"
CODES = {
    "choice": (0, 1, 2),  # ignored, left, right
    "reward": (0, 1, 2),  # none, or the side that paid
    "p1": Between(0, 1),
    "p2": Between(0, 1),
    "session": Between(0, math.inf, whole=True),
}


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    return given(options, "a mouse's file like FOR01.npz") or _found(raw)


def _found(raw: Path) -> list[Path]:
    folder = raw / FOLDER
    if not (found := sorted(folder.glob("*.npz"))):
        raise InputError(
            f"{folder}: no mouse found. Expected at least one file named like FOR01.npz "
            "(https://github.com/hanhou/Dynamic-Foraging, folder export); put it there or change `raw`"
        )
    return found


def check(name: str, options: Mapping[str, Any], raw: Path) -> None:
    """Raise InputError unless the mice asked for are there."""
    asked_subjects(_mice(options, raw), options, name)


def _mice(options: Mapping[str, Any], raw: Path) -> dict[str, Path]:
    return by_name(files(options, raw), lambda path: path.stem, "mouse")


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    import pandas as pd

    from tinycog.trials.table import canonical_order, numbered, segmented

    mice = _mice(options, raw)
    rows = pd.concat([_read(path).assign(subject=mouse) for mouse, path in mice.items()], ignore_index=True)
    answered = rows["choice"].gt(0)
    action = (rows["choice"] - 1).astype(int)  # -1 where the mouse did not respond
    best = rows["p2"].gt(rows["p1"]).astype(int)
    table = rows.assign(
        dataset=name,
        session=rows["session"].astype(int).astype(str),
        action=action,
        state=action.where(answered, 0),
        reward=rows["reward"].gt(0).astype(float).where(answered),
        mask=answered.astype(int),
        task_p0=rows["p1"].astype(float),
        task_p1=rows["p2"].astype(float),
        # neither arm is the richer one where the two are equal
        task_best_chosen=action.eq(best).astype(float).where(answered & rows["p1"].ne(rows["p2"])),
        task_baited=pd.Series(1, index=rows.index, dtype="int8"),
    )
    table = numbered(chosen(table, options, name), ["session"])
    table = table.assign(task_trial_in_session=table["trial"].astype("int32"))
    counts_raw = counts(table)
    removed = []
    if options["ignored"] == "drop":
        for subject, part in table[table["mask"].eq(0)].groupby("subject", sort=False):
            removed.append({"subject": subject, "reason": "trials without a response", "trials": len(part)})
        table = numbered(table[table["mask"].eq(1)], ["session"])
        if table.empty:
            raise InputError(f"datasets.{name}: no trial with a response is left")
    steps = table.groupby(["subject", "session"], sort=False)[["task_p0", "task_p1"]].diff().abs()
    table = table.assign(task_new_probabilities=steps.gt(1e-6).any(axis=1).astype("int8"))
    return Prepared(canonical_order(segmented(table, options["longest_block"])), counts_raw, removed)


def _read(path: Path) -> pd.DataFrame:
    """The five arrays of a mouse, one row per trial."""
    rows = coded(columns(read_npz(path, CODES), path), CODES, path, first=1, part="array")
    other = rows["reward"].gt(0) & rows["reward"].ne(rows["choice"])
    refuse(other, rows["reward"], f"{path}, array 'reward'", "0 or the chosen side", first=1)
    earlier = rows["session"].diff().lt(0)
    refuse(earlier, rows["session"], f"{path}, array 'session'", "session numbers that do not decrease", first=1)
    return rows
