"""Simulated agents in a bandit or a reversal task (core.md 3.2, 3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tinycog.keys import generator
from tinycog.models import registry
from tinycog.models.interface import Model, Trial
from tinycog.sources.prepared import Prepared, chosen, counts
from tinycog.tasks import task_of


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    return []


def reward_probabilities(
    environment: Mapping[str, Any], n_blocks: int, n_trials: int, n_actions: int, rng: np.random.Generator
) -> np.ndarray:
    """Reward probability of each action, (trial, block, action)."""
    given = environment["probabilities"]
    levels = rng.random((n_blocks, n_actions)) if given == "uniform" else np.tile(given, (n_blocks, 1))
    schedule = np.repeat(levels[None], n_trials, axis=0)
    if environment["reversal"] is not None:
        first, last = environment["reversal"]
        reversal = rng.integers(first, last + 1, size=n_blocks)
        after = np.arange(n_trials)[:, None] >= reversal
        schedule = np.where(after[..., None], schedule[..., ::-1], schedule)
    return schedule


def play(model: Model, parameters: Mapping[str, float], schedule: np.ndarray, rng: np.random.Generator) -> Trial:
    """Let the model choose in every block at once; arrays (trial, block). Shares the models' own update."""
    n_trials, n_blocks, _ = schedule.shape
    params = {name: np.array([value], dtype=np.float64) for name, value in parameters.items()}
    state = model.initial_state(params, n_blocks)
    actions = np.empty((n_trials, n_blocks), dtype=np.int64)
    rewards = np.empty((n_trials, n_blocks))
    uniform = rng.random((2, n_trials, n_blocks))
    for t in range(n_trials):
        logits = model.policy(params, state)[0]
        policy = np.exp(logits - logits.max(axis=-1, keepdims=True))
        cumulative = np.cumsum(policy / policy.sum(axis=-1, keepdims=True), axis=-1)
        actions[t] = (cumulative[:, :-1] < uniform[0, t][:, None]).sum(axis=-1)
        rewards[t] = uniform[1, t] < np.take_along_axis(schedule[t], actions[t][:, None], axis=-1)[:, 0]
        state = model.update(params, state, Trial(actions[t], actions[t], rewards[t]))
    return Trial(actions, actions, rewards)


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    import pandas as pd

    task = task_of(options["task"], options["n_actions"])
    model = registry.cognitive(task, options["agent"]["model"])
    seed = seed if options["seed"] is None else options["seed"]
    n_blocks, n_trials = options["n_blocks"], options["n_trials"]
    tables = []
    for i in range(options["n_subjects"]):
        schedule = reward_probabilities(
            options["environment"], n_blocks, n_trials, task.n_actions, generator("environment", name, seed, i)
        )
        trials = play(model, options["agent"]["parameters"], schedule, generator("agent", name, seed, i))
        block, trial = np.divmod(np.arange(n_blocks * n_trials), n_trials)
        columns = {
            "dataset": name,
            "subject": f"s{i}",
            "session": "simulation",
            "block": block,
            "trial": trial,
            "action": trials.action[trial, block],
            "state": trials.state[trial, block],
            "reward": trials.reward[trial, block],
            "mask": 1,
        }
        columns |= {f"task_p{a}": schedule[trial, block, a] for a in range(task.n_actions)}
        tables.append(pd.DataFrame(columns))
    table = chosen(pd.concat(tables, ignore_index=True), options, name)
    truth = {"agent": options["agent"], "environment": options["environment"], "seed": seed}
    return Prepared(table, counts(table), parameters=truth)
