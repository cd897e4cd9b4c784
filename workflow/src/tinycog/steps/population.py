"""Fit the population of a cognitive model's parameters to the training choices of all subjects of a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tinycog.errors import InputError
from tinycog.fitting import cognitive, populations
from tinycog.fitting.priors import FEWEST
from tinycog.models import registry
from tinycog.results.grid import Grid
from tinycog.results.populations import write
from tinycog.tasks import Task, task_of
from tinycog.trials import folds


def population(
    root: Path,
    output: Path,
    *,
    grid: dict[str, Any],
    outer: int,
    task: str,
    n_actions: int,
    name: str,
    spec: dict[str, Any],
) -> None:
    """Write the prior of each inner fold of an outer fold.

    Args:
        root: results folder of the run.
        grid: see `Grid.of`, of one data set.
    """
    the_task = task_of(task, n_actions)
    model = registry.build(the_task, spec, None)
    (dataset,) = grid["datasets"]
    subjects = _subjects(Grid.of(root, grid).by_fold(dataset, outer), the_task, name)
    if len(subjects) < FEWEST:
        raise InputError(
            f"data set {dataset!r} has {len(subjects)} subjects that can be split; a population prior needs {FEWEST}"
        )
    if len(numbers := {len(subject.weights) for subject in subjects}) > 1:
        raise InputError(
            f"data set {dataset!r}, outer fold {outer}: subjects have {' or '.join(map(str, sorted(numbers)))} inner "
            "folds; a population prior needs the same number of each"
        )
    found = populations.fit(model, subjects, cognitive.n_seeds(model, spec["seeds"]))
    n_subjects = populations.taken(subjects).sum(0)
    ended = np.where(found.converged, "converged", "max_iterations")
    of_inner = {"inner": np.arange(len(ended)), "n_subjects": n_subjects, "iterations": found.iterations}
    of_inner |= {"ended": np.where(n_subjects < FEWEST, "too few subjects", ended)}
    labels = {"dataset": dataset, "model": name, "outer": outer}
    write(output, labels, model.parameters, of_inner, {"mean": found.prior.mean, "sd": found.prior.sd})


def _subjects(by_fold: dict[Path, list[Path]], task: Task, name: str) -> list[populations.Subject]:
    """Every subject in the order of their ids, with the key of its fit in this outer fold."""
    found = {}
    for fold, tables in by_fold.items():
        for table, outer, splits in folds.read_each(tables, fold, task):
            train = np.stack([weights["train"] for weights in folds.of_blocks(splits, table.own)])
            data, key = table.sequences.subset(table.own), (table.dataset, table.subject, name, outer)
            found[table.subject] = populations.Subject(data, np.ascontiguousarray(train), key)
    return [found[subject] for subject in sorted(found)]
