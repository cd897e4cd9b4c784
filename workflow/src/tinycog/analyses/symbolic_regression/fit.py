"""Fit the equations of a model to the choices, as a model of their own, on the folds of the model."""

from __future__ import annotations

from math import isfinite, nan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tinycog.analyses.symbolic_regression.section import FORMULA
from tinycog.analyses.symbolic_regression.tables import FORMULA_FITS, FORMULA_RULES, FOUND
from tinycog.analyses.symbolic_regression.writing import text
from tinycog.fitting import engine
from tinycog.fitting.objective import replicas
from tinycog.models.cognitive.formula import Formula
from tinycog.results.fits import columns, results
from tinycog.results.selection import selected_row
from tinycog.storage import read_json
from tinycog.tasks import Task, task_of
from tinycog.trials import folds
from tinycog.trials.sequences import TrialTable

KEYS = ("dataset", "subject", "model", "dim", "outer")


def fit(
    trials: list[Path], fold: list[Path], rules: Path, output: Path, *, task: str, n_actions: int, starts: int
) -> None:
    """Write into the folder `output` every fit (`formula_fits`), the equations of those selected (`formula_rules`), and
    the test NLL of equations as they were found (`formula_found`).

    Args:
        trials: tables of the subjects of a chunk, or one table.
        fold: of every outer fold.
        rules: what was selected, see `choose`.
    """
    the_task = task_of(task, n_actions)
    by_fold = {(one["subject"], one["outer"]): one for one in read_json(rules)}
    fits, written, found = [FORMULA_FITS.typed([])], [], []
    for path in fold:
        for table, outer, splits in folds.read_each(trials, path, the_task):
            own = by_fold.get((table.subject, outer))
            if own and not own["reason"]:
                rows, equations, test_nll = _fit(table, splits, the_task, own, starts)
                fits.append(FORMULA_FITS.typed(rows))
                written += equations
                found.append({**{key: own[key] for key in KEYS}, "test_nll": test_nll})
    FORMULA_FITS.write_part(output / "formula_fits.parquet", pd.concat(fits, ignore_index=True))
    FORMULA_RULES.write_part(output / "formula_rules.parquet", written)
    FOUND.write_part(output / "formula_found.parquet", found)


def _fit(
    table: TrialTable, splits: list, task: Task, rules: dict[str, Any], starts: int
) -> tuple[dict[str, Any], list[dict[str, Any]], float]:
    """Rows of all fits of an outer fold, of the equations of the selected one, and test NLL with constants as found."""
    data, splits = table.sequences.subset(table.own), folds.of_blocks(splits, table.own)
    model, keys = Formula(task, rules), {key: rules[key] for key in KEYS}
    named = {**keys, "model": f"{keys['model']}{FORMULA}"}
    alone = replicas(splits[:1], range(1), [0.0])
    with np.errstate(over="ignore", divide="ignore"):  # of a rule with a pole, whose fit counts as failed
        fits = engine.fit(model, {"starts": starts}, data, splits, key=tuple(named.values()))
        found = {name: np.array([value]) for name, value in model.found.items()}
        test_nll = float(engine.evaluate(model, found, data, alone)[0]["test"][0])
    rows = columns(named, fits.replicas, data, n_unlearnt=0, **results(model, fits))
    best = selected_row(rows)
    equations = []
    for name in model.names if best is not None else ():
        for label in task.conditions:
            rule, constants = model.rules[label, name]
            values = [fits.params[constant][best] for constant in constants]
            expression, start = text(rule, values, model.names), fits.params[f"{name}_start"][best]
            equations.append({**keys, "condition": label, "target": name, "expression": expression, "start": start})
    return rows, equations, test_nll if isfinite(test_nll) else nan
