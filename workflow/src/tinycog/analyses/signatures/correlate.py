"""Correlate indifference with performance, over the subjects of each data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.analyses.signatures import indifference
from tinycog.analyses.signatures.tables import INDIFFERENCE, INDIFFERENCE_LINES, INDIFFERENCE_SUBJECTS
from tinycog.results.grid import Grid
from tinycog.trials.subjects import directory


def correlate(root: Path, *, grid: dict[str, Any]) -> None:
    """Write tables `indifference`, `..._subjects` and `..._lines` under `root`, of table `signatures` and trial tables.

    Args:
        grid: data sets that are correlated, and their models.
    """
    the_grid = Grid.of(root, grid)
    signatures = pd.read_parquet(root / "tables/signatures.parquet")
    deviation = signatures[signatures["measure"] == indifference.MEASURE]
    deviation = deviation.set_index(["dataset", "subject", "model", "dim"])["value"]
    performance = {
        (dataset, subject): indifference.of_trials(pd.read_parquet(the_grid.layout.trials(dataset, directory(subject))))
        for dataset, subject in the_grid.subjects()
    }
    rows, subjects, lines = [], [], []
    for dataset in the_grid.datasets:
        for model, dim in the_grid.models_of(dataset):
            group = {"dataset": dataset, "model": model, "dim": dim}
            own = []
            for (of, subject), measured in performance.items():
                if of == dataset:
                    value = deviation.get((dataset, subject, model, dim))
                    own.append(group | {"subject": subject, indifference.MEASURE: value} | measured)
            subjects += own
            table = INDIFFERENCE_SUBJECTS.typed(own)
            rows += [group | row for row in indifference.correlations(table)]
            lines += [group | row for row in indifference.lines(table)]
    INDIFFERENCE.write(root / "tables", rows)
    INDIFFERENCE_SUBJECTS.write(root / "tables", subjects)
    INDIFFERENCE_LINES.write(root / "tables", lines)
