"""Eight float64 numbers at once, as a type of Numba: the arithmetic in which the kernels are written.

A lane is a replica. Every operation does the same to each lane, so that a replica's result does not depend, to the last
bit, on which replicas are beside it.
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

_DOUBLES = ir.VectorType(ir.DoubleType(), WIDTH)
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


def _pointer(context: Any, builder: ir.IRBuilder, array_type: types.Array, array: Any, index: Any) -> Any:
    start = context.make_array(array_type)(context, builder, value=array).data
    return builder.bitcast(builder.gep(start, [index]), _DOUBLES.as_pointer())


@intrinsic
def load(typing_context, array, index):
    """The lanes at `array[index : index + WIDTH]` of a flat float64 array; the bounds are not checked."""

    def generate(context, builder, signature, arguments):
        return builder.load(_pointer(context, builder, signature.args[0], *arguments), align=8)

    return lanes(array, types.intp), generate


@intrinsic
def store(typing_context, array, index, value):
    """Write lanes to `array[index : index + WIDTH]` of a flat float64 array; the bounds are not checked."""

    def generate(context, builder, signature, arguments):
        *place, value = arguments
        builder.store(value, _pointer(context, builder, signature.args[0], *place), align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes), generate


@intrinsic
def spread(typing_context, value):
    """One number in every lane."""

    def generate(context, builder, signature, arguments):
        undefined, integer = ir.Constant(_DOUBLES, ir.Undefined), ir.IntType(32)
        first = builder.insert_element(undefined, arguments[0], ir.Constant(integer, 0))
        return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(integer, WIDTH), [0] * WIDTH))

    return lanes(types.float64), generate


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
_E2, _E3, _E4, _E5, _E6, _E7, _E8, _E9, _E10, _E11, _E12, _E13 = (1 / math.factorial(k) for k in range(2, 14))
_L3, _L5, _L7, _L9, _L11, _L13, _L15, _L17, _L19, _L21 = (2 / k for k in range(3, 23, 2))


@njit
def exp(x):
    """e**x, to one unit in the last place; x beyond +-350 counts as +-350.

    x = n ln 2 + r with |r| <= ln(2)/2, and the Taylor series of e**r to the 13th power.
    """
    x = smaller(larger(x, spread(-_LARGEST)), spread(_LARGEST))
    shifted = x * _LOG2_E + _ROUNDING
    n = shifted - _ROUNDING
    r = x - n * _LN2_HIGH - n * _LN2_LOW
    r2 = r * r
    r4 = r2 * r2
    low = (_E2 + _E3 * r) + (_E4 + _E5 * r) * r2
    middle = (_E6 + _E7 * r) + (_E8 + _E9 * r) * r2
    high = (_E10 + _E11 * r) + (_E12 + _E13 * r) * r2
    return _scaled(1.0 + (r + r2 * (low + r4 * (middle + r4 * high))), shifted)


@njit
def log(x):
    """ln x of positive normal numbers, to two units in the last place; not a number where x is none.

    x = 2**n m with m in [sqrt(1/2), sqrt(2)), and the series ln m = 2 artanh(f) = 2 (f + f**3/3 + ...),
    f = (m - 1) / (m + 1).
    """
    n, m = _exponent_and_rest(x)
    f = (m - 1.0) / (m + 1.0)
    s = f * f
    s2 = s * s
    s4 = s2 * s2
    low = (_L3 + _L5 * s) + (_L7 + _L9 * s) * s2
    high = (_L11 + _L13 * s) + (_L15 + _L17 * s) * s2 + (_L19 + _L21 * s) * s4
    return n * _LN2_HIGH + (n * _LN2_LOW + (2.0 * f + f * s * (low + s4 * high))) + 0.0 * x


@njit
def sigmoid(x):
    """1 / (1 + e**-x)."""
    return 1.0 / (1.0 + exp(0.0 - x))


@njit
def tanh(x):
    """Hyperbolic tangent, to 2e-16 absolutely."""
    return 1.0 - 2.0 / (1.0 + exp(2.0 * x))
