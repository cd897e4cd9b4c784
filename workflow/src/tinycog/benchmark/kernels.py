"""Time of one evaluation of a stack's likelihood, with its gradient or without, on choices of a simulated agent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from tinycog.benchmark import KERNEL, STACKED, TORCH, timing
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
    dims: Sequence[int],
    replicas: Sequence[int],
    blocks: Sequence[tuple[int, int]],
    *,
    ways: Sequence[str],
    methods: Sequence[str],
    repeats: int,
    seconds: float,
) -> list[dict[str, Any]]:
    """One row for each set of blocks, dim, number of replicas, method and way, all timed in turns of about `seconds`.

    An evaluation is one epoch of every replica, which is what `epochs` counts.

    Args:
        blocks: numbers of blocks and of trials in each.
        ways: of `WAYS`.
    """
    rows, calls = [], []
    for n_blocks, length in blocks:
        choices = simulated(n_blocks, length)
        sizes = {"data": DATA, "n_trials": n_blocks * length, "block_length": length}
        for dim, n_replicas, method, way in product(dims, replicas, methods, ways):
            call = partial(_repeated, evaluation(method, cell, dim, choices, n_replicas, way))
            n = timing.amount(call, seconds)
            calls.append(partial(call, n))
            labels = {"method": method, "model": cell if way == KERNEL else f"{cell}_{way}", "cell": cell, "by": way}
            rows.append({**labels, "dim": dim, **sizes, "n_replicas": n_replicas, "epochs": n * n_replicas})
    turns = timing.in_turns(dict(enumerate(calls)), repeats)
    return [{**row, **timing.summary(turns[i])} for i, row in enumerate(rows)]


def _repeated(call: Callable[[], Any], n: int) -> None:
    for _ in range(n):
        call()


def simulated(n_blocks: int, length: int) -> Sequences:
    """Blocks of a delta-rule agent on two arms, whose reward probabilities are new in each."""
    agent, params = registry.cognitive(TASK, "MB0"), {"alpha": np.array([0.5]), "beta": np.array([3.0])}
    rng = generator("benchmark")
    schedule = rng.random((1, n_blocks, TASK.n_actions)).repeat(length, axis=0)
    played = play(agent, params, TASK, Scheduled(TASK, schedule), (length, n_blocks), rng)
    columns = {name: played[name].T.ravel() for name in ("action", "state", "reward")}
    block, trial = np.divmod(np.arange(n_blocks * length), length)
    return sequences.from_columns({**columns, "block": block, "trial": trial, "mask": np.ones(len(block))}, TASK)


def evaluation(method: str, cell: str, dim: int, choices: Sequences, n_replicas: int, way: str) -> Callable[[], Any]:
    """A call that evaluates every replica on every trial once: `gradient` trains on all, `forward` on none.

    A kernel skips the backward pass through blocks on which no replica trains.
    """
    if way == STACKED:
        return _stacked(method, dim, choices, n_replicas)
    model = registry.build(TASK, {"family": "rnn", "cell": cell, "readout": "full"}, dim)
    counted = "train" if method == "gradient" else "val"
    grid = everywhere(n_replicas, choices.n_blocks, [counted])
    theta, _ = starting_point(model, grid)
    gradient = (Fused if way == KERNEL else Autograd)(model, choices, grid)
    if way == TORCH and method == "forward":
        return lambda: _forward(model, gradient.sequences, theta)

    def call() -> None:
        with np.errstate(divide="ignore", invalid="ignore"):  # roles without a choice
            gradient(theta)

    return call


def everywhere(n: int, n_blocks: int, roles: Sequence[str]) -> Replicas:
    """Replicas that have every block in each of these roles."""
    weights = {role: np.full((n, 1, n_blocks), float(role in roles)) for role in ROLES}
    return Replicas(np.zeros(n, int), np.arange(n), np.zeros(n), weights)


def _forward(model: Any, choices: Sequences, theta: np.ndarray) -> None:
    import torch

    with torch.no_grad():
        choice_nll(model, unflatten(torch.tensor(theta), model.shapes), choices, by_block=True)


def _stacked(method: str, dim: int, choices: Sequences, n_replicas: int) -> Callable[[], Any]:
    """The same for GRUs by `benchmark.stacked`."""
    import torch

    from tinycog.benchmark import loop, stacked

    torch.set_num_threads(1)
    every_block = {"all": np.ones((1, choices.n_blocks))}
    batch = loop.batches(choices, every_block)["all"]
    data = stacked.stack([batch] * n_replicas, torch.float64)
    parameters = stacked.initial(range(n_replicas), batch.x.shape[-1], dim, TASK.n_outputs, torch.float64)
    if method == "gradient":
        return lambda: torch.autograd.grad(stacked.nll(parameters, data).sum(), parameters)
    return torch.no_grad()(lambda: stacked.nll(parameters, data))
