"""Make one data set's trial tables: one file for each subject, and meta.json."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tinycog.errors import InputError
from tinycog.published import registry as published_files
from tinycog.sources import registry
from tinycog.sources.prepared import counts, without_dropped
from tinycog.storage import write_json, write_parquet
from tinycog.tasks import task_of
from tinycog.trials.copies import augmented, without_copies
from tinycog.trials.doubts import doubts, in_words
from tinycog.trials.subjects import POOLED, directory
from tinycog.trials.table import validated


def prepare(
    output: Path,
    *,
    name: str,
    options: dict[str, Any],
    raw: Path,
    seed: int,
    published: Path | None = None,
    strict_checksums: bool = False,
    marked: Path | None = None,
) -> list[str]:
    """Write `output` (meta.json) and, beside it, `subjects/{subject}.parquet`.

    A subject's file whose content would not change is left alone, with its time stamp: only the jobs of subjects
    whose data changed run again.

    Subjects whom the file of marks `marked` drops are left out, with the reason among `removed`; its marks are kept in
    meta.json. Raw files are compared with the registry of published files, if one is given as `published`.

    Returns warnings: a line for each file that differs, which meta.json keeps too (with `strict_checksums` that is an
    InputError instead), and one for each subject with blocks without a choice to score.
    """
    source = registry.load(options["source"])
    task = task_of(options["task"], options.get("n_actions"))
    sums = {_within(raw, file): published_files.digests(file) for file in source.files(options, raw)}
    differences = _differences(options, sums, published)
    lines = [
        f"datasets.{name}: {d['file']} is not the published file: found {d['found']}, "
        f"expected {' or '.join(d['expected'])}"
        for d in differences
    ]
    if lines and strict_checksums:
        advice = "Use the published file, or set `strict_checksums: false` to use this one with a warning"
        raise InputError("\n".join([*lines, advice]))
    prepared = source.prepare(name, options, raw, seed)
    if prepared.table.empty:
        raise InputError(f"data set {name!r}: no trial is left; see its filters and `subjects` in the config")
    about_marks: dict[str, Any] = {}
    if marked:
        prepared, about_marks = without_dropped(prepared, name, marked, options["subjects"] == "all")
    table = validated(augmented(prepared.table, task, options["augment"]), task, f"data set {name!r}")
    folder = output.parent / "subjects"
    subjects = list(dict.fromkeys(table["subject"]))
    _refuse_same_files(subjects, folder)
    for subject, rows in table.groupby("subject", sort=False):
        _write_if_changed(folder / f"{directory(subject)}.parquet", pa.Table.from_pandas(rows, preserve_index=False))
    current = {folder / f"{directory(subject)}.parquet" for subject in (*subjects, POOLED)}
    for stale in set(folder.glob("*.parquet")) - current:
        stale.unlink()
    found = doubts(table, task)
    meta = {
        "dataset": name,
        "source": options["source"],
        "task": task.name,
        "n_actions": task.n_actions,
        "n_states": task.n_states,
        "reward_range": [0, 1],
        "subjects": subjects,
        "counts_raw": prepared.counts_raw,
        "counts_analysed": counts(table),
        "removed": prepared.removed,
        "raw_sha256": {file: found.sha256 for file, found in sums.items()},
        "checksum_warnings": differences,
        "options": options,
        "parameters": prepared.parameters,
        "doubts": [doubt._asdict() for doubt in found],
        **about_marks,
    }
    write_json(output, meta)
    about = [f"data set {name!r}: {line}" for line in in_words(found)]
    return [*lines, *_unscored(without_copies(table), name), *about]


def _refuse_same_files(subjects: list[str], folder: Path) -> None:
    """Refuse ids that differ in capitals alone where the file system gives both the same file, as on many a laptop."""
    first: dict[str, str] = {}
    for subject in subjects:
        other = first.setdefault(directory(subject).casefold(), subject)
        if other != subject and not _tells_capitals_apart(folder):
            where = f"{folder} would have the same file, as its file system does not tell small letters from capitals"
            raise InputError(f"subjects {other!r} and {subject!r}: {where}; rename one of them")


def _tells_capitals_apart(folder: Path) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="case") as file:
        name = Path(file.name)
        return not name.with_name(name.name.upper()).exists()


def _differences(
    options: dict[str, Any], sums: dict[str, published_files.Digests], published: Path | None
) -> list[dict[str, Any]]:
    """`file`, `found` and `expected` of each raw file that is not what the registry knows as published."""
    origin = published_files.load(published).get(published_files.source_of(options)) if published else None
    if origin is None:
        return []
    compared = (published_files.difference(origin, file, found) for file, found in sums.items())
    return [difference for difference in compared if difference is not None]


def _unscored(table: pd.DataFrame, name: str) -> list[str]:
    """A line for each subject with blocks that have nothing to score, which folds count nonetheless."""
    scored = table["mask"] if "mask2" not in table else table[["mask", "mask2"]].max(axis=1)
    by_block = scored.groupby([table["subject"], table["block"]], sort=False).sum()
    lines = []
    for subject, blocks in by_block[by_block == 0].groupby(level=0, sort=False):
        numbers = ", ".join(str(block) for _, block in blocks.index)
        lines.append(f"data set {name!r}, subject {subject!r}: no choice to score in blocks {numbers}")
    return lines


def _within(raw: Path, file: Path) -> str:
    """The file's path below the raw folder, or as it was given where it lies elsewhere."""
    return (file.relative_to(raw) if file.is_relative_to(raw) else file).as_posix()


def _write_if_changed(path: Path, table: pa.Table) -> None:
    if not (path.is_file() and pq.read_table(path).equals(table, check_metadata=True)):
        write_parquet(path, table)
