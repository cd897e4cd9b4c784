"""Read which fit was selected, and its parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open

from tinycog.storage import read_json, reading


def choices(path: Path) -> list[dict[str, Any]]:
    """What was selected for each subject in a file of `selected`: of one, or of all in a chunk."""
    content = read_json(path)
    return content if isinstance(content, list) else [content]


def of_selected(root: Path, selected: dict[str, Any]) -> dict[str, np.ndarray]:
    """Parameters of the selected fit, each (1, ...): the row of the stack that `selected` names."""
    return {name: value for name, value in with_posterior(root, selected).items() if "/" not in name}


def with_posterior(root: Path, selected: dict[str, Any]) -> dict[str, np.ndarray]:
    """The same, and of a fit under a prior what goes with each parameter, see `tinycog.fitting.cognitive`."""
    return of_row(root / selected["parameters"], selected["row"])


def of_row(path: Path, row: int) -> dict[str, np.ndarray]:
    """One row of a stack of parameters, each (1, ...)."""
    with reading(path), safe_open(path, framework="numpy") as stack:
        return {name: stack.get_slice(name)[row : row + 1] for name in stack.keys()}  # noqa: SIM118 (not a dict)
