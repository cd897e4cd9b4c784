"""From a user's own table to an experiment file that runs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tinycog import config
from tinycog.errors import InputError
from tinycog.models import registry
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.sources import table as source
from tinycog.sources.prepared import counts
from tinycog.storage import replacing
from tinycog.tasks import task_of
from tinycog.trials.table import validated

OUTER, INNER = 10, 9  # the paper's folds


@dataclass(frozen=True)
class Imported:
    """An experiment made for a table: its content, what the table holds, and what the user should know."""

    experiment: dict[str, Any]
    subjects: dict[str, dict[str, int]]
    warnings: list[str]


def experiment(
    file: Path, *, name: str, task: str, n_actions: int | None, columns: dict[str, str], folder: Path = Path()
) -> Imported:
    """Check the table as a run would, and choose folds that its subjects' blocks allow.

    Args:
        folder: where the experiment file will lie, from which it names the table.

    Raises:
        InputError: the table cannot be used; names the column, the row and what is needed.
    """
    section = {"source": "table", "task": task, "file": str(file), "columns": columns}
    section |= {"n_actions": n_actions} if n_actions else {}
    options = checked(section, str(file), AnyDataset).model_dump()
    the_task = task_of(task, n_actions)
    subjects = counts(validated(source.prepare(name, options, Path(), 0).table, the_task, str(file)))
    cv, warnings = folds(min(numbers["blocks"] for numbers in subjects.values()))
    models: dict[str, Any] = {"gru": {"family": "rnn", "cell": "gru", "dims": [1, 2, 3], "l1": [1e-5, 1e-4, 1e-3]}}
    in_figures = [key for key in registry.keys(the_task) if registry.listed(the_task, key).in_figures]
    models |= {key: {"family": "cognitive"} for key in in_figures}
    section["file"] = named_from(folder, file)
    content = {"run": name, "datasets": {name: section}, "models": models, "cv": cv}
    content["analyses"] = {"dimensionality": {}, "portraits": {}}
    config.load(Path(__file__).parents[4] / "config/config.yaml", [], content)
    return Imported(content, subjects, warnings)


def named_from(folder: Path, file: Path) -> str:
    """A path that leads to `file` wherever one stands: from `folder` if it lies below that, else from the root."""
    folder, file = Path(os.path.abspath(folder)), Path(os.path.abspath(file))
    return str(file.relative_to(folder) if file.is_relative_to(folder) else file)


def folds(n_blocks: int) -> tuple[dict[str, Any], list[str]]:
    """The paper's cross-validation as far as the fewest blocks of a subject allow, and a warning where they do not."""
    outer = min(OUTER, n_blocks)
    inner = min(INNER, n_blocks - -(-n_blocks // outer))
    if inner < 2:
        few = f"a subject has only {n_blocks} block{'s' * (n_blocks > 1)}: too few to hold blocks out"
        return {"protocol": "interspersed"}, [f"{few}; trials are held out instead (cv.protocol: interspersed)"]
    if (outer, inner) == (OUTER, INNER):
        return {"outer": outer, "inner": inner}, []
    warning = f"a subject has only {n_blocks} blocks: folds reduced to cv.outer = {outer}, cv.inner = {inner}"
    return {"outer": outer, "inner": inner}, [f"{warning} (the paper's are {OUTER} and {INNER}); d* has less power"]


def write(path: Path, imported: Imported, overwrite: bool) -> None:
    """Write the experiment as YAML; InputError if the file exists and may not be overwritten."""
    if path.exists() and not overwrite:
        raise InputError(f"{path}: exists already; give another --output, or --overwrite")
    with replacing(path) as temporary:
        temporary.write_text(yaml.safe_dump(imported.experiment, sort_keys=False), encoding="utf-8")
