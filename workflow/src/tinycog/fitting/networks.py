"""Training of networks: every replica of a job in one stack, or in several where memory does not suffice."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numba.core.errors import NumbaError

from tinycog.errors import InputError
from tinycog.fitting import adam
from tinycog.fitting.gradient import Autograd, starting_point, unflatten
from tinycog.fitting.kernels.fused import Fused, has_kernel
from tinycog.fitting.objective import Replicas
from tinycog.trials.sequences import Sequences

STACK_BYTES = 1_000_000_000  # replicas trained together are limited to about this much memory
ARRAYS_KEPT = 25  # arrays of the state's size that a trial leaves behind for the gradient (GRU: 19 to 25 measured)


def starts(model: Any, spec: dict[str, Any]) -> tuple[range, list[float]]:
    """Seeds and L1 weights; see `tinycog.fitting.engine.fit`."""
    return range(spec["seeds"]), spec["l1"]


def fit_replicas(
    model: Any,
    spec: dict[str, Any],
    sequences: Sequences,
    grid: Replicas,
    training: dict[str, Any],
    key: tuple[Any, ...] = (),
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Parameters, epochs, best epoch, how each replica ended, and why it failed; see `tinycog.fitting.engine.fit`.

    Nothing is drawn from the job's `key`: initial values depend on the seed alone.
    """
    device = _device(training["device"])
    fused = device == "cpu" and has_kernel(model) and _compiles(model, sequences, grid[:1])
    per_replica = sequences.n_trials * sequences.n_blocks * model.n_units * 8 * ARRAYS_KEPT
    size = len(grid) if fused else max(1, STACK_BYTES // per_replica)  # a kernel needs little memory for any number
    options = adam.options(**{key: value for key, value in training.items() if key != "device"})
    parts = []
    for start in range(0, len(grid), size):
        part = grid[start : start + size]
        gradient = Fused(model, sequences, part) if fused else Autograd(model, sequences, part, device)
        parts.append(adam.train(gradient, *starting_point(model, part), **options))
    params = unflatten(np.concatenate([part.theta for part in parts]), model.shapes)
    of_each = [np.concatenate([getattr(part, key) for part in parts]) for key in ("epochs", "best_epoch", "ended")]
    return params, *of_each, [why for part in parts for why in part.reason]


def _compiles(model: Any, sequences: Sequences, replica: Replicas) -> bool:
    """Whether the model's kernel can be compiled here; where it cannot, a warning says why."""
    try:
        Fused(model, sequences, replica)(starting_point(model, replica)[0])
    except (NumbaError, RuntimeError) as error:  # of Numba, or of LLVM
        why = f"{type(error).__name__}: {error}".split("\n")[0]
        told = f"cell {model.cell!r} with {model.n_units} units: its kernel cannot be compiled here ({why})"
        warnings.warn(f"{told}; it trains by torch, some thirty times slower", stacklevel=2)
        return False
    return True


def _device(name: str) -> str:
    if name != "cuda":
        return "cpu"
    import torch

    if not torch.cuda.is_available():
        raise InputError(
            "device: found 'cuda', but torch sees no GPU here; allowed: auto, cpu, or cuda on a GPU machine"
        )
    return "cuda"
