"""What a file says of each subject as a whole: read and checked, before any job and when it is used."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from tinycog.errors import InputError
from tinycog.sources import reading
from tinycog.sources.reading import Format

PERSON = "person"  # as which table `subjects` has whose condition a subject is


def file(name: str, options: Mapping[str, Any], raw: Path) -> Path:
    """The file of a data set `name`, from the working folder or else from `raw`.

    Args:
        options: the section `datasets.NAME.covariates`.

    Raises:
        InputError: there is none.
    """
    return reading.named(f"datasets.{name}.covariates", options["file"], raw)


def read(
    name: str,
    path: Path,
    options: Mapping[str, Any],
    known: Collection[str] | None = None,
    condition: str | None = None,
) -> dict[str, dict[str, str]]:
    """Covariate: value, as text, of each id in the file; empty text where the file has nothing.

    Args:
        known: ids that the data have; None if that cannot be told.
        condition: column that tells the subjects of a person apart, whose name no covariate may have.

    Raises:
        InputError: a column is not there; an id is empty, or stands in two rows, or is not known; a covariate has the
            name of something else.
    """
    from tinycog.sources.cells import Column
    from tinycog.sources.coding import UNKNOWN

    key = f"datasets.{name}.covariates"
    written = Format(**{one: options[one] for one in ("separator", "decimal", "encoding")})
    header = reading.header(path, written)
    own = [column for column in header if column != options["subject"]]
    columns = list(dict.fromkeys(options["columns"] or own))
    for where, column in (("subject", options["subject"]), *(("columns", column) for column in columns)):
        if column not in header:
            raise InputError(f"{key}.{where}: {path} has no column {column!r}; it has: {', '.join(header)}")
    if taken := [column for column in columns if condition and column in (PERSON, condition)]:
        raise InputError(f"{key}: {path}, column {taken[0]!r}: the data set's `condition` has this name; rename it")
    table = reading.read([path], written, columns=[options["subject"], *columns])
    cells = {column: Column.of(column, of, options["decimal"]) for column, of in table.columns.items()}
    ids = cells[options["subject"]].text()
    values = {column: cells[column].text() for column in columns}
    empty = {column: cells[column].one_of(UNKNOWN) for column in columns}
    first: dict[str, int] = {}

    def refuse(row: int, problem: str) -> None:
        raise InputError(f"{key}: {table.where(row)}, column {options['subject']!r}: {problem}")

    for row, subject in enumerate(ids):
        if not subject:
            if any(values[column][row] for column in columns):
                refuse(row, "found an empty cell; allowed: a subject's id in every row")
            continue  # a blank row, as spreadsheets leave at the end
        if subject in first:
            other = table.where(first[subject])
            refuse(row, f"{subject!r} is also in {other}; allowed: one row for each subject")
        first[subject] = row
        if known is not None and subject not in known:
            shown = ", ".join(list(known)[:10]) + (f" and {len(known) - 10} more" if len(known) > 10 else "")
            whose = "persons" if condition else "subjects"
            refuse(
                row, f"{subject!r} is not in the data, which have the {whose} {shown}; correct the id or drop the row"
            )
    return {
        subject: {column: "" if empty[column][row] else values[column][row] for column in columns}
        for subject, row in first.items()
    }
