"""Products of matrices with the lanes of many units: the work of a wide layer, tile by tile in registers.

A tile has so many sums that their chains of additions overlap, and each number that is read serves several of them.
Every sum is made in the same order whatever the tile, so that sizes of tiles change no result.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from tinycog.fitting.kernels.lanes import WIDTH

_DOUBLES = ir.VectorType(ir.DoubleType(), WIDTH)


@intrinsic
def address(typing_context, array, place):
    """Address of a place of a flat float64 array: a function that is called for every choice takes no whole arrays."""

    def generate(context, builder, signature, arguments):
        start = context.make_array(signature.args[0])(context, builder, value=arguments[0]).data
        return builder.ptrtoint(builder.gep(start, [arguments[1]]), ir.IntType(64))

    return types.intp(array, types.intp), generate


def _pointer(builder: ir.IRBuilder, place: Any) -> Any:
    return builder.inttoptr(place, ir.DoubleType().as_pointer())


def _lanes_at(builder: ir.IRBuilder, start: Any, number: int) -> Any:
    """Pointer to the lanes `number` lanes further than `start`."""
    place = builder.gep(start, [ir.Constant(ir.IntType(64), number * WIDTH)])
    return builder.bitcast(place, _DOUBLES.as_pointer())


@contextmanager
def _loop(builder: ir.IRBuilder, n: Any) -> Iterator[Any]:
    """A loop over n; gives the index."""
    body, end = builder.append_basic_block("tile"), builder.append_basic_block("tile.end")
    before = builder.block
    builder.cbranch(builder.icmp_signed(">", n, n.type(0)), body, end)
    builder.position_at_end(body)
    index = builder.phi(n.type)
    index.add_incoming(n.type(0), before)
    yield index
    following = builder.add(index, n.type(1))
    index.add_incoming(following, builder.block)
    builder.cbranch(builder.icmp_signed("<", following, n), body, end)
    builder.position_at_end(end)


def _added(builder: ir.IRBuilder, total: Any, left: Any, right: Any) -> Any:
    return builder.fadd(total, builder.fmul(left, right, flags=("contract",)), flags=("contract",))


@intrinsic
def _rows(typing_context, tile, replicas, fresh, weights, step, values, n, begin, out):
    """Write to `out`, for as many rows as `tile` is long, sums over n of a weight times lanes.

    See `add_product`; all places are addresses.
    """
    n_rows, size = len(tile), len(replicas)

    def generate(context, builder, signature, arguments):
        *_, weights, step, values, n, begin, out = arguments
        integer = step.type
        weights, values, begin, out = (_pointer(builder, place) for place in (weights, values, begin, out))
        begins, outs = ([_lanes_at(builder, start, r) for r in range(n_rows)] for start in (begin, out))
        nothing = ir.Constant(_DOUBLES, [0.0] * WIDTH)
        begun = [nothing if len(fresh) else builder.load(pointer, align=8) for pointer in begins]
        sums = [cgutils.alloca_once_value(builder, value) for value in begun]
        numbers = ir.VectorType(ir.DoubleType(), size).as_pointer()
        repeated = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [lane % size for lane in range(WIDTH)])
        with _loop(builder, n) as index:
            here = builder.gep(values, [builder.mul(index, integer(WIDTH))])
            value = builder.load(_lanes_at(builder, here, 0), align=8)
            start = builder.gep(weights, [builder.mul(index, step)])
            for r, total in enumerate(sums):
                weight = builder.load(builder.bitcast(builder.gep(start, [integer(r * size)]), numbers), align=8)
                weight = builder.shuffle_vector(weight, weight, repeated)  # lanes repeat the replicas
                builder.store(_added(builder, builder.load(total), weight, value), total)
        for total, pointer in zip(sums, outs, strict=True):
            builder.store(builder.load(total), pointer, align=8)
        return context.get_dummy_value()

    return types.void(tile, replicas, fresh, *(types.intp,) * 6), generate


@intrinsic
def _tile(typing_context, rows, columns, left, right, step, n, out, row_step):
    """Add to a tile of `out` sums over n, `step` numbers apart, of lanes on the left (rows) times the right ones."""
    n_rows, n_columns = len(rows), len(columns)

    def generate(context, builder, signature, arguments):
        _, _, left, right, step, n, out, row_step = arguments
        integer = step.type
        left, right, out = (_pointer(builder, place) for place in (left, right, out))
        begins = [builder.gep(out, [builder.mul(row_step, integer(r))]) for r in range(n_rows)]
        outs = [_lanes_at(builder, begin, c) for begin in begins for c in range(n_columns)]
        sums = [cgutils.alloca_once_value(builder, builder.load(pointer, align=8)) for pointer in outs]
        with _loop(builder, n) as index:
            further = builder.mul(index, step)
            here, there = builder.gep(left, [further]), builder.gep(right, [further])
            of_columns = [builder.load(_lanes_at(builder, there, c), align=8) for c in range(n_columns)]
            for r in range(n_rows):
                of_row = builder.load(_lanes_at(builder, here, r), align=8)
                for total, column in zip(sums[r * n_columns : (r + 1) * n_columns], of_columns, strict=True):
                    builder.store(_added(builder, builder.load(total), of_row, column), total)
        for total, pointer in zip(sums, outs, strict=True):
            builder.store(builder.load(total), pointer, align=8)
        return context.get_dummy_value()

    return types.void(rows, columns, *(types.intp,) * 6), generate


@intrinsic
def _of_its_own(typing_context):
    """Keep the function in which this stands out of those that call it: tiles are much code."""

    def generate(context, builder, signature, arguments):
        builder.function.attributes.add("noinline")
        return context.get_dummy_value()

    return types.void(), generate


LANES, NUMBER = 8 * WIDTH, 8  # bytes
_16, _8, _6, _4, _2, _1 = ((0,) * n for n in (16, 8, 6, 4, 2, 1))


@njit(forceinline=False)  # not even where a caller is to be
def add_product(replicas, fresh, weights, n_rows, values, n, begin, out):
    """Write to the lanes (row,) of `out` those of `begin` and a matrix of weights (n, row) times lanes (n,).

    Args:
        replicas: a tuple as long as there are replicas in a stack; a weight has a number for each.
        fresh: a tuple; if it is not empty, nothing is read from `begin`.
        weights, values, begin, out: addresses; `begin` may be `out`.
    """
    _of_its_own()
    row, size = 0, len(replicas)
    step = n_rows * size
    while row + 16 <= n_rows:
        _rows(_16, replicas, fresh, weights, step, values, n, begin, out)
        row, weights, begin, out = row + 16, weights + 16 * size * NUMBER, begin + 16 * LANES, out + 16 * LANES
    if row + 8 <= n_rows:
        _rows(_8, replicas, fresh, weights, step, values, n, begin, out)
        row, weights, begin, out = row + 8, weights + 8 * size * NUMBER, begin + 8 * LANES, out + 8 * LANES
    if row + 4 <= n_rows:
        _rows(_4, replicas, fresh, weights, step, values, n, begin, out)
        row, weights, begin, out = row + 4, weights + 4 * size * NUMBER, begin + 4 * LANES, out + 4 * LANES
    if row + 2 <= n_rows:
        _rows(_2, replicas, fresh, weights, step, values, n, begin, out)
        row, weights, begin, out = row + 2, weights + 2 * size * NUMBER, begin + 2 * LANES, out + 2 * LANES
    if row < n_rows:
        _rows(_1, replicas, fresh, weights, step, values, n, begin, out)


@njit(forceinline=False)
def _add_rows(rows, left, right, step, n, out, n_columns):
    """As `add_outer`, for as many rows as `rows` is long.

    That is an argument, not a variable around the function: compiled code is linked by its name and types of arguments,
    and a process that loads what two others compiled would run one in place of the other.
    """
    row_step = n_columns * WIDTH
    column = 0
    while column + 4 <= n_columns:
        _tile(rows, _4, left, right + column * LANES, step, n, out + column * LANES, row_step)
        column += 4
    if column + 2 <= n_columns:
        _tile(rows, _2, left, right + column * LANES, step, n, out + column * LANES, row_step)
        column += 2
    if column < n_columns:
        _tile(rows, _1, left, right + column * LANES, step, n, out + column * LANES, row_step)


@njit(forceinline=False)
def add_outer(left, n_rows, right, n_columns, step, n, out):
    """Add sums over n slots, `step` numbers apart, of lanes (row,) times lanes (column,) to lanes (row, column).

    `left`, `right` and `out` are addresses.
    """
    _of_its_own()
    row, width = 0, n_columns * LANES
    while row + 6 <= n_rows:
        _add_rows(_6, left + row * LANES, right, step, n, out + row * width, n_columns)
        row += 6
    while row + 2 <= n_rows:
        _add_rows(_2, left + row * LANES, right, step, n, out + row * width, n_columns)
        row += 2
    if row < n_rows:
        _add_rows(_1, left + row * LANES, right, step, n, out + row * width, n_columns)
