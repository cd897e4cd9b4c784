"""Keep one fit of an outer fold."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from tinycog.results.selection import selected_row, trainval_nll
from tinycog.storage import read_columns, write_json


def select(fits: Path, output: Path, *, root: Path) -> None:
    """Write which row of `fits` is selected, and where its parameters are (relative to `root`).

    Of the fits of a chunk, a list of these: one for each subject. A number that JSON cannot hold, such as the infinite
    loss of a test choice, is null; the row of `fits` has it.
    """
    columns = read_columns(fits)
    parameters = str(fits.with_suffix(".safetensors").relative_to(root))
    subjects = dict.fromkeys(columns["subject"])
    choices = [choice(columns, np.flatnonzero(columns["subject"] == subject), parameters) for subject in subjects]
    write_json(output, choices[0] if len(choices) == 1 else choices)


def choice(columns: dict[str, np.ndarray], rows: np.ndarray, parameters: str) -> dict[str, Any]:
    """The choice among some rows, those of one subject; `parameters` is where their stack is, relative to the root."""
    own = {name: values[rows] for name, values in columns.items()}
    found = selected_row(own)
    first = {name: values.tolist()[0] for name, values in own.items()}
    keys = ("dataset", "subject", "model", "dim", "outer", "family", "n_dynamical")
    content: dict[str, Any] = {key: first[key] for key in keys}
    if found is None:
        return content | {"status": "failed", "reason": f"every fit failed; the first: {first['reason']}"}
    content |= {"status": "ok", "row": int(rows[found]), "parameters": parameters}
    values = {name: values.tolist()[found] for name, values in own.items()}
    kept_keys = ("inner", "seed", "l1", "n_parameters", "epochs", "best_epoch", "train_nll", "val_nll", "test_nll")
    content |= {key: values[key] for key in (*kept_keys, "test_accuracy", "n_train", "n_val", "n_test")}
    content |= {"trainval_nll": float(trainval_nll(own)[found])}
    return {key: None if isinstance(value, float) and not isfinite(value) else value for key, value in content.items()}
