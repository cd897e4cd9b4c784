"""Training of networks: every replica of a job in one stack, or in several where memory does not suffice.

Subjects with few choices are trained together, see `fit_each`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numba.core.errors import NumbaError

from tinycog.errors import InputError
from tinycog.fitting import adam
from tinycog.fitting.engine import EVALUATED, Job, Replicated
from tinycog.fitting.gradient import Autograd, Gradient, Partial, starting_point, unflatten
from tinycog.fitting.kernels.fused import Fused, has_kernel
from tinycog.fitting.kernels.side_by_side import SideBySide, leaves_lanes_empty
from tinycog.fitting.objective import Replicas
from tinycog.generators import generator
from tinycog.trials.sequences import Sequences

STACK_BYTES = 1_000_000_000  # replicas trained together are limited to about this much memory
PROCESS_BYTES = 400_000_000  # of Python with its libraries, when it compiles
OF_THE_JOB = ("device", "batch", "threads", "memory_mb", "align")  # what training is told beside the options of Adam
ARRAYS_KEPT = 25  # arrays of the state's size that a trial leaves behind for the gradient (GRU: 19 to 25 measured)


def starts(model: Any, spec: dict[str, Any]) -> tuple[range, list[float]]:
    """Seeds and L1 weights; see `tinycog.fitting.engine.fit_each`."""
    return range(spec["seeds"]), spec["l1"]


def fit_each(model: Any, spec: dict[str, Any], jobs: list[Job], training: dict[str, Any]) -> list[Replicated]:
    """The replicas of each job; jobs that are too small for a kernel's lanes are trained side by side.

    Args:
        training: as in `fit_replicas`.
    """
    small = [number for number, job in enumerate(jobs) if _is_small(model, job, training)]
    found = dict(zip(small, _side_by_side(model, [jobs[number] for number in small], training), strict=False))
    return [
        found[number] if number in found else fit_replicas(model, spec, job.sequences, job.grid, training, job.key)
        for number, job in enumerate(jobs)
    ]


def fit_replicas(
    model: Any,
    spec: dict[str, Any],
    sequences: Sequences,
    grid: Replicas,
    training: dict[str, Any],
    key: tuple[Any, ...] = (),
) -> Replicated:
    """Parameters, epochs, best epoch, how each replica ended, and why it failed; see `tinycog.fitting.engine.fit_each`.

    Of the job's `key` only the order of blocks in batches depends: initial values depend on the seed alone.

    Args:
        training: options of `adam.options`, `device`, and, if given, `batch`, `threads`, `align` (see `Autograd`), and
            `memory_mb`, the memory that the job may take.

    Raises:
        InputError: a batch of more blocks than an inner fold trains on, or too little memory.
    """
    options, batch, threads = _of_adam(training), training.get("batch"), training.get("threads", 1)
    device = _device(training["device"])
    _check_memory(memory(model, sequences, grid, threads), training.get("memory_mb"))
    parts = []
    for part in _of_each_inner(grid) if batch else [grid]:
        for gradient, own in _stacks(model, sequences, part, device, threads, training.get("align", 0.0)):
            drawn = _batches(gradient, sequences, own, batch, key) if batch else None
            measured = _Validated(gradient, sequences, own) if batch else gradient
            parts.append(adam.train(measured, *starting_point(model, own), **options, batches=drawn))
    return _replicated(model, parts)


def _replicated(model: Any, parts: list[adam.Trained]) -> Replicated:
    params = unflatten(np.concatenate([part.theta for part in parts]), model.shapes)
    of_each = [np.concatenate([getattr(part, key) for part in parts]) for key in ("epochs", "best_epoch", "ended")]
    return params, *of_each, [why for part in parts for why in part.reason]


def _of_adam(training: dict[str, Any]) -> dict[str, Any]:
    return adam.options(**{name: value for name, value in training.items() if name not in OF_THE_JOB})


def _is_small(model: Any, job: Job, training: dict[str, Any]) -> bool:
    by_kernel = _device(training["device"]) == "cpu" and has_kernel(model) and job.sequences.guide is None
    return by_kernel and not training.get("batch") and leaves_lanes_empty(model, job.sequences, len(job.grid))


def _side_by_side(model: Any, jobs: list[Job], training: dict[str, Any]) -> list[Replicated]:
    """The replicas of small jobs; nothing where the kernel cannot be compiled, as `fit_replicas` will tell."""
    if not jobs:
        return []
    threads = training.get("threads", 1)
    needed = sum(memory(model, job.sequences, job.grid, threads) - PROCESS_BYTES for job in jobs)
    _check_memory(PROCESS_BYTES + needed, training.get("memory_mb"))
    try:
        gradient = SideBySide(model, [(job.sequences, job.grid) for job in jobs], threads)
    except (NumbaError, RuntimeError):
        return []
    initial, penalty = map(np.concatenate, zip(*(starting_point(model, job.grid) for job in jobs), strict=True))
    trained = adam.train(gradient, initial, penalty, **_of_adam(training))
    bounds = np.cumsum([0, *(len(job.grid) for job in jobs)])
    return [_replicated(model, [trained[first:last]]) for first, last in pairwise(bounds)]


def adapt(
    model: Any,
    params: dict[str, np.ndarray],
    free: dict[str, np.ndarray],
    sequences: Sequences,
    grid: Replicas,
    training: dict[str, Any],
) -> tuple[dict[str, np.ndarray], np.ndarray, str]:
    """Train a few parameters of one network from where it is, all others frozen, on all blocks at once.

    Args:
        params: (1, ...) by name, the network as it is.
        free: where parameters may change, booleans of `model.shapes`.
        grid: one replica, with the roles of blocks.
        training: as in `fit_replicas`, without batches.

    Returns:
        The parameters of the best epoch, their NLL in training and validation, and why training failed, or empty.
    """
    ((gradient, _),) = _stacks(model, sequences, grid, _device(training["device"]), training.get("threads", 1))
    theta = np.concatenate([params[name].reshape(1, -1) for name in model.shapes], axis=1)
    may = np.concatenate([free[name].ravel() for name in model.shapes])
    trained = adam.train(Partial(gradient, may), theta, np.zeros_like(theta), **_of_adam(training))
    return unflatten(trained.theta, model.shapes), gradient.nll(trained.theta)[:, 0], trained.reason[0]


def _stacks(
    model: Any, sequences: Sequences, grid: Replicas, device: str, threads: int, align: float = 0.0
) -> Iterator[tuple[Gradient, Replicas]]:
    """Replicas that are trained together, with their gradient: all of them by a kernel, which needs little memory.

    A kernel has slopes by logits alone: states that are led by a guide need torch.
    """
    if device == "cpu" and has_kernel(model) and sequences.guide is None:
        try:
            fused = Fused(model, sequences, grid, threads)
        except (NumbaError, RuntimeError) as error:  # of Numba, or of LLVM
            why = f"{type(error).__name__}: {error}".split("\n")[0]
            told = f"cell {model.cell!r} with {model.n_units} units: its kernel cannot be compiled here ({why})"
            warnings.warn(f"{told}; it trains by torch, many times slower", stacklevel=2)
        else:
            yield fused, grid
            return
    size = max(1, STACK_BYTES // (sequences.mask.size * model.n_units * 8 * ARRAYS_KEPT))
    for start in range(0, len(grid), size):
        part = grid[start : start + size]
        yield Autograd(model, sequences, part, device, align), part


def _of_each_inner(grid: Replicas) -> list[Replicas]:
    """Replicas with the same training blocks, in their order."""
    return [grid[grid.inner == inner] for inner in np.unique(grid.inner)]


def _batches(
    gradient: Gradient, sequences: Sequences, grid: Replicas, size: int, key: tuple[Any, ...]
) -> Callable[[int], Iterator[Gradient]]:
    """For each epoch gradients on `size` training blocks each of an inner fold, last on the rest (methods: batches)."""
    blocks = np.flatnonzero((grid.weights["train"][0] * sequences.mask).any(0))
    inner = int(grid.inner[0])
    if size > len(blocks):
        allowed = f"allowed: 1 to {len(blocks)}, or null for all of them at once"
        raise InputError(f"training.batch: found {size}; inner fold {inner} trains on {len(blocks)} blocks; {allowed}")

    def draw(epoch: int) -> Iterator[Gradient]:
        order = generator(*key, "batches", inner, epoch).permutation(blocks)
        return (gradient.of(order[start : start + size]) for start in range(0, len(order), size))

    return draw


class _Validated:
    """What training in batches asks for between epochs: the NLL of validation, from the blocks that have that role."""

    def __init__(self, gradient: Gradient, sequences: Sequences, grid: Replicas):
        blocks = np.flatnonzero((grid.weights["val"] * sequences.mask).any((0, 1)))
        self.whole = gradient
        self.part = gradient.of(blocks) if len(blocks) else gradient

    def nll(self, theta: np.ndarray) -> np.ndarray:
        return self.part.nll(theta)

    def keep(self, rows: np.ndarray) -> None:
        self.whole.keep(rows)
        if self.part is not self.whole:
            self.part.keep(rows)


def memory(model: Any, sequences: Sequences, grid: Replicas, threads: int) -> int:
    """About how many bytes a job takes at most, with Python and its libraries."""
    n_choices, n_units = sequences.mask.size, model.n_units
    of_networks = 10 * len(grid) * model.n_parameters  # parameters, and what Adam keeps of them
    of_roles = 8 * grid.weights["train"].size  # weights in three roles, and their copies
    of_choices = n_choices * (3 * sequences.x.shape[-1] + 3 * model.n_actions + 12)
    of_tapes = threads * sequences.n_trials * 64 * (n_units + 30)
    at_once = min(len(grid) * n_choices, max(sequences.n_trials, EVALUATED // model.n_state))
    of_test = at_once * (6 * model.states_per_unit * n_units + 6 * model.n_actions)
    by_torch = 0 if has_kernel(model) else STACK_BYTES
    return PROCESS_BYTES + by_torch + 8 * (of_networks + of_roles + of_choices + of_tapes + of_test)


def _check_memory(needed: int, limit: float | None) -> None:
    needed_mb = -(-needed // 10**6)
    if limit is not None and needed_mb > limit:
        raise InputError(
            f"memory: this job needs about {needed_mb:,} MB and is given {limit:,.0f} MB; "
            f"give it more, `snakemake ... --set-resources fit_model:mem_mb={-(-needed_mb // 1000) * 1000}`, or "
            "`fit_teacher:mem_mb=...` if it is one; or less to do: fewer seeds, L1 weights, or threads"
        )


def _device(name: str) -> str:
    if name != "cuda":
        return "cpu"
    import torch

    if not torch.cuda.is_available():
        raise InputError(
            "device: found 'cuda', but torch sees no GPU here; allowed: auto, cpu, or cuda on a GPU machine"
        )
    return "cuda"
