"""The structure of a MATLAB 5 file, gone through before SciPy reads it.

SciPy trusts what a file claims: it gives memory to any dimensions, inflates without a limit, looks up types that there
are none of, and follows cells within cells until the stack is full. Here the elements are followed by their sizes, as
MathWorks' "MAT-File Format" lays them out, and a file in which they disagree is not passed on.
"""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

from tinycog.errors import InputError
from tinycog.sources.bounds import DEPTH, OBJECT, REFUSED, Claims

HEADER = 128  # bytes of text, version and byte order
INT8, INT32, UINT32, MATRIX, COMPRESSED, UTF8 = 1, 5, 6, 14, 15, 16  # types of elements
CELL, STRUCT, CHAR, OPAQUE = 1, 2, 4, 17  # classes of matrices
NUMBERS = range(6, 16)
COMPLEX = 0x800
SIZES = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8}  # bytes of a number, by type of element
TEXTS = (1, 2, 4, 16, 17, 18)  # types of elements that may hold characters
OUTLINE = 14  # words up to the content of a matrix of two dimensions without a name: its tag, its header, their tag
PEEK = 1 << 16  # bytes in which the name of a variable has to come


def check(content: bytes, path: Path, name: str | None = None) -> None:
    """Go through what SciPy would read of a file: the variable `name`, or all.

    Raises:
        InputError: more memory or depth than allowed, or anything but arrays of numbers, text, cells and structs.
        Exception: the content is not that of a MATLAB 5 file.
    """
    order = {b"IM": "<", b"MI": ">"}.get(content[126:HEADER])
    if order is None or struct.unpack_from(f"{order}H", content, 124) != (0x0100,) or 0 in content[:4]:
        raise ValueError("the header is not that of MATLAB 5")
    claims = Claims(path)
    after = HEADER
    while after < len(content):
        start = after
        kind, size = struct.unpack_from(f"{order}II", content, start)
        after = start + 8 + size
        if after > len(content) or kind not in (MATRIX, COMPRESSED):
            raise ValueError(f"an element of type {kind} and {size} bytes at byte {start}")
        element = content[start:after]
        variable = _inflated(element[8:], order, name, claims) if kind == COMPRESSED else element
        matrices = _Matrices(variable, order, claims)
        if variable and name in (None, matrices.header(0).name):
            matrices.follow(0)


def _inflated(compressed: bytes, order: str, name: str | None, claims: Claims) -> bytes:
    """The matrix in a compressed element; no bytes if it is not `name`, so that it will not be read."""
    stream = zlib.decompressobj()
    begin = stream.decompress(compressed, PEEK)
    kind, size = struct.unpack_from(f"{order}II", begin)
    if kind != MATRIX:
        raise ValueError(f"an element of type {kind} in a compressed one")
    if name is not None and _Matrices(begin, order, claims).header(0).name != name:
        return b""
    claims.add(size, "a compressed variable")
    rest = size + 8 - len(begin)
    matrix = begin + stream.decompress(stream.unconsumed_tail, rest) if rest > 0 else begin
    if len(matrix) != size + 8 or stream.decompress(stream.unconsumed_tail, 1):
        raise ValueError(f"a compressed variable that is not of the {size} bytes that it claims")
    return matrix


class Header(NamedTuple):
    """What a matrix begins with, and the word after it."""

    kind: int
    is_complex: bool
    shape: tuple[int, ...]
    name: str
    after: int


class _Matrices:
    """A variable as words of four bytes, to which all tags are aligned."""

    def __init__(self, variable: bytes, order: str, claims: Claims) -> None:
        import numpy as np

        self.bytes = variable
        self.words = np.frombuffer(variable[: len(variable) // 4 * 4], f"{order}u4").astype("u4").data
        self.claims = claims
        self.known: dict[bytes, int] = {}  # words of arrays of numbers by all that was checked of them

    def element(self, at: int) -> tuple[int, int, int, int]:
        """Type, number of bytes, first word and the word after the element that begins at word `at`."""
        words = self.words
        tag = words[at]
        if tag >> 16:  # both in one word, and the content in the next
            kind, size, start, after = tag & 0xFFFF, tag >> 16, at + 1, at + 2
            if size > 4:
                raise ValueError(f"{size} bytes in an element of four")
        else:
            kind, size, start = tag, words[at + 1], at + 2
            after = start + -(-size // 8) * 2
        if after > len(words):
            raise ValueError(f"an element of {size} bytes at byte {4 * at}, after which {len(words)} words end")
        return kind, size, start, after

    def header(self, at: int) -> Header:
        """The header of the matrix whose tag begins at word `at`."""
        kind, size, start, after = self.element(at + 2)
        if (kind, size) != (UINT32, 8):
            raise ValueError("a matrix without flags")
        flags = self.words[start]
        shape: tuple[int, ...] = ()
        if flags & 0xFF != OPAQUE:
            kind, size, start, after = self.element(after)
            shape = tuple(self.words[start : start + size // 4])
            if kind not in (INT32, UINT32) or len(shape) > 32 or max(shape, default=0) >= 2**31:
                raise ValueError(f"dimensions {shape} of type {kind}")
        kind, size, start, after = self.element(after)
        if kind not in (INT8, UTF8):
            raise ValueError(f"a name of type {kind}")
        name = self.bytes[4 * start : 4 * start + size].decode("latin-1")
        return Header(flags & 0xFF, bool(flags & COMPLEX), shape, name, after)

    def follow(self, at: int, depth: int = 1) -> int:
        """Check the matrix whose tag begins at word `at` and all in it; return the word after it."""
        outline = self.bytes[4 * at : 4 * at + 4 * OUTLINE]
        if outline in self.known:  # of a million cells with a number each most begin alike
            self.claims.add(OBJECT, "an array")
            return at + self.known[outline]
        kind, size, start, end = self.element(at)
        if kind != MATRIX or size % 8 or start != at + 2:
            raise ValueError(f"an element of type {kind} and {size} bytes where a matrix was to be")
        self.claims.add(OBJECT, "an array")
        if not size:
            return end
        if depth > DEPTH:
            raise InputError(f"{self.claims.path}: found cells or structs more than {DEPTH} deep. {REFUSED}")
        kind, is_complex, shape, _, first = self.header(at)
        after = first
        length = math.prod(max(n, 1) for n in shape)
        if kind in NUMBERS:
            for _ in range(1 + is_complex):
                stored, size, _, after = self.element(after)
                if size != math.prod(shape) * SIZES[stored]:
                    raise ValueError(f"an array of shape {shape} in {size} bytes")
        elif kind == CHAR:
            self.claims.add(4 * length, f"text of shape {shape}")
            stored, _, _, after = self.element(after)
            if stored not in TEXTS:
                raise ValueError(f"characters of type {stored}")
        elif kind in (CELL, STRUCT):
            fields = 1
            if kind == STRUCT:
                fields, after = self.fields(after)
            self.claims.add(8 * length * max(fields, 1), f"{'structs' if kind == STRUCT else 'cells'} of shape {shape}")
            for _ in range(math.prod(shape) * fields):
                after = self.follow(after, depth + 1)
        else:
            raise InputError(
                f"{self.claims.path}: found a matrix of class {kind}; allowed: arrays of numbers (6 to 15), text (4), "
                f"cells (1) and structs (2). Save the file without objects, functions and sparse arrays"
            )
        if after != end:
            raise ValueError(f"a matrix of shape {shape} whose content does not fill it")
        if kind in NUMBERS and not is_complex and first == at + OUTLINE - 2:
            self.known[outline] = end - at
        return end

    def fields(self, at: int) -> tuple[int, int]:
        """Number of fields of a struct whose field names begin at word `at`, and the word after these."""
        kind, size, start, after = self.element(at)
        length = self.words[start]
        if kind != INT32 or size != 4 or not 0 < length < 2**31:
            raise ValueError("a struct without the length of its field names")
        kind, size, _, after = self.element(after)
        if kind not in (INT8, UTF8):
            raise ValueError(f"field names of type {kind}")
        return size // length, after
