"""Gather every fit of a run into tables; say what is missing."""

from __future__ import annotations

from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.errors import InputError
from tinycog.results.grid import Grid
from tinycog.results.parameters import choices
from tinycog.results.parts import by_subject
from tinycog.results.selection import compared, compared_subjects
from tinycog.results.tables import EXCLUDED, FITS, SELECTED


def aggregate(root: Path, *, grid: dict[str, Any]) -> list[str]:
    """Write tables `fits`, `selected` and `excluded` under `root`.

    Args:
        grid: see `Grid.of`.

    Returns:
        One line for each thing that is missing or left out of comparisons.
    """
    the_grid = Grid.of(root, grid)
    layout, fits_in, choices_in = the_grid.layout, cache(by_subject), cache(_choices)  # a chunk's subjects share files
    fits, selected, excluded = [], [], the_grid.excluded()
    for keys in the_grid.fits():
        where, subject = the_grid.where(keys), keys["subject"]
        rows, choice = fits_in(layout.fit(*where)).get(subject), choices_in(layout.selected(*where)).get(subject)
        if rows is None or choice is None:
            excluded.append({**keys, "reason": "no fit: the job failed or has not run; see its log"})
            continue
        fits.append(rows)
        excluded += _failed(rows, keys)
        if choice["status"] == "ok":
            own = {key: value for key, value in choice.items() if key not in ("status", "row", "parameters")}
            of_test = rows.loc[choice["row"], ["test_nll", "test_accuracy"]]  # JSON has null where these are not finite
            selected.append(own | of_test.to_dict())
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


def _choices(path: Path) -> dict[str, dict[str, Any]]:
    """The choices in a file by subject; none if there is no file."""
    return {choice["subject"]: choice for choice in choices(path)} if path.is_file() else {}


def _failed(rows: pd.DataFrame, keys: dict[str, Any]) -> list[dict[str, Any]]:
    """One entry for each reason for which replicas of a job failed."""
    reasons = rows.loc[rows["status"] == "failed"].groupby("reason", sort=False).size()
    return [{**keys, "reason": f"{n} of {len(rows)} fits failed: {reason}"} for reason, n in reasons.items()]


def _line(row: dict[str, Any]) -> str:
    where = ", ".join(f"{key} {row[key]}" for key in EXCLUDED.names[:-1] if key in row)
    return f"{where}: {row['reason']}"
