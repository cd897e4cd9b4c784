"""Choose one equation for each input condition and variable of a model, and write them as the rules of a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.symbolic_regression import compute, sparse
from tinycog.analyses.symbolic_regression.compute import Found
from tinycog.analyses.symbolic_regression.coordinates import Change, changes, coordinates, of_range
from tinycog.analyses.symbolic_regression.expressions import Refused, parse
from tinycog.analyses.symbolic_regression.search import FEWEST
from tinycog.analyses.symbolic_regression.tables import CURVES, POINTS, SYMBOLIC_REGRESSION
from tinycog.analyses.symbolic_regression.writing import text
from tinycog.generators import generator
from tinycog.models.cognitive.rational import nothing
from tinycog.results import kept
from tinycog.storage import read_json, write_json
from tinycog.tasks import task_of

KEYS = ("dataset", "subject", "model", "dim", "outer")
DRAWN, CURVE = 200, 101  # trials of a condition, and points of a curve
Rows = list[dict[str, Any]]


def choose(
    selected: list[Path],
    scored: list[Path],
    searched: Path | None,
    output: Path,
    *,
    root: Path,
    task: str,
    n_actions: int,
    engine: str,
    max_complexity: int,
    tolerance: float,
) -> None:
    """Write into the folder `output` the equations of every outer fold (table `symbolic_regression`), those selected as
    rules (`rules.json`), and what the figure shows of each subject's first fit.

    Args:
        searched: what the engine found, see `search`; None for the engine `sparse`.
    """
    the_task = task_of(task, n_actions)
    printed = {}
    for one in read_json(searched) if searched else ():
        printed[tuple(one[key] for key in ("subject", "outer", "condition", "target"))] = one
    tables: dict[str, Rows] = {table.name: [] for table in (SYMBOLIC_REGRESSION, POINTS, CURVES)}
    rules, drawn = [], set()
    for choice, _, along in kept.each(root, selected, scored):
        keys = {key: choice[key] for key in KEYS}
        of = coordinates(along, choice["n_dynamical"])
        chosen: list[dict[str, Any]] = []
        missing = ""
        for change in changes(the_task, along, of):
            search = printed.get((keys["subject"], keys["outer"], change.condition, change.target))
            found, reason = _found(change, of.names, engine, search, tolerance, max_complexity)
            rows, best = _rows(found, change, of.names)
            where = {**keys, "condition": change.condition, "target": change.target, "n_trials": len(change.y)}
            if reason:
                rows.append(dict.fromkeys(("expression", "complexity", "loss", "r2_test"))
                            | {"engine": engine, "selected": False, "reason": reason})  # fmt: skip
            tables[SYMBOLIC_REGRESSION.name] += [where | row for row in rows]
            if best is None:
                missing = missing or f"no equation of {change.target} after {change.condition}: {rows[-1]['reason']}"
                continue
            chosen.append({"rule": best.rule.plain(), "constants": best.constants.tolist()})
            if keys["subject"] not in drawn and len(of.names) == 1:
                for name, part in _drawn(change, best, keys).items():
                    tables[name] += part
        if missing:
            rules.append(keys | {"reason": missing})
        else:
            n = len(of.names)
            start = of.x[along.row_start[0]].tolist()
            by_condition = [chosen[i : i + n] for i in range(0, len(chosen), n)]
            low, high = (end.tolist() for end in of_range(along, of))
            ends = {"start": start, "low": low, "high": high}
            rules.append(keys | {"reason": "", "variables": of.names, **ends, "rules": by_condition})
        drawn.add(keys["subject"])
    for table in (SYMBOLIC_REGRESSION, POINTS, CURVES):
        table.write_part(output / f"{table.name}.parquet", tables[table.name])
    write_json(output / "rules.json", rules)


def _found(
    change: Change,
    names: tuple[str, ...],
    engine: str,
    searched: dict[str, Any] | None,
    tolerance: float,
    max_complexity: int,
) -> tuple[list[Found], str]:
    """All candidates, those of sparse regression first, and why a search found none."""
    if len(change.y) < FEWEST:
        return [], f"fewer than {FEWEST} scored training and validation trials"
    if compute.is_still(change.x, change.y):
        still = nothing(len(names))
        return [Found("sparse", still, np.empty(0), float((change.y**2).mean()), 0.0, 1)], ""
    options = {"tolerance": tolerance, "max_complexity": max_complexity}
    found = compute.candidates("sparse", sparse.candidates(change.x, change.y), change.x, change.y, **options)
    if searched is None:
        return found, ""
    parsed = []
    for expression in searched["expressions"]:
        try:
            parsed.append(parse(expression, [f"X{i + 1}" for i in range(len(names))]))
        except Refused:  # of a degree that is higher than its complexity may be
            continue
    return found + compute.candidates(engine, parsed, change.x, change.y, **options), searched["reason"]


def _rows(found: list[Found], change: Change, names: tuple[str, ...]) -> tuple[Rows, Found | None]:
    """Rows of the front, with what would be on it without a pole, and the selected rule."""
    shown, best = compute.chosen(found)
    rows = [
        {
            "engine": one.engine,
            "expression": text(one.rule, one.constants, names),
            "complexity": one.complexity,
            "loss": one.loss,
            "r2_test": compute.r2(one.rule, one.constants, change.x_test, change.y_test),
            "selected": one is best,
            "reason": one.reason,
        }
        for one in shown
    ]
    return rows, best


def _drawn(change: Change, best: Found, keys: dict[str, Any]) -> dict[str, Rows]:
    """Some trials, and the selected rule over their range."""
    where = {**keys, "condition": change.condition}
    rows = np.sort(generator("equations drawn", *where.values()).permutation(len(change.y))[:DRAWN])
    grid = np.linspace(change.x.min(), change.x.max(), CURVE)
    curve = np.broadcast_to(best.rule.value(best.constants, [grid]), grid.shape)
    points = zip(change.x[rows, 0], change.y[rows], strict=True)
    return {
        POINTS.name: [{**where, "logit": x, "change": y} for x, y in points],
        CURVES.name: [{**where, "logit": x, "change": y} for x, y in zip(grid, curve, strict=True)],
    }
