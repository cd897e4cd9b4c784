"""Gather every fit of a run into tables; say what is missing."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.errors import InputError
from tinycog.results.grid import Grid
from tinycog.results.layout import Layout
from tinycog.results.selection import compared, compared_subjects
from tinycog.results.tables import EXCLUDED, FITS, SELECTED
from tinycog.storage import read_json


def aggregate(root: Path, *, grid: dict[str, Any]) -> list[str]:
    """Write tables `fits`, `selected` and `excluded` under `root`.

    Args:
        grid: see `Grid.of`.

    Returns:
        One line for each thing that is missing or left out of comparisons.
    """
    the_grid, layout = Grid.of(root, grid), Layout(root)
    fits, selected, excluded = [], [], the_grid.excluded()
    for keys in the_grid.fits():
        where = the_grid.where(keys)
        if not (layout.fit(*where).is_file() and layout.selected(*where).is_file()):
            excluded.append({**keys, "reason": "no fit: the job failed or has not run; see its log"})
            continue
        rows = pd.read_parquet(layout.fit(*where))
        fits.append(rows)
        excluded += _failed(rows, keys)
        choice = read_json(layout.selected(*where))
        if choice["status"] == "ok":
            selected.append({key: value for key, value in choice.items() if key not in ("status", "row", "parameters")})
    if not any(isfinite(row["test_nll"]) for row in selected):
        reasons = "\n".join(_line(row) for row in excluded[:20])
        raise InputError(f"{root}: no fit with a test NLL to make tables of.\n{reasons}")
    chosen, left_out = compared(pd.DataFrame(selected))
    excluded += [*left_out, *compared_subjects(chosen)[1]]
    folder, without = root / "tables", dict.fromkeys(EXCLUDED.names)
    FITS.write(folder, pd.concat(fits, ignore_index=True))
    SELECTED.write(folder, selected)
    EXCLUDED.write(folder, [without | row for row in excluded])
    return [_line(row) for row in excluded]


def _failed(rows: pd.DataFrame, keys: dict[str, Any]) -> list[dict[str, Any]]:
    """One entry for each reason for which replicas of a job failed."""
    reasons = rows.loc[rows["status"] == "failed"].groupby("reason", sort=False).size()
    return [{**keys, "reason": f"{n} of {len(rows)} fits failed: {reason}"} for reason, n in reasons.items()]


def _line(row: dict[str, Any]) -> str:
    where = ", ".join(f"{key} {row[key]}" for key in EXCLUDED.names[:-1] if key in row)
    return f"{where}: {row['reason']}"
