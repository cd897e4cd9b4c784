"""Simulated agents: a cognitive model that chooses in an environment (core.md 3)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tinycog.errors import InputError
from tinycog.generators import generator
from tinycog.models import registry
from tinycog.simulation import environments
from tinycog.simulation.play import play
from tinycog.sources.prepared import Prepared, chosen, counts
from tinycog.tasks import Task, task_of

if TYPE_CHECKING:
    import pandas as pd


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    """None, but the published file where the environment is one of its schedules."""
    if options["environment"]["kind"] != "bahrami":
        return []
    from tinycog.sources import bahrami

    return bahrami.files({}, raw)


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    import pandas as pd

    task = task_of(options["task"], options["n_actions"])
    model = registry.cognitive(task, options["agent"]["model"])
    params = {key: np.array([value], dtype=np.float64) for key, value in options["agent"]["parameters"].items()}
    seed = seed if options["seed"] is None else options["seed"]
    shape = options["n_trials"], options["n_blocks"]
    tables = []
    for i in range(options["n_subjects"]):
        environment = _environment(options, task, raw, generator("environment", name, seed, i))
        played = play(model, params, task, environment, shape, generator("agent", name, seed, i))
        tables.append(_table(name, f"s{i}", played, environment.annotations()))
    table = chosen(pd.concat(tables, ignore_index=True), options, name)
    truth = {"agent": options["agent"], "environment": options["environment"], "seed": seed}
    return Prepared(table, counts(table), parameters=truth)


def _environment(
    options: Mapping[str, Any], task: Task, raw: Path, rng: np.random.Generator
) -> environments.Environment:
    settings, shape = options["environment"], (options["n_blocks"], options["n_trials"])
    if settings["kind"] == "bahrami":
        return environments.recorded(_payoffs(options, raw), task, *shape)
    return environments.KINDS[settings["kind"]](settings, task, *shape, rng)


def _payoffs(options: Mapping[str, Any], raw: Path) -> np.ndarray:
    """One of the schedules of Bahrami & Navajas, (trial, arm), points from 0 to 100 as rewards from 0 to 1."""
    from tinycog.sources import bahrami

    (path,) = files(options, raw)
    group = options["environment"]["payoff_group"]
    rows = bahrami.read(path)
    rows = rows[rows["payoff_group"].eq(group)]
    if rows.empty:
        raise InputError(f"{path}: no participant had payoffs {group} (environment.payoff_group)")
    return rows[rows["id"].eq(rows["id"].iloc[0])][bahrami.PAYOFFS].to_numpy() / 100


def _table(name: str, subject: str, played: dict[str, np.ndarray], annotations: dict[str, np.ndarray]) -> pd.DataFrame:
    """Trials of one subject, blocks one after the other; `played` and `annotations` are (trial, block)."""
    import pandas as pd

    n_trials, n_blocks = played["action"].shape
    block, trial = np.divmod(np.arange(n_blocks * n_trials), n_trials)
    columns = {"dataset": name, "subject": subject, "session": "simulation", "block": block, "trial": trial}
    columns |= {key: played[key].T.ravel() for key in ("action", "state", "reward")} | {"mask": 1}
    if "action2" in played:
        columns |= {"action2": played["action2"].T.ravel(), "mask2": 1}
    return pd.DataFrame(columns | {key: values.T.ravel() for key, values in annotations.items()})
