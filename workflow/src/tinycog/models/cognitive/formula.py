"""A model whose rules were found by symbolic regression, for each input condition and variable (methods: formulas)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinycog.arrays import namespace
from tinycog.models.cognitive.declaration import REAL, CognitiveModel, Named, Variable
from tinycog.models.cognitive.rational import of_plain
from tinycog.models.cognitive.rules import larger
from tinycog.models.interface import Array, Trial
from tinycog.tasks import Task


class Formula(CognitiveModel):
    """After a trial of condition k each variable x_i changes by the rule f_ki(x). Logits are the variables themselves,
    or L and 0. No variable leaves its range, at whose ends it stops: rules are not made for more than they were found
    in. The state holds how far x is from its initial value, which is a parameter as the rules' constants are.

    Args:
        rules: `variables`, their names; `start`, `low` and `high`, their initial values and ranges; `rules`, for each
            condition (in the order of the task's) and variable the `rule` as `Rational.plain` gives it, and the
            `constants` that were found.
    """

    family = "formula"
    fitted_by = "tinycog.fitting.formulas"

    def __init__(self, task: Task, rules: dict[str, Any]):
        self.names = tuple(rules["variables"])
        found = {f"{name}_start": value for name, value in zip(self.names, rules["start"], strict=True)}
        self.rules = {}
        for label, of_condition in zip(task.conditions, rules["rules"], strict=True):
            for name, one in zip(self.names, of_condition, strict=True):
                keys = [f"{label}_{name}_{i}" for i in range(len(one["constants"]))]
                found |= dict(zip(keys, one["constants"], strict=True))
                self.rules[label, name] = of_plain(one["rule"]), keys
        self.found, self.low, self.high = found, rules["low"], rules["high"]
        self.classes = dict.fromkeys(found, REAL)
        self.variables = {"x": Variable(len(self.names), -math.inf, math.inf)}
        super().__init__(task)

    @property
    def defaults(self) -> dict[str, float]:
        return dict(self.found)

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        x = self.columns(p, now)
        code = np.asarray(self.task.condition(trial.action, trial.state, trial.reward))
        xp, after = namespace(now["x"]), []
        for i, name in enumerate(self.names):
            change = 0 * x[i]
            for number in np.unique(code):
                rule, keys = self.rules[self.task.conditions[number], name]
                own = rule.value([p[key] for key in keys], x)
                change = own if np.all(code == number) else xp.where((code == number)[..., None], own, change)
            after.append(self.within(i, x[i] + change) - p[f"{name}_start"])
        return {"x": xp.concat(after, axis=-1)}

    def within(self, variable: int, x: Array) -> Array:
        """The value of a variable, or the end of its range."""
        return -larger(-larger(x, self.low[variable]), -self.high[variable])

    def columns(self, p: Named, now: Named) -> list[Array]:
        """The variables x, (..., 1) each."""
        return [p[f"{name}_start"] + now["x"][..., i : i + 1] for i, name in enumerate(self.names)]

    def logits(self, p: Named, now: Named) -> Array:
        x, xp = self.columns(p, now), namespace(now["x"])
        return xp.concat(x if self.names == ("y1", "y2") else [x[0], 0 * x[0]], axis=-1)
