"""Keep one fit of an outer fold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinycog.results.selection import kept, trainval_nll
from tinycog.storage import read_columns, write_json


def select(fits: Path, output: Path, *, root: Path) -> None:
    """Write which row of `fits` is the outer fold's final model, and where its parameters are (relative to `root`)."""
    columns = read_columns(fits)
    row = kept(columns)
    first = {name: values.tolist()[0] for name, values in columns.items()}
    content: dict[str, Any] = {
        key: first[key] for key in ("dataset", "subject", "model", "dim", "outer", "family", "n_dynamical")
    }
    if row is None:
        content |= {"status": "failed", "reason": f"every fit failed; the first: {first['reason']}"}
    else:
        content |= {"status": "ok", "row": row, "parameters": str(fits.with_suffix(".safetensors").relative_to(root))}
        values = {name: values.tolist()[row] for name, values in columns.items()}
        kept_keys = ("inner", "seed", "l1", "n_parameters", "epochs", "best_epoch", "train_nll", "val_nll", "test_nll")
        content |= {key: values[key] for key in (*kept_keys, "test_accuracy", "n_train", "n_val", "n_test")}
        content["trainval_nll"] = float(trainval_nll(columns)[row])
    write_json(output, content)
