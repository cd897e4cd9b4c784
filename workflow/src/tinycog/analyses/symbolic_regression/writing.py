"""Rules as text that SymPy reads, and how complex they are (methods: rules as rational functions)."""

from __future__ import annotations

from collections.abc import Sequence

from tinycog.models.cognitive.rational import Exponents, Rational


def text(rule: Rational, constants: Sequence[float], names: Sequence[str], digits: int = 6) -> str:
    """The function as SymPy reads it, constants to so many significant digits."""
    n = len(rule.numerator)
    above = _sum([_term(c, _polynomial(g, names), digits) for c, g in zip(constants[:n], rule.numerator, strict=True)])
    if not rule.divides:
        return above
    base = _monomial(rule.base, names)
    terms = [_term(c, _monomial(m, names), digits) for c, m in zip(constants[n:], rule.denominator, strict=True)]
    below = _sum([base, *terms])
    return f"({above})/({below})" if n > 1 else f"{above}/({below})"


def _term(constant: float, of: str, digits: int) -> str:
    number = f"{constant:.{digits}g}"
    return number if of == "1" else f"{number}*{of}"


def _sum(terms: list[str]) -> str:
    return " + ".join(terms).replace("+ -", "- ") if terms else "0"


def _polynomial(g: tuple[tuple[int, Exponents], ...], names: Sequence[str]) -> str:
    parts = [("" if sign > 0 else "-") + _monomial(own, names) for sign, own in g]
    return parts[0] if len(parts) == 1 else f"({_sum(parts)})"


def _monomial(exponents: Exponents, names: Sequence[str]) -> str:
    powers = [name if e == 1 else f"{name}**{e}" for name, e in zip(names, exponents, strict=True) if e]
    return "*".join(powers) or "1"


def complexity(rule: Rational) -> int:
    """Operators, variables and constants of the function as `text` writes it, a power as repeated multiplication.

    Each + - * / counts 1, each variable 1, each number 1; a sign before a term counts nothing.
    """

    def of_product(factors: int) -> int:
        return max(1, 2 * factors - 1)

    def of_sum(parts: list[int]) -> int:
        return sum(parts) + len(parts) - 1 if parts else 1

    def with_constant(g: list[Exponents]) -> int:
        if len(g) == 1:
            return of_product(1 + sum(g[0]))
        return 2 + of_sum([of_product(sum(own)) for own in g])

    above = of_sum([with_constant([own for _, own in g]) for g in rule.numerator])
    if not rule.divides:
        return above
    return above + 1 + of_sum([of_product(sum(rule.base)), *(with_constant([m]) for m in rule.denominator)])
