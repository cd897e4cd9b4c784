"""Files of populations: the prior of each inner fold of an outer fold, one row for each inner fold and parameter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tinycog.errors import InputError
from tinycog.storage import read_columns, write_columns


def write(
    path: Path,
    labels: dict[str, Any],
    parameters: tuple[str, ...],
    of_inner: dict[str, np.ndarray],
    of_parameter: dict[str, np.ndarray],
) -> None:
    """Write the columns of a population.

    Args:
        labels: values that all rows share.
        of_inner: (inner fold,) each.
        of_parameter: `mean` and `sd`, (inner fold, parameter).
    """
    n_inner, n_parameters = of_parameter["mean"].shape
    columns = {name: np.full(n_inner * n_parameters, value) for name, value in labels.items()}
    columns |= {name: np.repeat(values, n_parameters) for name, values in of_inner.items()}
    columns |= {"parameter": np.tile(np.array(parameters), n_inner)}
    write_columns(path, columns | {name: values.ravel() for name, values in of_parameter.items()})


def read(path: Path, parameters: tuple[str, ...], n_inner: int, outer: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation, (inner fold, parameter); not a number where an inner fold has no prior.

    Raises:
        InputError: the file is of another outer fold, of other parameters or of another number of inner folds.
    """
    columns = read_columns(path)
    its_outer, names = int(columns["outer"][0]), columns["parameter"].tolist()
    if (its_outer, names) != (outer, list(parameters) * n_inner):
        raise InputError(
            f"{path}: found outer fold {its_outer}, {len(set(columns['inner']))} inner folds and parameters "
            f"{', '.join(dict.fromkeys(names))}; needed: outer fold {outer}, {n_inner} and {', '.join(parameters)}"
        )
    mean, sd = (columns[name].reshape(n_inner, -1) for name in ("mean", "sd"))
    return mean, sd
