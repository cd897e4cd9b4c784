"""Rational functions with free constants: the form of a rule that symbolic regression finds (methods: rules as rational
functions).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, mul
from typing import Any

from tinycog.models.interface import Array

Exponents = tuple[int, ...]  # of a monomial, one for each variable


@dataclass(frozen=True)
class Rational:
    """(c_1 g_1 + c_2 g_2 + ...) / (m + c_k m_1 + c_(k+1) m_2 + ...), of variables x.

    Attributes:
        numerator: g_1, g_2, ..., each a sum of monomials: (+1 or -1, exponents) of each.
        base: exponents of m; all 0 for m = 1.
        denominator: exponents of m_1, m_2, ...; with none, and m = 1, there is no denominator.
    """

    numerator: tuple[tuple[tuple[int, Exponents], ...], ...]
    base: Exponents
    denominator: tuple[Exponents, ...] = ()

    @property
    def n_constants(self) -> int:
        return len(self.numerator) + len(self.denominator)

    @property
    def divides(self) -> bool:
        return bool(self.denominator) or any(self.base)

    def above(self, x: Sequence[Array]) -> list[Array]:
        """g_1, g_2, ... at x, one array for each variable."""
        return [_sum([monomial(x, own) if sign > 0 else -monomial(x, own) for sign, own in g]) for g in self.numerator]

    def below(self, x: Sequence[Array]) -> list[Array]:
        """m, m_1, m_2, ... at x."""
        return [monomial(x, own) for own in (self.base, *self.denominator)]

    def divisor(self, constants: Sequence[Array], x: Sequence[Array]) -> Array:
        """The denominator at x."""
        first, *others = self.below(x)
        return _sum([first, *map(mul, constants[len(self.numerator) :], others)])

    def value(self, constants: Sequence[Array], x: Sequence[Array]) -> Array:
        """The function at x; constants in the order of the numerator and the denominator, of shapes that fit x."""
        total = _sum([0 * x[0], *map(mul, constants[: len(self.numerator)], self.above(x))])
        return total / self.divisor(constants, x) if self.divides else total

    def without(self, constant: int) -> Rational:
        """The function in which a constant is 0."""
        n = len(self.numerator)
        above, below = list(self.numerator), list(self.denominator)
        del (above if constant < n else below)[constant if constant < n else constant - n]
        return Rational(tuple(above), self.base, tuple(below)) if above else nothing(len(self.base))

    def cancelled(self) -> Rational:
        """The same function without factors of variables that numerator and denominator share."""
        monomials = [self.base, *self.denominator, *(own for g in self.numerator for _, own in g)]
        shared = tuple(map(min, zip(*monomials, strict=True)))

        def less(own: Exponents) -> Exponents:
            return tuple(e - common for e, common in zip(own, shared, strict=True))

        above = tuple(tuple((sign, less(own)) for sign, own in g) for g in self.numerator)
        return Rational(above, less(self.base), tuple(map(less, self.denominator)))

    def plain(self) -> dict[str, Any]:
        """As plain values, for JSON; `of_plain` is the inverse."""
        return {"numerator": self.numerator, "base": self.base, "denominator": self.denominator}


def nothing(n_variables: int) -> Rational:
    """0, without any constant."""
    return Rational((), (0,) * n_variables)


def of_plain(values: dict[str, Any]) -> Rational:
    above = tuple(tuple((sign, tuple(own)) for sign, own in g) for g in values["numerator"])
    return Rational(above, tuple(values["base"]), tuple(map(tuple, values["denominator"])))


def monomial(x: Sequence[Array], exponents: Exponents) -> Array:
    """The product of powers of the variables, in the shape of one of them."""
    factors = [variable for variable, power in zip(x, exponents, strict=True) for _ in range(power)]
    return reduce(mul, factors) if factors else 1 + 0 * x[0]


def _sum(terms: list[Array]) -> Array:
    return reduce(add, terms)
