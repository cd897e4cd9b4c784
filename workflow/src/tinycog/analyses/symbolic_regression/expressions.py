"""Expressions of an engine as rational functions (methods: rules as rational functions).

What an engine prints is read by Python's own parser into a syntax tree, of which numbers, the names of variables,
+ - * /, whole powers and `inv` are taken over one by one; anything else is an error. Nothing is evaluated, so text
from outside can do nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

import numpy as np
import sympy

from tinycog.models.cognitive.rational import Exponents, Rational, nothing

NEGLIGIBLE = 1e-9  # coefficients smaller than this share of the largest are dropped
LARGEST = 1e300  # number in an expression
HIGHEST = 6  # degree up to which expressions are taken


class Refused(ValueError):
    """An expression that is no rational function of the variables, or of a too high degree."""


def parse(text: str, names: Sequence[str]) -> tuple[Rational, np.ndarray]:
    """The rational function of an expression, and its constants.

    Raises:
        Refused: it has anything but numbers, `names`, + - * /, whole powers from -6 to 6, and `inv`.
    """
    symbols = dict(zip(names, sympy.symbols(list(names)), strict=True))
    try:
        above, below = _fraction(ast.parse(text.replace("^", "**"), mode="eval").body, symbols)
    except (SyntaxError, RecursionError, MemoryError):
        raise Refused(f"no expression: {text[:80]!r}") from None
    return _normal(dict(above.terms()), dict(below.terms()))


Fraction = tuple[sympy.Poly, sympy.Poly]  # numerator and denominator


def _fraction(node: ast.AST, symbols: dict[str, sympy.Symbol]) -> Fraction:
    def poly(value: object) -> sympy.Poly:
        return sympy.Poly(value, *symbols.values(), domain="RR")

    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and abs(value) < LARGEST:
            return poly(value), poly(1)
        case ast.Name(id=name) if name in symbols:
            return poly(symbols[name]), poly(1)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=inner):
            above, below = _fraction(inner, symbols)
            return (-above if isinstance(sign, ast.USub) else above), below
        case ast.Call(func=ast.Name(id="inv"), args=[inner], keywords=[]):
            above, below = _fraction(inner, symbols)
            found = below, above
        case ast.BinOp(left=base, op=ast.Pow(), right=power):
            found = _power(_fraction(base, symbols), power, poly)
        case ast.BinOp(left=left, op=kind, right=right) if type(kind) in (ast.Add, ast.Sub, ast.Mult, ast.Div):
            found = _combined(kind, _fraction(left, symbols), _fraction(right, symbols))
        case _:
            raise Refused(f"not allowed in an expression: {ast.unparse(node)[:80]!r}")
    if found[1].is_zero:
        raise Refused("a division by 0")
    if max(part.total_degree() for part in found if not part.is_zero) > HIGHEST:
        raise Refused(f"a degree above {HIGHEST}")
    return found


def _combined(kind: ast.operator, left: Fraction, right: Fraction) -> Fraction:
    if isinstance(kind, ast.Mult):
        return left[0] * right[0], left[1] * right[1]
    if isinstance(kind, ast.Div):
        return left[0] * right[1], left[1] * right[0]
    sign = 1 if isinstance(kind, ast.Add) else -1
    if left[1] == right[1]:
        return left[0] + sign * right[0], left[1]
    return left[0] * right[1] + sign * right[0] * left[1], left[1] * right[1]


def _power(base: Fraction, power: ast.AST, poly) -> Fraction:
    try:
        exponent = float(ast.literal_eval(power))
    except (ValueError, TypeError):
        raise Refused(f"not a number as a power: {ast.unparse(power)[:80]!r}") from None
    if exponent != round(exponent) or abs(exponent) > HIGHEST:
        raise Refused(f"power {exponent:g}: not whole, or above {HIGHEST}")
    whole = int(exponent)
    above, below = base[0] ** abs(whole), base[1] ** abs(whole)
    return (above, below) if whole >= 0 else (below, above)


def _normal(above: dict[Exponents, float], below: dict[Exponents, float]) -> tuple[Rational, np.ndarray]:
    """One way of writing for every function: the coefficient of the denominator's lowest monomial is 1."""
    above, below = _kept(above), _kept(below)
    own, (base, *others) = sorted(above, key=_order), sorted(below, key=_order)
    if not own:
        return nothing(len(base)), np.empty(0)
    constants = [c / below[base] for c in (*(above[e] for e in own), *(below[e] for e in others))]
    return Rational(tuple(((1, e),) for e in own), base, tuple(others)).cancelled(), np.array(constants)


def _order(exponents: Exponents) -> tuple[int, ...]:
    """Lower degrees first, then powers of the first variable before those of the second."""
    return sum(exponents), *(-e for e in exponents)


def _kept(part: dict[Exponents, float]) -> dict[Exponents, float]:
    part = {tuple(map(int, own)): float(c) for own, c in part.items()}
    largest = max(map(abs, part.values()))
    return {own: c for own, c in part.items() if c and abs(c) > NEGLIGIBLE * largest}
