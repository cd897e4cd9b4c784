"""Put the equations of every subject and model together, and compare their test NLL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.analyses.symbolic_regression.section import FORMULA
from tinycog.analyses.symbolic_regression.summary import compared
from tinycog.analyses.symbolic_regression.tables import (
    FORMULA_FITS,
    FORMULA_RULES,
    FORMULAS,
    FOUND,
    SYMBOLIC_REGRESSION,
)
from tinycog.results.grid import Grid
from tinycog.results.parts import concatenate, of_models
from tinycog.results.selection import of_each_fold
from tinycog.storage import read_json
from tinycog.trials.subjects import directory

KEYS = ["dataset", "subject", "model", "dim", "outer", "reason"]


def gather(root: Path, *, grid: dict[str, Any], selected: Path) -> None:
    """Write tables `symbolic_regression`, `formula_rules` and `formulas` under `root`.

    Args:
        grid: data sets, and models with the dims that are analysed.
        selected: table of the selected fits, Parquet.
    """
    the_grid = Grid.of(root, grid)

    def parts(name: str) -> list[pd.DataFrame]:
        return of_models(the_grid, lambda *place: the_grid.layout.dynamics(*place, name))

    for table in (SYMBOLIC_REGRESSION, FORMULA_RULES):
        concatenate(parts(table.name), table, root / "tables")
    fits = pd.concat([FORMULA_FITS.typed([]), *parts(FORMULA_FITS.name)], ignore_index=True)
    reasons = pd.DataFrame(_reasons(the_grid), columns=KEYS)
    found = pd.concat([FOUND.typed([]), *parts(FOUND.name)], ignore_index=True)
    rows = compared(pd.read_parquet(selected), found, of_each_fold(fits), reasons, FORMULA)
    FORMULAS.write(root / "tables", rows)


def _reasons(grid: Grid) -> list[dict[str, Any]]:
    """Of each outer fold with a selected fit, why it has no equations; empty where it has."""
    found = []
    for dataset, subject in grid.subjects():
        for model, dim in grid.models_of(dataset):
            path = grid.layout.dynamics(dataset, directory(subject), model, dim, "rules").with_suffix(".json")
            if path.is_file():
                found += [{key: one[key] for key in KEYS} for one in read_json(path) if one["subject"] == subject]
    return found
