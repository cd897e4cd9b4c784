"""Choices of the network that stands for a subject, and every competing network fitted to them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tinycog.analyses.dimensionality.power import network_of
from tinycog.analyses.dimensionality.tables import SIMULATION
from tinycog.fitting import outer_fold
from tinycog.models import registry
from tinycog.results import parameters
from tinycog.results.selection import selected_row
from tinycog.simulation import playing
from tinycog.tasks import Task, task_of
from tinycog.trials import folds
from tinycog.trials.sequences import Sequences, TrialTable

OF_CHOICE = ("dataset", "subject", "model", "dim", "outer", "val_nll", "n_val", "test_nll", "n_test")
KEPT = ("val_nll", "n_val", "test_nll", "n_test")

Splits = dict[int, list[dict[str, np.ndarray]]]  # outer fold: weights by role of each inner fold


def simulate(
    trials: list[Path],
    fold_files: list[Path],
    selected: list[Path],
    output: Path,
    *,
    root: Path,
    simulation: int,
    models: dict[str, dict[str, Any]],
    played: dict[str, Any],
    task: str,
    n_actions: int,
    seed: int,
) -> None:
    """Write the selected fits to one simulated data set of a subject, or of each in a chunk.

    The network that stands for the subject (the selected fit of its first outer fold) plays as many blocks, of as many
    trials; every competing network is then fitted with the subject's own folds.

    Args:
        fold_files: of every outer fold.
        selected: the selected fits of all models and outer folds.
        simulation: its number, from 0.
        models: the competing networks: name: `dims`, `spec` and `training`.
        played: environments, see `simulation.of_datasets`.
    """
    the_task = task_of(task, n_actions)
    choices = [choice for path in selected for choice in parameters.choices(path)]
    tables: dict[str, TrialTable] = {}
    splits: dict[str, Splits] = {}
    for file in fold_files:
        for table, outer, own in folds.read_each(trials, file, the_task):
            tables[table.subject] = table
            splits.setdefault(table.subject, {})[outer] = folds.of_blocks(own, table.own)
    rows: list[dict[str, Any]] = []
    for subject, table in tables.items():
        of_subject = [choice for choice in choices if choice["subject"] == subject and choice["status"] == "ok"]
        known = pd.DataFrame([[choice[key] for key in OF_CHOICE] for choice in of_subject], columns=list(OF_CHOICE))
        numbers = known.astype({"val_nll": float, "test_nll": float})  # null where it is not finite
        network = network_of(numbers, list(models))
        keys = {"dataset": table.dataset, "subject": subject, "simulation": simulation}
        keys |= dict(zip(("generator", "true_d"), network or (None, None), strict=True))
        why = played["note"] or (playing.cannot_play(models[network[0]]["spec"]) if network else "d* has no estimate")
        if why:
            rows.append({**keys, **dict.fromkeys(("model", "dim", "outer", *KEPT)), "reason": why})
            continue
        name, dim = network
        choice = next(one for one in of_subject if (one["model"], one["dim"]) == network)
        player, params = registry.build(the_task, models[name]["spec"], dim), parameters.of_selected(root, choice)
        lengths = table.sequences.lengths[table.own] // the_task.stages
        key = ("power", seed, *keys.values())
        data = playing.blocks_of(player, params, the_task, played["variants"], lengths, key)
        rows += [keys | row for row in _refits(data, splits[subject], the_task, models, key)]
    SIMULATION.write_part(output, rows)


def _refits(
    data: Sequences, splits: Splits, task: Task, models: dict[str, dict[str, Any]], key: tuple[Any, ...]
) -> Iterator[dict[str, Any]]:
    """The selected fit of every model, dim and outer fold."""
    for name, about in models.items():
        for dim in about["dims"]:
            model = registry.build(task, about["spec"], dim)
            for outer, of_inner in splits.items():
                options = (about["spec"], data, of_inner, about["training"], (*key, name, dim, outer))
                fits, _ = outer_fold.fit(model, *options)
                row = selected_row(fits)
                values = {column: None if row is None else fits[column][row].item() for column in KEPT}
                why = f"every fit failed; the first: {fits['reason'][0]}" if row is None else ""
                yield {"model": name, "dim": dim, "outer": outer, **values, "reason": why}
