"""Make one data set's trial tables: one file for each subject, and meta.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tinycog.augmentation import augmented
from tinycog.errors import InputError
from tinycog.sources import registry
from tinycog.sources.prepared import counts
from tinycog.storage import sha256, write_json, write_parquet
from tinycog.subjects import POOLED, directory
from tinycog.tasks import task_of
from tinycog.trials import validated


def prepare(output: Path, *, name: str, options: dict[str, Any], raw: Path, seed: int) -> None:
    """Write `output` (meta.json) and, beside it, `subjects/{subject}.parquet`.

    A subject's file whose content would not change is left alone, with its time stamp: only the jobs of subjects
    whose data changed run again.
    """
    source = registry.load(options["source"])
    task = task_of(options["task"], options["n_actions"])
    prepared = source.prepare(name, options, raw, seed)
    table = validated(augmented(prepared.table, task, options["augment"]), task, f"data set {name!r}")
    folder = output.parent / "subjects"
    subjects = list(dict.fromkeys(table["subject"]))
    if POOLED in subjects:
        raise InputError(f"data set {name!r}: a subject is called {POOLED!r}, the name of all together; rename it")
    for subject, rows in table.groupby("subject", sort=False):
        _write_if_changed(folder / f"{directory(subject)}.parquet", pa.Table.from_pandas(rows, preserve_index=False))
    current = {folder / f"{directory(subject)}.parquet" for subject in (*subjects, POOLED)}
    for stale in set(folder.glob("*.parquet")) - current:
        stale.unlink()
    files = source.files(options, raw)
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
        "raw_sha256": {_within(raw, file): sha256(file) for file in files},
        "options": options,
        "parameters": prepared.parameters,
    }
    write_json(output, meta)


def _within(raw: Path, file: Path) -> str:
    """The file's path below the raw folder, or its name where it lies elsewhere."""
    return str(file.relative_to(raw)) if file.is_relative_to(raw) else file.name


def _write_if_changed(path: Path, table: pa.Table) -> None:
    if not (path.is_file() and pq.read_table(path).equals(table, check_metadata=True)):
        write_parquet(path, table)
