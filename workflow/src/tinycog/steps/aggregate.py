"""Gather every fit of a run into tables; say what is missing."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.errors import InputError
from tinycog.grid import Grid
from tinycog.layout import Layout
from tinycog.performance import cut_short, performance, performance_group
from tinycog.storage import read_json, write_table

EXCLUDED = ["dataset", "subject", "model", "dim", "outer", "reason"]


def aggregate(root: Path, *, grid: dict[str, Any]) -> list[str]:
    """Write tables `fits`, `selected`, `performance`, `performance_group` and `excluded` under `root`.

    Args:
        grid: see `Grid.of`.

    Returns:
        One line for each thing that is missing, left out of comparisons, or cut short by `training.max_epochs`.
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
    everything, kept = pd.concat(fits, ignore_index=True), pd.DataFrame(selected)
    by_subject, left_out = performance(everything, kept, the_grid.cv["outer"])
    group, left_out_of_group = performance_group(by_subject)
    excluded += left_out + left_out_of_group
    missing = pd.DataFrame(excluded, columns=EXCLUDED).astype({"dim": "Int64", "outer": "Int64"})
    tables = {"fits": everything, "selected": kept, "performance": by_subject, "performance_group": group}
    for name, table in {**tables, "excluded": missing}.items():
        write_table(root / "tables" / name, table)
    return [_line(row) for row in (*excluded, *cut_short(by_subject))]


def _failed(rows: pd.DataFrame, keys: dict[str, Any]) -> list[dict[str, Any]]:
    """One entry for each reason for which replicas of a job failed."""
    reasons = rows.loc[rows["status"] == "failed"].groupby("reason", sort=False).size()
    return [{**keys, "reason": f"{n} of {len(rows)} fits failed: {reason}"} for reason, n in reasons.items()]


def _line(row: dict[str, Any]) -> str:
    where = ", ".join(f"{key} {row[key]}" for key in EXCLUDED[:-1] if key in row)
    return f"{where}: {row['reason']}"
