"""Put all results together: tables of single results, of means over targets, and of crossing points."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinycog.analyses.distillation import outputs, result
from tinycog.analyses.distillation.compute import complete, crossings, curves, summarised
from tinycog.analyses.distillation.tables import CROSSINGS, RESULTS, SUMMARY
from tinycog.results.layout import Layout


def gather(root: Path, *, given: dict[str, Any], bootstrap: int, seed: int) -> None:
    """Write the tables under `root`, from the results that exist.

    Args:
        given: see `outputs.plain`.
        bootstrap: resamples.
    """
    layout = Layout(root)
    rows: list[dict[str, Any]] = []
    summary: list[dict[str, Any]] = []
    crossed: list[dict[str, Any]] = []
    for dataset in given["datasets"]:
        there = ((label, path) for label, path in outputs.results(layout, given, dataset) if path.is_file())
        found = [(label, *result.read(path)) for label, path in there]
        of_results = [{name: {**row, "subset": label}.get(name) for name in RESULTS.names} for label, row, _ in found]
        rows += [*of_results, *_without(outputs.pool(layout, given, dataset))]
        tested = [{**row, "subset": label, "tested": own} for label, row, own in found if own]
        points = curves(complete(tested), bootstrap, (dataset, seed))
        summary += [{"dataset": dataset, **summarised(point)} for point in points]
        for baseline in list(given["dims"]["cognitive"])[:1]:
            crossed += [{"dataset": dataset, **row} for row in crossings(points, baseline)]
    for table, content in ((RESULTS, rows), (SUMMARY, summary), (CROSSINGS, crossed)):
        table.write(root / "tables", content)


def _without(pool: outputs.design.Pool) -> list[dict[str, Any]]:
    """Rows of targets, subsets and widths that a data set cannot have."""
    empty = dict.fromkeys(RESULTS.names) | {"dataset": pool.dataset, "status": "failed"}
    of_targets = [
        empty | {"target": target.subject, "subset": label or None, "reason": reason}
        for target in pool.targets
        for label, reason in target.problems.items()
    ]
    of_widths = [
        empty | {"target": target.subject, "method": "teacher", "width": width, "reason": reason}
        for target in pool.targets
        for width, reason in pool.problems.items()
    ]
    return [*of_targets, *of_widths]
