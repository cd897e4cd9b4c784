"""Stability of one model of a subject, or of each in a chunk: every outer fold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinycog.analyses.stability import compute
from tinycog.analyses.stability.tables import TABLES
from tinycog.dynamics.one_step import OneStep
from tinycog.models import registry
from tinycog.results import kept
from tinycog.tasks import task_of

KEYS = ("dataset", "subject", "model", "dim", "outer")


def stability(
    selected: list[Path],
    scored: list[Path],
    output: Path,
    *,
    root: Path,
    task: str,
    n_actions: int,
    spec: dict[str, Any],
    dim: int,
) -> None:
    """Write `fixed_points`, `attractors` and `stability` (.parquet) into the folder `output`.

    Args:
        selected, scored: selected fit and scores of every outer fold, in the same order.
    """
    the_task = task_of(task, n_actions)
    model = registry.build(the_task, spec, dim)
    found: dict[str, list[dict[str, Any]]] = {table.name: [] for table in TABLES}
    for choice, params, along in kept.each(root, selected, scored):
        ids = {key: choice[key] for key in KEYS}
        for name, rows in compute.rows(OneStep(the_task, model, params), along).items():
            found[name] += [ids | row for row in rows]
    for table in TABLES:
        table.write_part(output / f"{table.name}.parquet", found[table.name])
