"""Human original two-stage task, Gillan et al. 2016 (OSF usdgt; methods: human original two-stage task).

One CSV per participant; those analysed are the ones listed in the experiment's self-report table, of which only the
column of ids is read.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinycog.errors import InputError
from tinycog.sources import bounds
from tinycog.sources.codes import coded, read_csv, readable
from tinycog.sources.prepared import Prepared, all_used, asked_subjects, by_name, chosen, counts, given

FOLDER = "gillan-two-step"
N_TRIALS = 200
ID_COLUMN = {1: "subj.x", 2: "subj"}
DRIFTS = {"task_p_s0a0": 1, "task_p_s0a1": 2, "task_p_s1a0": 3, "task_p_s1a1": 4}  # fields from 0
RESPONSE_1, STIMULUS_1, RT_1, COMMON, RESPONSE_2, STIMULUS_2, STATE, RT_2, REWARD = range(5, 14)
N_FIELDS = 15
MISSED = "-1"


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    return [path for table, tasks in _places(options, raw).values() for path in (table, *tasks.values())]


def _places(options: Mapping[str, Any], raw: Path) -> dict[int, tuple[Path, dict[str, Path]]]:
    """The self-report table of each experiment asked for, and its task files by participant."""
    own = given(options, "a Gillan file")
    places, wanted = {}, []
    for experiment in dict.fromkeys(options["experiments"]):
        table, folder = f"self_report_study{experiment}.csv", f"twostep_data_study{experiment}"
        wanted.append(f"{table} and {folder}/<participant>.csv")
        place = raw / FOLDER / f"Experiment {experiment}"
        there = own or [place / table, *sorted((place / folder).glob("*.csv"))]
        tables = [path for path in there if path.name == table and path.is_file()]
        tasks = by_name((path for path in there if path.parent.name == folder), lambda path: path.stem, "participant")
        if not tables or not tasks:
            raise InputError(
                f"{'`files`' if own else place}: no Gillan data found. Expected {wanted[-1]} (OSF project usdgt, "
                f"https://osf.io/usdgt); put them there, change `raw`, or leave {experiment} out of the data set's "
                "`experiments`"
            )
        places[experiment] = tables[0], tasks
    all_used(own, [path for table, tasks in places.values() for path in (table, *tasks.values())], ", ".join(wanted))
    return places


def check(name: str, options: Mapping[str, Any], raw: Path) -> None:
    """Raise InputError unless the task files of all listed participants, and the participants asked for, are there."""
    asked_subjects(_listed(_places(options, raw)), options, name)


def _listed(places: Mapping[int, tuple[Path, Mapping[str, Path]]]) -> dict[str, list[tuple[int, Path]]]:
    """Experiment and task file of each participant of the self-report tables, in their order."""
    listed: dict[str, list[tuple[int, Path]]] = {}
    for experiment, (table, tasks) in places.items():
        column = ID_COLUMN[experiment]
        for subject in coded(read_csv(table), {column: None}, table)[column].unique():
            if subject not in tasks:
                path = next(iter(tasks.values())).parent / f"{subject}.csv"  # an id may be anything
                raise InputError(f"{path}: no such file, but {table.name} lists the participant; put it there")
            listed.setdefault(subject, []).append((experiment, tasks[subject]))
    return listed


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    import pandas as pd

    from tinycog.trials.table import canonical_order, numbered

    places = _places(options, raw)
    listed = _listed(places)
    used = {path for own in listed.values() for _, path in own}
    removed = [
        {"subject": subject, "reason": f"not in Experiment {experiment}'s self-report table", "blocks": 1}
        for experiment, (_, tasks) in places.items()
        for subject, path in tasks.items()
        if path not in used
    ]
    rows = [
        (subject, f"experiment {experiment}", experiment, *row)
        for subject, own in listed.items()
        for experiment, path in own
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
    kind = "a readable CSV file"
    with readable(path, kind):
        text = bounds.content(path).decode("utf-8-sig", errors="replace")
        lines = list(csv.reader(io.StringIO(text, newline="")))
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
            found = float(fields[index])
        except ValueError:
            found = math.nan
        if not math.isfinite(found):
            raise InputError(f"{where}, field {index + 1}: found {fields[index]!r}; allowed: a number")
        return found

    code(0, {str(number): number})
    drifts = [number_in(index) for index in DRIFTS.values()]
    nothing = float("nan")
    # a choice is missed if its response or its stimulus is: a missed trial may still name one of them
    if MISSED in (fields[RESPONSE_1], fields[STIMULUS_1]):
        return (-1, 0, -1, nothing, None, nothing, nothing, *drifts)
    code(RESPONSE_1, {"left": 0, "right": 1, "-1": -1})
    action, state = code(STIMULUS_1, {"1": 0, "2": 1}), code(STATE, {"2": 0, "3": 1})
    common, rt = code(COMMON, {"true": 1, "false": 0}), number_in(RT_1)
    if MISSED in (fields[RESPONSE_2], fields[STIMULUS_2]):
        return (action, state, -1, nothing, common, rt, nothing, *drifts)
    code(RESPONSE_2, {"left": 0, "right": 1, "-1": -1})
    action2, reward = code(STIMULUS_2, {"1": 0, "2": 1}), float(code(REWARD, {"0": 0, "1": 1}))
    return (action, state, action2, reward, common, rt, number_in(RT_2), *drifts)
