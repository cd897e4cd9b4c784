"""Choices of the network that stands for a subject, and every competing network fitted to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.analyses.dimensionality.power import network_of
from tinycog.analyses.dimensionality.tables import SIMULATION
from tinycog.fitting import outer_fold
from tinycog.models import registry
from tinycog.results import parameters
from tinycog.simulation import playing
from tinycog.tasks import task_of
from tinycog.trials import folds

OF_CHOICE = ("dataset", "subject", "model", "dim", "outer", "val_nll", "n_val", "test_nll", "n_test")


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
    dims = {dim for model in models.values() for dim in model["dims"]}
    nothing_to_choose = f"only d = {min(dims)} competes: d* cannot be another" if len(dims) == 1 else ""
    choices = [choice for path in selected for choice in parameters.choices(path)]
    rows: list[dict[str, Any]] = []
    for subject, (table, splits) in folds.of_every_fold(trials, fold_files, the_task).items():
        of_subject = [choice for choice in choices if choice["subject"] == subject and choice["status"] == "ok"]
        known = pd.DataFrame([[choice[key] for key in OF_CHOICE] for choice in of_subject], columns=list(OF_CHOICE))
        numbers = known.astype({"val_nll": float, "test_nll": float})  # null where it is not finite
        network = network_of(numbers, list(models))
        keys = {"dataset": table.dataset, "subject": subject, "simulation": simulation}
        keys |= dict(zip(("generator", "true_d"), network or (None, None), strict=True))
        unplayable = playing.cannot_play(models[network[0]]["spec"]) if network else "d* has no estimate"
        why = nothing_to_choose or played["note"] or unplayable
        if why:
            rows.append({**keys, **dict.fromkeys(("model", "dim", "outer", *outer_fold.KEPT)), "reason": why})
            continue
        name, dim = network
        choice = next(one for one in of_subject if (one["model"], one["dim"]) == network)
        player, params = registry.build(the_task, models[name]["spec"], dim), parameters.of_selected(root, choice)
        lengths = table.sequences.lengths[table.own] // the_task.stages
        key = ("power", seed, *keys.values())
        data = playing.blocks_of(player, params, the_task, played["variants"], lengths, key)
        rows += [keys | row for row in outer_fold.selected_fits(the_task, models, data, splits, key)]
    SIMULATION.write_part(output, rows)
