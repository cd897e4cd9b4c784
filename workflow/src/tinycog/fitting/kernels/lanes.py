"""Eight float64 numbers at once, as a type of Numba: the arithmetic in which the kernels are written.

A lane is a replica on its share of the blocks: the lower four lanes may be at one block while the upper four are at
another, which is why a place in memory may be a pair. Every operation does the same to each lane, so that a replica's
result does not depend, to the last bit, on which replicas are beside it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, models, overload, register_model

WIDTH = 8
HALF = WIDTH // 2

_DOUBLES = ir.VectorType(ir.DoubleType(), WIDTH)
_HALF_DOUBLES = ir.VectorType(ir.DoubleType(), HALF)
_INDEX = ir.VectorType(ir.IntType(32), HALF)
_HALVES = [ir.Constant(_INDEX, list(range(first, first + HALF))) for first in (0, HALF)]
_BOTH = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), list(range(WIDTH)))
_INTEGERS = ir.VectorType(ir.IntType(64), WIDTH)


class Lanes(types.Type):
    """Numba's type of `WIDTH` float64 numbers in a vector register."""

    def __init__(self) -> None:
        super().__init__(name=f"Lanes({WIDTH})")


lanes = Lanes()


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, numba_type: types.Type):
        super().__init__(manager, numba_type, _DOUBLES)


def _pointers(context: Any, builder: ir.IRBuilder, signature: Any, array: Any, place: Any) -> list:
    """Pointers to what lies at a place of a flat float64 array: to all lanes, or to the lower and to the upper ones."""
    array_type, place_type = signature.args[:2]
    start = context.make_array(array_type)(context, builder, value=array).data
    if isinstance(place_type, types.Integer):
        return [builder.bitcast(builder.gep(start, [place]), _DOUBLES.as_pointer())]
    low, high = (builder.extract_value(place, i) for i in range(2))
    indices = (low, builder.add(high, ir.Constant(high.type, HALF)))
    return [builder.bitcast(builder.gep(start, [index]), _HALF_DOUBLES.as_pointer()) for index in indices]


@intrinsic
def load(typing_context, array, place):
    """The lanes at a place of a flat float64 array; the bounds are not checked.

    A place is the index of the first lane, or a pair of them: the lower lanes of the one, the upper lanes of the other.
    """

    def generate(context, builder, signature, arguments):
        pointers = _pointers(context, builder, signature, *arguments)
        parts = [builder.load(pointer, align=8) for pointer in pointers]
        return parts[0] if len(parts) == 1 else builder.shuffle_vector(*parts, _BOTH)

    return lanes(array, place), generate


@intrinsic
def store(typing_context, array, index, value):
    """Write lanes to `array[index : index + WIDTH]` of a flat float64 array; the bounds are not checked."""

    def generate(context, builder, signature, arguments):
        (pointer,) = _pointers(context, builder, signature, *arguments[:2])
        builder.store(arguments[2], pointer, align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes), generate


@intrinsic
def add(typing_context, array, place, value):
    """Add lanes to those at a place (see `load`) of a flat float64 array; the bounds are not checked."""

    def generate(context, builder, signature, arguments):
        pointers, value = _pointers(context, builder, signature, *arguments[:2]), arguments[2]
        parts = [value] if len(pointers) == 1 else [builder.shuffle_vector(value, value, half) for half in _HALVES]
        for pointer, part in zip(pointers, parts, strict=True):
            total = builder.fadd(builder.load(pointer, align=8), part, flags=("contract",))
            builder.store(total, pointer, align=8)
        return context.get_dummy_value()

    return types.void(array, place, lanes), generate


def further(place, by):
    """The place `by` numbers further on."""
    raise NotImplementedError


@overload(further, jit_options={"forceinline": True})
def _further(place, by):
    if isinstance(place, types.Integer):
        return lambda place, by: place + by
    return lambda place, by: (place[0] + by, place[1] + by)


def _spread(builder: ir.IRBuilder, numbers: list, of_lane: list[int]) -> Any:
    undefined, integer = ir.Constant(_DOUBLES, ir.Undefined), ir.IntType(32)
    vector = undefined
    for i, number in enumerate(numbers):
        vector = builder.insert_element(vector, number, ir.Constant(integer, i))
    return builder.shuffle_vector(vector, undefined, ir.Constant(ir.VectorType(integer, WIDTH), of_lane))


@intrinsic
def spread(typing_context, value):
    """One number in every lane."""

    def generate(context, builder, signature, arguments):
        return _spread(builder, arguments, [0] * WIDTH)

    return lanes(types.float64), generate


@intrinsic
def spread_halves(typing_context, low, high):
    """One number in every lower lane, another in every upper one."""

    def generate(context, builder, signature, arguments):
        return _spread(builder, arguments, [0] * HALF + [1] * HALF)

    return lanes(types.float64, types.float64), generate


def _define(function: Callable, instruction: str) -> None:
    """Give lanes an operator of Python; a product and the sum it goes into may be rounded once (fused)."""

    @intrinsic
    def apply(typing_context, left, right):
        def generate(context, builder, signature, arguments):
            return getattr(builder, instruction)(*arguments, flags=("contract",))

        return lanes(lanes, lanes), generate

    @overload(function)
    def implementation(left, right):
        if left is lanes and right is lanes:
            return lambda left, right: apply(left, right)
        if left is lanes and isinstance(right, types.Number):
            return lambda left, right: apply(left, spread(float(right)))
        if right is lanes and isinstance(left, types.Number):
            return lambda left, right: apply(spread(float(left)), right)
        return None


_define(operator.add, "fadd")
_define(operator.sub, "fsub")
_define(operator.mul, "fmul")
_define(operator.truediv, "fdiv")


def _chosen(replaces: str) -> Callable:
    """Lane by lane, `right` where `left` compares to it as `replaces` says, else `left`, also where it is no number."""

    @intrinsic
    def choose(typing_context, left, right):
        def generate(context, builder, signature, arguments):
            left, right = arguments
            return builder.select(builder.fcmp_ordered(replaces, left, right), right, left)

        return lanes(lanes, lanes), generate

    return choose


larger, smaller = _chosen("<"), _chosen(">")


@intrinsic
def where_positive(typing_context, value, yes, no):
    """Lane by lane, `yes` where `value` is above zero, else `no`."""

    def generate(context, builder, signature, arguments):
        value, yes, no = arguments
        return builder.select(builder.fcmp_ordered(">", value, ir.Constant(_DOUBLES, [0.0] * WIDTH)), yes, no)

    return lanes(lanes, lanes, lanes), generate


@intrinsic
def _scaled(typing_context, value, shifted):
    """value * 2**n, for `shifted` = n + `_ROUNDING`, whose lowest bits are those of n."""

    def generate(context, builder, signature, arguments):
        value, shifted = (builder.bitcast(argument, _INTEGERS) for argument in arguments)
        exponent = builder.shl(shifted, ir.Constant(_INTEGERS, [52] * WIDTH))
        return builder.bitcast(builder.add(value, exponent), _DOUBLES)

    return lanes(lanes, lanes), generate


@intrinsic
def _exponent_and_rest(typing_context, value):
    """n and value / 2**n in [sqrt(1/2), sqrt(2)), both as lanes, for positive normal numbers."""

    def generate(context, builder, signature, arguments):
        def constant(number: int) -> ir.Constant:
            return ir.Constant(_INTEGERS, [number] * WIDTH)

        bits = builder.bitcast(arguments[0], _INTEGERS)
        above = builder.sub(bits, constant(_HALF_ROOT_BITS))
        exponent = builder.ashr(above, constant(52))
        rest = builder.bitcast(builder.sub(bits, builder.shl(exponent, constant(52))), _DOUBLES)
        return context.make_tuple(builder, signature.return_type, [builder.sitofp(exponent, _DOUBLES), rest])

    return types.UniTuple(lanes, 2)(lanes), generate


_ROUNDING = 1.5 * 2.0**52  # adding it to a number below 2**51 rounds that number to an integer
_HALF_ROOT_BITS = 0x3FE6A09E667F3BCD  # the bits of sqrt(1/2)
_LOG2_E = 1 / math.log(2)
_LN2_HIGH = float.fromhex("0x1.62e42fefa0000p-1")  # ln 2 in two parts: a multiple of the first is exact
_LN2_LOW = float.fromhex("0x1.cf79abc9e3b3ap-40")
_LARGEST = 350.0  # products of two exponentials stay finite
# e**r = 1 + r + r**2 (E2 + E3 r + ...) on |r| <= ln(2)/2, the polynomial of degree 11 with the smallest relative error
# (3.6e-18, by the Remez algorithm)
_E2, _E3, _E4, _E5, _E6, _E7, _E8, _E9, _E10, _E11 = (
    *(0.50000000000000106271, 0.16666666666666412515, 0.041666666666530159082, 0.0083333333334944675334),
    *(0.0013888888943629989842, 0.00019841269506564000929, 0.000024801493099030417868, 2.755758638842914442e-6),
    *(2.7630248336116405948e-7, 2.5000056604513258036e-8),
)
_L3, _L5, _L7, _L9, _L11, _L13, _L15, _L17, _L19, _L21 = (2 / k for k in range(3, 23, 2))


@njit
def exp(x):
    """e**x, to one unit in the last place; x beyond +-350 counts as +-350.

    x = n ln 2 + r with |r| <= ln(2)/2, and a polynomial for e**r.
    """
    x = smaller(larger(x, spread(-_LARGEST)), spread(_LARGEST))
    shifted = x * _LOG2_E + _ROUNDING
    n = shifted - _ROUNDING
    r = x - n * _LN2_HIGH - n * _LN2_LOW
    r2 = r * r
    r4 = r2 * r2
    low = (_E2 + _E3 * r) + (_E4 + _E5 * r) * r2
    high = (_E6 + _E7 * r) + (_E8 + _E9 * r) * r2 + (_E10 + _E11 * r) * r4
    return _scaled(1.0 + (r + r2 * (low + r4 * high)), shifted)


@njit
def log_and_inverse(x):
    """ln x, to two units in the last place, and 1/x of numbers from e**-350 to e**350; not a number where x is none.

    x = 2**n m with m in [sqrt(1/2), sqrt(2)), and the series ln m = 2 artanh(f) = 2 (f + f**3/3 + ...),
    f = (m - 1) / (m + 1). Divisions are slow: one serves for both.
    """
    n, m = _exponent_and_rest(x)
    both = 1.0 / (x * (m + 1.0))
    f = (m - 1.0) * (both * x)
    s = f * f
    s2 = s * s
    s4 = s2 * s2
    low = (_L3 + _L5 * s) + (_L7 + _L9 * s) * s2
    high = (_L11 + _L13 * s) + (_L15 + _L17 * s) * s2 + (_L19 + _L21 * s) * s4
    return n * _LN2_HIGH + (n * _LN2_LOW + (2.0 * f + f * s * (low + s4 * high))), both * (m + 1.0)


@njit
def sigmoid(x):
    """1 / (1 + e**-x)."""
    return 1.0 / (1.0 + exp(0.0 - x))


@njit
def sigmoids(x, y):
    """sigmoid(x) and sigmoid(y) by one division."""
    of_x, of_y = 1.0 + exp(0.0 - x), 1.0 + exp(0.0 - y)
    both = 1.0 / (of_x * of_y)
    return both * of_y, both * of_x


@njit
def tanh(x):
    """Hyperbolic tangent, to 2e-16 absolutely."""
    return 1.0 - 2.0 / (1.0 + exp(2.0 * x))
