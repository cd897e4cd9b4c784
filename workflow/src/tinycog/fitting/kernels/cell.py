"""What a cell brings to the sweep: a named tuple of its sizes, and four functions, overloaded for that tuple's type.

A cell's module offers a named tuple of its own name (compiled code is linked by the names of types), `sizes(model)`
that makes one, the numbers of quantities per unit `TABLE_WIDTH` and `SLOT_WIDTH`, and the four functions. Rows of the
table are distinct inputs, or the conditions of a switching cell, which reads its parameters by condition and has no
table. An update gets rows, one for the block in each part of the lanes.

Arrays are flat float64; an offset counts numbers, and each quantity has `WIDTH` lanes from its offset on. The tape has
a slot for every choice of the blocks in flight, with the state before the choice first. Where sizes have to be known to
the compiler, so that it can unroll loops over units, they are the lengths of tuples (see `count`).
"""

from __future__ import annotations

from collections.abc import Callable

from numba import njit, types
from numba.extending import overload

from tinycog.fitting.kernels.lanes import WIDTH, rows_of_lanes, times, whole_parts


def tabulate(cell, theta, inputs, table):
    """Write to `table` what each row of `inputs` brings to the update."""
    raise NotImplementedError


def pull_back(cell, inputs, table, table_gradient, gradient):
    """Propagate the gradient of the table to the parameters; add it to `gradient`."""
    raise NotImplementedError


def advance(cell, theta, table, rows, tape, slot, following):
    """Update the state in the tape's `slot` by the `rows` of the table; write the new one to `following`."""
    raise NotImplementedError


def retreat(cell, theta, gradient, table, table_gradient, rows, tape, slot, slope):
    """Turn the gradient of the state after an update, in `tape` at `slope`, into that of the state before it.

    Adds the update's share of the gradients of parameters and table to `gradient` and to the `rows` of
    `table_gradient`.
    """
    raise NotImplementedError


UNROLLED_UNITS, UNROLLED_ACTIONS = 5, 6  # beyond, unrolled loops gain less and take long to compile


def sized(n: int, most: int) -> tuple[int, ...] | int:
    """A tuple as long as n, if n is at most `most`, or else n; see `count`."""
    return (0,) * n if n <= most else n


def count(sizes):
    """How many units or actions there are: as many as a tuple is long, which the compiler knows, or a number."""
    raise NotImplementedError


@overload(count, jit_options={"forceinline": True}, strict=False)
def _count(sizes):
    return (lambda sizes: len(sizes)) if isinstance(sizes, types.BaseTuple) else (lambda sizes: sizes)


def read_rows(array, index, parts, few):
    """The rows from `array[index]` on, one for the block in each part of the lanes; see `Choices`."""
    raise NotImplementedError


@overload(read_rows, jit_options={"forceinline": True}, strict=False)
def _read_rows(array, index, parts, few):
    if len(few):
        return lambda array, index, parts, few: rows_of_lanes(array, index, few)
    return lambda array, index, parts, few: whole_parts(array, index, parts)


@njit(forceinline=True)
def first_lanes(rows, row_width):
    """Place of the first quantity in each of the given rows, which hold `row_width` quantities."""
    return times(rows, row_width * WIDTH)


def for_cell(function: Callable, kind: type) -> Callable:
    """Decorator: the implementation of `function` for cells whose sizes are a named tuple of type `kind`."""

    def decorate(implementation: Callable) -> Callable:
        @overload(function, jit_options={"forceinline": True}, strict=False)
        def choose(cell, *arguments):
            is_kind = isinstance(cell, types.BaseNamedTuple) and cell.instance_class is kind
            return implementation if is_kind else None

        return implementation

    return decorate
