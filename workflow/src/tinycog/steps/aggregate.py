"""Gather every fit of a run into tables; say what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tinycog.errors import InputError
from tinycog.results.grid import Grid
from tinycog.results.parameters import choices
from tinycog.results.selection import compared, compared_subjects
from tinycog.results.tables import EXCLUDED, FITS, SELECTED

SHARED = 4096  # files kept at hand: a chunk's subjects share files, and stand among others in the tables


def aggregate(root: Path, *, grid: dict[str, Any]) -> list[str]:
    """Write tables `fits`, `selected` and `excluded` under `root`.

    Args:
        grid: see `Grid.of`.

    Returns:
        One line for each thing that is missing or left out of comparisons.
    """
    the_grid = Grid.of(root, grid)
    layout, selected, excluded = the_grid.layout, [], the_grid.excluded()
    fits_in, choices_in = lru_cache(SHARED)(_fits), lru_cache(SHARED)(_choices)

    def fits() -> Iterator[pa.Table]:
        for keys in the_grid.fits():
            where, subject = the_grid.where(keys), keys["subject"]
            file, choice = fits_in(layout.fit(*where)), choices_in(layout.selected(*where)).get(subject)
            rows = file and file.filter(pc.equal(file["subject"], subject))
            if not rows or choice is None:
                excluded.append({**keys, "reason": "no fit: the job failed or has not run; see its log"})
                continue
            excluded.extend(_failed(rows, keys))
            if choice["status"] == "ok":
                own = {key: value for key, value in choice.items() if key not in ("status", "row", "parameters")}
                # JSON has null where these are not finite
                of_test = {name: file[name][choice["row"]].as_py() for name in ("test_nll", "test_accuracy")}
                selected.append(own | of_test)
            yield rows
        if not any(isfinite(row["test_nll"]) for row in selected):
            reasons = "\n".join(_line(row) for row in excluded[:20])
            raise InputError(f"{root}: no fit with a test NLL to make tables of.\n{reasons}")

    folder, without = root / "tables", dict.fromkeys(EXCLUDED.names)
    FITS.write_parts(folder, fits())
    chosen, left_out = compared(pd.DataFrame(selected))
    excluded += [*left_out, *compared_subjects(chosen)[1]]
    SELECTED.write(folder, selected)
    EXCLUDED.write(folder, [without | row for row in excluded])
    return [_line(row) for row in excluded]


def _fits(path: Path) -> pa.Table | None:
    """The fits in a file; None if there is no file."""
    return pq.read_table(path, partitioning=None) if path.is_file() else None


def _choices(path: Path) -> dict[str, dict[str, Any]]:
    """The choices in a file by subject; none if there is no file."""
    return {choice["subject"]: choice for choice in choices(path)} if path.is_file() else {}


def _failed(rows: pa.Table, keys: dict[str, Any]) -> list[dict[str, Any]]:
    """One entry for each reason for which replicas of a job failed."""
    reasons = Counter(rows.filter(pc.equal(rows["status"], "failed"))["reason"].to_pylist())
    return [{**keys, "reason": f"{n} of {len(rows)} fits failed: {reason}"} for reason, n in reasons.items()]


def _line(row: dict[str, Any]) -> str:
    where = ", ".join(f"{key} {row[key]}" for key in EXCLUDED.names[:-1] if key in row)
    return f"{where}: {row['reason']}"
