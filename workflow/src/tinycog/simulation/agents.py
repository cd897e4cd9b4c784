"""Agents as a config describes them: a cognitive model with given parameters in one of the environments."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tinycog.errors import InputError
from tinycog.generators import generator
from tinycog.models.cognitive.declaration import CognitiveModel
from tinycog.models.interface import Model, Parameters
from tinycog.simulation import environments
from tinycog.simulation.play import play
from tinycog.tasks import Task

PAYOFFS = [f"reward_c{arm}" for arm in (1, 2, 3, 4)]  # columns of the published payoffs, points from 0 to 100


def choices(
    model: CognitiveModel,
    parameters: Mapping[str, float],
    task: Task,
    options: Mapping[str, Any],
    *,
    payoffs: Path | None,
    key: tuple[Any, ...],
) -> dict[str, np.ndarray]:
    """Columns of one agent's trial table without its ids, blocks one after the other, and the schedule's annotations.

    Args:
        parameters: natural values by name.
        options: a simulated data set's section of the config.
        payoffs: the file of recorded payoffs, where `options` asks for them.
        key: of every random draw: name of the data set, seed, number of the agent.
    """
    params = {name: np.array([value], dtype=np.float64) for name, value in parameters.items()}
    return played(model, params, task, options, payoffs=payoffs, key=key)


def played(
    model: Model,
    params: Parameters,
    task: Task,
    options: Mapping[str, Any],
    *,
    payoffs: Path | None = None,
    key: tuple[Any, ...],
) -> dict[str, np.ndarray]:
    """As `choices`, of any model that is a stack of one.

    Args:
        params: one replica's (1, ...), NumPy arrays.
        options: `environment`, `n_blocks` and `n_trials` as in a simulated data set's section.
    """
    shape = options["n_trials"], options["n_blocks"]
    environment = _environment(options, task, payoffs, generator("environment", *key))
    played = play(model, params, task, environment, shape, generator("agent", *key))
    block, trial = np.divmod(np.arange(shape[0] * shape[1]), shape[0])
    columns = {"block": block, "trial": trial}
    columns |= {name: played[name].T.ravel() for name in ("action", "state", "reward")}
    columns["mask"] = np.ones(len(block), dtype=int)
    if "action2" in played:
        columns |= {"action2": played["action2"].T.ravel(), "mask2": columns["mask"]}
    return columns | {name: values.T.ravel() for name, values in environment.annotations().items()}


def _environment(
    options: Mapping[str, Any], task: Task, payoffs: Path | None, rng: np.random.Generator
) -> environments.Environment:
    settings, shape = options["environment"], (options["n_blocks"], options["n_trials"])
    if settings["kind"] == "bahrami":
        return environments.recorded(_recorded(payoffs, settings["payoff_group"]), task, *shape)
    return environments.KINDS[settings["kind"]](settings, task, *shape, rng)


def _recorded(path: Path, group: int) -> np.ndarray:
    """One of the schedules of Bahrami & Navajas, (trial, arm), points from 0 to 100 as rewards from 0 to 1.

    All participants of a group had the same payoffs: those of the first are taken.
    """
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if missing := [name for name in ("id", "payoff_group", *PAYOFFS) if name not in (reader.fieldnames or ())]:
            raise InputError(f"{path}: no column {missing[0]!r}; needed: id, payoff_group, {', '.join(PAYOFFS)}")
        rows = [row for row in reader if row["payoff_group"] == str(group)]
    if not rows:
        raise InputError(f"{path}: no participant had payoffs {group} (environment.payoff_group)")
    points = [[row[name] for name in PAYOFFS] for row in rows if row["id"] == rows[0]["id"]]
    try:
        return np.array(points, dtype=np.float64) / 100
    except ValueError as error:
        raise InputError(f"{path}: payoffs of group {group}: {error}; needed: numbers") from None
