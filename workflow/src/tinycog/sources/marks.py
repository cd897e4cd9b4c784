"""Marks of subjects that a person exported from the page of a run: who is kept, doubted, or dropped, and why."""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from tinycog.errors import InputError
from tinycog.sources import reading

HEADER = ("dataset", "subject", "mark", "comment")
MARKS = ("keep", "doubt", "drop")


class Mark(NamedTuple):
    """A row of the file; `mark` is one of `MARKS`, or empty where there is a comment alone."""

    subject: str
    mark: str
    comment: str
    row: int


def file(name: str, given: str, raw: Path) -> Path:
    """The file of marks of a data set `name`, from the working folder or else from `raw`; InputError if none."""
    return reading.named(f"datasets.{name}.marks", given, raw)


def read(name: str, path: Path) -> list[Mark]:
    """The marks of the data set `name`, in the order of the file; those of others are left alone.

    The file is text in UTF-8 with tabs between cells, quoted as spreadsheets do. Rows are counted as there: the header
    is row 1.

    Raises:
        InputError: it is no such file; a mark is none; a subject stands in two rows.
    """
    key = f"datasets.{name}.marks"
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            rows = list(csv.reader(text, dialect="excel-tab", strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{key}: {path}: not text in UTF-8 with tabs between cells ({error})") from None
    if not rows or tuple(rows[0]) != HEADER:
        found = f"found {', '.join(map(repr, rows[0]))}" if rows else "it is empty"
        raise InputError(f"{key}: {path}, row 1: {found}; allowed: the columns {', '.join(HEADER)}, with tabs between")
    marks: dict[str, Mark] = {}
    for number, row in enumerate(rows[1:], start=2):
        where = f"{key}: {path}, row {number}"
        if not any(row):
            continue  # a blank line at the end
        if len(row) != len(HEADER):
            raise InputError(f"{where}: found {len(row)} cells; allowed: {len(HEADER)}, one for each column")
        dataset, subject, mark, comment = row
        if mark not in ("", *MARKS):
            raise InputError(f"{where}, column mark: found {mark!r}; allowed: {', '.join(MARKS)}, or an empty cell")
        if dataset != name:
            continue
        if subject in marks:
            raise InputError(f"{where}: subject {subject!r} is also in row {marks[subject].row}; keep one of the two")
        marks[subject] = Mark(subject, mark, comment, number)
    return list(marks.values())


def dropped(name: str, path: Path, marks: list[Mark], known: Collection[str] | None) -> dict[str, str]:
    """Subjects that are dropped, with the reason.

    Args:
        known: ids of the subjects that the data have; None where the config asks for some of them alone.

    Raises:
        InputError: a subject that is dropped is not in the data; else a wrong id would keep somebody in.
    """
    gone = {mark.subject: mark for mark in marks if mark.mark == "drop"}
    for subject, mark in gone.items():
        if known is not None and subject not in known:
            ids = ", ".join(list(known)[:10]) + (f" and {len(known) - 10} more" if len(known) > 10 else "")
            raise InputError(
                f"datasets.{name}.marks: {path}, row {mark.row}: subject {subject!r} is to be dropped, but not in the "
                f"data, which have {ids}; correct the id or take the row out"
            )
    return {subject: f"marked drop{f': {mark.comment}' if mark.comment else ''}" for subject, mark in gone.items()}
