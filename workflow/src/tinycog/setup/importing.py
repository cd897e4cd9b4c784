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
from tinycog.options import DEFAULT_CONFIG
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.setup import planning
from tinycog.sources import table as source
from tinycog.sources.prepared import counts
from tinycog.storage import replacing
from tinycog.tasks import task_of
from tinycog.trials.table import validated

OUTER, INNER = 10, 9  # the paper's folds
TASKS = {
    "bandit": "choice of one of k arms (`--n-actions`, 2 by default) with payoffs of any kind",
    "reversal": "two actions, of which the better one changes now and then",
    "two_stage": "two actions that lead to one of two states, commonly the action's own; states pay, and which "
    "is better changes",
    "transition_reversal": "as two_stage, and which state is an action's common one changes as well",
    "three_armed_reversal": "three actions, of which the best one changes now and then",
    "four_armed_bandit": "four actions with payoffs that drift",
    "original_two_stage": "two choices in a trial: the first leads to a state, the second is made there",
    "perceptual": "two actions and a stimulus before the choice; no model of it is written yet, so it cannot be run",
}
# of a quick look: fewer of everything that multiplies fits, and training that ends sooner
QUICK_FOLDS = {"outer": 3, "inner": 2}
QUICK_NETWORKS = {"dims": [1, 2], "l1": [1e-5]}
QUICK_TRAINING = {"optimizer": "fast", "max_epochs": 1000, "patience": 100, "seeds": 1}


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
    config.load(DEFAULT_CONFIG, [], content)
    return Imported(content, subjects, warnings)


def known_task(name: str | None) -> str:
    """`name`, if it is a task's; InputError lists the tasks with a line each."""
    if name in TASKS:
        return name
    found = f"found {name!r}" if name else "no task is named"
    width = max(map(len, TASKS))
    lines = [f"  {task:<{width}}  {about}" for task, about in TASKS.items()]
    raise InputError("\n".join([f"--task: {found}; allowed:", *lines]))


def quick(experiment: dict[str, Any]) -> dict[str, Any]:
    """The experiment reduced to a first look: fewer folds, dims, L1 weights and seeds, shorter training."""
    models = {
        name: {**model, **(QUICK_NETWORKS if model["family"] == "rnn" else {"seeds": 1})}
        for name, model in experiment["models"].items()
    }
    cv = {key: min(n, QUICK_FOLDS.get(key, n)) if isinstance(n, int) else n for key, n in experiment["cv"].items()}
    return {**experiment, "run": f"{experiment['run']}-quick", "models": models, "cv": cv, "training": QUICK_TRAINING}


def seconds(path: Path) -> float:
    """Estimated time of the experiment `path` on one core; reads its table."""
    return sum(plan.seconds for plan in planning.plan(config.load(DEFAULT_CONFIG, [path])))


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


def write(experiments: dict[Path, dict[str, Any]], overwrite: bool) -> None:
    """Write each experiment as YAML; InputError, before any is, if a file exists and may not be overwritten."""
    for path in experiments:
        if path.exists() and not overwrite:
            raise InputError(f"{path}: exists already; give another --output, or --overwrite")
    for path, content in experiments.items():
        with replacing(path) as temporary:
            temporary.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
