"""Search equations of a model's trials with an engine of genetic programming."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinycog.analyses.symbolic_regression import operon, pysr
from tinycog.analyses.symbolic_regression.compute import is_still
from tinycog.analyses.symbolic_regression.coordinates import Change, changes, coordinates
from tinycog.generators import generator
from tinycog.results import kept
from tinycog.storage import write_json
from tinycog.tasks import task_of

FEWEST, MOST = (
    20,
    500,
)  # training and validation trials of a condition: for an equation, and of those that a search sees


def search(
    selected: list[Path],
    scored: list[Path],
    output: Path,
    *,
    root: Path,
    task: str,
    n_actions: int,
    engine: str,
    evaluations: int,
    max_complexity: int,
) -> None:
    """Write what the engine found, as it printed it: a list with an entry for each subject, outer fold, condition and
    variable.

    Args:
        selected, scored: selected fit and scores of every outer fold, in the same order.
    """
    the_task, found = task_of(task, n_actions), []
    for choice, _, along in kept.each(root, selected, scored):
        for change in changes(the_task, along, coordinates(along, choice["n_dynamical"])):
            if len(change.y) < FEWEST or is_still(change.x, change.y):
                continue
            key = tuple(choice[name] for name in ("dataset", "subject", "model", "dim", "outer"))
            keys = {"subject": choice["subject"], "outer": choice["outer"]}
            where = {"condition": change.condition, "target": change.target}
            expressions, reason = _expressions(change, key, engine, evaluations, max_complexity)
            found.append({**keys, **where, "expressions": expressions, "reason": reason})
    write_json(output, found)


def _expressions(
    change: Change, key: tuple[Any, ...], engine: str, evaluations: int, max_complexity: int
) -> tuple[list[str], str]:
    rng = generator("equations", *key, change.condition, change.target)
    rows = rng.permutation(len(change.y))[:MOST]
    x, y, seed = change.x[rows], change.y[rows], int(rng.integers(2**31))
    if engine == "pysr":
        return pysr.search(x, y, seed=seed, max_complexity=max_complexity), ""
    return operon.search(x, y, seed=seed, evaluations=evaluations, max_length=max_complexity)
