"""Tables of fits: one row for each replica, whichever method fitted it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors.numpy import save_file

from tinycog.fitting.objective import Replicas
from tinycog.storage import replacing, write_columns
from tinycog.trials.sequences import Sequences
from tinycog.trials.splits import ROLES

if TYPE_CHECKING:
    from tinycog.fitting.engine import Fits, Job
    from tinycog.models.interface import Model


OF_MODEL = ("family", "n_dynamical", "n_parameters")
OF_FITS = ("epochs", "best_epoch", "ended", "nll", "followed", "test_accuracy", "reason")


def results(model: Model, fits: Fits) -> dict[str, Any]:
    """What `columns` takes of a model and of its fits."""
    return {name: getattr(model, name) for name in OF_MODEL} | {name: getattr(fits, name) for name in OF_FITS}


def columns(
    keys: dict[str, Any],
    grid: Replicas,
    sequences: Sequences,
    *,
    nll: dict[str, np.ndarray],
    reason: list[str],
    followed: dict[str, np.ndarray] | None = None,
    own: Any = slice(None),
    **results: Any,
) -> dict[str, np.ndarray]:
    """The fits of one outer fold, (replica,) each.

    Args:
        keys: values that all rows share, in the first columns.
        nll: role: (replica,) nats per scored choice.
        followed: see `Fits`; None where there are no targets.
        reason: why each failed, empty where it did not.
        own: blocks whose choices count in `n_train`, `n_val`, `n_test`.
        results: further columns, (replica,) or one value for all.
    """
    found = {**keys, "inner": grid.inner, "seed": grid.seed, "l1": grid.l1, **results}
    found |= {f"{role}_nll": nll[role] for role in ROLES}
    found["val_target_nll"] = np.nan if sequences.target is None or followed is None else followed["val"]
    found |= {f"n_{role}": n for role, n in grid.n_scored(sequences, own).items()}
    found |= {"status": np.where(np.array(reason) == "", "ok", "failed"), "reason": np.array(reason)}
    return {name: np.broadcast_to(values, len(grid)) for name, values in found.items()}


def joined(parts: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Arrays by name, those of the same name one after the other: tables of fits, or parameters."""
    return {name: np.concatenate([part[name] for part in parts]) for name in (parts[0] if parts else ())}


def write(output: Path, columns: dict[str, np.ndarray], parameters: dict[str, np.ndarray]) -> None:
    """Write the table of fits and, beside it, the parameters of every replica as `.safetensors`."""
    with replacing(output.with_suffix(".safetensors")) as temporary:
        # it writes the memory as it lies: of a view that would be other numbers
        save_file({name: np.ascontiguousarray(values) for name, values in parameters.items()}, temporary)
    write_columns(output, columns)  # last: where the table is, the parameters are


def write_each(
    output: Path,
    model: Model,
    jobs: list[Job],
    fits: list[Fits],
    of_tables: list[tuple[dict[str, Any], Any, np.ndarray]],
) -> None:
    """Write the fits of several subjects, one after the other.

    Args:
        of_tables: for each job `keys` and `own` as in `columns`, and what `n_unlearnt` is, (inner fold,).
    """
    tables = []
    for (keys, own, n_unlearnt), job, of_job in zip(of_tables, jobs, fits, strict=True):
        of_fits = {"n_unlearnt": n_unlearnt[of_job.replicas.inner], **results(model, of_job)}
        tables.append((columns(keys, of_job.replicas, job.sequences, own=own, **of_fits), of_job.params))
    write(output, *map(joined, zip(*tables, strict=True)))
