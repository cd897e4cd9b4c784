"""Time of one evaluation of a stack's likelihood, with its gradient or without, on choices of a simulated agent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from timeit import Timer
from typing import Any

import numpy as np

from tinycog.benchmark import ALONE
from tinycog.fitting.gradient import Autograd, starting_point, unflatten
from tinycog.fitting.kernels.fused import Fused
from tinycog.fitting.objective import Replicas, choice_nll
from tinycog.generators import generator
from tinycog.models import registry
from tinycog.simulation.environments import Scheduled
from tinycog.simulation.play import play
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.sequences import Sequences
from tinycog.trials.splits import ROLES

TASK = task_of("bandit")
DATA = "bandit"


def times(
    cell: str,
    dims: list[int],
    replicas: list[int],
    trials: list[int],
    *,
    by_torch: bool,
    block_length: int,
    repeats: int,
    methods: Sequence[str] = ALONE,
) -> Iterator[dict[str, Any]]:
    """One row for each method, dim, number of replicas and number of trials; seconds are those of one evaluation.

    An evaluation is one epoch of every replica, which is what `epochs` counts.
    """
    for n_trials in trials:
        choices = simulated(n_trials, block_length)
        for dim in dims:
            model = registry.build(TASK, {"family": "rnn", "cell": cell, "readout": "full"}, dim)
            for n_replicas in replicas:
                for method in methods:
                    call = evaluation(method, model, choices, n_replicas, by_torch)
                    labels = {"method": method, "model": f"{cell}_torch" if by_torch else cell, "dim": dim}
                    sizes = {"data": DATA, "n_replicas": n_replicas, "n_trials": n_trials}
                    yield {**labels, **sizes, "seconds": fastest(call, repeats), "epochs": n_replicas}


def simulated(n_trials: int, block_length: int) -> Sequences:
    """Blocks of a delta-rule agent on two arms, whose reward probabilities are new in each."""
    agent, params = registry.cognitive(TASK, "MB0"), {"alpha": np.array([0.5]), "beta": np.array([3.0])}
    rng = generator("benchmark")
    shape = block_length, n_trials // block_length
    schedule = rng.random((1, shape[1], TASK.n_actions)).repeat(block_length, axis=0)
    played = play(agent, params, TASK, Scheduled(TASK, schedule), shape, rng)
    columns = {name: played[name].T.ravel() for name in ("action", "state", "reward")}
    block, trial = np.divmod(np.arange(n_trials), block_length)
    return sequences.from_columns({**columns, "block": block, "trial": trial, "mask": np.ones(n_trials)}, TASK)


def evaluation(method: str, model: Any, choices: Sequences, n_replicas: int, by_torch: bool) -> Callable[[], Any]:
    """A call that evaluates every replica on every trial once: `gradient` trains on all, `forward` on none.

    A kernel skips the backward pass through blocks on which no replica trains.
    """
    counted = "train" if method == "gradient" else "val"
    shape = (n_replicas, 1, choices.n_blocks)
    weights = {role: np.full(shape, float(role == counted)) for role in ROLES}
    grid = Replicas(np.zeros(n_replicas, int), np.arange(n_replicas), np.zeros(n_replicas), weights)
    theta, _ = starting_point(model, grid)
    gradient = (Autograd if by_torch else Fused)(model, choices, grid)
    if by_torch and method == "forward":
        return lambda: _forward(model, gradient.sequences, theta)

    def call() -> None:
        with np.errstate(divide="ignore", invalid="ignore"):  # roles without a choice
            gradient(theta)

    return call


def _forward(model: Any, choices: Sequences, theta: np.ndarray) -> None:
    import torch

    with torch.no_grad():
        choice_nll(model, unflatten(torch.tensor(theta), model.shapes), choices, by_block=True)


def fastest(call: Callable[[], Any], repeats: int) -> float:
    """Seconds of one call, by the fastest of some repeats of about 0.2 s."""
    call()  # may compile
    timer = Timer(call)
    number, _ = timer.autorange()
    return min(timer.repeat(repeats, number)) / number
