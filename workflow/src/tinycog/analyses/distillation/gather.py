"""Put all results together: tables of single results, of means over targets, and of crossing points."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tinycog.analyses.distillation import design, outputs, result
from tinycog.analyses.distillation.compute import complete, crossings, curves, summarised
from tinycog.analyses.distillation.tables import CROSSINGS, RESULTS, SUMMARY
from tinycog.results.layout import Layout


def gather(root: Path, *, given: dict[str, Any], bootstrap: int, seed: int) -> None:
    """Write the tables under `root`, from the results that exist.

    Args:
        given: see `outputs.plain`.
        bootstrap: resamples.
    """
    layout = Layout(root, given["chunks"])
    rows: list[dict[str, Any]] = []
    summary: list[dict[str, Any]] = []
    crossed: list[dict[str, Any]] = []
    for dataset in given["datasets"]:
        pool = outputs.pool(layout, given, dataset)
        there = (path for path in outputs.results(layout, given, dataset) if path.is_file())
        found = _with_subsets(pool, (of_target for path in there for of_target in result.read(path)))
        rows += [*({name: row.get(name) for name in RESULTS.names} for row, _ in found), *_without(pool)]
        tested = [{**row, "tested": own} for row, own in found if own]
        points = curves(complete(tested), bootstrap, (dataset, seed))
        summary += [{"dataset": dataset, **summarised(point)} for point in points]
        for baseline in list(given["dims"]["cognitive"])[:1]:
            crossed += [{"dataset": dataset, **row} for row in crossings(points, baseline)]
    for table, content in ((RESULTS, rows), (SUMMARY, summary), (CROSSINGS, crossed)):
        table.write(root / "tables", content)


def _with_subsets(pool: design.Pool, found: Iterable[tuple[dict[str, Any], Any]]) -> list[tuple[dict[str, Any], Any]]:
    """Rows with the labels of their subsets, target by target and subset by subset."""
    labels = {(target.subject, n): label for target in pool.targets for label, n in {"0": 0, **target.sizes}.items()}
    places = {key: place for place, key in enumerate(labels)}
    keyed = [((row["target"], row["n_blocks"]), row, own) for row, own in found]
    keyed.sort(key=lambda of_target: places[of_target[0]])
    return [({**row, "subset": labels[key]}, own) for key, row, own in keyed]


def _without(pool: design.Pool) -> list[dict[str, Any]]:
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
