"""Mouse two-armed bandit with reversals, Sabatini laboratory (GitHub shayqn/mouse_bandit, commit ca19f95).

One CSV file per session, without header; the mouse is the file's name up to the first `_`, the condition (reward
probabilities in percent) is the folder. Action 0 is port 1 (right), 1 is port 2 (left); `task_p0` and `task_p1` are the
reward probabilities of these actions.

Sessions of a mouse are in the order of the date in the file's name (mmddyy or mmddyyyy). Some names have none;
the order of these sessions is unknown, and they follow the dated ones by folder and name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources.codes import Between, coded, read_csv
from tinycog.sources.prepared import Prepared, asked_subjects, by_name, chosen, counts, given

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "sabatini-mice-2arm-bandit"
CONDITIONS = ("90_10", "80_20", "70_30")
SUFFIX = "_trial_data"
CODES = {
    "1 (elapsed time)": Between(0, math.inf),
    "2 (time since the last trial)": Between(0, math.inf),
    "3 (trial duration)": Between(0, math.inf),
    "4 (port)": (1, 2),
    "5 (right reward probability)": Between(0, 1),
    "6 (left reward probability)": Between(0, 1),
    "7 (reward)": (0, 1),
}


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    """Every session, also of conditions and mice not asked for: copies of one session are found among all."""
    return given(options, "a session") or _found(raw / FOLDER)


def _found(folder: Path) -> list[Path]:
    found = [path for condition in CONDITIONS for path in (folder / f"{condition}{SUFFIX}").rglob("*.csv")]
    if not found:
        raise InputError(
            f"{folder}: no session found. Expected at least one file named like "
            f"{CONDITIONS[1]}{SUFFIX}/tonks_070716_trials.csv (https://github.com/shayqn/mouse_bandit, folder data); "
            "put it there or change `raw`"
        )
    return sorted(found, key=_place)


def check(name: str, options: Mapping[str, Any], raw: Path) -> None:
    """Raise InputError unless the mice asked for, and any of the conditions, are there."""
    sessions = _sessions(options, raw)
    asked_subjects(map(_mouse, sessions.values()), options, name)
    there = {_condition(label) for label in sessions}
    if not there.intersection(options["conditions"]):
        raise InputError(
            f"datasets.{name}.conditions: no session with {', '.join(options['conditions'])}; there are: "
            f"{', '.join(c for c in CONDITIONS if c in there)}"
        )


def _sessions(options: Mapping[str, Any], raw: Path) -> dict[str, Path]:
    return by_name(files(options, raw), _label, "session")


def _mouse(path: Path) -> str:
    return path.name.split("_")[0]


def _label(path: Path) -> str:
    """The path from the condition's folder on, since a file's name alone occurs under two conditions."""
    folders = [i for i, part in enumerate(path.parts[:-1]) if part.removesuffix(SUFFIX) in CONDITIONS]
    if not folders:
        raise InputError(f"{path}: no condition in the path; expected it in a folder such as {CONDITIONS[1]}{SUFFIX}")
    return "/".join(path.parts[folders[-1] :])


def _condition(label: str) -> str:
    return label.partition("/")[0].removesuffix(SUFFIX)


def _place(path: Path) -> tuple:
    """Sorts sessions: by mouse, then dated ones by date, then the others by folder and name."""
    match = re.search(r"_(0[1-9]|1[0-2])([0-2]\d|3[01])(?:20)?(\d\d)(?!\d)", path.name)
    date = (match[3], match[1], match[2]) if match else ()
    return _mouse(path), not date, date, _label(path)


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    import pandas as pd

    from tinycog.trials.table import canonical_order, numbered, segmented

    sessions, labels = [], {}
    for label, path in _sessions(options, raw).items():
        rows = _read(path)
        labels.setdefault(tuple(rows.itertuples(index=False, name=None)), []).append((_mouse(path), label))
        sessions.append(rows.assign(subject=_mouse(path), session=label, task_condition=_condition(label)))
    rows = pd.concat(sessions, ignore_index=True)
    port, right, left = rows["4 (port)"], rows["5 (right reward probability)"], rows["6 (left reward probability)"]
    action = port.eq(2).astype(int)
    table = rows.assign(
        dataset=name,
        action=action,
        state=action,
        reward=rows["7 (reward)"].astype(float),
        mask=1,
        task_p0=right.astype(float),
        task_p1=left.astype(float),
        task_best_chosen=action.eq(left.gt(right)).astype(float).where(left.ne(right)),
        task_elapsed_s=rows["1 (elapsed time)"].astype(float),
        task_since_last_s=rows["2 (time since the last trial)"].astype(float),
        task_duration_s=rows["3 (trial duration)"].astype(float),
    )
    changes = table.groupby(["subject", "session"], sort=False)[["task_p0", "task_p1"]].diff().abs()
    table = table.assign(task_reversal=changes.gt(1e-6).any(axis=1).astype("int8"))
    table = numbered(chosen(table, options, name), ["session"])
    counts_raw = counts(table)
    reasons = {}
    if options["duplicates"] == "drop":
        for copies in labels.values():
            if len({mouse for mouse, _ in copies}) > 1:
                reasons |= {
                    copy: f"same content under {_others(copies, copy)}: the mouse is unknown" for copy in copies
                }
    removed, kept = [], []
    for (mouse, label), part in table.groupby(["subject", "session"], sort=False):
        condition = part["task_condition"].iloc[0]
        reason = reasons.get((mouse, label))
        if condition not in options["conditions"]:
            reason = f"condition {condition}"
        if reason:
            removed.append({"subject": mouse, "session": label, "reason": reason, "blocks": 1, "trials": len(part)})
        else:
            kept.append(part)
    if not kept:
        raise InputError(
            f"datasets.{name}: no session left of the subjects asked for with conditions "
            f"{', '.join(options['conditions'])} and duplicates: {options['duplicates']}"
        )
    table = segmented(numbered(pd.concat(kept), ["session"]), options["longest_block"])
    return Prepared(canonical_order(table), counts_raw, removed)


def _others(copies: list[tuple[str, str]], copy: tuple[str, str]) -> str:
    return ", ".join(f"{mouse} ({label})" for mouse, label in copies if (mouse, label) != copy)


def _read(path: Path) -> pd.DataFrame:
    """The seven columns of a session."""

    rows = read_csv(path, header=None)
    if rows.shape[1] != len(CODES):
        raise InputError(f"{path}: {rows.shape[1]} columns, expected {len(CODES)} and no header")
    return coded(rows.set_axis(list(CODES), axis=1), CODES, path, first=1)
