"""What a table of choices holds: which column is what, and how its cells are coded.

Columns are recognised by their names and by what is in them. Whatever is recognised is told and written down, and
where two answers are possible the user is asked for an option by its name. Numbers that could be values are never taken
for missed trials.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tinycog.sections.tables import listed
from tinycog.sources.cells import Column, shown
from tinycog.tasks import Task

# names of columns in small letters without other signs; those of a line are equally likely, an earlier line is likelier
NAMES: dict[str, tuple[tuple[str, ...], ...]] = {
    "subject": (
        ("subject", "subjectid", "subjid", "subj", "subid", "sub", "participant", "participantid", "ppt", "pp"),
        ("mouse", "mouseid", "rat", "ratid", "monkey", "animal", "animalid", "prolificpid", "workerid", "person"),
        ("id", "pid", "uid", "userid", "user", "name", "runid", "subjectnumber", "participantnumber"),
    ),
    "session": (("session", "sessionid", "sess", "sessionnumber"), ("day", "date", "visit")),
    "block": (("block", "blocknumber", "blocknum", "blockid", "blockno"), ("run", "game", "episode", "round")),
    "trial": (
        ("trial", "trialnumber", "trialnum", "trialno", "trialid", "ntrial", "trials"),
        ("trialindex", "trialsthisn", "trialsthistrialn", "t"),
    ),
    "action": (
        ("action", "choice", "chosen", "choices", "actions", "decision", "firstchoice", "choice1", "action1"),
        ("stage1choice", "choicestage1", "step1choice", "level1choice", "stepone", "stage1response", "response1"),
        ("response", "resp", "selection", "selected", "arm", "option", "chosenarm", "chosenoption", "deck", "bandit"),
        ("key", "keypress", "keyresp", "keyrespkeys", "keypressed", "button", "buttonpressed", "side"),
    ),
    "reward": (
        ("reward", "rewards", "outcome", "outcomes", "rew", "rewarded", "payoff", "payout"),
        ("feedback", "points", "win", "won", "score", "money", "earned", "result", "correct", "r"),
    ),
    "gain": (("gain", "gains", "wins", "won"), ("win",)),
    "loss": (("loss", "losses", "lost"), ("lose",)),
    "state": (
        ("state", "state2", "secondstate", "stage2state", "secondstagestate", "finalstate", "secondstep"),
        ("stage2", "level2state", "planet", "box"),
    ),
    "action2": (
        ("action2", "choice2", "secondchoice", "stage2choice", "choicestage2", "step2choice", "level2choice"),
        ("response2", "stage2response", "resp2", "steptwo"),
    ),
    "transition": (("transition", "transitiontype", "common", "iscommon", "transcommon", "rare", "transitions"),),
}
KINDS = (
    "phase",
    "blocktype",
    "trialtype",
    "stage",
    "practice",
    "part",
    "section",
    "tasktype",
    "component",
    "trialpart",
)
OTHER = re.compile(r"practi|train|instruct|questionn|survey|demograph|warm|example|fixation|consent|debrief", re.I)
PEOPLE = ("condition", "drug", "treatment", "dose", "medication", "sessiontype", "cond", "manipulation")
MISSED = re.compile(
    r"time ?-?_?out|timed ?out|miss(ed|ing)?|no[ _-]?(resp(onse)?|choice|answer)|omission|too ?slow|skip(ped)?|invalid",
    re.I,
)
NUMBERS_OF_NOTHING = (-9, 99, -99, 999, -999, 9999, -9999)
SIDES = (("left", "right"), ("l", "r"), ("links", "rechts"), ("leftarrow", "rightarrow"), ("arrowleft", "arrowright"))
WON = re.compile(r"win|won|reward(ed)?|correct|yes|gain|hit|success|pos(itive)?", re.I)
LOST = re.compile(
    r"loss|lose|lost|no[ _-]?win|un?[ _-]?rewarded|no[ _-]?reward|omission|incorrect|wrong|no|nothing|fail(ure)?|miss|"
    r"neg(ative)?|neutral|zero",
    re.I,
)
MOST_COVARIATES = 20


@dataclass
class Recognised:
    """What was recognised.

    Attributes:
        options: keys of the data set's section.
        told: a line for each column that is used: column, meaning, examples, coding.
        questions: what the user has to decide, with the option that says it.
        notes: what else should be known.
        unused: the other columns.
    """

    options: dict[str, Any]
    told: list[tuple[str, str, str, str]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


def plain(name: str) -> str:
    """A column's name in small letters, without other signs than letters and digits."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def by_name(canonical: str, header: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    """The columns that may be `canonical` by their names: of the likeliest names that there are."""
    for names in NAMES[canonical]:
        if found := [name for name in header if plain(name) in names and name not in taken]:
            return found
    return []


def different(column: Column) -> dict[str, str | float]:
    """The different cells of a column that occur and are not empty, with what they are compared by, see `Column.key`.

    In the order in which the table has them.
    """
    counts = np.bincount(column.codes, minlength=len(column.different))
    return {
        column.different[code]: column.key(code)
        for code in np.flatnonzero(counts)
        if not np.isnan(column.numbers[code])
    }


def subject_pattern(names: Sequence[str]) -> str | None:
    """A regular expression that finds what differs between file names, whole words of it; None if nothing fits all."""
    first, last = min(names), max(names)
    start = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    prefix = re.sub(r"[A-Za-z0-9]*$", "", first[:start])
    backwards = [name[::-1] for name in names]
    a, b = min(backwards), max(backwards)
    end = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    suffix = re.sub(r"^[A-Za-z0-9]*", "", a[:end][::-1])
    pattern = f"^{re.escape(prefix)}(.+){re.escape(suffix)}$"
    found = [match[1] for name in names if (match := re.fullmatch(pattern[1:-1], name))]
    return pattern if len(set(found)) == len(names) else None


def labels(values: Mapping[str, str | float]) -> list[Any]:
    """Different cells in the order of their codes: left before right, numbers by size, words by the alphabet."""
    words = {re.sub(r"[^a-z]", "", value.lower()): value for value in values}
    for sides in SIDES:
        if len(values) == 2 and set(words) == set(sides):
            return [words[side] for side in sides]
    if all(isinstance(number, float) for number in values.values()):
        return [_whole(number) for number in sorted(values.values())]
    return sorted(values, key=lambda value: (value.lower(), value))


def _whole(number: float) -> int | float:
    return int(number) if number.is_integer() else number


def choices(
    column: Column, n_codes: int, task: Task, option: str, canonical: str
) -> tuple[list[Any] | None, list[Any], str | None]:
    """Labels of a choice or state (None: integers from 0), cells that mean a missed one, and a question or None.

    Numbers that could be values are no missed trials: next to 0 and 1 a -1 is a question, next to 1 and 2 it is none,
    and neither is 999. Words such as timeout always are missed trials.
    """
    values = different(column)
    missed: list[Any] = [value for value in values if MISSED.fullmatch(value.strip())]
    values = {value: number for value, number in values.items() if value not in missed}
    numbers = set(values.values())
    if all(isinstance(number, float) for number in numbers):
        for expected, strange in (
            (set(range(n_codes)), set(NUMBERS_OF_NOTHING)),
            (set(range(1, n_codes + 1)), {*NUMBERS_OF_NOTHING, -1}),
        ):
            first, last = min(expected), max(expected)
            others = numbers - expected
            # codes from 0 have a 0, codes from 1 have the last one; of the rest some may never be taken
            if others <= strange and (0 if first == 0 else last) in numbers and len(numbers & expected) > 1:
                missed += [_whole(number) for number in sorted(others)]
                return (None if first == 0 else sorted(expected)), missed, None
    if len(values) == n_codes:
        return labels(values), missed, None
    name, found = column.name, ", ".join(map(repr, list(values)[:8])) + (", ..." if len(values) > 8 else "")
    ordered = ",".join(map(str, labels(values)[:n_codes]))
    question = f"column {name!r} has {len(values)} values ({found}), and task {task.name!r} has {n_codes} here"
    if len(values) < n_codes:
        return None, missed, f"{question}: state all of them in their order, as in --{option} {ordered},..."
    lost = f"which values mean that the trial was missed, as in --missing {canonical}={labels(values)[0]}"
    return None, missed, f"{question}: say {lost}; or which are choices, in their order: --{option} {ordered}"


def reward(column: Column) -> tuple[dict[str, Any], list[Any], str, str | None]:
    """Coding of a reward column (empty: as it is), cells that mean a missed trial, words for it, a question or None."""
    values = different(column)
    missed: list[Any] = [value for value in values if MISSED.fullmatch(value.strip())]
    numbers = {value: number for value, number in values.items() if value not in missed}
    words = [value for value, number in numbers.items() if isinstance(number, str)]
    if words:
        signs = {word: bool(WON.fullmatch(word.strip())) - bool(LOST.fullmatch(word.strip())) for word in words}
        if len(words) == len(numbers) == 2 and sorted(signs.values()) == [-1, 1]:
            worth = {word: (sign + 1) // 2 for word, sign in signs.items()}
            return {"values": worth}, missed, ", ".join(f"{word} = {value}" for word, value in worth.items()), None
        example = ",".join(f"{word}={place}" for place, word in enumerate(words[:2]))
        found = ", ".join(map(repr, words[:6]))
        return {}, missed, "", f"column {column.name!r} has rewards {found}: say what each is worth: --reward {example}"
    found = sorted(float(number) for number in numbers.values())
    if not found or (found[0] >= 0 and found[-1] <= 1):
        return {}, missed, "from 0 to 1, as they are", None
    low, high = found[0], found[-1]
    if len(found) > 3 and low >= 0 and high <= 100:
        low, high = 0.0, (10.0 if high <= 10 else 100.0)
    if low == high:
        same = f"column {column.name!r} has the same reward in every row, {low:g}"
        return {}, missed, "", f"{same}: say of which range it is: --reward 0,{high:g}"
    return {"range": [_whole(low), _whole(high)]}, missed, f"{low:g} to {high:g} become 0 to 1", None


def rows_of_choices(columns: Mapping[str, Column]) -> tuple[dict[str, Any], str | None]:
    """`where` for a column that tells the trials of the task from practice and the like, and a question or None."""
    for name, column in columns.items():
        if plain(name) not in KINDS:
            continue
        values = list(different(column))
        other = [value for value in values if OTHER.search(value)]
        kept = [value for value in values if value not in other]
        if other and len(kept) == 1:
            return {name: kept[0]}, None
        if other and kept:
            say = f"say which are trials of the task, as in --where {name}={kept[0]}, or --where none for all"
            return {}, f"column {name!r} has rows of {', '.join(map(repr, values[:8]))}: {say}"
    return {}, None


def order_of(groups: Sequence[np.ndarray], trial: np.ndarray) -> str:
    """How trial numbers run within groups of rows: `as they are`, `sorted` (once sorted), `restarts`, or `unclear`.

    Args:
        groups: codes, (row,) each, that tell subjects, sessions and blocks apart.
        trial: (row,) trial numbers.
    """
    frame = pd.DataFrame({f"g{i}": codes for i, codes in enumerate(groups)} | {"trial": trial})
    keys = list(frame.columns[:-1])
    if np.isnan(trial).any() or np.isinf(trial).any():
        return "unclear"
    starts = (frame[keys] != frame[keys].shift()).any(axis=1).to_numpy() if keys else np.arange(len(frame)) == 0
    again = frame[keys][starts].duplicated().any() if keys else False
    back = np.r_[False, trial[1:] <= trial[:-1]] & ~starts
    if not back.any() and not again:
        return "as they are"
    if not frame.duplicated().any():
        return "sorted"
    lowest = frame.groupby(keys)["trial"].transform("min").to_numpy() if keys else np.full(len(trial), trial.min())
    return "restarts" if not again and (trial[back] == lowest[back]).all() else "unclear"


def constant_within(column: Column, subject: np.ndarray) -> bool:
    """Whether a column has one value for each subject, and not the same one for all."""
    first = pd.Series(column.codes).groupby(subject).transform("first").to_numpy()
    return bool((column.codes == first).all() and len(np.unique(column.codes)) > 1)


def recognise(
    columns: Mapping[str, Column], paths: Sequence[Path], file: np.ndarray, task: Task, given: Mapping[str, Any]
) -> Recognised:
    """Everything that a data set's section needs to say of a table, as far as it is not given.

    Args:
        columns: all columns of the files, by name.
        file: (row,) number of the row's file among `paths`.
        given: keys of the section that the user has stated; they are taken as they are.
    """
    found = Recognised(dict(given))
    mapping = dict(given.get("columns") or {})
    header, reward_given = list(columns), given.get("reward") or {}
    if "where" not in given:
        where, question = rows_of_choices({name: columns[name] for name in header if name not in mapping.values()})
        found.options |= {"where": where} if where else {}
        found.questions += [question] if question else []
    kept = np.ones(len(file), dtype=bool)
    for key, wanted in (("where", True), ("drop", False)):
        for name, values in (found.options.get(key) or {}).items():
            if name in columns:
                kept &= columns[name].one_of(values) == wanted
                found.told.append((name, f"rows {'kept' if wanted else 'left out'}", shown(values), f"{key} {name}"))
    columns = {name: column.rows(kept) for name, column in columns.items()}
    file = file[kept]

    def taken() -> list[str]:
        return [*mapping.values(), *(found.options.get("where") or {}), *(found.options.get("drop") or {})]

    def look(canonical: str, needed: bool) -> None:
        """Find the column of `canonical`, or ask for it if it is needed or several are equally likely."""
        if canonical in mapping:
            return
        names = by_name(canonical, header, taken())
        names = [name for name in names if different(columns[name])]
        if len(names) == 1:
            mapping[canonical] = names[0]
        elif names:
            both = " and ".join(map(repr, names[:4]))
            found.questions.append(
                f"{canonical}: columns {both} are equally likely; say which, as in --columns {canonical}={names[0]}"
            )
        elif needed:
            cells = "; ".join(f"{name} ({_examples(columns[name], 3)})" for name in header)
            example = f"--columns {canonical}={header[-1]}"
            found.questions.append(f"{canonical}: no column's name says so; say which it is, as in {example}. {cells}")

    look("action", needed=True)
    if task.stages == 2:
        look("action2", needed=True)
    gains = [by_name(part, header, taken()) for part in ("gain", "loss")]
    if not reward_given.get("gain") and "reward" not in mapping and not reward_given.get("column"):
        own = by_name("reward", header, taken())
        if all(len(part) == 1 for part in gains) and (not own or own == gains[0]):
            reward_given = {**reward_given, "gain": gains[0][0], "loss": gains[1][0]}
        else:
            look("reward", needed=True)
    if not given.get("subject"):
        look("subject", needed=False)
        if "subject" not in mapping and len(paths) > 1:
            if pattern := subject_pattern([path.name for path in paths]):
                found.options["subject"] = {"from": "name", "pattern": pattern}
                examples = ", ".join(re.search(pattern, path.name)[1] for path in paths[:3])
                found.told.append(("the file's name", "subject", examples, f"pattern {pattern}"))
            else:
                found.questions.append(
                    "subject: no column has it and the files' names do not tell; as in --subject 'sub-(\\w+)'"
                )
    for canonical in ("session", "block"):
        look(canonical, needed=False)
    trial = mapping.pop("trial", None) or next(iter(by_name("trial", header, taken())), None)
    _code_actions(found, columns, mapping, task, given)
    _code_rewards(found, columns, mapping, reward_given, given)
    if not task.one_stage:
        _code_states(found, columns, header, mapping, task, given)
    person = columns[mapping["subject"]].codes if "subject" in mapping else file
    _tell_people(found, columns, mapping, person, trial, given)
    _order_rows(found, columns, mapping, person, trial, given)
    found.options["columns"] = mapping
    used = {*mapping.values(), *(name for name, *_ in found.told)}
    found.unused = [name for name in header if name not in used]
    return found


def _examples(column: Column, n: int = 4) -> str:
    values = list(different(column))
    return ", ".join(values[:n]) + (f", ... ({len(values):,} different)" if len(values) > n else "")


def _in_order(coding: Sequence[Any]) -> str:
    return "in this order: " + ", ".join(str(listed(values)[0]) for values in coding)


def _add_missing(found: Recognised, name: str, values: Sequence[Any]) -> None:
    if values:
        missing = dict(found.options.get("missing") or {})
        missing[name] = [*listed(missing.get(name, [])), *values]
        found.options["missing"] = missing


def _counted(column: Column, values: Sequence[Any]) -> str:
    return f"; missed: {shown(list(values))} ({int(column.one_of(list(values)).sum()):,} rows)" if values else ""


def _code_actions(
    found: Recognised, columns: Mapping[str, Column], mapping: dict[str, str], task: Task, given: Mapping[str, Any]
) -> None:
    for canonical, option, n_codes in (("action", "choices", task.n_actions), ("action2", "choices2", 2)):
        if canonical not in mapping:
            continue
        name = mapping[canonical]
        column, missed, question = columns[name], [], None
        coding = given.get(option)
        if coding is None:
            stated = (given.get("missing") or {}).get(canonical, (given.get("missing") or {}).get(name))
            rest = column if stated is None else column.rows(~column.one_of(stated))
            coding, missed, question = choices(rest, n_codes, task, option, canonical)
            if question and canonical == "action2":  # four values: two for each state
                of_states = choices(rest, 2 * task.n_states, task, option, canonical)
                coding, missed, question = of_states if of_states[2] is None else (coding, missed, question)
                coding = list(range(2 * task.n_states)) if question is None and coding is None else coding
        if question:
            found.questions.append(question)
            continue
        if coding is not None:
            found.options[option] = coding
        _add_missing(found, canonical, missed)
        found.told.append(
            (name, canonical, _examples(column), _in_order(coding or range(n_codes)) + _counted(column, missed))
        )


def _code_rewards(
    found: Recognised,
    columns: Mapping[str, Column],
    mapping: dict[str, str],
    reward_given: Mapping[str, Any],
    given: Mapping[str, Any],
) -> None:
    coding = dict(reward_given)
    if coding.get("gain"):
        gain, loss = (columns[coding[part]].values() for part in ("gain", "loss"))
        total = (gain - np.abs(loss))[np.isfinite(gain - loss)]
        if not coding.get("range") and len(total):
            low, high = float(total.min()), float(total.max())
            coding["range"] = [int(end) if end.is_integer() else end for end in (low, high)]
        for part in ("gain", "loss"):
            scale = f"gain - loss, {coding['range'][0]:g} to {coding['range'][1]:g} become 0 to 1"
            found.told.append((coding[part], part, _examples(columns[coding[part]]), scale))
        found.options["reward"] = coding
        return
    name = coding.get("column") or mapping.get("reward")
    if name is None or name not in columns:
        return
    column = columns[name]
    stated = (given.get("missing") or {}).get("reward", (given.get("missing") or {}).get(name))
    rest = column if stated is None else column.rows(~column.one_of(stated))
    words = ", ".join(f"{key}: {value}" for key, value in coding.items() if key != "column")
    if not words:
        own, missed, words, question = reward(rest)
        if question:
            found.questions.append(question)
            return
        coding |= own
        _add_missing(found, "reward", missed)
        words += _counted(column, missed)
    if coding:
        found.options["reward"] = coding
    found.told.append((name, "reward", _examples(column), words))


def _code_states(
    found: Recognised,
    columns: Mapping[str, Column],
    header: Sequence[str],
    mapping: dict[str, str],
    task: Task,
    given: Mapping[str, Any],
) -> None:
    """The state reached: its own column, what the second choice implies, or whether the transition was common."""
    implied = len(found.options.get("choices2") or []) > 2
    taken = list(mapping.values())
    if "state" not in mapping and not given.get("transition") and not implied:
        names = by_name("state", header, taken)
        if len(names) == 1:
            mapping["state"] = names[0]
        elif transitions := by_name("transition", header, taken):
            name = transitions[0]
            words = {value: plain(value) for value in different(columns[name])}
            common = [value for value, word in words.items() if word in ("common", "1", "true", "frequent", "usual")]
            rare = [value for value, word in words.items() if word in ("rare", "uncommon", "0", "2", "false")]
            if plain(name) == "rare":
                common, rare = rare, common
            if len(common) == len(rare) == 1:
                found.options["transition"] = {"column": name, "common": common[0], "rare": rare[0]}
                found.told.append(
                    (name, "transition", _examples(columns[name]), f"{common[0]}: common, {rare[0]}: rare")
                )
            else:
                example = f"--transition {name},common={next(iter(words), '')},rare={next(reversed(words), '')}"
                found.questions.append(
                    f"transition: column {name!r} has {_examples(columns[name])}; say which is which: {example}"
                )
        else:
            found.questions.append(
                f"state: no column's name says so; say which it is, as in --columns state={header[-1]}, or the second "
                "choices of each state, as in --choices2 a,b,c,d"
            )
    if implied:
        found.notes.append("the state is taken from the second choice: the first two values belong to state 1")
    if "state" not in mapping or "action" not in mapping:
        return
    name = mapping["state"]
    coding, question = given.get("states"), None
    if coding is None:
        coding, _, question = choices(columns[name], task.n_states, task, "states", "state")
    if question:
        found.questions.append(question)
        return
    coding = coding or list(range(task.n_states))
    action = columns[mapping["action"]].place_in(found.options.get("choices") or list(range(task.n_actions)))
    state = columns[name].place_in(coding)
    known = (action >= 0) & (state >= 0)
    same = float((action == state)[known].mean()) if known.any() else 1.0
    reversing = task.name == "transition_reversal"  # neither transition is the common one throughout
    if same < 0.5 and given.get("states") is None and not reversing:
        coding, same = coding[::-1], 1 - same
    if coding != list(range(task.n_states)):
        found.options["states"] = coding
    found.told.append((name, "state", _examples(columns[name]), _in_order(coding)))
    if not reversing:
        often = f"in {same:.0%} of trials: its common transition"
        found.notes.append(f"action 1 leads to state {shown(coding[0])}, action 2 to {shown(coding[1])}, {often}")


def _tell_people(
    found: Recognised,
    columns: Mapping[str, Column],
    mapping: Mapping[str, str],
    person: np.ndarray,
    trial: str | None,
    given: Mapping[str, Any],
) -> None:
    """Subjects, conditions and covariates."""
    if "subject" in mapping:
        found.told.append((mapping["subject"], "subject", _examples(columns[mapping["subject"]]), "text"))
    for canonical in ("session", "block"):
        if canonical in mapping:
            found.told.append(
                (mapping[canonical], canonical, _examples(columns[mapping[canonical]]), "in the order of rows")
            )
    if condition := given.get("condition"):
        found.told.append((condition, "condition", _examples(columns[condition]), "each subject once for each"))
    used = {name for name, *_ in found.told} | {trial}
    rest = [name for name in columns if name not in used]
    varying = [name for name in rest if plain(name) in PEOPLE and not constant_within(columns[name], person)]
    for name in varying if not condition else []:
        if 1 < len(different(columns[name])) <= 6:
            found.notes.append(
                f"column {name!r} differs within subjects: to analyse its values apart, --condition {name}"
            )
    if "covariates" not in given:
        several = len(np.unique(person)) > 1
        chosen = [name for name in rest if several and constant_within(columns[name], person)][:MOST_COVARIATES]
        found.options |= {"covariates": chosen} if chosen else {}
    for name in found.options.get("covariates") or []:
        if name in columns:
            found.told.append((name, "covariate", _examples(columns[name]), "one value for each subject"))


def _order_rows(
    found: Recognised,
    columns: Mapping[str, Column],
    mapping: dict[str, str],
    person: np.ndarray,
    trial: str | None,
    given: Mapping[str, Any],
) -> None:
    """Whether rows have to be sorted, and whether trial numbers that start again tell blocks apart."""
    if "order" in given or "restarts" in given:
        for name in [*(given.get("order") or []), *([given["restarts"]] if given.get("restarts") else [])]:
            found.told.append(
                (name, "order of the rows", _examples(columns[name]) if name in columns else "", "as stated")
            )
        return
    if trial is None:
        return
    within = [mapping[key] for key in ("session", "block") if key in mapping]
    place = person.argsort(kind="stable")  # subjects may take turns
    how = order_of([person[place], *(columns[name].codes[place] for name in within)], columns[trial].values()[place])
    told = {
        "as they are": "rises within blocks",
        "sorted": "rows are sorted by it",
        "restarts": "a block begins where it falls back",
        "unclear": "not used: its numbers do not rise within blocks; rows stay in their order",
    }
    if how == "sorted":
        found.options["order"] = [*within, trial]
    elif how == "restarts":
        found.options["restarts"] = trial
    elif how == "as they are":
        mapping["trial"] = trial
    found.told.append((trial, "trial", _examples(columns[trial]), told[how]))
