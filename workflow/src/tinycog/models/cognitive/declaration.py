"""How a cognitive model is declared: parameter classes with their transforms, and checks of given values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import array_api_compat

from tinycog.models.interface import Array, Parameters, Trial

if TYPE_CHECKING:
    from tinycog.tasks import Task


@dataclass(frozen=True)
class ParameterClass:
    """Range of a parameter and its map from the real line, where it is fitted (cognitive-models.md 2)."""

    name: str
    low: float
    high: float

    def from_real(self, x: Array) -> Array:
        """Natural value of the unconstrained `x`, clipped so that no value reaches the ends."""
        xp = array_api_compat.array_namespace(x)
        if self.name == "pos":
            return xp.exp(xp.clip(x, None, 16.0))
        return self.high / (1 + xp.exp(-xp.clip(x, -16.0, None)))


UNIT = ParameterClass("unit", 0.0, 1.0)
HALF = ParameterClass("half", 0.0, 0.5)
POSITIVE = ParameterClass("pos", 0.0, math.inf)


class CognitiveModel:
    """Base of every cognitive model: the declaration, and what follows from it."""

    family = "cognitive"
    classes: ClassVar[Mapping[str, ParameterClass]]  # in the order of the catalogue
    name: ClassVar[str]  # the catalogue's, by default the class's
    n_dynamical: int
    state_bounds: ClassVar[tuple[float, float]]

    def __init__(self, task: Task):
        self.task = task

    def __init_subclass__(cls) -> None:
        cls.name = vars(cls).get("name", cls.__name__)

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(self.classes)

    @property
    def n_parameters(self) -> int:
        return len(self.classes)

    def from_real(self, x: Array) -> Parameters:
        """Parameters from unconstrained coordinates (replica, parameter)."""
        return {name: cls.from_real(x[:, i]) for i, (name, cls) in enumerate(self.classes.items())}

    def check(self, values: Mapping[str, float]) -> None:
        """Raise ValueError unless `values` names every parameter, inside its range."""
        if set(values) != set(self.classes):
            raise ValueError(
                f"model {self.name!r} has parameters {', '.join(self.classes)}; found {', '.join(values) or 'none'}"
            )
        for name, value in values.items():
            cls = self.classes[name]
            if not cls.low <= value <= cls.high or math.isinf(value):
                raise ValueError(f"{name}: found {value}; must lie in [{cls.low:g}, {cls.high:g}]")

    def drive(self, params: Parameters, sequences) -> list[Trial]:
        """The trials themselves: nothing can be computed before the state is known."""
        return sequences.trials()

    def zeros(self, params: Parameters, n_blocks: int) -> Array:
        """State of zeros, (replica, block, D)."""
        first = params[self.parameters[0]]
        xp = array_api_compat.array_namespace(first)
        return xp.zeros((first.shape[0], n_blocks, self.n_dynamical), dtype=first.dtype)


def is_index(index: Array, size: int, like: Array) -> Array:
    """One-hot of `index` (..., block) as floats (..., block, size)."""
    xp = array_api_compat.array_namespace(like)
    return xp.astype(index[..., None] == xp.arange(size), like.dtype)
