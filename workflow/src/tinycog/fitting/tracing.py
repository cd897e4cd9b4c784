"""The rules of a cognitive model as straight-line programs, for the compiled machine to run.

A model's rules are written once, over arrays. Here they are run on symbols: NumPy arrays of objects whose elements
record what is done to them. Each kind of trial (its action, state, a reward of 0 or 1, what the model remembers of the
last trial) is known beforehand and has its own program, with neither branches nor products by 0 or 1; what parameters
alone determine is computed once, before the first trial.

Graded rewards and stimuli have too many values for a program each: what rules compute from them alone is computed
beforehand, for every trial, and is an input of its program. Where a rule compares such a value, trials with different
outcomes of the comparison are of different kinds.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tinycog.fitting.kernels.machine import ABSOLUTE, ADD, DIVIDE, MULTIPLY, SUBTRACT, Programs
from tinycog.models.cognitive.declaration import CognitiveModel
from tinycog.models.interface import Cue, Trial, run_states
from tinycog.trials.sequences import Sequences, shares

_APPLY = {
    ADD: lambda a, b: a + b,
    SUBTRACT: lambda a, b: a - b,
    MULTIPLY: lambda a, b: a * b,
    DIVIDE: lambda a, b: a / b,
    ABSOLUTE: lambda a, b: abs(a),
}
CONSTANT, PARAMETER, STATE, DATUM = -1, -2, -3, -4  # kinds of terms that are no operation


class Terms:
    """All recorded terms, (operation, left, right), each stored once, whichever programs use it."""

    def __init__(self) -> None:
        self.terms: list[tuple[int, Any, Any]] = []
        self.varies: list[bool] = []  # from trial to trial; else it is a function of parameters alone
        self.given: list[bool] = []  # a function of data alone
        self.trial = np.empty((1, 0))  # data of the trial that rules are run for
        self.decided: list[tuple[Callable, int, int]] = []  # comparisons of what is given that the rules have made
        self._known: dict[tuple[int, Any, Any], Term] = {}

    def leaf(self, kind: int, what: float) -> Term:
        return self._term(kind, what, 0, kind in (STATE, DATUM), kind == DATUM)

    def of(self, value: Any) -> Term:
        return value if isinstance(value, Term) else self.leaf(CONSTANT, float(value))

    def operation(self, code: int, left: Term, right: Term) -> Term:
        """The term of an operation, simplified where nothing has to be computed."""
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
        return self._term(code, left.place, right.place, varies, self._is_given(left) and self._is_given(right))

    def compare(self, comparison: Callable, left: Term, right: Term) -> bool:
        """The outcome in the trial that rules are run for."""
        if not (self._is_given(left) and self._is_given(right)):
            raise TypeError("a rule may compare what data determine, but no parameter and no variable of the state")
        self.decided.append((comparison, left.place, right.place))
        return bool(self.outcomes(self.decided[-1:], self.trial)[0, 0])

    def outcomes(self, comparisons: list[tuple[Callable, int, int]], data: np.ndarray) -> np.ndarray:
        """Outcomes of comparisons in trials with these data (trial, column): (trial, comparison)."""
        found = np.empty((len(data), len(comparisons)), dtype=bool)
        for i, (comparison, left, right) in enumerate(comparisons):
            found[:, i] = comparison(self.value(left, data), self.value(right, data))
        return found

    def value(self, place: int, data: np.ndarray) -> np.ndarray | float:
        """Value of a term of data and constants, in trials with these data (trial, column): (trial,), or a number."""
        kind, left, right = self.terms[place]
        if kind < 0:
            return left if kind == CONSTANT else data[:, left]
        return _APPLY[kind](self.value(left, data), self.value(right, data))

    def _is_given(self, term: Term) -> bool:
        return self.given[term.place] or self.terms[term.place][0] == CONSTANT

    def constant(self, term: Term) -> float | None:
        kind, value, _ = self.terms[term.place]
        return value if kind == CONSTANT else None

    def _term(self, kind: int, left: Any, right: Any, varies: bool, given: bool) -> Term:
        key = (kind, left, right)
        if key not in self._known:
            self._known[key] = Term(self, len(self.terms))
            self.terms.append(key)
            self.varies.append(varies)
            self.given.append(given)
        return self._known[key]


def _both_ways(code: int) -> tuple[Callable, Callable]:
    """The methods of an operator, for a symbol on its left and on its right."""

    def left(self: Term, other: Any) -> Term:
        return self.terms.operation(code, self, self.terms.of(other))

    def right(self: Term, other: Any) -> Term:
        return self.terms.operation(code, self.terms.of(other), self)

    return left, right


def _comparing(comparison: Callable) -> Callable:
    def compare(self: Term, other: Any) -> bool:
        return self.terms.compare(comparison, self, self.terms.of(other))

    return compare


class Term:
    """A symbol, with the arithmetic of a number."""

    __slots__ = ("place", "terms")

    def __init__(self, terms: Terms, place: int):
        self.terms, self.place = terms, place

    __add__, __radd__ = _both_ways(ADD)
    __sub__, __rsub__ = _both_ways(SUBTRACT)
    __mul__, __rmul__ = _both_ways(MULTIPLY)
    __truediv__, __rtruediv__ = _both_ways(DIVIDE)
    __lt__, __le__ = _comparing(operator.lt), _comparing(operator.le)
    __gt__, __ge__ = _comparing(operator.gt), _comparing(operator.ge)
    __eq__, __ne__ = _comparing(operator.eq), _comparing(operator.ne)
    __hash__ = None

    def __neg__(self) -> Term:
        return 0.0 - self

    def __abs__(self) -> Term:
        return self.terms.operation(ABSOLUTE, self, self)


def trace(model: CognitiveModel, sequences: Sequences) -> tuple[Programs, np.ndarray, np.ndarray, np.ndarray]:
    """The programs of a model on these trials.

    Returns:
        The programs; the kind of every trial, (time point, block), a number from 0 on; what the model is compared with,
        (time point, block, choice): the share of each action offered, 0 where not scored; and the inputs of every
        trial's program, (time point, block, input).
    """
    shape, remembered, n_outputs = sequences.mask.shape, model.is_memory, model.task.n_outputs
    defaults = {name: np.array([value]) for name, value in model.defaults.items()}
    n_updates = sequences.n_trials - 1 if remembered.any() else 0  # what is remembered does not depend on parameters
    seen = run_states(model, defaults, sequences, n_updates)[0]
    memory = np.broadcast_to(seen, (*shape, model.n_state))[..., remembered]
    offered = np.ones((*shape, n_outputs), bool) if sequences.closed is None else sequences.closed == 0
    stage = np.broadcast_to(np.arange(sequences.n_trials)[:, None] % sequences.stages, shape)
    graded = (sequences.reward != 0) & (sequences.reward != 1)
    columns = [sequences.action, sequences.state, np.where(graded, 0.5, sequences.reward), stage]
    described = np.concatenate([np.stack(columns, -1), memory, offered], axis=-1)
    kinds, described_by = np.unique(described.reshape(-1, described.shape[-1]), axis=0, return_inverse=True)
    shown = np.zeros((*shape, 0)) if sequences.stimulus is None else sequences.stimulus
    data = np.concatenate([sequences.reward[..., None], shown], axis=-1).reshape(-1, 1 + shown.shape[-1])

    terms = Terms()
    params = {name: _array([terms.leaf(PARAMETER, i)]) for i, name in enumerate(model.parameters)}
    symbols = [terms.leaf(STATE, i) for i in range(model.n_dynamical)]
    stimulus = None
    if sequences.stimulus is not None:
        stimulus = _array([terms.leaf(DATUM, 1 + i) for i in range(shown.shape[-1])])[None]
    cue = None if stimulus is None else Cue(stimulus)
    kind, outcomes = np.empty(len(data), dtype=np.int64), []
    for number, (action, state, reward, at_stage, *rest) in enumerate(kinds.tolist()):
        last, is_offered = np.split(np.array(rest), [remembered.sum()])
        before = np.empty((1, 1, model.n_state), dtype=object)
        before[0, 0, remembered], before[0, 0, ~remembered] = last.tolist(), symbols
        paid = np.array([reward]) if reward in (0, 1) else _array([terms.leaf(DATUM, 0)])
        trial = Trial(np.array([int(action)]), np.array([int(state)]), paid, int(at_stage), stimulus)
        left = np.flatnonzero(described_by.ravel() == number)
        while len(left):  # rules are run for the first trial; trials in which comparisons differ are left
            terms.trial, terms.decided = data[left[:1]], []
            logits = model.policy(params, before, cue)[0, 0, is_offered == 1]
            after = np.broadcast_to(model.update(params, before, trial), before.shape)[0, 0, ~remembered]
            decided = terms.outcomes(terms.decided, data[left])
            alike = (decided == decided[0]).all(1)
            kind[left[alike]] = len(outcomes)
            outcomes.append(tuple([terms.of(value).place for value in values] for values in (logits, after)))
            left = left[~alike]
    target = shares(sequences, n_outputs) * sequences.mask[..., None]
    target = target[offered].reshape(*shape, -1)
    programs, given = _packed(terms, outcomes, model.n_parameters, seen[0, 0, ~remembered])
    inputs = np.zeros((len(data), max(map(len, given))))
    for number, places in enumerate(given):
        for i, place in enumerate(places):
            inputs[kind == number, i] = terms.value(place, data[kind == number])
    return programs, kind.reshape(shape), target, inputs.reshape(*shape, -1)


def _array(values: list[Any]) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _packed(terms: Terms, outcomes: list, n_parameters: int, initial: np.ndarray) -> tuple[Programs, list[list[int]]]:
    """Registers and programs for everything that the outcomes, (logits, next state) of each kind, need.

    Also the terms that are each kind's inputs, in order.
    """
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

    given = [[place for place in _in_order(terms, {*both[0], *both[1]}) if terms.given[place]] for both in outcomes]
    first_own = first_state + n_state + max(map(len, given))
    code, spans, logits, following, last = [], [], [], [], first_own
    for (of_logits, of_state), places in zip(outcomes, given, strict=True):
        own = register | {place: first_state + n_state + i for i, place in enumerate(places)}
        updating = [place for place in _in_order(terms, of_state) if place not in own]
        both = [place for place in _in_order(terms, {*of_state, *of_logits}) if place not in own]
        places = updating + [place for place in both if place not in set(updating)]
        own |= {place: first_own + i for i, place in enumerate(places)}
        spans.append((len(code), len(code) + len(updating), len(code) + len(places)))
        code += compiled(places, own)
        logits.append([own[place] for place in of_logits])
        following.append([own[place] for place in of_state])
        last = max(last, first_own + len(places))
    programs = Programs(
        once=_whole(compiled(beforehand, register), 4),
        code=_whole(code, 4),
        spans=_whole(spans, 3),
        logits=np.array(logits, dtype=np.int64),
        following=_whole(following, n_state),
        constants=np.array([terms.terms[place][1] for place in constants], dtype=np.float64),
        n_registers=last,
        initial=np.ascontiguousarray(initial),
    )
    return programs, given


def _in_order(terms: Terms, places: Iterable[int]) -> list[int]:
    """Everything that these terms are made of, they included, operands before what is made of them.

    What is given is not taken apart.
    """
    found, todo = set(), list(places)
    while todo:
        place = todo.pop()
        if place not in found:
            found.add(place)
            kind, left, right = terms.terms[place]
            todo += [left, right] if kind >= 0 and not terms.given[place] else []
    return sorted(found)  # a term is written down after its operands


def _whole(rows: list, width: int) -> np.ndarray:
    return np.array(rows, dtype=np.int64).reshape(len(rows), width)
