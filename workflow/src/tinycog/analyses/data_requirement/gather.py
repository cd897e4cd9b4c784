"""Put the fits to shares of every subject and model together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.analyses.data_requirement import compute
from tinycog.analyses.data_requirement.tables import BLOCKS, CROSSING, DIFFERENCE, FOLDS, REQUIREMENT
from tinycog.results.grid import Grid
from tinycog.results.parts import of_fits


def gather(root: Path, kinds: list[str], *, grid: dict[str, Any], resamples: int, seed: int) -> None:
    """Write the tables of this analysis under `root`, from the files that exist for the fits of `grid`.

    Args:
        kinds: folders of fits to shares, those to the subjects' own choices first.
    """
    the_grid = Grid.of(root, grid)
    layout = the_grid.layout
    folds, blocks = (
        pd.concat(
            [
                table.typed([]),
                *(
                    part
                    for kind in kinds
                    for part in of_fits(the_grid, lambda *key, of=table.name, kind=kind: layout.share(kind, *key, of))
                ),
            ],
            ignore_index=True,
        )
        for table in (FOLDS, BLOCKS)
    )
    found = compute.tables(folds, blocks, resamples=resamples, seed=seed)
    FOLDS.write(root / "tables", folds)
    for table in (REQUIREMENT, DIFFERENCE, CROSSING):
        table.write(root / "tables", found[table.name])
