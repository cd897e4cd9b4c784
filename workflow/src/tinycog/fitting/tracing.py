"""The rules of a cognitive model as straight-line programs, for the compiled machine to run.

A model's rules are written once, over arrays. Here they are run on symbols: NumPy arrays of objects whose elements
write down what is done to them. What the data alone determine (which trial it was, what the model remembers of the last
one) is known beforehand, so that each kind of trial has a program of its own, with neither branches nor products by 0
or 1; what parameters alone determine is computed once, before the first trial.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tinycog.fitting.kernels.machine import ABSOLUTE, ADD, DIVIDE, MULTIPLY, SUBTRACT, Programs
from tinycog.models.cognitive.declaration import CognitiveModel
from tinycog.models.interface import Trial, run_states
from tinycog.trials.sequences import Sequences, shares

_APPLY = {
    ADD: lambda a, b: a + b,
    SUBTRACT: lambda a, b: a - b,
    MULTIPLY: lambda a, b: a * b,
    DIVIDE: lambda a, b: a / b,
    ABSOLUTE: lambda a, b: abs(a),
}
CONSTANT, PARAMETER, STATE = -1, -2, -3  # what a term that is no operation is


class Terms:
    """Everything that was written down: each term is (operation, left, right), once, whatever program it is in."""

    def __init__(self) -> None:
        self.terms: list[tuple[int, Any, Any]] = []
        self.varies: list[bool] = []  # from trial to trial; else it is a function of parameters alone
        self._known: dict[tuple[int, Any, Any], Term] = {}

    def leaf(self, kind: int, what: float) -> Term:
        return self._term(kind, what, 0, kind == STATE)

    def of(self, value: Any) -> Term:
        return value if isinstance(value, Term) else self.leaf(CONSTANT, float(value))

    def operation(self, code: int, left: Term, right: Term) -> Term:
        """The result of an operation, without what need not be computed."""
        a, b = self.constant(left), self.constant(right)
        if a is not None and b is not None:
            return self.of(_APPLY[code](a, b))
        if (code == ADD and a == 0) or (code == MULTIPLY and a == 1):
            return right
        if (code in (ADD, SUBTRACT) and b == 0) or (code in (MULTIPLY, DIVIDE) and b == 1):
            return left
        if code == MULTIPLY and 0 in (a, b):
            return self.of(0.0)
        if code in (ADD, MULTIPLY) and left.place > right.place:  # either order is the same term
            left, right = right, left
        varies = self.varies[left.place] or self.varies[right.place]
        return self._term(code, left.place, right.place, varies)

    def constant(self, term: Term) -> float | None:
        kind, value, _ = self.terms[term.place]
        return value if kind == CONSTANT else None

    def _term(self, kind: int, left: Any, right: Any, varies: bool) -> Term:
        key = (kind, left, right)
        if key not in self._known:
            self._known[key] = Term(self, len(self.terms))
            self.terms.append(key)
            self.varies.append(varies)
        return self._known[key]


def _both_ways(code: int) -> tuple[Callable, Callable]:
    """The methods of an operator, for a symbol on its left and on its right."""

    def left(self: Term, other: Any) -> Term:
        return self.terms.operation(code, self, self.terms.of(other))

    def right(self: Term, other: Any) -> Term:
        return self.terms.operation(code, self.terms.of(other), self)

    return left, right


class Term:
    """A symbol, with the arithmetic of a number."""

    __slots__ = ("place", "terms")

    def __init__(self, terms: Terms, place: int):
        self.terms, self.place = terms, place

    __add__, __radd__ = _both_ways(ADD)
    __sub__, __rsub__ = _both_ways(SUBTRACT)
    __mul__, __rmul__ = _both_ways(MULTIPLY)
    __truediv__, __rtruediv__ = _both_ways(DIVIDE)

    def __neg__(self) -> Term:
        return 0.0 - self

    def __abs__(self) -> Term:
        return self.terms.operation(ABSOLUTE, self, self)


def trace(model: CognitiveModel, sequences: Sequences) -> tuple[Programs, np.ndarray, np.ndarray]:
    """The programs of a model on these trials.

    Returns:
        The programs; the kind of every trial, (time point, block), a number from 0 on; and what the model is compared
        with, (time point, block, choice): the share of each action offered, 0 where not scored.
    """
    defaults = {name: np.array([value]) for name, value in model.defaults.items()}
    seen = run_states(model, defaults, sequences, sequences.n_trials - 1)[0]
    remembered = model.is_memory
    n_outputs = model.task.n_outputs
    offered = np.ones((*sequences.mask.shape, n_outputs), bool) if sequences.closed is None else sequences.closed == 0
    stage = np.broadcast_to(np.arange(sequences.n_trials)[:, None] % sequences.stages, sequences.mask.shape)
    columns = [sequences.action, sequences.state, sequences.reward, stage]
    described = np.concatenate([np.stack(columns, -1), seen[..., remembered], offered], axis=-1)
    kinds, kind = np.unique(described.reshape(-1, described.shape[-1]), axis=0, return_inverse=True)

    terms = Terms()
    params = {name: _array([terms.leaf(PARAMETER, i)]) for i, name in enumerate(model.parameters)}
    symbols = [terms.leaf(STATE, i) for i in range(model.n_dynamical)]
    outcomes = []
    for action, state, reward, at_stage, *rest in kinds.tolist():
        memory, is_offered = np.split(np.array(rest), [remembered.sum()])
        before = np.empty((1, 1, model.n_state), dtype=object)
        before[0, 0, remembered], before[0, 0, ~remembered] = memory.tolist(), symbols
        trial = Trial(np.array([int(action)]), np.array([int(state)]), np.array([reward]), int(at_stage))
        logits = model.policy(params, before)[0, 0, is_offered == 1]
        after = np.broadcast_to(model.update(params, before, trial), before.shape)[0, 0, ~remembered]
        outcomes.append(tuple([terms.of(value).place for value in values] for values in (logits, after)))
    target = shares(sequences, n_outputs) * sequences.mask[..., None]
    target = target[offered].reshape(*sequences.mask.shape, -1)
    return (
        _packed(terms, outcomes, model.n_parameters, seen[0, 0, ~remembered]),
        kind.reshape(sequences.mask.shape),
        target,
    )


def _array(values: list[Any]) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _packed(terms: Terms, outcomes: list, n_parameters: int, initial: np.ndarray) -> Programs:
    """Registers and programs for everything that the outcomes, (logits, next state) of each kind, need."""
    needed = _in_order(terms, {place for outcome in outcomes for places in outcome for place in places})
    constants = [place for place in needed if terms.terms[place][0] == CONSTANT]
    beforehand = [place for place in needed if terms.terms[place][0] >= 0 and not terms.varies[place]]
    n_state = len(initial)
    register = {place: n_parameters + i for i, place in enumerate([*constants, *beforehand])}
    first_state = n_parameters + len(register)
    for place, (kind, which, _) in enumerate(terms.terms):
        if kind in (PARAMETER, STATE):
            register[place] = int(which) + (first_state if kind == STATE else 0)

    def compiled(places: list[int], own: dict[int, int]) -> list[tuple[int, int, int, int]]:
        return [(kind, own[place], own[a], own[b]) for place in places for kind, a, b in [terms.terms[place]]]

    code, spans, logits, following, last = [], [], [], [], first_state + n_state
    for of_logits, of_state in outcomes:
        own = dict(register)
        updating = [place for place in _in_order(terms, of_state) if place not in own]
        both = [place for place in _in_order(terms, {*of_state, *of_logits}) if place not in own]
        places = updating + [place for place in both if place not in set(updating)]
        own |= {place: first_state + n_state + i for i, place in enumerate(places)}
        spans.append((len(code), len(code) + len(updating), len(code) + len(places)))
        code += compiled(places, own)
        logits.append([own[place] for place in of_logits])
        following.append([own[place] for place in of_state])
        last = max(last, first_state + n_state + len(places))
    return Programs(
        once=_whole(compiled(beforehand, register), 4),
        code=_whole(code, 4),
        spans=_whole(spans, 3),
        logits=np.array(logits, dtype=np.int64),
        following=_whole(following, n_state),
        constants=np.array([terms.terms[place][1] for place in constants], dtype=np.float64),
        n_registers=last,
        initial=np.ascontiguousarray(initial),
    )


def _in_order(terms: Terms, places: Iterable[int]) -> list[int]:
    """Everything that these terms are made of, they included, operands before what is made of them."""
    found, todo = set(), list(places)
    while todo:
        place = todo.pop()
        if place not in found:
            found.add(place)
            kind, left, right = terms.terms[place]
            todo += [left, right] if kind >= 0 else []
    return sorted(found)  # a term is written down after its operands


def _whole(rows: list, width: int) -> np.ndarray:
    return np.array(rows, dtype=np.int64).reshape(-1, width)
