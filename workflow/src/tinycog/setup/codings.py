"""How the cells of one column are coded, found from its few different cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tinycog.sections.coding import listed
from tinycog.setup.vocabulary import KINDS, LOST, MISSED, NUMBERS_OF_NOTHING, OTHER, SIDES, WON, plain
from tinycog.sources.cells import Column, shown
from tinycog.tasks import Task


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
    # a number that often means nothing, beside fewer choices than there are, may be either
    either = numbers & {*NUMBERS_OF_NOTHING, *([-1.0] if n_codes > 2 else [])}
    if len(values) == n_codes and not either:
        return labels(values), missed, None
    name, found = column.name, ", ".join(map(repr, list(values)[:8])) + (", ..." if len(values) > 8 else "")
    times = dict(zip(column.different, np.bincount(column.codes, minlength=len(column.different)), strict=True))
    rare = sorted(values, key=times.__getitem__)
    usual, rarest = ({value: values[value] for value in some} for some in (rare[-n_codes:], rare[:1]))
    ordered = ",".join(map(str, labels(usual)))
    question = f"column {name!r} has {len(values)} values ({found}), and task {task.name!r} has {n_codes} here"
    if len(values) < n_codes:
        return None, missed, f"{question}: state all of them in their order, as in --{option} {ordered},..."
    example = _whole(min(either)) if either else labels(rarest)[0]
    lost = f"which values mean that the trial was missed, as in --missing {canonical}={example}"
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


def rows_of_choices(columns: Mapping[str, Column], chosen: np.ndarray | None) -> tuple[dict[str, Any], str | None]:
    """`where` for columns that tell the trials of the task from practice and the like, and a question or None.

    Of such a column, values of practice are left out, and values of which no row has a choice.

    Args:
        chosen: (row,) whether there is a choice; None if it is not known.
    """
    where: dict[str, Any] = {}
    for name, column in columns.items():
        if plain(name) not in KINDS:
            continue
        values = list(different(column))
        other = [value for value in values if OTHER.search(value)]
        silent = [] if chosen is None else [v for v in values if not chosen[column.one_of(v)].any()]
        silent = [value for value in silent if not MISSED.fullmatch(value.strip()) and value not in other]
        kept = [value for value in values if value not in other and value not in silent]
        if other and len(kept) > 1:
            say = f"say which are trials of the task, as in --where {name}={kept[0]}, or --where none for all"
            return {}, f"column {name!r} has rows of {', '.join(map(repr, values[:8]))}: {say}"
        if kept and (other or silent):
            where[name] = kept[0] if len(kept) == 1 else kept
            chosen = None if chosen is None else chosen & column.one_of(kept)
    return where, None


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


def examples(column: Column, n: int = 4) -> str:
    values = list(different(column))
    return ", ".join(values[:n]) + (f", ... ({len(values):,} different)" if len(values) > n else "")


def in_order(coding: Sequence[Any]) -> str:
    return "in this order: " + ", ".join(str(listed(values)[0]) for values in coding)


def counted(column: Column, values: Sequence[Any]) -> str:
    return f"; missed: {shown(list(values))} ({int(column.one_of(list(values)).sum()):,} rows)" if values else ""
