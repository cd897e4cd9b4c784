"""A user's own table, in one file or several, with everything that is known of it in the config."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources import reading
from tinycog.sources.canonical import listed
from tinycog.sources.reading import Format
from tinycog.tasks import task_of

if TYPE_CHECKING:
    from tinycog.sources.prepared import Prepared

OPTIONAL = ("subject", "session", "block", "trial", "state", "mask", "forced")
ADDED = ("stim_", "task_")  # begin the names of columns that are used where the mapping names them
GAINS = ("gain", "loss")  # of rewards in two columns


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    """The files of the table, from the working folder or else from `raw`; those of a pattern in order of their names.

    Before that `config.load` looks beside the config file.
    """
    key = "file" if options["file"] else "files"
    given = options[key]
    try:
        found = [path for one in ([given] if isinstance(given, str) else given) for path in _found(one, key, raw)]
    except InputError:
        raise
    except (OSError, ValueError) as error:  # of folders that may not be read, and of patterns
        raise InputError(f"the data set's `{key}`: found {given!r}, which cannot be looked up ({error})") from None
    if len(set(found)) < len(found):
        raise InputError(f"the data set's `files`: {next(one for one in found if found.count(one) > 1)} is named twice")
    return found


def _found(name: str, key: str, raw: Path) -> list[Path]:
    path = Path(name)
    for place in (path, raw / path):
        if place.is_file():
            return [place]
        if key == "files" and (found := sorted(one for one in _matching(place) if one.is_file())):
            return found
    both = f"; looked for {path.absolute()} and, below `raw`, for {(raw / path).absolute()}"
    what = "no such file" if key == "file" else "no such file, and no file that fits this pattern"
    raise InputError(
        f"{path}: {what} (the data set's table){'' if path.is_absolute() else both}. Put it there or change the "
        f"data set's `{key}`"
    )


def _matching(pattern: Path) -> Iterable[Path]:
    """Paths that fit a pattern with `*` and the like in any of its parts."""
    parts = pattern.parts
    n = next((i for i, part in enumerate(parts) if re.search(r"[*?\[]", part)), len(parts))
    return Path(*parts[:n]).glob(str(Path(*parts[n:]))) if n < len(parts) else []


def check(name: str, options: Mapping[str, Any], raw: Path) -> None:
    """Compare the columns asked for with those in the first file, without reading its rows."""
    path = files(options, raw)[0]
    _columns(name, options, options["names"] or reading.header(path, _format(options)), path)


def _format(options: Mapping[str, Any]) -> Format:
    return Format(**{key: options[key] for key in ("separator", "decimal", "encoding", "header", "skip")})


def _columns(name: str, options: Mapping[str, Any], header: list[str], path: Path) -> dict[str, str]:
    """Canonical or own name: name in the file, for every column that is used."""
    task = task_of(options["task"], options["n_actions"])
    mapping = {canonical: own for canonical, own in options["columns"].items() if own is not None}
    unused = options["columns"].keys() - mapping.keys()
    reward = options["reward"] or {"column": None, "gain": None}
    if reward["column"]:
        mapping["reward"] = reward["column"]
    rewards = list(GAINS) if reward["gain"] else ["reward"]
    mapping |= {part: reward[part] for part in rewards if part in GAINS}
    implied = options["transition"] or len(options["choices2"] or []) > 2
    needs_state = not task.one_stage and not implied
    required = ["action", *rewards, *(["state"] if needs_state else []), *(["action2"] if task.stages == 2 else [])]
    known = [one for one in dict.fromkeys([*required, *OPTIONAL]) if one not in GAINS]
    known += ["mask2"] if task.stages == 2 else []
    for canonical, own in mapping.items():
        if canonical not in (*known, *rewards) and not canonical.startswith(ADDED):
            raise InputError(
                f"datasets.{name}.columns: unknown canonical column {canonical!r}; allowed in task {task.name!r}:\n"
                f"{listed([*known, *(f'{stem}*' for stem in ADDED)])}"
            )
        if own not in header:
            key = f"columns.{canonical}" if canonical in options["columns"] else f"reward.{canonical}"
            raise InputError(f"datasets.{name}.{key}: {path} has no column {own!r}; it has: {', '.join(header)}")
    used = {
        column: mapping.get(column, column)
        for column in (*known, *rewards, *mapping)
        if column not in unused and mapping.get(column, column) in header
    }
    if options["subject"]:
        used.pop("subject", None)
    if missing := [column for column in required if column not in used]:
        raise InputError(
            f"datasets.{name}.columns: {path} has no column {missing[0]!r} and none is mapped to it, as task "
            f"{task.name!r} needs; it has: {', '.join(header)}\nCanonical columns of this task:\n"
            f"{listed(known)}"
        )
    if options["transition"]:
        used["transition"] = options["transition"]["column"]
    for key in ("where", "drop", "missing", "order", "covariates", "condition", "restarts"):
        for own in [options[key]] if isinstance(options[key], str) else options[key] or []:
            used.setdefault(own, own)
            if used[own] not in header:
                raise InputError(f"datasets.{name}.{key}: {path} has no column {own!r}; it has: {', '.join(header)}")
    if repeated := [own for own in used.values() if header.count(own) > 1]:
        raise InputError(f"{path}: {header.count(repeated[0])} columns are called {repeated[0]!r}; rename all but one")
    return used


def persons(name: str, options: Mapping[str, Any], raw: Path) -> list[str]:
    """Ids of everybody in the table, also of those whom filters leave out; no other column is read."""
    import numpy as np

    paths, written = files(options, raw), _format(options)
    if options["subject"]:
        from tinycog.sources import coding

        return coding.of_files(paths, options["subject"]["pattern"], np.arange(0)).different
    used = _columns(name, options, options["names"] or reading.header(paths[0], written), paths[0])
    if "subject" not in used:
        return ["subject"]
    table = reading.read(paths, written, columns=[used["subject"]], names=options["names"])
    return table.columns[used["subject"]].dictionary.to_pylist()


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    import numpy as np
    import pandas as pd

    from tinycog.sources import coding
    from tinycog.sources.cells import Column, Rows
    from tinycog.sources.prepared import Prepared, chosen, counts
    from tinycog.trials.table import canonical_order

    task, paths = task_of(options["task"], options["n_actions"]), files(options, raw)
    written = _format(options)
    used = _columns(name, options, options["names"] or reading.header(paths[0], written), paths[0])
    table = reading.read(paths, written, columns=list(dict.fromkeys(used.values())), names=options["names"])
    cells = {own: Column.of(own, column, options["decimal"]) for own, column in table.columns.items()}
    cells = {key: cells[own] for key, own in used.items()}
    if options["subject"]:
        cells["subject"] = coding.of_files(paths, options["subject"]["pattern"], table.file)
    elif len(paths) > 1 and "subject" not in cells:
        raise InputError(
            f"datasets.{name}: {len(paths)} files and no column of subjects; state it (columns.subject), or what finds "
            "the id in a file's name, as in subject: {pattern: 'sub-(\\w+)'}"
        )
    rows = Rows(cells, table.where, np.arange(len(table.file)))
    blank = np.all([cells[key].one_of("") for key in used], axis=0)  # as spreadsheets leave at the end
    if blank.all():
        of_all = ", ".join(str(path) for path in paths)
        raise InputError(f"{of_all}: no row has a value in columns {list(used.values())}; needed: one for each trial")
    rows = rows.of(~blank)
    own_rows = coding.of_their_subjects(rows)
    everybody = coding.subjects(rows, options)[1]
    rows, removed = coding.keep(rows, options["where"], options["drop"])
    for column in ("subject", "session", "condition"):
        place = options["condition"] if column == "condition" else column
        if place in rows.columns:
            rows.demand(~rows.columns[place].one_of(""), place, "a value in every row")
    if "block" in rows.columns:  # somebody may be called NA, but no block is
        rows.demand(~np.isnan(rows.columns["block"].values()), "block", "a value in every row")
    subject, names = coding.subjects(rows, options)
    removed += [
        {"subject": gone, "reason": "no row is left by where and drop"} for gone in everybody if gone not in names
    ]
    order = coding.sorted_by(rows, options["order"], subject)
    rows, subject = rows.of(order), subject[order]
    numbers = coding.numbered(rows, subject, options["restarts"])
    made = {**numbers, **coding.scored(rows, options, task), **coding.carried(rows)}
    made |= coding.as_written(rows, options["restarts"], own_rows)
    text = {"subject": np.array(list(names), dtype=object)[subject]}
    text["session"] = rows.columns["session"].text() if "session" in rows.columns else "session"
    trials = canonical_order(pd.DataFrame({"dataset": name, **text, **made}))
    trials = chosen(trials, options, name)
    about = coding.about(rows, subject, names, options)
    return Prepared(trials, counts(trials), removed, {"subjects": about} if about else {})
