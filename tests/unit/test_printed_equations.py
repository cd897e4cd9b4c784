"""The equations that are printed of cognitive models, computed as they stand, give the probabilities of the models."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest

import tinycog
from tinycog.models import registry
from tinycog.models.cognitive.declaration import HALF, POSITIVE, REAL, UNIT
from tinycog.tasks import task_of

SIGNS = {"½": "0.5", "−": "-", "·": "*", "λ": "likelihood", "←": "="}
RANGES = {UNIT: (0.1, 0.9), HALF: (0.05, 0.4), POSITIVE: (0.5, 3.0), REAL: (-1.0, 1.0)}
ONLY = {
    "reward": lambda r: r > 0.5,
    "no reward": lambda r: r <= 0.5,
    "r = 0": lambda r: r == 0,
    "r > 0": lambda r: r > 0,
}
TASKS = ("reversal", "two_stage", "transition_reversal", "three_armed_reversal", "four_armed_bandit")
PRINTED = [
    (task, key)
    for task in TASKS
    for key in registry.keys(task_of(task))
    if registry.cognitive(task_of(task), key).equations
]


class Printed:
    """A model that is its printed equations.

    Args:
        lines: the equations.
        parameters, initial: values by name; of a variable with columns one value for all.
    """

    def __init__(self, lines: list[str], parameters: dict[str, float], initial: dict[str, float], n_actions: int):
        self.n_actions = n_actions
        self.now = {name: [initial.get(name, 0.0)] * n_actions for name in "QVXMy"}
        self.now |= {"B": initial.get("B"), "c": (0, 0), "log": math.log}
        self.now |= parameters | {"w_": [parameters.get("w_0"), parameters.get("w_1")]}
        self.now["Z"] = {(a, (s, r)): 0.0 for a, s, r in np.ndindex(2, 2, 2)}
        self.learn = [line for line in lines if not re.match("[yM]_", line)]
        self.decide = [line for line in lines if re.match("[yM]_", line)]

    def probabilities(self) -> np.ndarray:
        for line in self.decide:
            self.follow(line)
        weights = np.exp(np.array(self.now["y"]) - max(self.now["y"]))
        return weights / weights.sum()

    def update(self, a: int, s: int, r: float) -> None:
        self.now |= {"a": a, "s": s, "t": 1 - s, "r": r}
        for line in self.learn:
            only, _, equation = line.rpartition(": ")
            if not only or ONLY[only](r):
                self.follow(equation)

    def follow(self, equation: str) -> None:
        """Compute a line, for each of its indices."""
        for sign, plain in SIGNS.items():
            equation = equation.replace(sign, plain)
        code = re.sub(r"\b([QVXMy])_([aostij01])\b", r"\1[\2]", equation).replace("w_s", "w_[s]")
        others = [i for i in range(self.n_actions) if i != self.now.get("a")]
        index, every = next(
            ((one, of) for one, of in (("o", others), ("i", range(self.n_actions))) if re.search(rf"\b{one}\b", code)),
            ("i", [0]),
        )
        for value in every:
            self.now |= {index: value, "j": 1 - value}
            exec(code, {}, self.now)


@pytest.mark.parametrize(("task", "key"), PRINTED)
def test_printed_equations_give_the_model_s_probabilities(task, key):
    the_task = task_of(task)
    model = registry.cognitive(the_task, key)
    rng = np.random.default_rng(len(key))
    parameters = {name: float(rng.uniform(*RANGES[of])) for name, of in model.classes.items()}
    initial = {name: of.initial for name, of in model.variables.items() if not of.memory}
    printed = Printed(model.written, parameters, initial, the_task.n_actions)
    n = 60
    action = rng.integers(0, the_task.n_actions, n)
    state = action if the_task.one_stage else rng.integers(0, 2, n)
    table = pd.DataFrame({"block": 0, "trial": range(n), "action": action, "state": state, "mask": 1})
    table["reward"] = rng.integers(0, 2, n).astype(float)
    expected = []
    for row in table.itertuples():
        expected.append(printed.probabilities())
        printed.update(row.action, row.state, row.reward)
    found = tinycog.score(task=task, model=key, parameters=parameters, trials=table)
    found = found[[f"p_{i}" for i in range(the_task.n_actions)]].to_numpy()
    assert found == pytest.approx(np.array(expected), abs=1e-9)
    assert np.ptp(found[:, 0]) > 0.01 or key == "BAS"


def test_models_of_figures_are_printed_where_values_are_of_actions_or_states():
    for task in ("reversal", "two_stage", "three_armed_reversal", "four_armed_bandit"):
        for key in registry.keys(task_of(task)):
            if registry.listed(task_of(task), key).in_figures:
                assert (task, key) in PRINTED


def test_numbers_of_the_task_stand_in_the_equations():
    two_stage, reversal = (registry.cognitive(task_of(name), "MB0").written for name in ("two_stage", "reversal"))
    assert two_stage[1:] == ["M_i = 0.8 · V_i + 0.2 · V_j", "y_i = beta · M_i"]
    assert reversal[1:] == ["y_i = beta · V_i"]
    assert registry.cognitive(task_of("reversal"), "LS0").written[0].startswith("λ = ½ + (0.7 − ½)")


def test_a_model_does_not_inherit_the_equations_of_its_base():
    from tinycog.models.cognitive.reversal import MB0

    class Mine(MB0):
        """Learns otherwise."""

    assert Mine.equations == ()
    assert Mine(task_of("reversal")).written == []
