"""What the cells of a user's table mean: which rows count, and choices, states, rewards and missed trials.

All of it is stated in the config (`TableDataset`); nothing is guessed here (methods: a user's own table).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tinycog.errors import InputError
from tinycog.sections.coding import Values
from tinycog.sources.cells import Column, Rows, shown
from tinycog.tasks import Task

UNKNOWN = ["", "NA", "NaN", "nan", "N/A"]  # cells of a covariate that say nothing; none may be a diagnosis
PLAIN = {"column": None, "gain": None, "loss": None, "values": None, "range": None}  # rewards as they are


def keep(rows: Rows, where: Mapping[str, Values], drop: Mapping[str, Values]) -> tuple[Rows, list[dict[str, Any]]]:
    """The rows that have all values of `where` and none of `drop`, and how many each condition removes, one after
    the other.

    Raises:
        InputError: no row is left; says what the column has.
    """
    removed = []
    for key, conditions, wanted in (("where", where, True), ("drop", drop, False)):
        for name, values in conditions.items():
            kept = rows.columns[name].one_of(values) == wanted
            if not kept.any():
                raise InputError(
                    f"{key}.{name}: no row is left with {shown(values)}; the column has {most(rows, name)}"
                )
            if n := int((~kept).sum()):
                reason = f"{name} is not {shown(values)}" if wanted else f"{name} is {shown(values)}"
                removed.append({"reason": f"{key}: {reason}", "rows": n})
            rows = rows.of(kept)
    return rows, removed


def most(rows: Rows, name: str, n: int = 8) -> str:
    """The most frequent cells of a column, as words."""
    column = rows.columns[name]
    counts = np.bincount(column.codes, minlength=len(column.different))
    order = [int(code) for code in counts.argsort(kind="stable")[::-1] if counts[code]]
    text = ", ".join(f"{column.different[code]!r} ({counts[code]:,} rows)" for code in order[:n])
    return text + (f" and {len(order) - n} more" if len(order) > n else "")


def missed(rows: Rows, missing: Mapping[str, Values]) -> tuple[np.ndarray, np.ndarray]:
    """(row,) whether the first, and whether the second choice was missed, by the values stated under `missing`."""
    first, second = np.zeros((2, len(rows)), dtype=bool)
    for name, values in missing.items():
        here = rows.columns[name].one_of(values)
        second |= here
        if name != "action2":
            first |= here
    return first, second


def coded(
    rows: Rows, name: str, labels: Sequence[Values] | None, n_codes: int, needed: np.ndarray, key: str
) -> np.ndarray:
    """(row,) codes of a choice or a state; 0 where not `needed`.

    Args:
        labels: values in the order of the codes; None for integers from 0 to `n_codes` - 1.
        key: of the config, which holds the labels.
    """
    column = rows.columns[name]
    advice = f"Values of missed trials are stated, as in missing: {{{name}: ...}}"
    if labels is None:
        found = column.values()
        allowed = (
            f"integers from 0 to {n_codes - 1}. Other values are stated in their order, as in {key}: [left, right]"
        )
        rows.demand(np.isin(found, np.arange(n_codes)) | ~needed, name, f"{allowed}. {advice}")
        return np.where(needed, found, 0).astype(int)
    code = column.place_in(labels)
    rows.demand((code >= 0) | ~needed, name, f"{', '.join(map(shown, labels))} (`{key}`). {advice}")
    return np.where(needed, code, 0)


def rewards(rows: Rows, coding: Mapping[str, Any], needed: np.ndarray, name: str = "reward") -> np.ndarray:
    """(row,) rewards from 0 to 1; NaN where not `needed`.

    Args:
        coding: `RewardCoding` as plain values.

    Raises:
        InputError: a reward that is needed is no number, or outside the stated range, or from 0 to 1 without one.
    """
    low, high = coding["range"] or (0.0, 1.0)
    stated = f" (`reward.range`: {low:g} to {high:g})" if coding["range"] else ""
    if coding["gain"]:
        for part in ("gain", "loss"):
            rows.demand(np.isfinite(rows.columns[part].values()) | ~needed, part, "a number")
        found = rows.columns["gain"].values() - np.abs(rows.columns["loss"].values())
        name = "gain"
    elif coding["values"]:
        column, words = rows.columns[name], list(coding["values"])
        place = column.place_in(words)
        rows.demand((place >= 0) | ~needed, name, f"{shown(words)} (`reward.values`)")
        found = np.array([*coding["values"].values(), np.nan])[place]
    else:
        found = rows.columns[name].values()
    good = (found >= low) & (found <= high)
    advice = "" if coding["range"] else ". Other scales are stated, as in reward: {range: [-1, 1]}"
    if coding["gain"] and not (good | ~needed).all():
        worst = float(found[~good & needed][0])
        advice += f"; here gain - loss is {worst:g}"
    rows.demand(good | ~needed, name, f"a number from {low:g} to {high:g} for every choice{stated}{advice}")
    return np.where(needed, (found - low) / (high - low), np.nan)


def states(
    rows: Rows,
    options: Mapping[str, Any],
    task: Task,
    action: np.ndarray,
    place2: np.ndarray | None,
    needed: np.ndarray,
) -> np.ndarray:
    """(row,) states reached; 0 where not `needed`.

    Args:
        action: (row,) codes of the first choice, -1 where it is missing.
        place2: (row,) place of the second choice among the labels of both states, two a state, -1 where it is missing;
            None where the second choice does not imply the state.

    Raises:
        InputError: a state is unknown, or one column says another state than another column.
    """
    told: dict[str, np.ndarray] = {}  # column: state, -1 where it says none
    if "state" in rows.columns:
        told["state"] = coded(rows, "state", options["states"], task.n_states, needed, "states")
    if transition := options["transition"]:
        column = rows.columns["transition"]
        common, rare = column.one_of(transition["common"]), column.one_of(transition["rare"])
        allowed = f"{shown(transition['common'])} (common), {shown(transition['rare'])} (rare)"
        rows.demand(common ^ rare | ~needed, "transition", f"{allowed} (`transition`)")
        reached = np.where(common, action, task.n_states - 1 - action)
        told["transition"] = np.where(action >= 0, reached, -1)
    if place2 is not None:
        told["action2"] = np.where(place2 >= 0, place2 // 2, -1)
    names = list(told)
    state = told[names[0]]
    for name in names[1:]:
        known = needed & (told[name] >= 0) & (state >= 0)
        rows.demand(
            (state == told[name]) | ~known,
            name,
            f"what agrees with column {rows.columns[names[0]].name!r} on the state",
        )
        state = np.where(state >= 0, state, told[name])
    rows.demand((state >= 0) | ~needed, names[0], "a state in every trial with a choice")
    return np.where(needed, state, 0)


def sorted_by(rows: Rows, names: Sequence[str], subject: np.ndarray) -> np.ndarray:
    """Places of the rows, subject after subject, and within one in the order of these columns, the first one first.

    A column of numbers is sorted by them, another one by its text.

    Raises:
        InputError: a column has numbers and words.
    """
    keys = []
    for name in names:
        column = rows.columns[name]
        used = np.unique(column.codes)
        if np.isinf(column.numbers[used]).any():
            rank = np.empty(len(column.different), dtype=int)
            rank[sorted(range(len(rank)), key=column.different.__getitem__)] = np.arange(len(rank))
            if np.isfinite(column.numbers[used]).any():
                rows.demand(~np.isinf(column.values()), name, "numbers, as in other rows (`order`)")
            keys.append(rank[column.codes])
        else:
            rows.demand(~np.isnan(column.values()), name, "a value in every row (`order`)")
            keys.append(column.values())
    return np.lexsort([*reversed(keys), subject])


def of_files(paths: list[Path], pattern: str, file: np.ndarray) -> Column:
    """The subject's id of each row, from the name of its file.

    Raises:
        InputError: a name does not have the pattern, or two names give the same id.
    """
    found: dict[str, Path] = {}
    for path in paths:
        match = re.search(pattern, path.name)
        subject = match and match[match.re.groups]
        if not subject:
            raise InputError(f"{path}: its name has no subject's id by the pattern {pattern!r} (`subject.pattern`)")
        if subject in found:
            same = f"the names of {found[subject]} and {path} give the same subject {subject!r}"
            raise InputError(f"{same}; change `subject.pattern`, or name each subject's file once")
        found[subject] = path
    return Column.of_text("the file's name", list(found), file)


def subjects(rows: Rows, options: Mapping[str, Any]) -> tuple[np.ndarray, dict[str, tuple[str, str]]]:
    """(row,) number of each row's subject, in the order of the data; and by name the person and the condition."""
    n = len(rows)
    one = Column.of_text("subject", ["subject"], np.zeros(n, dtype=int))
    person, condition = rows.columns.get("subject", one), rows.columns.get(options["condition"])
    if condition is None:
        code, different = pd.factorize(person.codes)
        return code, {person.different[own]: (person.different[own], "") for own in different}
    width = len(condition.different)
    code, different = pd.factorize(person.codes.astype(np.int64) * width + condition.codes)
    pairs = [(person.different[own // width], condition.different[own % width]) for own in different]
    names = {f"{who}+{what}": (who, what) for who, what in pairs}
    if len(names) < len(pairs):
        raise InputError(
            f"condition: two subjects and conditions have the same name among {list(names)[:5]} ...; rename"
        )
    return code, names


def numbered(rows: Rows, subject: np.ndarray, restarts: str | None) -> dict[str, np.ndarray]:
    """Blocks from 0 within a subject and trials from 0 within a block, (row,) each; a block is a run of rows.

    Args:
        restarts: column of numbers that fall back where a block begins; None without such a one.

    Raises:
        InputError: rows of a block do not follow one another, or trial numbers do not increase within a block.
    """
    key = subject.astype(np.int64)
    for name in ("session", "block"):
        if name in rows.columns:
            column = rows.columns[name]
            key = pd.factorize(key * len(column.different) + column.codes)[0]
    if restarts:
        number = rows.columns[restarts].values()
        rows.demand(np.isfinite(number), restarts, "a number in every row (`restarts`)")
        changes = np.r_[True, key[1:] != key[:-1]]
        falls = np.cumsum(~changes & np.r_[False, number[1:] <= number[:-1]])
        key = pd.factorize(key * (falls[-1] + 1) + falls)[0]
    starts = np.r_[True, key[1:] != key[:-1]]
    first = np.flatnonzero(starts)
    run = np.cumsum(starts) - 1
    again = pd.Series(key[first]).duplicated().to_numpy()
    name = "block" if "block" in rows.columns else "session"
    if again.any():
        advice = "State what the rows are sorted by, as in order: [session, trial]"
        rows.demand(~again[run], name, f"the rows of a block one after the other; this block was left before. {advice}")
    trial = np.arange(len(key)) - first[run]
    of_subject = np.r_[True, subject[1:] != subject[:-1]]
    block = run - np.maximum.accumulate(np.where(of_subject, run, 0))
    if "trial" in rows.columns:
        number = rows.columns["trial"].values()
        with np.errstate(invalid="ignore"):
            back = np.r_[False, number[1:] <= number[:-1]] & (trial > 0)
        allowed = "trial numbers that increase within a block. State what the rows are sorted by (`order`), or the "
        allowed += "column that tells blocks apart, or leave the trial numbers out"
        rows.demand(~back & ~np.isinf(number), "trial", allowed)
    return {"block": block, "trial": trial}


def scored(rows: Rows, options: Mapping[str, Any], task: Task) -> dict[str, np.ndarray]:
    """Choices, states, rewards and masks, (row,) each, as the canonical table has them.

    A choice is missed where a value is stated under `missing`, and where its cell is empty; a column `mask` (`mask2` of
    second choices), if there is one, says instead of empty cells which choices count. Without `mask2` a missed first
    choice takes the second one with it.
    """
    lost, lost2 = missed(rows, options["missing"])

    def given(column: str, mask: str, without: np.ndarray) -> np.ndarray:
        if mask not in rows.columns:
            cells = rows.columns[column]
            labels = options["choices" if column == "action" else "choices2"] or []
            return ~without & (~np.isnan(cells.values()) | (cells.place_in(labels) >= 0))
        rows.demand(np.isin(rows.columns[mask].values(), [0, 1]), mask, "0 or 1")
        return (rows.columns[mask].values() == 1) & ~without

    first = last = given("action", "mask", lost)
    action = coded(rows, "action", options["choices"], task.n_actions, first, "choices")
    made = {"mask": first.astype(int), "action": np.where(first, action, -1)}
    place2 = None
    if task.stages == 2:
        last = given("action2", "mask2", lost2)
        last = last if "mask2" in rows.columns else last & first
        labels = options["choices2"]
        second = coded(rows, "action2", labels, 2, last, "choices2")
        place2 = np.where(last, second, -1) if labels and len(labels) > 2 else None
        made |= {"mask2": last.astype(int), "action2": np.where(last, second % 2, -1)}
    if task.one_stage:
        made["state"] = np.where(first, action, 0)
        if "state" in rows.columns and not options["choices"]:
            same = rows.columns["state"].values() == action
            rows.demand(~first | same, "state", f"the action itself (task {task.name!r})")
    else:
        made["state"] = states(rows, options, task, made["action"], place2, first | last)
    made["reward"] = rewards(rows, options["reward"] or PLAIN, last)
    if "forced" in rows.columns:
        rows.demand(np.isin(rows.columns["forced"].values(), [0, 1]), "forced", "0 or 1")
        made["forced"] = rows.columns["forced"].values().astype(int)
    return made


def carried(rows: Rows) -> dict[str, np.ndarray]:
    """Stimuli and annotations, (row,) each; annotations that are no numbers stay text."""
    made = {}
    for name, column in rows.columns.items():
        if name.startswith("stim_"):
            rows.demand(np.isfinite(column.values()), name, "a number in every row")
            made[name] = column.values()
        elif name.startswith("task_"):
            made[name] = column.text() if np.isinf(column.values()).any() else column.values()
    return made


def of_their_subjects(rows: Rows) -> np.ndarray:
    """Number of each row of the whole table among those of the same subject, from 1; 0 where `rows` lack it.

    Not among all: a further subject in the table would then change every other one's data.
    """
    codes = rows.columns["subject"].codes if "subject" in rows.columns else np.zeros(len(rows), dtype=np.int64)
    numbers = np.zeros(rows.rows.max(initial=-1) + 1, dtype=np.int64)
    numbers[rows.rows] = pd.Series(codes).groupby(codes).cumcount() + 1
    return numbers


def as_written(rows: Rows, restarts: str | None, numbers: np.ndarray) -> dict[str, np.ndarray]:
    """What names each row in the user's own table, (row,) each: block and trial to the letter, and the subject's row.

    Args:
        restarts: as in `numbered`; its numbers are the trial's where no column is mapped to `trial`.
        numbers: what `of_their_subjects` gives.
    """
    stated = {"source_block": "block", "source_trial": "trial" if "trial" in rows.columns else restarts}
    text = {name: rows.columns[column].text() for name, column in stated.items() if column in rows.columns}
    return {**text, "source_row": numbers[rows.rows]}


def about(
    rows: Rows, subject: np.ndarray, names: Mapping[str, tuple[str, str]], options: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    """What is known of each subject: person and condition where there are conditions, and covariates.

    Raises:
        InputError: a covariate has several values within a person.
    """
    found: dict[str, dict[str, str]] = {name: {} for name in names}
    if options["condition"]:
        for name, (person, condition) in names.items():
            found[name] |= {"person": person, options["condition"]: condition}
    for key in options["covariates"]:
        column = rows.columns[key]
        known = ~column.one_of(UNKNOWN)
        first = pd.Series(np.where(known, column.codes, np.nan)).groupby(subject).transform("first")
        same = ~known | (column.codes == first.to_numpy())
        rows.demand(same, key, "one value for each subject (`covariates`)")
        of_subject = first.groupby(subject).first()
        for place, name in enumerate(names):
            code = of_subject.get(place, np.nan)
            found[name][key] = "" if np.isnan(code) else column.different[int(code)]
    return {name: about for name, about in found.items() if about}
