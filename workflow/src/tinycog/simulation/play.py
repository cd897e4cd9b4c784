"""Choices of a model in an environment, by the model's own policy and update."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import softmax

from tinycog.models.cognitive.declaration import CognitiveModel
from tinycog.models.interface import Cue, Model, Parameters
from tinycog.simulation.environments import Environment
from tinycog.tasks import Task
from tinycog.trials import sequences
from tinycog.trials.sequences import NEVER


def drawn(model: CognitiveModel, ranges: Mapping[str, Sequence[float]], rng: Any) -> dict[str, float]:
    """Parameters of a random agent: uniform in their ranges, positive ones in logarithm.

    Args:
        ranges: parameter: lowest and highest value, instead of those that are usual for its class.
    """
    values = {}
    for name, cls in model.classes.items():
        low, high = ranges.get(name, cls.usual)
        in_logarithm = model.in_logarithm(name)
        value = rng.uniform(*(map(math.log, (low, high)) if in_logarithm else (low, high)))
        values[name] = math.exp(value) if in_logarithm else value
    return values


def play(
    model: Model,
    params: Parameters,
    task: Task,
    environment: Environment,
    shape: tuple[int, int],
    rng: Any,
    stimuli: Mapping[str, np.ndarray] | None = None,
) -> dict[str, np.ndarray]:
    """Let one model choose in every block at once.

    Args:
        model: a cognitive model or a network of the task.
        params: one replica's (1, ...), NumPy arrays.
        shape: trials and blocks.
        rng: generator of every draw; a draw's place in the stream depends on trial, block and kind alone.
        stimuli: what is shown before each choice, columns `stim_*` (trial, block) of a task that has them.

    Returns:
        action, state, reward, and in tasks with two choices action2, each (trial, block); `probability`, and
        `probability2`, that the model gave to what it chose; and the stimuli.
    """
    n_trials, n_blocks = shape
    uniform = rng.random((n_trials, 2 + task.stages, n_blocks))
    state = model.initial_state(params, n_blocks)
    played: dict[str, list[np.ndarray]] = {}
    for trial in range(n_trials):
        draws = iter(uniform[trial])
        shown = {name: values[trial] for name, values in (stimuli or {}).items()}
        cue = Cue(np.stack(list(shown.values()), axis=-1)) if shown else None
        logits = np.asarray(model.policy(params, state, cue))[0, :, : task.n_actions]
        first, probability = _choose(logits, next(draws))
        reached = environment.reach(trial, first, next(draws))
        columns = {"action": first, "state": reached, "probability": probability, **shown}
        if task.stages == 2:
            seen = {**columns, "action2": np.zeros_like(first), "reward": np.zeros(n_blocks)}
            state = model.update(params, state, _time_points(model, params, task, seen)[0])
            logits = np.asarray(model.policy(params, state))[0, :, task.n_actions :]
            of_state = np.arange(2 * task.n_states) // 2 == reached[:, None]
            slot, columns["probability2"] = _choose(np.where(of_state, logits, NEVER), next(draws))
            columns["action2"] = slot - 2 * reached
            columns["reward"] = environment.pay(trial, slot, next(draws))
        else:
            columns["reward"] = environment.pay(trial, reached, next(draws))
        state = model.update(params, state, _time_points(model, params, task, columns)[-1])
        for name, values in columns.items():
            played.setdefault(name, []).append(values)
    return {name: np.stack(values) for name, values in played.items()}


def _choose(logits: np.ndarray, uniform: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Actions drawn from softmax(logits), (block, action), by one uniform number each; and their probabilities."""
    policy = softmax(logits, axis=-1)
    action = (np.cumsum(policy, axis=-1)[:, :-1] <= uniform[:, None]).sum(axis=-1)
    return action, np.take_along_axis(policy, action[:, None], axis=-1)[:, 0]


def _time_points(model: Model, params: Parameters, task: Task, columns: dict[str, np.ndarray]) -> Any:
    """What the trial brings to the update, at each of its time points, computed as for real data."""
    n_blocks = len(columns["action"])
    ones = np.ones(n_blocks, dtype=np.int8)
    place = {"block": np.arange(n_blocks), "trial": np.zeros(n_blocks, dtype=int), "mask": ones, "mask2": ones}
    trial = sequences.from_columns({**columns, **place}, task)
    return model.drive(params, trial)
