"""Searches by PySR, the paper's engine: genetic programming in Julia (methods: symbolic regression)."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from tinycog.errors import InputError

REMEDY = (
    "install both with envs/pysr.yaml (conda), or `pip install pysr` on a machine with internet access, where its "
    "first import fetches Julia; or choose engine operon or sparse in analyses.symbolic_regression"
)


def arguments(seed: int, max_complexity: int) -> dict[str, Any]:
    """What the paper's code gives to `PySRRegressor`, and what makes a search repeatable: one process."""
    return {
        "niterations": 40,
        "populations": 32,
        "binary_operators": ["+", "-", "*", "/"],
        "unary_operators": ["inv(x) = 1/x"],
        "extra_sympy_mappings": {"inv": lambda x: 1 / x},
        "elementwise_loss": "loss(prediction, target) = (prediction - target)^2",
        "maxsize": max(7, max_complexity),  # PySR takes no smaller one
        "random_state": seed,
        "deterministic": True,
        "parallelism": "serial",
        "warm_start": False,
        "progress": False,
        "verbosity": 0,
        "temp_equation_file": True,
    }


def search(x: np.ndarray, y: np.ndarray, *, seed: int, max_complexity: int) -> list[str]:
    """Expressions of X1, X2, ..., the columns of `x`, on the front of complexity and squared error.

    Raises:
        InputError: PySR or Julia is missing.
    """
    try:
        regressor = importlib.import_module("pysr").PySRRegressor(**arguments(seed, max_complexity))
    except ModuleNotFoundError as error:
        raise InputError(f"engine pysr: package {error.name!r} is not installed; {REMEDY}") from None
    except Exception as error:  # juliapkg raises errors of many kinds where Julia is missing or cannot be fetched
        raise InputError(f"engine pysr: Julia could not be started ({error}); {REMEDY}") from None
    regressor.fit(x, y, variable_names=[f"X{i + 1}" for i in range(x.shape[1])])
    return list(regressor.equations_["equation"])
