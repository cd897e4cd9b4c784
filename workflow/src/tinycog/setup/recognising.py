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

from tinycog.errors import InputError
from tinycog.sections.coding import listed
from tinycog.setup.codings import (
    choices,
    constant_within,
    counted,
    different,
    examples,
    in_order,
    labels,
    order_of,
    reward,
    rows_of_choices,
    subject_pattern,
)
from tinycog.setup.vocabulary import FLAGS, MOST_COVARIATES, PEOPLE, by_name, plain
from tinycog.sources.cells import Column, shown
from tinycog.tasks import Task


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
    stated = given.get("columns") or {}
    mapping = {canonical: name for canonical, name in stated.items() if name is not None}
    header, reward_given = list(columns), given.get("reward") or {}
    actions = [mapping["action"]] if "action" in mapping else by_name("action", header)
    chosen = ~np.isnan(columns[actions[0]].values()) if len(actions) == 1 and actions[0] in columns else None
    if "where" not in given:
        rest = {name: columns[name] for name in header if name not in mapping.values()}
        where, question = rows_of_choices(rest, chosen)
        found.options |= {"where": where} if where else {}
        found.questions += [question] if question else []
    kept = np.ones(len(file), dtype=bool)
    for key, wanted in (("where", True), ("drop", False)):
        if key == "drop" and key not in given and chosen is not None:
            found.options |= _rows_without_a_number(columns, by_name("trial", header), chosen, kept)
        for name, values in (found.options.get(key) or {}).items():
            if name in columns:
                kept &= columns[name].one_of(values) == wanted
                if not kept.any():
                    has = examples(columns[name], 8)
                    raise InputError(f"{key}: no row is left with {name} = {shown(values)}; the column has {has}")
                found.told.append((name, f"rows {'kept' if wanted else 'left out'}", shown(values), f"{key} {name}"))
    columns = {name: column.rows(kept) for name, column in columns.items()}
    file = file[kept]

    def taken() -> list[str]:
        return [*mapping.values(), *(found.options.get("where") or {}), *(found.options.get("drop") or {})]

    def look(canonical: str, needed: bool) -> None:
        """Find the column of `canonical`, or ask for it if it is needed or several are equally likely."""
        if canonical in stated:
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
            cells = "; ".join(f"{name} ({examples(columns[name], 3)})" for name in header)
            example = f"--columns {canonical}=COLUMN"
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
                ids = ", ".join(re.search(pattern, path.name)[1] for path in paths[:3])
                found.told.append(("the file's name", "subject", ids, f"pattern {pattern}"))
            else:
                found.questions.append(
                    "subject: no column has it and the files' names do not tell; as in --subject 'sub-(\\w+)'"
                )
    for canonical in ("session", "block"):
        look(canonical, needed=False)
    not_trial = [name for name in taken() if name not in (found.options.get("drop") or {})]
    trial = mapping.pop("trial", None) or next(iter(by_name("trial", header, not_trial)), None)
    if "missing" not in given:
        _flags_of_missed(found, columns, taken())
    _code_actions(found, columns, mapping, task, given)
    _code_rewards(found, columns, mapping, reward_given, given)
    if not task.one_stage:
        _code_states(found, columns, header, mapping, task, given)
    person = columns[mapping["subject"]].codes if "subject" in mapping else file
    _tell_people(found, columns, mapping, person, trial, given)
    _order_rows(found, columns, mapping, person, trial, given)
    _flags(found, columns, mapping)
    for canonical in ("action", "action2", "reward", "state"):
        if canonical in mapping and len(values := different(columns[mapping[canonical]])) == 1:
            found.notes.append(
                f"column {mapping[canonical]!r} ({canonical}) has one value in every row, {next(iter(values))!r}"
            )
    # a column that has a canonical name, and is not what the name says
    others = [name for name in ("trial", "state", "mask", "mask2", "forced") if name in header and name not in mapping]
    found.options["columns"] = dict(stated) | mapping | dict.fromkeys(others)
    used = {*mapping.values(), *(name for name, *_ in found.told)}
    found.unused = [name for name in header if name not in used]
    return found


def _rows_without_a_number(
    columns: Mapping[str, Column], trial: Sequence[str], chosen: np.ndarray, kept: np.ndarray
) -> dict[str, Any]:
    """`drop` for rows that have no trial number, where none of them has a choice: instructions and the like.

    Trials that were missed have one.
    """
    without = kept & np.isnan(columns[trial[0]].values()) if trial else kept
    if not trial or not without.any() or chosen[without].any():
        return {}
    cells = list(dict.fromkeys(columns[trial[0]].rows(without).text()))
    return {"drop": {trial[0]: cells[0] if len(cells) == 1 else cells}}


def _flags(found: Recognised, columns: Mapping[str, Column], mapping: dict[str, str]) -> None:
    """Columns that say by their canonical names which choices count, and which were forced."""
    meanings = {"mask": "1 where the choice counts", "mask2": "1 where the second choice counts", "forced": "1: forced"}
    for name, meaning in meanings.items():
        if name in columns and name not in mapping and set(different(columns[name]).values()) <= {0.0, 1.0}:
            mapping[name] = name
            found.told.append((name, name, examples(columns[name]), meaning))


def _flags_of_missed(found: Recognised, columns: Mapping[str, Column], taken: Sequence[str]) -> None:
    """Columns of 0 and 1, or false and true, that say by their names that a trial was missed, or that it was not."""
    for name, column in columns.items():
        words = next((words for words in FLAGS if plain(name) in words), None)
        if words and name not in taken and set(different(column).values()) <= {0.0, 1.0}:
            _add_missing(found, name, [FLAGS[words]])
            found.told.append((name, "missed trials", examples(column), counted(column, [FLAGS[words]])[2:]))


def _add_missing(found: Recognised, name: str, values: Sequence[Any]) -> None:
    if values:
        missing = dict(found.options.get("missing") or {})
        missing[name] = [*listed(missing.get(name, [])), *values]
        found.options["missing"] = missing


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
                if question is None:
                    coding, question = _of_states(coding, rest, columns, mapping, task)
        if question:
            found.questions.append(question)
            continue
        if coding is not None:
            found.options[option] = coding
        _add_missing(found, canonical, missed)
        found.told.append(
            (name, canonical, examples(column), in_order(coding or range(n_codes)) + counted(column, missed))
        )


def _of_states(
    coding: list[Any], column: Column, columns: Mapping[str, Column], mapping: Mapping[str, str], task: Task
) -> tuple[list[Any] | None, str | None]:
    """The values of second choices, two for each state, and a question or None.

    The state that the first action leads to more often comes first. Which words belong to one state is not known.
    """
    if any(isinstance(value, str) for value in coding):
        ordered = ",".join(map(str, coding))
        say = "state them in pairs, those of the state that the first action commonly leads to first: "
        say += f"--choices2 {ordered}"
        return None, f"column {column.name!r} has the second choices {ordered}, two for each of two states: {say}"
    first = columns[mapping["action"]] if "action" in mapping else None
    if first is None or len(first.codes) != len(column.codes):
        return coding, None
    place, of_first = column.place_in(coding), first.place_in(labels(different(first))[:1]) == 0
    known = (place >= 0) & of_first
    common = (place[known] < 2).mean() if known.any() else 1.0
    return (coding if common >= 0.5 else [*coding[2:], *coding[:2]]), None


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
        with np.errstate(invalid="ignore", over="ignore"):  # a cell that is no number is infinite
            total = gain - np.abs(loss)
        total = total[np.isfinite(total)]
        if not len(total):
            both = " and ".join(repr(coding[part]) for part in ("gain", "loss"))
            say = "name others, as in --reward gain=COLUMN,loss=COLUMN"
            found.questions.append(f"reward: no row has a number in both of the columns {both}; {say}")
            return
        if not coding.get("range"):
            low, high = float(total.min()), float(total.max())
            coding["range"] = [int(end) if end.is_integer() else end for end in (low, high)]
        for part in ("gain", "loss"):
            scale = f"gain - loss, {coding['range'][0]:g} to {coding['range'][1]:g} become 0 to 1"
            found.told.append((coding[part], part, examples(columns[coding[part]]), scale))
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
        words += counted(column, missed)
    if coding:
        found.options["reward"] = coding
    found.told.append((name, "reward", examples(column), words))


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
                    (name, "transition", examples(columns[name]), f"{common[0]}: common, {rare[0]}: rare")
                )
            else:
                example = f"--transition {name},common={next(iter(words), '')},rare={next(reversed(words), '')}"
                found.questions.append(
                    f"transition: column {name!r} has {examples(columns[name])}; say which is which: {example}"
                )
        else:
            found.questions.append(
                "state: no column's name says so; say which it is, as in --columns state=COLUMN, or the second "
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
    found.told.append((name, "state", examples(columns[name]), in_order(coding)))
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
        found.told.append((mapping["subject"], "subject", examples(columns[mapping["subject"]]), "text"))
    for canonical in ("session", "block"):
        if canonical in mapping:
            found.told.append(
                (mapping[canonical], canonical, examples(columns[mapping[canonical]]), "in the order of rows")
            )
    if condition := given.get("condition"):
        found.told.append((condition, "condition", examples(columns[condition]), "each subject once for each"))
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
            found.told.append((name, "covariate", examples(columns[name]), "one value for each subject"))


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
                (name, "order of the rows", examples(columns[name]) if name in columns else "", "as stated")
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
    found.told.append((trial, "trial", examples(columns[trial]), told[how]))
    if how in ("as they are", "sorted"):
        frame = pd.DataFrame({str(i): columns[name].codes for i, name in enumerate(within)} | {"person": person})
        frame = frame.assign(trial=columns[trial].values()).sort_values([*frame.columns, "trial"], kind="stable")
        gaps = int((frame.groupby(list(frame.columns[:-1]))["trial"].diff() > 1).sum())
        found.notes += (
            [f"trial numbers of {trial!r} skip {gaps:,} times within blocks; the rows follow one another"]
            if gaps
            else []
        )
