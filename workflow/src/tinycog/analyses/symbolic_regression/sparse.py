"""Candidates of sparse regression on a library, and some that have names (methods: symbolic regression)."""

from __future__ import annotations

import itertools

import numpy as np

from tinycog.models.cognitive.rational import Exponents, Rational, monomial

PARTS = 5  # of the cross-validation of the number of terms
BEYOND = (0.1, 0.3, 1.0, 3.0)  # where 1/(c + x) may have its pole: beyond the visited range, relative to its width

Candidate = tuple[Rational, np.ndarray]


def candidates(x: np.ndarray, y: np.ndarray) -> list[Candidate]:
    """Rules with constants to start from.

    Args:
        x, y: (trial, variable) and (trial,).
    """
    n = x.shape[1]
    found = [(rule, np.zeros(rule.n_constants)) for rule in named(n)]
    library = [own for own in itertools.product(range(3), repeat=n) if sum(own) <= 2]
    library.sort(key=lambda own: (sum(own), *(-e for e in own)))
    for support in supports(_values(x, library), y):
        terms = tuple(((1, library[i]),) for i in support)
        found.append((Rational(terms, (0,) * n), np.zeros(len(terms))))
    for variable in np.flatnonzero(np.ptp(x, axis=0)).tolist():  # one that stands still has no range to lie beyond
        pole = min(_poles(x[:, variable]), key=lambda c: _residual(_with_pole(x, library, variable, c), y))
        ways = supports(_with_pole(x, library, variable, pole), y)
        ways = [support for support in ways if len(library) in support]  # the last column: 1/(c + x)
        found += [_over(support, library, variable, pole) for support in ways]
    return found


def named(n: int) -> list[Rational]:
    """Nothing happens, an additive change, decay of a variable, drift of one to the other, and decay or drift beside an
    additive change.
    """
    zero = (0,) * n
    units = [tuple(int(i == j) for j in range(n)) for i in range(n)]
    moves = [((1, unit),) for unit in units]
    moves += [((1, units[1]), (-1, units[0]))] if n == 2 else []  # with a negative constant it is the other way
    constant = ((1, zero),)
    return [
        Rational(terms, zero) for terms in [(), (constant,), *((m,) for m in moves), *((constant, m) for m in moves)]
    ]


def supports(columns: np.ndarray, y: np.ndarray) -> list[list[int]]:
    """Terms that remain when the smallest one is left out again and again, each in units of the SD of its column; up to
    the number of terms with the smallest cross-validated error.

    Sequential thresholding (Brunton et al. 2016), with a threshold that rises just enough to drop one term at a time.
    """
    scale = np.sqrt((columns**2).mean(0))
    left, path = list(range(columns.shape[1])), []
    while left:
        path.append(list(left))
        size = np.abs(np.linalg.lstsq(columns[:, left], y, rcond=None)[0]) * scale[left]
        del left[int(size.argmin())]
    errors = [_cross_validated(columns[:, own], y) for own in path]
    return path[int(np.argmin(errors)) :]


def _cross_validated(columns: np.ndarray, y: np.ndarray) -> float:
    part = np.arange(len(y)) % PARTS
    return sum(_residual(columns[part != k], y[part != k], columns[part == k], y[part == k]) for k in range(PARTS))


def _residual(
    columns: np.ndarray, y: np.ndarray, others: np.ndarray | None = None, at: np.ndarray | None = None
) -> float:
    """Sum of squared errors, of these trials or of others."""
    solution = np.linalg.lstsq(columns, y, rcond=None)[0]
    error = columns @ solution - y if others is None else others @ solution - at
    return float(error @ error)


def _values(x: np.ndarray, terms: list[Exponents]) -> np.ndarray:
    return np.column_stack([monomial(x.T, own) for own in terms])


def _poles(values: np.ndarray) -> list[float]:
    """c of 1/(c + x)."""
    low, high = values.min(), values.max()
    ends = [end for beyond in BEYOND for end in (low - beyond * (high - low), high + beyond * (high - low))]
    return [-end for end in ends if end]


def _with_pole(x: np.ndarray, library: list[Exponents], variable: int, c: float) -> np.ndarray:
    return np.column_stack([_values(x, library), 1 / (c + x[:, variable])])


def _over(support: list[int], library: list[Exponents], variable: int, c: float) -> Candidate:
    """The sum of terms and e/(c + x), over its denominator 1 + x/c, with constants from which the fit can start."""
    unit = tuple(int(i == variable) for i in range(len(library[0])))
    terms = {library[i] for i in support if i < len(library)}
    above = terms | {tuple(np.add(own, unit).tolist()) for own in terms} | {(0,) * len(unit)}
    order = sorted(above, key=lambda own: (sum(own), *(-e for e in own)))
    rule = Rational(tuple(((1, own),) for own in order), (0,) * len(unit), (unit,))
    return rule, np.array([0.0] * len(order) + [1 / c])
