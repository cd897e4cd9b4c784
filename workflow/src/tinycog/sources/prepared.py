"""What a source hands over: a checked trial table and an account of what was read and removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.errors import InputError
from tinycog.sources import marks
from tinycog.trials.copies import without_copies


@dataclass(frozen=True)
class Prepared:
    """A data set ready to be written.

    Attributes:
        table: the trial table, after filters and segmentation.
        counts_raw: blocks and trials of each subject before filters.
        removed: every removal: subject, reason, and the number of rows, trials or blocks.
        parameters: what generated simulated data, or what an importer decided from the data; else empty.
    """

    table: pd.DataFrame
    counts_raw: dict[str, dict[str, int]]
    removed: list[dict[str, Any]] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)


def counts(table: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Sessions, blocks, trials and scored choices of each subject, in the order of the data; copies do not count."""
    groups = without_copies(table).groupby("subject", sort=False)
    return {
        str(subject): {
            "sessions": int(rows["session"].nunique()),
            "blocks": int(rows["block"].nunique()),
            "shortest_block": int(rows.groupby("block").size().min()),
            "trials": len(rows),
            "scored": int(rows["mask"].sum() + (rows["mask2"].sum() if "mask2" in rows else 0)),
        }
        for subject, rows in groups
    }


def of_subjects(table: pd.DataFrame, names: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What a trial table says of each subject as a whole: of each covariate in `names` the first value of its column.

    Text, as a person writes it; empty where there is no value.
    """
    first = table.drop_duplicates("subject").set_index("subject")
    about = {name: first[column].map(_written) for name, column in names.items()}
    return {str(subject): {name: of[subject] for name, of in about.items()} for subject in first.index}


def _written(value: Any) -> str:
    return "" if pd.isna(value) else f"{value:g}" if isinstance(value, float) else str(value)


def existing(paths: Sequence[Path], what: str, key: str) -> list[Path]:
    """`paths`, all of which exist; InputError names the first that does not and the key that leads to it."""
    for path in paths:
        if not path.is_file():
            raise InputError(f"{path}: no such file ({what}). Put it there or change {key}")
    return list(paths)


def given(options: Mapping[str, Any], what: str, at_most: int | None = None) -> list[Path]:
    """The raw files that the config names under `files`, in order; none if it leaves them to be found.

    Raises:
        InputError: one does not exist, or there are more than `at_most`; `what` says what each should be.
    """
    paths = [Path(file) for file in options.get("files") or []]
    if at_most is not None and len(paths) > at_most:
        shown = ", ".join(map(str, paths))
        raise InputError(f"the data set's `files`: found {len(paths)} ({shown}); allowed: {at_most}, {what}")
    return existing(paths, what, "the data set's `files`")


def all_used(own: Iterable[Path], used: Iterable[Path], expected: str) -> None:
    """Raise InputError for a file under `files` in the config that is of no use."""
    used = set(used)
    if odd := [path for path in own if path not in used]:
        raise InputError(f"{odd[0]}: not a file to read. Expected under the data set's `files`: {expected}")


def published(options: Mapping[str, Any], raw: Path, folder: str, file: str, origin: str) -> list[Path]:
    """The one file of a public data set; InputError says where it should be and where it comes from."""
    path = raw / folder / file
    if own := given(options, f"a file like {path.name}", at_most=1):
        return own
    if not path.is_file():
        raise InputError(f"{raw / folder}: {file} not found ({origin}); put it there or change `raw`")
    return [path]


def by_name(paths: Iterable[Path], name: Callable[[Path], str], what: str) -> dict[str, Path]:
    """The paths by what their names tell; InputError if two tell the same, as the same trials would be read twice."""
    found: dict[str, Path] = {}
    for path in paths:
        if (key := name(path)) in found:
            raise InputError(f"{path}: {what} {key} is also in {found[key]}; keep one of the two")
        found[key] = path
    return found


def asked_subjects(known: Iterable[str], options: Mapping[str, Any], name: str) -> list[str]:
    """Those of the `known` subjects that the config asks for: all, the first few, or a list, in the order of the data.

    Raises:
        InputError: a subject that is asked for is not among the known, or there are fewer than asked for.
    """
    known, asked = list(dict.fromkeys(known)), options["subjects"]
    if asked == "all":
        return known
    shown = ", ".join(known[:20]) + (f" and {len(known) - 20} more" if len(known) > 20 else "")
    if isinstance(asked, int):
        if asked > len(known):
            raise InputError(f"datasets.{name}.subjects: the first {asked} asked for; there are {len(known)}: {shown}")
        return known[:asked]
    if unknown := [subject for subject in asked if subject not in known]:
        raise InputError(f"datasets.{name}.subjects: {', '.join(unknown)} not in the data; there are: {shown}")
    return [subject for subject in known if subject in asked]


def chosen(table: pd.DataFrame, options: Mapping[str, Any], name: str) -> pd.DataFrame:
    """The rows of the subjects that the config asks for."""
    asked = asked_subjects(table["subject"].unique(), options, name)
    return table[table["subject"].isin(asked)].reset_index(drop=True)


def without_dropped(prepared: Prepared, name: str, path: Path, everybody: bool) -> tuple[Prepared, dict[str, Any]]:
    """The data without the subjects whom the marks in `path` drop, and what meta.json says of the marks.

    Args:
        everybody: whether the config asks for all subjects; then one who is dropped has to be among them.
    """
    given = marks.read(name, path)
    trials = prepared.table["subject"].value_counts(sort=False)
    known = [*dict.fromkeys([*trials.index, *prepared.counts_raw])] if everybody else None
    reasons = marks.dropped(name, path, given, known)
    rows = [
        {"subject": who, "reason": why, "trials": int(trials[who])} for who, why in reasons.items() if who in trials
    ]
    table = prepared.table[~prepared.table["subject"].isin(reasons)].reset_index(drop=True)
    if table.empty:
        raise InputError(f"datasets.{name}.marks: {path} drops all {len(trials)} subjects; allowed: one is left")
    kept = [{"subject": one.subject, "mark": one.mark, "comment": one.comment} for one in given]
    return replace(prepared, table=table, removed=[*prepared.removed, *rows]), {"marks": kept}
