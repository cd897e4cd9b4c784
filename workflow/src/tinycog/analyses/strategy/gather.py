"""Put the evidence of all subjects together, and a verdict on each."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.analyses.strategy.tables import COMPARISON, EVIDENCE, PARTS, STRATEGY
from tinycog.analyses.strategy.verdict import verdict
from tinycog.results.grid import Grid
from tinycog.results.parts import by_subject, concatenate
from tinycog.trials.subjects import directory


def gather(root: Path, *, grid: dict[str, Any], read: list[Path], tolerance: float) -> None:
    """Write tables `strategy`, `strategy_evidence` and `model_comparison` under `root`.

    Args:
        grid: subjects whose files exist are in the tables.
        read: tables of other analyses (Parquet), from which verdicts are made as well.
        tolerance: nats per choice.
    """
    the_grid, rows_in = Grid.of(root, grid), cache(by_subject)  # a chunk's subjects share files
    others = {path.stem: dict(iter(pd.read_parquet(path).groupby(["dataset", "subject"]))) for path in read}
    parts: dict[str, list[pd.DataFrame]] = {table.name: [] for table in PARTS}
    verdicts = []
    for dataset, subject in the_grid.subjects():
        place = dataset, directory(subject)
        own = {table: rows_in(the_grid.layout.strategy(*place, table.name)).get(subject) for table in PARTS}
        if own[COMPARISON] is None:
            continue
        own = {table: table.typed([]) if rows is None else rows for table, rows in own.items()}
        for table, rows in own.items():
            parts[table.name].append(rows)
        about = {name: tables[dataset, subject] for name, tables in others.items() if (dataset, subject) in tables}
        row = verdict(own[EVIDENCE], own[COMPARISON], about, tolerance)
        verdicts.append({"dataset": dataset, "subject": subject, **row})
    for table in PARTS:
        concatenate(parts[table.name], table, root / "tables")
    STRATEGY.write(root / "tables", verdicts)
