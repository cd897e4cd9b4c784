"""Choices that the kept fit of a model plays in each subject's place, and every model fitted to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.model_recovery.tables import FITS
from tinycog.fitting import engine, outer_fold
from tinycog.fitting.objective import replicas
from tinycog.models import registry
from tinycog.models.interface import Model, Parameters
from tinycog.results import parameters
from tinycog.simulation import playing
from tinycog.tasks import task_of
from tinycog.trials import folds
from tinycog.trials.sequences import Sequences


def fit_played(
    trials: list[Path],
    fold_files: list[Path],
    selected: list[Path],
    output: Path,
    *,
    root: Path,
    name: str,
    spec: dict[str, Any],
    dim: int,
    simulation: int,
    models: dict[str, dict[str, Any]],
    played: dict[str, Any],
    task: str,
    n_actions: int,
    seed: int,
) -> None:
    """Write the selected fits to one data set that a model plays as a subject, or as each of some of a chunk.

    The model's selected fit of the first outer fold plays as many blocks, of as many trials; every model is then
    fitted with the subject's own folds.

    Args:
        fold_files: of every outer fold.
        selected: what was selected of the model that plays, in every outer fold.
        name, spec, dim: the model that plays.
        simulation: its number, from 0.
        models: those that are fitted, see `outer_fold.selected_fits`.
        played: environments, see `simulation.of_datasets`.
    """
    the_task = task_of(task, n_actions)
    choices = [choice for path in selected for choice in parameters.choices(path)]
    player = registry.build(the_task, spec, dim)
    fitted = [(other, d, registry.build(the_task, of["spec"], d)) for other, of in models.items() for d in of["dims"]]
    about = {(other, d): {"family": own.family, "n_dynamical": own.n_dynamical} for other, d, own in fitted}
    rows: list[dict[str, Any]] = []
    for subject, (table, splits) in folds.of_every_fold(trials, fold_files, the_task).items():
        kept = next((each for each in choices if each["subject"] == subject and each["status"] == "ok"), None)
        why = played["note"] or playing.cannot_play(spec) or ("" if kept else "all fits failed of the model that plays")
        keys = {"dataset": table.dataset, "subject": subject, "agent": name, "agent_dim": dim}
        keys |= {"agent_d": player.n_dynamical, "simulation": simulation}
        if why:
            nothing = dict.fromkeys((*outer_fold.KEPT, "agent_nll")) | {"reason": why}
            places = [{"model": other, "dim": d, "outer": outer} for other, d in about for outer in splits]
            rows += [keys | about[own["model"], own["dim"]] | own | nothing for own in places]
            continue
        params = parameters.of_selected(root, kept)
        lengths = table.sequences.lengths[table.own] // the_task.stages
        key = ("model recovery", seed, *keys.values())
        data = playing.blocks_of(player, params, the_task, played["variants"], lengths, key)
        of_agent = {outer: _test_nll(player, params, data, of_inner) for outer, of_inner in splits.items()}
        for own in outer_fold.selected_fits(the_task, models, data, splits, key):
            rows.append(keys | about[own["model"], own["dim"]] | own | {"agent_nll": of_agent[own["outer"]]})
    FITS.write_part(output, rows)


def _test_nll(model: Model, params: Parameters, data: Sequences, of_inner: list[dict[str, np.ndarray]]) -> float:
    """Of the test choices of an outer fold, nats per choice, for given parameters (1, ...)."""
    nll, _, _ = engine.evaluate(model, params, data, replicas(of_inner[:1], range(1), [0.0]))
    return nll["test"].item()
