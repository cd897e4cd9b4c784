"""How a cognitive model is declared: parameters with their ranges, variables of the state, and two rules.

A model names its parameters (`classes`) and the variables of its state (`variables`), and writes `learn`, what a trial
changes, and `values`, the decision values that the inverse temperature multiplies (or `logits`). Both rules see
parameters and variables by name, shaped so that they multiply each other: (replica, 1, ..., 1) and
(replica, ..., column). The rest of the model interface follows from the declaration.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import array_api_compat
import numpy as np

from tinycog.arrays import namespace
from tinycog.models.interface import Array, Cue, Parameters, Trial, along_replicas

if TYPE_CHECKING:
    from tinycog.tasks import Task

Named = Mapping[str, Array]
NOTATION = (
    "a is the chosen action and o every other; s the state that was reached (the action, in a task without states) and "
    "t the other one; i every action or state, and j the other of two; r the reward; y_i the logit of action i"
)
PLANNED = "M_i = {common:g} · V_i + {rare:g} · V_j"  # values of actions by the states that they lead to
MOST_ON_GRID = 3  # parameters of a model whose fit starts from a grid (methods: fitting cognitive models)


@dataclass(frozen=True)
class ParameterClass:
    """Range of a parameter, its map from the real line, where it is fitted, and its value in a model that is not
    fitted (methods: parameter classes); `usual` are the lowest and highest value of agents that are simulated.
    """

    name: str
    low: float
    high: float
    default: float
    usual: tuple[float, float]

    def from_real(self, x: Array) -> Array:
        """Natural value of the unconstrained `x`, clipped so that no value reaches the ends."""
        xp = namespace(x)
        if self.name == "unc":
            return x
        if self.name == "pos":
            return xp.exp(xp.clip(x, None, 16.0))
        return self.high / (1 + xp.exp(-xp.clip(x, -16.0, None)))

    def slope(self, x: Array) -> Array:
        """Derivative of `from_real`, 0 where that is clipped."""
        xp, value = namespace(x), self.from_real(x)
        if self.name == "unc":
            return xp.ones_like(x)
        if self.name == "pos":
            return value * (x < 16.0)
        return value * (1 - value / self.high) * (x > -16.0)


UNIT = ParameterClass("unit", 0.0, 1.0, default=0.5, usual=(0.05, 0.95))
HALF = ParameterClass("half", 0.0, 0.5, default=0.2, usual=(0.02, 0.3))
POSITIVE = ParameterClass("pos", 0.0, math.inf, default=5.0, usual=(1.0, 10.0))
REAL = ParameterClass("unc", -math.inf, math.inf, default=0.2, usual=(-1.0, 1.0))


@dataclass(frozen=True)
class Variable:
    """Columns of a model's state.

    Attributes:
        size: number of columns; None for one for each action.
        low, high: range that the values cannot leave, whatever the parameters.
        initial: value before the first trial, of all columns or of each.
        memory: whether it only remembers the last trial; not counted in d (methods: counting dynamical variables).
    """

    size: int | None = 1
    low: float = 0.0
    high: float = 1.0
    initial: float | tuple[float, ...] = 0.0
    memory: bool = False


class CognitiveModel:
    """Base of every cognitive model.

    Attributes:
        classes: parameters in the order of the catalogue.
        variables: columns of the state in order, memory last.
        held: values of an unfitted model that differ from the defaults of the parameters' classes.
        equations: the rules as they are printed, one after the other, in the notation of `NOTATION`; empty where they
            are not. In braces stand the task's `good`, `common` and `rare`. Tests compute them beside `learn`.
        log_floor: logarithm of what the likelihood adds to a probability (methods: policy and likelihood).
        n_state: columns of the state: the `n_dynamical` dynamical variables, then memory.
        is_memory: (n_state,) which columns only remember the last trial.
    """

    family = "cognitive"
    fitted_by = "tinycog.fitting.cognitive"
    uses_copies = False  # labels have a meaning: copies would exchange the transitions that it assumes
    log_floor = math.log(0.5) - 200 * math.log(10)
    by_condition = False
    states_alike = True
    name: ClassVar[str]  # the catalogue's, by default the class's
    classes: ClassVar[Mapping[str, ParameterClass]]
    variables: ClassVar[Mapping[str, Variable]]
    held: ClassVar[Mapping[str, float]] = {}
    equations: ClassVar[tuple[str, ...]] = ()

    def __init__(self, task: Task):
        self.task = task
        variables = self.variables.values()
        sizes = [task.n_actions if variable.size is None else variable.size for variable in variables]
        ends = list(accumulate(sizes))
        self._columns = {
            name: slice(end - size, end) for name, size, end in zip(self.variables, sizes, ends, strict=True)
        }
        self._initial = [
            value
            for variable, size in zip(variables, sizes, strict=True)
            for value in (variable.initial if isinstance(variable.initial, tuple) else [variable.initial] * size)
        ]
        self.n_state = sum(sizes)
        self.is_memory = np.repeat([variable.memory for variable in variables], sizes).astype(bool)
        self.n_dynamical = int((~self.is_memory).sum())
        lowest, highest = ([getattr(variable, end) for variable in variables] for end in ("low", "high"))
        self.state_bounds = min(lowest, default=0.0), max(highest, default=0.0)

    @classmethod
    def of(cls, task: Task, spec: dict[str, Any], dim: int | None, n_subjects: int = 0) -> CognitiveModel:
        """The model that a section of the config describes; its task alone decides its size."""
        return cls(task)

    def __init_subclass__(cls) -> None:
        cls.name = vars(cls).get("name", cls.__name__)
        cls.equations = vars(cls).get("equations", ())  # those of its base are not its own

    def learn(self, p: Named, now: Named, trial: Trial) -> Named:
        """The variables that the trial changes; parameters `p` and variables `now` by name."""
        raise NotImplementedError

    def values(self, p: Named, now: Named) -> Array:
        """Decision values, (replica, ..., action)."""
        raise NotImplementedError

    def logits(self, p: Named, now: Named) -> Array:
        """Logits, (replica, ..., action)."""
        return p["beta"] * self.values(p, now)

    def expected(self, now: Named, trial: Trial) -> Array | None:
        """The value that the trial moves to its reward, (..., 1); None where no value moves there."""
        return None

    def prediction_error(self, state: Array, trial: Trial) -> Array | None:
        """Reward minus what was expected (methods: prediction errors), in the shape of the trial; None without that."""
        value = self.expected(self._named(state), trial)
        return None if value is None else trial.reward - value[..., 0]

    @property
    def state_names(self) -> tuple[str, ...]:
        """The variables, numbered from 0 where one has several columns."""
        widths = {name: columns.stop - columns.start for name, columns in self._columns.items()}
        return tuple(name if width == 1 else f"{name}_{i}" for name, width in widths.items() for i in range(width))

    @property
    def ties_fail(self) -> bool:
        """The reference's models of two choices count a choice only if its probability exceeds a half."""
        return self.task.stages == 2

    @property
    def written(self) -> list[str]:
        """The equations with the task's numbers; where an action is the state that it leads to, it has that value."""
        good, common = self.task.good, self.task.common
        lines = self.equations
        if common == 1:
            lines = [line.replace("M_i", "V_i") for line in lines if line != PLANNED]
        return [line.format(good=good, common=common, rare=1 - common) for line in lines]

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(self.classes)

    @property
    def n_parameters(self) -> int:
        return len(self.classes)

    @property
    def defaults(self) -> dict[str, float]:
        """Values that the model has before it is fitted (methods: values before fitting)."""
        return {name: self.held.get(name, cls.default) for name, cls in self.classes.items()}

    def from_real(self, x: Array) -> Parameters:
        """Parameters from unconstrained coordinates (replica, parameter)."""
        return {name: cls.from_real(x[:, i]) for i, (name, cls) in enumerate(self.classes.items())}

    def slopes(self, x: Array) -> Array:
        """Derivatives of the natural parameters by unconstrained coordinates, both (replica, parameter)."""
        xp = namespace(x)
        return xp.stack([cls.slope(x[:, i]) for i, cls in enumerate(self.classes.values())], axis=1)

    def closed_form(self, shares: Array) -> Parameters | None:
        """Parameters of the smallest NLL from the shares of choices, (replica, action), where these are enough."""
        return None

    @property
    def has_closed_form(self) -> bool:
        """Whether its parameters follow from the shares of choices."""
        return type(self).closed_form is not CognitiveModel.closed_form

    def check(self, values: Mapping[str, float]) -> None:
        """Raise ValueError unless `values` names every parameter, inside its range."""
        if set(values) != set(self.classes):
            raise ValueError(
                f"model {self.name!r} has parameters {', '.join(self.classes)}; found {', '.join(values) or 'none'}"
            )
        self.check_ranges(values)

    def check_ranges(self, values: Mapping[str, float]) -> None:
        """Raise ValueError if one of the parameters lies outside its range."""
        for name, value in values.items():
            cls = self.classes[name]
            number = isinstance(value, Real) and not isinstance(value, bool)
            if not number or not cls.low <= value <= cls.high or math.isinf(value):
                limits = f"[{cls.low:g}, {cls.high:g}{')' if math.isinf(cls.high) else ']'}"
                allowed = "be a finite number" if cls is REAL else f"lie in {limits}"
                raise ValueError(f"{name}: found {value!r}; must {allowed}")

    def in_logarithm(self, name: str) -> bool:
        """Whether values of a parameter are drawn by their logarithm."""
        return self.classes[name] is POSITIVE

    def drive(self, params: Parameters, sequences) -> list[Trial]:
        """The trials themselves: nothing can be computed before the state is known."""
        return sequences.trials()

    def initial_state(self, params: Parameters, n_blocks: int) -> Array:
        first = params[self.parameters[0]]
        xp, device = namespace(first), array_api_compat.device(first)
        zeros = xp.zeros((first.shape[0], n_blocks, self.n_state), dtype=first.dtype, device=device)
        return zeros + xp.asarray(self._initial, dtype=first.dtype, device=device)

    def update(self, params: Parameters, state: Array, trial: Trial) -> Array:
        now = self._named(state)
        new = now | self.learn(self._shaped(params, state), now, trial)
        if len(new) == 1:
            return new.popitem()[1]
        xp = namespace(state)
        # what a trial alone determines is the same for all replicas
        return xp.concat([xp.broadcast_to(new[name], old.shape) for name, old in now.items()], axis=-1)

    def policy(self, params: Parameters, state: Array, cue: Cue | None = None) -> Array:
        return self.logits(self._shaped(params, state), self._named(state))

    def _named(self, state: Array) -> dict[str, Array]:
        if len(self._columns) == 1:
            return dict.fromkeys(self._columns, state)
        return {name: state[..., columns] for name, columns in self._columns.items()}

    def _shaped(self, params: Parameters, state: Array) -> dict[str, Array]:
        return {name: along_replicas(params[name], state) for name in self.classes}


@dataclass(frozen=True)
class Listed:
    """A model in the catalogue of a task (methods: catalogue).

    Attributes:
        label: what the paper's figures call it in this task; None for nothing.
        in_figures: whether a figure that compares models shows it.
        registered: whether the reference fits it to this task; else it is a variant, a retired or a spare model.
    """

    model: type[CognitiveModel]
    label: str | None = None
    in_figures: bool = False
    registered: bool = True


def catalogue(*listed: Listed) -> dict[str, Listed]:
    """The models of a task by name."""
    return {one.model.name: one for one in listed}
