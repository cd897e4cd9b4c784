"""What a job of this analysis found, as JSON: a row of table `distillation` and the loss of each test block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.distillation.compute import ByBlock, losses
from tinycog.models.interface import Model, Parameters
from tinycog.results.parameters import choices
from tinycog.storage import write_json
from tinycog.trials.sequences import Sequences

OF_FIT = ("seed", "l1", "train_nll", "val_nll", "val_target_nll")


def tested(model: Model, params: Parameters, sequences: Sequences, weights: np.ndarray) -> dict[str, Any]:
    """Test NLL and number of choices, altogether and of each test block; `weights` (1, block) of the role."""
    blocks = np.flatnonzero(weights[0])
    of_test = sequences.subset(blocks)
    nll, n = losses(model, params, of_test), of_test.mask.sum(axis=0).astype(int)
    mean = float(nll.sum() / n.sum()) if n.any() else None
    return {"test_nll": mean, "n_test": int(n.sum()), "blocks": {"nll": nll.tolist(), "n": n.tolist()}}


def failed(keys: dict[str, Any], reason: str) -> dict[str, Any]:
    """A result that is not there."""
    return {**keys, **dict.fromkeys(OF_FIT), "test_nll": None, "n_test": None, "status": "failed", "reason": reason}


def succeeded(keys: dict[str, Any], of_fit: dict[str, Any], test: dict[str, Any]) -> dict[str, Any]:
    """A result; `of_fit` has `OF_FIT`, `test` is what `tested` gives."""
    found = {**keys, **{name: _known(of_fit[name]) for name in OF_FIT}, **test}
    if found["test_nll"] is None or not isfinite(found["test_nll"]):
        return failed(keys, "no test choice to score" if not found["n_test"] else "test NLL not finite")
    return {**found, "status": "ok", "reason": ""}


def _known(value: float) -> float | None:
    """None for what is not finite, as JSON has no such number."""
    return value if isfinite(value) else None


def write(path: Path, found: Sequence[dict[str, Any]]) -> None:
    """Write the result of a target, or a list of these, of those whose results lie in one file."""
    write_json(path, found[0] if len(found) == 1 else found)


def read(path: Path) -> Iterator[tuple[dict[str, Any], ByBlock | None]]:
    """Of each target in a file the row, and its test blocks; None where it failed."""
    for row in choices(path):
        blocks = row.pop("blocks", None)
        yield row, ByBlock(*(np.array(blocks[name], dtype=float) for name in ("nll", "n"))) if blocks else None
