"""Eight float64 numbers at once, as a type of Numba: the arithmetic in which the kernels are written.

A lane computes one replica on its share of the blocks. The lanes are divided into as many parts as blocks are run at
once (1, 2, 4 or 8), and each part has every replica of the stack. Each part reads and writes places of its own: a place
in memory is an index for all lanes, a tuple with one index for each part, or `Rows`. Every operation does the same to
each lane, so that a replica's result does not depend, to the last bit, on its neighbours.

Functions of lanes also take the lanes of two or four units together: chains of operations that do not depend on each
other, which the processor overlaps.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

WIDTH = 8

_DOUBLES = ir.VectorType(ir.DoubleType(), WIDTH)
_INTEGERS = ir.VectorType(ir.IntType(64), WIDTH)


class Lanes(types.Type):
    """Numba's type of as many float64 numbers as all lanes of one or of several units have."""

    def __init__(self, count: int = WIDTH) -> None:
        super().__init__(name=f"Lanes({count})")
        self.count = count

    @property
    def doubles(self) -> ir.VectorType:
        return ir.VectorType(ir.DoubleType(), self.count)

    @property
    def integers(self) -> ir.VectorType:
        return ir.VectorType(ir.IntType(64), self.count)


lanes = Lanes()


class Rows(types.Type):
    """Numba's type of places of which each lane has one of `count`: the row that it reads, one step after another.

    All rows are read for all lanes, and each lane keeps its own: for few rows that costs less than to read one number
    for each lane.
    """

    def __init__(self, count: int) -> None:
        super().__init__(name=f"Rows({count})")
        self.count = count


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, numba_type: types.Type):
        super().__init__(manager, numba_type, numba_type.doubles)


_ROW, _START, _STEP = range(3)  # fields of a place of type `Rows`: each lane's row, index of the first row, step


@register_model(Rows)
class _RowsModel(models.PrimitiveModel):
    def __init__(self, manager: Any, numba_type: types.Type):
        fields = [_INTEGERS, ir.IntType(64), ir.IntType(64)]
        super().__init__(manager, numba_type, ir.LiteralStructType(fields))


@intrinsic
def borrowed(typing_context, array):
    """The same array without reference counting; the caller holds its memory all the time.

    Counting costs more than the arithmetic where a function of many arrays is called for every choice.
    """

    def generate(context, builder, signature, arguments):
        view = context.make_array(signature.args[0])(context, builder, value=arguments[0])
        view.meminfo, view.parent = cgutils.get_null_value(view.meminfo.type), cgutils.get_null_value(view.parent.type)
        return view._getvalue()

    return array(array), generate


def _pointers(
    context: Any, builder: ir.IRBuilder, signature: Any, array: Any, place: Any, doubles: ir.VectorType = _DOUBLES
) -> list:
    """Pointers to what lies at a place of a flat float64 array: one to all lanes, or one for each part."""
    array_type, place_type = signature.args[:2]
    start = context.make_array(array_type)(context, builder, value=array).data
    if isinstance(place_type, types.Integer):
        return [builder.bitcast(builder.gep(start, [place]), doubles.as_pointer())]
    size = WIDTH // len(place_type)
    pointer = ir.VectorType(ir.DoubleType(), size).as_pointer()
    indices = [builder.extract_value(place, i) for i in range(len(place_type))]
    indices = [builder.add(index, ir.Constant(index.type, i * size)) for i, index in enumerate(indices)]
    return [builder.bitcast(builder.gep(start, [index]), pointer) for index in indices]


def _shuffled(builder: ir.IRBuilder, left: Any, right: Any, lanes_of_both: Iterable[int]) -> Any:
    index = list(lanes_of_both)
    return builder.shuffle_vector(left, right, ir.Constant(ir.VectorType(ir.IntType(32), len(index)), index))


def _joined(builder: ir.IRBuilder, parts: list) -> Any:
    """All lanes from the lanes of the parts, joined two by two."""
    while len(parts) > 1:
        size = parts[0].type.count
        twos = zip(parts[::2], parts[1::2], strict=True)
        parts = [_shuffled(builder, left, right, range(2 * size)) for left, right in twos]
    return parts[0]


def _of_rows(context: Any, builder: ir.IRBuilder, signature: Any, array: Any, place: Any) -> Iterator[tuple]:
    """For every row which lanes read it, and a pointer to what it has for all lanes."""
    start = context.make_array(signature.args[0])(context, builder, value=array).data
    row, index, step = (builder.extract_value(place, field) for field in (_ROW, _START, _STEP))
    for k in range(signature.args[1].count):
        reads = builder.icmp_signed("==", row, ir.Constant(_INTEGERS, [k] * WIDTH))
        yield reads, builder.bitcast(builder.gep(start, [index]), _DOUBLES.as_pointer())
        index = builder.add(index, step)


@intrinsic
def load(typing_context, array, place):
    """The lanes at a place of a flat float64 array; the bounds are not checked.

    A place is the index of the first lane, a tuple of such indices, one for the lanes of each part, or `Rows`.
    """

    def generate(context, builder, signature, arguments):
        if isinstance(place, Rows):
            value = ir.Constant(_DOUBLES, ir.Undefined)
            for reads, pointer in _of_rows(context, builder, signature, *arguments):
                value = builder.select(reads, builder.load(pointer, align=8), value)
            return value
        pointers = _pointers(context, builder, signature, *arguments)
        return _joined(builder, [builder.load(pointer, align=8) for pointer in pointers])

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
def several(typing_context, array, index, step, like, units):
    """A tuple as long as `like` of the lanes at an index of a flat float64 array and at each `step` from there on.

    Each time those of as many units as `units` is long, which lie one after the other.
    """
    kind = Lanes(WIDTH * len(units))

    def generate(context, builder, signature, arguments):
        array, index, step, *_ = arguments
        start = context.make_array(signature.args[0])(context, builder, value=array).data
        values = []
        for _ in range(len(like)):
            pointer = builder.bitcast(builder.gep(start, [index]), kind.doubles.as_pointer())
            values.append(builder.load(pointer, align=8))
            index = builder.add(index, step)
        return context.make_tuple(builder, signature.return_type, values)

    return types.UniTuple(kind, len(like))(array, types.intp, types.intp, like, units), generate


@intrinsic
def store_several(typing_context, array, index, step, values):
    """Write a tuple of lanes to an index of a flat float64 array and to each `step` from there on."""

    def generate(context, builder, signature, arguments):
        array, index, step, values = arguments
        start = context.make_array(signature.args[0])(context, builder, value=array).data
        for i in range(len(signature.args[3])):
            pointer = builder.bitcast(builder.gep(start, [index]), signature.args[3].dtype.doubles.as_pointer())
            builder.store(builder.extract_value(values, i), pointer, align=8)
            index = builder.add(index, step)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, values), generate


@intrinsic
def add(typing_context, array, place, value):
    """Add lanes to those at a place (see `load`) of a flat float64 array; the bounds are not checked."""

    def generate(context, builder, signature, arguments):
        if isinstance(place, Rows):
            for reads, pointer in _of_rows(context, builder, signature, *arguments[:2]):
                before = builder.load(pointer, align=8)
                total = builder.fadd(before, arguments[2], flags=("contract",))
                builder.store(builder.select(reads, total, before), pointer, align=8)
            return context.get_dummy_value()
        doubles, value = signature.args[2].doubles, arguments[2]
        pointers = _pointers(context, builder, signature, *arguments[:2], doubles)
        size = WIDTH // len(pointers)
        for i, pointer in enumerate(pointers):
            part = value if size == WIDTH else _shuffled(builder, value, value, range(i * size, (i + 1) * size))
            total = builder.fadd(builder.load(pointer, align=8), part, flags=("contract",))
            builder.store(total, pointer, align=8)
        return context.get_dummy_value()

    return types.void(array, place, value), generate


def _of_places(instruction: str) -> Callable:
    """A function of a place and an integer, index by index."""

    @intrinsic
    def apply(typing_context, place, by):
        def generate(context, builder, signature, arguments):
            place, by = arguments
            operate = getattr(builder, instruction)
            if isinstance(signature.return_type, types.Integer):
                return operate(place, by)
            if isinstance(signature.return_type, Rows):
                for field in (_START, _STEP) if instruction == "mul" else (_START,):
                    place = builder.insert_value(place, operate(builder.extract_value(place, field), by), field)
                return place
            parts = [builder.extract_value(place, i) for i in range(len(signature.return_type))]
            return context.make_tuple(builder, signature.return_type, [operate(part, by) for part in parts])

        return place(place, types.intp), generate

    return apply


further, times = _of_places("add"), _of_places("mul")


@intrinsic
def spread(typing_context, value):
    """One number in every lane."""

    def generate(context, builder, signature, arguments):
        first = builder.insert_element(
            ir.Constant(_DOUBLES, ir.Undefined), arguments[0], ir.Constant(ir.IntType(32), 0)
        )
        return _shuffled(builder, first, first, [0] * WIDTH)

    return lanes(types.float64), generate


@intrinsic
def spread_like(typing_context, value, like):
    """One number in every lane, of as many units as `like` has."""

    def generate(context, builder, signature, arguments):
        first = builder.insert_element(
            ir.Constant(like.doubles, ir.Undefined), arguments[0], ir.Constant(ir.IntType(32), 0)
        )
        return _shuffled(builder, first, first, [0] * like.count)

    return like(types.float64, like), generate


@intrinsic
def spread_parts(typing_context, array, index, parts):
    """The numbers from `array[index]` on, one in all lanes of each part; as many parts as `parts` is long."""

    def generate(context, builder, signature, arguments):
        n = len(signature.args[2])
        start = context.make_array(signature.args[0])(context, builder, value=arguments[0]).data
        pointer = builder.bitcast(builder.gep(start, [arguments[1]]), ir.VectorType(ir.DoubleType(), n).as_pointer())
        numbers = builder.load(pointer, align=8)
        return _shuffled(builder, numbers, numbers, [lane * n // WIDTH for lane in range(WIDTH)])

    return lanes(array, types.intp, parts), generate


@intrinsic
def rows_of_lanes(typing_context, array, index, few):
    """The integers from `array[index]` on as rows, of which there are as many as `few` is long."""

    def generate(context, builder, signature, arguments):
        start = context.make_array(signature.args[0])(context, builder, value=arguments[0]).data
        pointer = builder.bitcast(builder.gep(start, [arguments[1]]), _INTEGERS.as_pointer())
        integer = ir.IntType(64)
        place = ir.Constant.literal_struct([ir.Constant(_INTEGERS, ir.Undefined), integer(0), integer(1)])
        return builder.insert_value(place, builder.load(pointer, align=8), _ROW)

    return Rows(len(few))(array, types.intp, few), generate


@intrinsic
def whole_parts(typing_context, array, index, parts):
    """The integers from `array[index]` on as a tuple as long as `parts`."""

    def generate(context, builder, signature, arguments):
        start = context.make_array(signature.args[0])(context, builder, value=arguments[0]).data
        n = len(signature.args[2])
        indices = [builder.add(arguments[1], ir.Constant(arguments[1].type, i)) for i in range(n)]
        return context.make_tuple(
            builder, signature.return_type, [builder.load(builder.gep(start, [i])) for i in indices]
        )

    return types.UniTuple(types.int64, len(parts))(array, types.intp, parts), generate


def _define(function: Callable, instruction: str) -> None:
    """Give lanes an operator of Python; a product and the sum it goes into may be rounded once (fused)."""

    @intrinsic
    def apply(typing_context, left, right):
        def generate(context, builder, signature, arguments):
            return getattr(builder, instruction)(*arguments, flags=("contract",))

        return left(left, right), generate

    @overload(function, jit_options={"forceinline": True}, strict=False)
    def implementation(left, right):
        if isinstance(left, Lanes) and left == right:
            return lambda left, right: apply(left, right)
        if isinstance(left, Lanes) and isinstance(right, types.Number):
            return lambda left, right: apply(left, spread_like(float(right), left))
        if isinstance(right, Lanes) and isinstance(left, types.Number):
            return lambda left, right: apply(spread_like(float(left), right), right)
        return None


_define(operator.add, "fadd")
_define(operator.sub, "fsub")
_define(operator.mul, "fmul")
_define(operator.truediv, "fdiv")


def _chosen(replaces: str) -> Callable:
    """Lane by lane, `right` where `left` compares to it as `replaces` says, else `left`, also where that is NaN."""

    @intrinsic
    def choose(typing_context, left, right):
        def generate(context, builder, signature, arguments):
            left, right = arguments
            return builder.select(builder.fcmp_ordered(replaces, left, right), right, left)

        return left(left, right), generate

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

    kind = value

    def generate(context, builder, signature, arguments):
        value, shifted = (builder.bitcast(argument, kind.integers) for argument in arguments)
        exponent = builder.shl(shifted, ir.Constant(kind.integers, [52] * kind.count))
        return builder.bitcast(builder.add(value, exponent), kind.doubles)

    return kind(kind, kind), generate


@intrinsic
def _exponent_and_rest(typing_context, value):
    """n and value / 2**n in [sqrt(1/2), sqrt(2)), both as lanes, for positive normal numbers."""

    def generate(context, builder, signature, arguments):
        def constant(number: int) -> ir.Constant:
            return ir.Constant(lanes.integers, [number] * WIDTH)

        bits = builder.bitcast(arguments[0], lanes.integers)
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


@njit(forceinline=True)
def exp(x):
    """e**x, to one unit in the last place; x beyond +-350 counts as +-350.

    x = n ln 2 + r with |r| <= ln(2)/2, and a polynomial for e**r.
    """
    x = smaller(larger(x, spread_like(-_LARGEST, x)), spread_like(_LARGEST, x))
    shifted = x * _LOG2_E + _ROUNDING
    n = shifted - _ROUNDING
    r = x - n * _LN2_HIGH - n * _LN2_LOW
    r2 = r * r
    r4 = r2 * r2
    low = (_E2 + _E3 * r) + (_E4 + _E5 * r) * r2
    high = (_E6 + _E7 * r) + (_E8 + _E9 * r) * r2 + (_E10 + _E11 * r) * r4
    return _scaled(1.0 + (r + r2 * (low + r4 * high)), shifted)


@njit(forceinline=True)
def log_and_inverse(x):
    """ln x, to two units in the last place, and 1/x of numbers from e**-350 to e**350; NaN where x is NaN.

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


@njit(forceinline=True)
def sigmoid(x):
    """1 / (1 + e**-x)."""
    return 1.0 / (1.0 + exp(0.0 - x))


@njit(forceinline=True)
def sigmoids(x, y):
    """sigmoid(x) and sigmoid(y) by one division."""
    of_x, of_y = 1.0 + exp(0.0 - x), 1.0 + exp(0.0 - y)
    both = 1.0 / (of_x * of_y)
    return both * of_y, both * of_x


@njit(forceinline=True)
def tanh(x):
    """Hyperbolic tangent, to 2e-16 absolutely."""
    return 1.0 - 2.0 / (1.0 + exp(2.0 * x))
