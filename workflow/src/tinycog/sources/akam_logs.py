"""Session logs of the mouse tasks of Akam et al. 2021 (OSF 10.17605/OSF.IO/8JWHM, methods: mouse session logs).

Its grammar: lines of integers, a time stamp in ms and a code, whose meaning `info.json` gives.
Written from that description and the laboratory's own importer, and tested on logs made to follow it: untested on
real files, which could not be had.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tinycog.errors import InputError
from tinycog.sources import bounds
from tinycog.sources.codes import readable
from tinycog.sources.prepared import all_used, asked_subjects, by_name, given

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "akam-mice"
EXPECTED = "<experiment>/info.json and <experiment>/data/m<mouse>-<yyyy-mm-dd>.txt"
FILE_TYPES = ("Arduino", "pyControl_1", "pyControl_2")
LOG = re.compile(r"m(\d+)-((\d{4}-\d{2}-\d{2})[^.]*)(\.txt)?")
BLOCK, LASER = -1, -2
UNKNOWN = -1  # reward or transition state of trials before the first block line
OUTCOMES = ("trial_start", "left_reward", "right_reward", "wait_for_poke_out")
POKES = {"low_poke": 0, "high_poke": 1}
SECOND_STEPS = {"right_active": 0, "left_active": 1}
SELECTIONS = {"right_select": 0, "left_select": 1}
MOST_DIGITS = 18  # of a number, with its sign; time stamps in ms have 9 at most
LASER_DELAY_MS = 5  # a light set off by a choice belongs to the time after it; the laboratory allows this much


@dataclass(frozen=True)
class Source:
    """Which sessions make a data set.

    Attributes:
        task_folder: folder of the task within `data.zip`.
        experiments: start dates of the experiments, with which their folders' names begin.
        mice: the paper's mice, in order.
    """

    task_folder: str
    experiments: tuple[str, ...]
    mice: tuple[int, ...]

    @property
    def two_step(self) -> bool:
        return self.task_folder == "two_step_task"

    @property
    def event_names(self) -> tuple[str, ...]:
        """Events that a log of the task must be able to tell."""
        return (*OUTCOMES, *((*POKES, *SECOND_STEPS) if self.two_step else SELECTIONS))


@dataclass(frozen=True)
class Session:
    """One log: its mouse, its date, and the date's rank among all dates of the experiment (from 1)."""

    experiment: Path
    subject: str
    session: str
    date: str
    day: int
    path: Path


class Unusable(Exception):
    """Why a session is left out, while the others are read."""


class Record(NamedTuple):
    """A line of integers, without the superfluous token of `pyControl_1`."""

    line: int
    time: int
    code: int
    rest: tuple[int, ...]


class Event(NamedTuple):
    line: int
    time: int
    name: str


# -- finding sessions ------------------------------------------------------------------------------------------------


def sessions(source: Source, options: Mapping[str, Any], raw: Path) -> tuple[list[Session], dict[str, list[Session]]]:
    """The data set's sessions by mouse, experiment and date, and by reason those left out: early days, other dates.

    Names alone are read. Days are counted over the dates of all mice of an experiment. Logs that the config names
    are all of the data set, whatever their mouse and experiment.
    """
    own = given(options, f"one of {EXPECTED}")
    where = "the data set's `files`" if own else raw / FOLDER
    found = _experiments(own) if own else _found(source, raw)
    mice = dict.fromkeys(session.subject for session in found) if own else map(str, source.mice)
    rank = {mouse: i for i, mouse in enumerate(mice)}
    ours = sorted(  # stable: experiments and dates stay in order
        (session for session in found if session.subject in rank), key=lambda session: rank[session.subject]
    )
    if not ours:
        raise InputError(
            f"{where}: {len(found)} session logs in {source.task_folder}, none of mice "
            f"{', '.join(map(str, source.mice))}. {_advice(source)}"
        )
    first_day = options["first_day"]
    kept = [session for session in ours if session.day >= first_day]
    if not kept:
        raise InputError(
            f"{where}: no session of training day {first_day} or later; the last day found is "
            f"{max(session.day for session in ours)}. Lower `first_day`, or add the missing sessions"
        )
    others = {f"sessions before training day {first_day}": [session for session in ours if session.day < first_day]}
    if dates := [str(date) for date in options.get("dates") or ()]:
        _all_there(dates, kept)
        others["sessions of other dates"] = [session for session in kept if session.date not in dates]
        kept = [session for session in kept if session.date in dates]
    return kept, others


def _all_there(dates: Sequence[str], found: Sequence[Session]) -> None:
    there = sorted({session.date for session in found})
    if absent := [date for date in dates if date not in there]:
        more = f" and {len(there) - 20} more" if len(there) > 20 else ""
        raise InputError(
            f"the data set's `dates`: no session on {', '.join(absent)}; there are: {', '.join(there[:20])}{more}"
        )


def _advice(source: Source) -> str:
    return (
        f"Expected {source.task_folder}/{EXPECTED}, of experiments that start {', '.join(source.experiments)}. Unzip "
        "`data.zip` of OSF 8jwhm (doi 10.17605/OSF.IO/8JWHM) there, or change `raw`"
    )


def _found(source: Source, raw: Path) -> list[Session]:
    """All logs of the data set's experiments, by date and name."""
    places = [
        info for level in (".", "data") for info in (raw / FOLDER / level / source.task_folder).glob("*/info.json")
    ]
    paths = []
    for start in source.experiments:
        for info in sorted(place for place in places if place.parent.name.startswith(start)):
            paths += [info, *sorted((info.parent / "data").glob("m[0-9]*-*"), key=_named)]
    found = _experiments(paths)
    if not found:
        raise InputError(f"{raw / FOLDER}: no session log found. {_advice(source)}")
    return found


def _named(log: Path) -> tuple[str, str, str]:
    """Date, session and mouse of a log."""
    if (match := LOG.fullmatch(log.name)) is None:
        raise InputError(f"{log}: not the name of a session log; expected m<mouse>-<yyyy-mm-dd>.txt. Move it away")
    return match[3], match[2], match[1]


def _experiments(paths: Sequence[Path]) -> list[Session]:
    """The sessions of logs and `info.json` files, in their order."""
    infos = by_name((p for p in paths if p.name == "info.json"), lambda info: info.parent.name, "experiment")
    found: list[Session] = []
    for info in infos.values():
        experiment = info.parent
        logs = {path: _named(path) for path in paths if path.parent == experiment / "data"}
        days = {date: day for day, date in enumerate(sorted({date for date, *_ in logs.values()}), start=1)}
        found += [Session(experiment, m, session, date, days[date], log) for log, (date, session, m) in logs.items()]
    all_used(paths, [*infos.values(), *(session.path for session in found)], EXPECTED)
    return found


def files(source: Source, options: Mapping[str, Any], raw: Path) -> list[Path]:
    """`info.json` of each experiment, and the logs that are read."""
    kept, _ = sessions(source, options, raw)
    return [*dict.fromkeys(session.experiment / "info.json" for session in kept), *(s.path for s in kept)]


def check(source: Source, name: str, options: Mapping[str, Any], raw: Path) -> None:
    """Raise InputError unless the logs are there, their experiments' codes are complete, and so are the mice asked."""
    kept, _ = sessions(source, options, raw)
    _asked(name, options, kept)
    for experiment in dict.fromkeys(session.experiment for session in kept):
        read_info(experiment / "info.json", source.event_names)


def _asked(name: str, options: Mapping[str, Any], found: Sequence[Session]) -> list[Session]:
    """Sessions of the mice that the config asks for, so that logs of other mice are not read at all."""
    asked = asked_subjects((session.subject for session in found), options, name)
    return [session for session in found if session.subject in asked]


# -- from lines to events --------------------------------------------------------------------------------------------


def read_info(path: Path, names: Iterable[str]) -> tuple[str, dict[int, str]]:
    """File type of an experiment's logs, and what the codes of `names` and of a session's ends mean."""
    try:
        info = json.loads(bounds.content(path).decode("utf-8"))
        file_type, codes = info["file_type"], dict(info["event_IDs"])
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"{path}: not the description of an Akam experiment ({type(error).__name__}: {error}); expected JSON with "
            "`event_IDs` and `file_type`"
        ) from None
    if file_type not in FILE_TYPES:
        raise InputError(f"{path}, file_type: found {file_type!r}; allowed: {', '.join(FILE_TYPES)}")
    used = [*names]
    if file_type == "Arduino":
        used += ["start_stop"] if "start_stop" in codes else ["session_start", "session_stop"]
    meaning: dict[int, str] = {}
    for name in used:
        code = codes.get(name)
        if not isinstance(code, int) or isinstance(code, bool):
            raise InputError(f"{path}, event_IDs, {name}: found {code!r}; needed: its integer code")
        if code in meaning:
            raise InputError(f"{path}, event_IDs, {name}: found {code}, which is also {meaning[code]}")
        meaning[code] = name
    return file_type, meaning


def records(lines: Iterable[str], file_type: str, where: str) -> Iterator[Record]:
    """The lines made of two or more integers: a time stamp, a code, and what belongs to it."""
    for number, line in enumerate(lines, start=1):
        tokens = line.split()
        if len(tokens) < 2 or not all(re.fullmatch(r"-?[0-9]+", token) for token in tokens):
            continue
        if longest := [token for token in tokens if len(token) > MOST_DIGITS]:
            raise InputError(
                f"{where}, line {number}: found a number of {len(longest[0]):,} digits; allowed: {MOST_DIGITS} at most"
            )
        numbers = [int(token) for token in tokens]
        if file_type == "pyControl_1":
            del numbers[1]
            if len(numbers) < 2:
                raise InputError(f"{where}, line {number}: found {line.strip()!r}; needed: time stamp, 0, code")
        yield Record(number, numbers[0], numbers[1], tuple(numbers[2:]))


def events(found: Iterable[Record], file_type: str, meaning: Mapping[int, str], where: str) -> list[Event]:
    """The known events in order; those of `Arduino` between the codes of the session's start and stop."""
    all_events = [Event(r.line, r.time, meaning[r.code]) for r in found if r.code in meaning]
    if file_type != "Arduino":
        return all_events
    starts = [i for i, event in enumerate(all_events) if event.name in ("session_start", "start_stop")]
    stops = [i for i, event in enumerate(all_events) if event.name in ("session_stop", "start_stop")]
    stops = [i for i in stops if starts and i > starts[0]]
    if not stops:
        which = "stop" if starts else "start"
        raise InputError(
            f"{where}: found no code of the session's {which}; allowed in an Arduino log: one start, then one stop. "
            "If the session cannot be used, move its file away"
        )
    return all_events[starts[0] + 1 : stops[0]]


# -- from events to trials -------------------------------------------------------------------------------------------


def trials_of(lines: Iterable[str], file_type: str, meaning: Mapping[int, str], two_step: bool, where: str) -> dict:
    """Columns of a session's trials: action, state, reward, reward_state, transition_state (two-step) and laser.

    Choices and states: 1 = high poke or left selection; second step 1 = left. Laser is 1 if
    the light went on after the last choice and up to this one, and None without any light in the log.

    Raises:
        Unusable: a session without choices, or one that does not tell all of them.
        InputError: a line that has not the form of a log.
    """
    found = list(records(lines, file_type, where))
    known = events(found, file_type, meaning, where)
    chosen = _two_step_choices(known) if two_step else _selections(known)
    n = len(chosen)
    if n == 0:
        raise Unusable("no choice in the log")
    reward = _outcomes(known)[:n]
    if len(reward) < n:
        event = chosen[len(reward)][2]
        raise InputError(
            f"{where}, line {event.line}: found {event.name} of trial {len(reward) + 1}; allowed: as many choices as "
            f"trial starts before, here {len(reward)}"
        )
    starts = [event.time for event in known if event.name == "trial_start"]
    width = 2 if two_step else 1
    blocks = _blocks([r for r in found if r.code == BLOCK], starts, width, file_type, where)
    columns = {
        "action": [action for action, _, _ in chosen],
        "state": [state for _, state, _ in chosen],
        "reward": reward,
        "laser": _laser([r for r in found if r.code == LASER], [event.time for _, _, event in chosen], where),
    }
    for i, column in enumerate(("reward_state", "transition_state")[:width]):
        columns[column] = _of_trials([(start, states[i]) for start, states in blocks], n)
    return columns


def _two_step_choices(known: Sequence[Event]) -> list[tuple[int, int, Event]]:
    """Choice, second step and its event: the choice is the first-step poke directly before a side's activation.

    A side that becomes active without such a poke is no trial of the task, and shifts the choices of all later ones
    against their outcomes. The laboratory's importer takes it as a low poke; here the session is of no use.
    """
    relevant = [event for event in known if event.name in POKES or event.name in SECOND_STEPS]
    chosen = []
    for before, event in zip([None, *relevant], relevant, strict=False):
        if event.name in SECOND_STEPS:
            if before is None or before.name not in POKES:
                found = "no poke" if before is None else f"{before.name} (line {before.line})"
                raise Unusable(f"line {event.line}: found {found} before {event.name}; allowed: {' or '.join(POKES)}")
            chosen.append((POKES[before.name], SECOND_STEPS[event.name], event))
    return chosen


def _selections(known: Sequence[Event]) -> list[tuple[int, int, Event]]:
    return [(SELECTIONS[e.name], SELECTIONS[e.name], e) for e in known if e.name in SELECTIONS]


def _outcomes(known: Sequence[Event]) -> list[int]:
    """For each trial start, whether a reward is the next of the events that end a trial.

    As in the laboratory's importer the next trial's start ends a trial too, and a trial that the session's end cut
    short is unrewarded.
    """
    names = [event.name for event in known if event.name in OUTCOMES]
    return [int(b.endswith("_reward")) for a, b in pairwise([*names, ""]) if a == "trial_start"]


def _blocks(
    lines: Sequence[Record], starts: Sequence[int], width: int, file_type: str, where: str
) -> list[tuple[int, tuple[int, ...]]]:
    """First trial and states of each block: reward state, then transition state where the task has one."""
    blocks = []
    for i, record in enumerate(lines):
        states = record.rest[-width:]
        if len(states) < width or not (states[0] in (0, 1, 2) and all(s in (0, 1) for s in states[1:])):
            needed = "reward state (0, 1, 2)" + (" and transition state (0, 1)" if width == 2 else "")
            shown = " ".join(str(value) for value in record.rest)
            raise InputError(f"{where}, line {record.line}: found block states {shown!r}; allowed: {needed}")
        first = sum(start < record.time for start in starts)
        if file_type == "Arduino":
            states = (2 - states[0], *states[1:])  # the older rigs coded reward states the other way round
            first = 0 if i == 0 else first  # and wrote the first block after the first trial had started
        blocks.append((first, states))
    return blocks


def _of_trials(blocks: Sequence[tuple[int, int]], n: int) -> list[int]:
    """State of each of `n` trials."""
    states = [UNKNOWN] * n
    ends = [first for first, _ in blocks[1:]] + [n]
    for (first, state), end in zip(blocks, ends, strict=False):
        for trial in range(first, min(end, n)):
            states[trial] = state
    return states


def _laser(lines: Sequence[Record], choices: Sequence[int], where: str) -> list[int] | None:
    if not lines:
        return None
    laser = [0] * (len(choices) + 1)  # the last is for a light after the last choice
    for record in lines:
        if not record.rest or record.rest[-1] not in (0, 1):
            shown = " ".join(str(value) for value in record.rest)
            raise InputError(f"{where}, line {record.line}: found laser state {shown!r}; allowed: 1 (on) or 0 (off)")
        if record.rest[-1] == 1:
            laser[bisect_left(choices, record.time + LASER_DELAY_MS)] = 1
    return laser[:-1]


# -- the table -------------------------------------------------------------------------------------------------------


def read(source: Source, name: str, options: Mapping[str, Any], raw: Path) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Trials of the data set, one block a session, and what was left out.

    Sessions before `first_day` are not read, since training differs there, nor are those of dates not asked for; they
    are counted as removed blocks. The column `experiment` is the caller's, not part of the canonical table.
    """
    import pandas as pd

    from tinycog.trials.table import numbered

    kept, others = sessions(source, options, raw)
    everyone = dict.fromkeys(session.subject for group in (kept, *others.values()) for session in group)
    kept = _asked(name, options, kept)
    mice = everyone if options["subjects"] == "all" else dict.fromkeys(session.subject for session in kept)
    removed = []
    for reason, group in others.items():
        numbers = Counter(session.subject for session in group)
        removed += [{"subject": mouse, "reason": reason, "blocks": numbers[mouse]} for mouse in mice if numbers[mouse]]
    infos = {
        e: read_info(e / "info.json", source.event_names) for e in dict.fromkeys(session.experiment for session in kept)
    }
    tables = []
    for session in kept:
        with readable(session.path, "a text log of lines of integers"):
            lines = bounds.content(session.path).decode("utf-8").splitlines()
        file_type, meaning = infos[session.experiment]
        try:
            columns = trials_of(lines, file_type, meaning, source.two_step, str(session.path))
        except Unusable as reason:
            problem = f"{session.path}: {reason}"
            left_out = {"subject": session.subject, "session": session.session}
            removed.append({**left_out, "reason": f"{session.path.name}: {reason}", "blocks": 1})
            continue
        annotations = {f"task_{c}": columns[c] for c in ("reward_state", "transition_state", "laser") if c in columns}
        rows = pd.DataFrame({c: columns[c] for c in ("action", "state", "reward")} | annotations)
        about = {"subject": session.subject, "session": session.session, "experiment": session.experiment.name}
        tables.append(rows.assign(dataset=name, mask=1, task_day=session.day, **about))
    if not tables:
        raise InputError(f"{problem}. None of {len(kept)} session logs can be used")
    table = pd.concat(tables, ignore_index=True)
    if table["task_laser"].isna().all():
        table = table.drop(columns="task_laser")
    else:
        table["task_laser"] = table["task_laser"].fillna(0)
    states = [column for column in table if column.startswith("task_")]
    table = table.astype({"reward": float} | dict.fromkeys(states, "int16"))
    return numbered(table, ["experiment", "session"]), removed
