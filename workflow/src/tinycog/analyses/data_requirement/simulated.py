"""Fit one model to numbers of blocks that each subject's best model plays in its place, in one outer fold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.data_requirement.compute import n_to_simulate
from tinycog.analyses.data_requirement.refits import Blocks, Refits, Rows, write
from tinycog.analyses.data_requirement.tables import NOT_FITTED
from tinycog.models import registry
from tinycog.results import parameters
from tinycog.results.selection import best_by_validation
from tinycog.simulation import playing
from tinycog.tasks import task_of
from tinycog.trials.sequences import read_table
from tinycog.trials.splits import k_folds


def fit_simulated(
    trials: list[Path],
    selected: list[Path],
    output: Path,
    *,
    root: Path,
    models: dict[str, dict[str, Any]],
    played: dict[str, Any],
    outer: int,
    blocks: list[int],
    cv: dict[str, Any],
    task: str,
    n_actions: int,
    name: str,
    spec: dict[str, Any],
    dim: int,
    training: dict[str, Any],
    seed: int,
) -> None:
    """Write tables `data_requirement_folds` and `blocks` (.parquet) to the folder `output`.

    Every job of a subject plays the same choices, from the same key, which takes less time than to read them.

    Args:
        selected: the selected fits of all models and outer folds.
        models: name: section of each of these models.
        played: environments and trials of a block, see `simulation.of_datasets`.
        blocks: numbers of blocks.
        cv: `CrossValidation.folds` of the data set.
    """
    the_task = task_of(task, n_actions)
    choices = [choice for path in selected for choice in parameters.choices(path)]
    found: list[Rows] = []
    for path in trials:
        table = read_table(path, the_task)
        best = best_by_validation([choice for choice in choices if choice["subject"] == table.subject])
        keys = {"dataset": table.dataset, "subject": table.subject}
        keys["generator"] = f"{best['model']}, d = {best['dim']}" if best else "none"
        model = registry.build(the_task, spec, dim, table.sequences.n_subjects)
        options = (model, spec, training, the_task.stages, cv["n_inner"], cv["inner"], seed)
        refits = Refits(keys, outer, name, dim, *options)
        why = played["note"] or (playing.cannot_play(models[best["model"]]) if best else "no model has a fit")
        if why:
            found += [refits.without(n / max(blocks), f"{NOT_FITTED}{why}") for n in blocks]
            continue
        player = registry.build(the_task, models[best["model"]], best["dim"])
        lengths = table.sequences.lengths[table.own] // the_task.stages
        shape = np.full(n_to_simulate(max(blocks), cv["outer"]), played["n_trials"] or int(np.median(lengths)))
        key = ("data requirement", seed, *keys.values())
        params = parameters.of_selected(root, best)
        data = playing.blocks_of(player, params, the_task, played["variants"], shape, key)
        of_all = np.arange(len(shape))
        test = k_folds(len(shape), cv["outer"], cv["seed"])[outer]
        for n in blocks:
            part = Blocks(data, refits.subset(np.setdiff1d(of_all, test), n), test, of_all)
            found.append(refits.refitted(n / max(blocks), part))
    write(output, found)
