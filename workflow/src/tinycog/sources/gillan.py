"""Human original two-stage task, Gillan et al. 2016 (OSF usdgt; core.md 2.6).

One CSV per participant; those analysed are the ones listed in the experiment's self-report table, of which only the
column of ids is read.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinycog.errors import InputError
from tinycog.sources.prepared import Prepared, asked_subjects, chosen, counts

FOLDER = "gillan-two-step"
N_TRIALS = 200
ID_COLUMN = {1: "subj.x", 2: "subj"}
DRIFTS = {"task_p_s0a0": 1, "task_p_s0a1": 2, "task_p_s1a0": 3, "task_p_s1a1": 4}  # fields from 0
RESPONSE_1, STIMULUS_1, RT_1, COMMON, RESPONSE_2, STIMULUS_2, STATE, RT_2, REWARD = range(5, 14)
N_FIELDS = 15


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    found = []
    for experiment in options["experiments"]:
        table, folder = _places(raw, experiment)
        tasks = sorted(folder.glob("*.csv"))
        if not table.is_file() or not tasks:
            raise InputError(
                f"{table.parent}: no Gillan data found. Expected {table.name} and {folder.name}/<participant>.csv (OSF "
                f"project usdgt, https://osf.io/usdgt); put them there, change `raw`, or leave {experiment} out of "
                "the data set's `experiments`"
            )
        found += [table, *tasks]
    return found


def _places(raw: Path, experiment: int) -> tuple[Path, Path]:
    """The self-report table of an experiment, and the folder of its task files."""
    folder = raw / FOLDER / f"Experiment {experiment}"
    return folder / f"self_report_study{experiment}.csv", folder / f"twostep_data_study{experiment}"


def check(name: str, options: Mapping[str, Any], raw: Path) -> None:
    """Raise InputError unless the task files of all listed participants, and the participants asked for, are there."""
    listed = _listed(options, raw)
    asked_subjects(listed, options, name)


def _listed(options: Mapping[str, Any], raw: Path) -> dict[str, list[tuple[int, Path]]]:
    """Experiment and task file of each participant of the self-report tables, in their order."""
    present = set(files(options, raw))
    listed: dict[str, list[tuple[int, Path]]] = {}
    for experiment in options["experiments"]:
        table, folder = _places(raw, experiment)
        column = ID_COLUMN[experiment]
        with open(table, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if column not in (reader.fieldnames or []):
                raise InputError(f"{table}: no column {column!r}; it has: {', '.join(reader.fieldnames or [])}")
            ids = list(dict.fromkeys(row[column] for row in reader))
        for subject in ids:
            path = folder / f"{subject}.csv"
            if path not in present:
                raise InputError(f"{path}: no such file, but {table.name} lists the participant; put it there")
            listed.setdefault(subject, []).append((experiment, path))
    if not listed:
        raise InputError(f"{_places(raw, options['experiments'][0])[0]}: lists no participant")
    return listed


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    import pandas as pd

    from tinycog.trials import canonical_order, numbered

    listed = _listed(options, raw)
    used = {path for places in listed.values() for _, path in places}
    removed = [
        {"subject": path.stem, "reason": f"not in {path.parent.parent.name}'s self-report table", "blocks": 1}
        for path in files(options, raw)
        if path not in used and path.parent.name.startswith("twostep_data")
    ]
    rows = [
        (subject, f"experiment {experiment}", experiment, *row)
        for subject, places in listed.items()
        for experiment, path in places
        for row in _read(path)
    ]
    measured = ["action", "state", "action2", "reward", "task_common", "task_rt_ms", "task_rt2_ms", *DRIFTS]
    table = pd.DataFrame(rows, columns=["subject", "session", "task_experiment", *measured]).assign(dataset=name)
    table = table.assign(
        mask=table["action"].ge(0).astype(int),
        mask2=table["action2"].ge(0).astype(int),
        task_experiment=table["task_experiment"].astype("int8"),
        task_common=table["task_common"].astype("Int8"),
    )
    table = chosen(numbered(table, ["session"]), options, name)
    if options["subjects"] != "all":
        removed = []  # nobody who was asked for is left out
    return Prepared(canonical_order(table), counts(table), removed)


def _read(path: Path) -> list[tuple[Any, ...]]:
    """The trials of a task file, as `prepare` names their columns; what comes before the line of trial 1 is skipped."""
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        lines = list(csv.reader(file))
    first = next((i for i, line in enumerate(lines) if line and line[0] == "1"), len(lines))
    trials = lines[first:]
    if len(trials) != N_TRIALS:
        raise InputError(f"{path}: {len(trials)} lines from the one whose first field is 1, expected {N_TRIALS} trials")
    return [_trial(fields, i + 1, f"{path}, line {first + i + 1}") for i, fields in enumerate(trials)]


def _trial(fields: list[str], number: int, where: str) -> tuple[Any, ...]:
    if len(fields) != N_FIELDS:
        raise InputError(f"{where}: {len(fields)} fields, expected {N_FIELDS}")

    def code(index: int, codes: Mapping[str, int]) -> int:
        if fields[index] not in codes:
            raise InputError(f"{where}, field {index + 1}: found {fields[index]!r}; allowed: {', '.join(codes)}")
        return codes[fields[index]]

    def number_in(index: int) -> float:
        try:
            return float(fields[index])
        except ValueError:
            raise InputError(f"{where}, field {index + 1}: found {fields[index]!r}; allowed: a number") from None

    code(0, {str(number): number})
    drifts = [number_in(index) for index in DRIFTS.values()]
    nothing = float("nan")
    # whether a trial was missed is told by the response: the stimulus of a missed trial may still be given
    if fields[RESPONSE_1] == "-1":
        return (-1, 0, -1, nothing, None, nothing, nothing, *drifts)
    code(RESPONSE_1, {"left": 0, "right": 1, "-1": -1})
    action, state = code(STIMULUS_1, {"1": 0, "2": 1}), code(STATE, {"2": 0, "3": 1})
    common, rt = code(COMMON, {"true": 1, "false": 0}), number_in(RT_1)
    if fields[RESPONSE_2] == "-1":
        return (action, state, -1, nothing, common, rt, nothing, *drifts)
    code(RESPONSE_2, {"left": 0, "right": 1, "-1": -1})
    action2, reward = code(STIMULUS_2, {"1": 0, "2": 1}), float(code(REWARD, {"0": 0, "1": 1}))
    return (action, state, action2, reward, common, rt, number_in(RT_2), *drifts)
