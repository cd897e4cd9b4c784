"""Strategies of hypothesis for input that nobody would make on purpose, or somebody to harm."""

from __future__ import annotations

import copy
import warnings
from contextlib import suppress
from typing import Any

import numpy as np
from hypothesis import strategies as st

# cells of a table, and any other text: what programs write for numbers and nothing, and what programs run
CELLS = [
    *("", " ", "\t", "nan", "NaN", "NA", "null", "None", "inf", "-inf", "Infinity", "1e400", "-1e400", "1e308", "-1"),
    *("0", "1", "2", "3", "-0", "0.5", "1.0", "1.5", "1,5", "1_0", "0x10", "1e5", "2e0", "+1", "1 ", " 1", "1.", ".5"),
    *("9" * 19, "9" * 30, "1" * 5000, "0." + "3" * 50, "1e-400", "2147483648", "32768", "127.5", "128", "300", "1j"),
    *("True", "true", "false", "yes", "left", "R1", "pooled", "all", "subject", "subject_1", "l", "r", "v", "#", "#1"),
    *("..", ".", "../../x", "/etc/passwd", "a/b", "a\\b", "C:\\x", "~", "CON", "x.parquet", "-rf", "--help", "+x"),
    *("$(touch x)", "`touch x`", "; touch x", "{0.__class__}", "{run}", "{wildcards}", "%s", "=1+1", "@x", "!x"),
    *("__import__('os').system('touch x')", "<script>", "a" * 300, "ä", "Ä", "ß", "é", "日本", "💥", "١", "１", "²"),
    *("\0", "\x1b[31m", "\x7f", "\u202e", "\ufeff", "\u00a0", "\u2028", "\x85", "\ud800", '"', '""', 'a"b', "'", ","),
    *(";", "a\nb", "a\rb", "\r\n", "a,b", "a;b", "a\tb", "__", "a__b", "_", "chunk__0", "A", "a", "a+b", "a%b"),
    "2020-01-01",
]
NUMBERS = [
    *(0, 1, 2, 3, -1, -2, 5, 127, 128, 255, 256, 32767, 32768, 2**31 - 1, 2**31, -(2**31), 2**53, 2**53 + 1, 2**63 - 1),
    *(2**63, 2**64, 10**30, -(10**30), 0.0, -0.0, 0.5, 1.0, 1.5, 1e-300, 5e-324, 1e300, -1e300, 1e308),
    *(float("nan"), float("inf"), float("-inf"), True, False),
]
DTYPES = ("f4", "f8", ">f8", "f2", "i1", "u1", "i2", "i8", "u8", "?", "c16", "U3", "S3", "O", "M8[s]", "m8[s]")

text = st.one_of(st.sampled_from(CELLS), st.text(max_size=8))
number = st.one_of(st.sampled_from(NUMBERS), st.integers(-5, 5), st.floats())
scalar = st.one_of(text, number, st.none())
anything = st.recursive(
    st.one_of(scalar, st.binary(max_size=4), st.dates()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(scalar, inner, max_size=3)),
    max_leaves=5,
)


@st.composite
def changed(draw: st.DrawFn, content: Any) -> Any:
    """A copy of dicts, lists, arrays, text and numbers in each other, with a few things in it changed."""
    content = copy.deepcopy(content)
    for _ in range(draw(st.integers(1, 3))):
        content = _change(draw, content)
    return content


def _change(draw: st.DrawFn, node: Any) -> Any:
    if isinstance(node, dict | list) and node and draw(st.integers(0, 9)):
        keys = list(node) if isinstance(node, dict) else range(len(node))
        key = keys[draw(st.integers(0, len(keys) - 1))]
        node[key] = _change(draw, node[key])
        return node
    if isinstance(node, dict):
        return _changed_dict(draw, node)
    if isinstance(node, list):
        return _changed_list(draw, node)
    if isinstance(node, np.ndarray):
        return _changed_array(draw, node)
    if isinstance(node, str):
        return draw(st.one_of(text, _spliced(node)))
    return draw(anything)


def _changed_dict(draw: st.DrawFn, node: dict) -> Any:
    how = draw(st.sampled_from(["delete", "rename", "add", "replace"]))
    if how == "add" or not node:
        return node | {draw(text): draw(anything)}
    key = draw(st.sampled_from(list(node)))
    if how == "rename":
        return {(draw(text) if own == key else own): value for own, value in node.items()}
    return {own: value for own, value in node.items() if own != key} if how == "delete" else draw(anything)


def _changed_list(draw: st.DrawFn, node: list) -> list:
    at = draw(st.integers(0, len(node)))
    how = draw(st.sampled_from(["delete", "repeat", "add", "cut", "swap"]))
    if how == "add" or not node:
        new = [draw(text) for _ in range(draw(st.integers(0, 4)))] if node and isinstance(node[0], list) else draw(text)
        return [*node[:at], new, *node[at:]]
    at = min(at, len(node) - 1)
    if how == "swap":
        return [*node[:at][::-1], *node[at:]]
    if how == "repeat":
        return [*node[:at], *[node[at]] * draw(st.integers(2, 4)), *node[at + 1 :]]
    return node[:at] if how == "cut" else [*node[:at], *node[at + 1 :]]


@st.composite
def _spliced(draw: st.DrawFn, node: str) -> str:
    """`node` with something in place of a part of it."""
    start = draw(st.integers(0, len(node)))
    end = start + draw(st.sampled_from([0, 0, 1, 2, 10, 100, len(node)]))
    return node[:start] + draw(text) + node[end:]


def _changed_array(draw: st.DrawFn, node: np.ndarray) -> Any:
    if node.dtype == object or node.dtype.names:  # cells and structs of MATLAB, a pickled dict
        if not node.size:
            return node
        at = np.unravel_index(draw(st.integers(0, node.size - 1)), node.shape)
        value = node[at]
        if node.dtype.names:
            field = draw(st.sampled_from(node.dtype.names))
            node[field][at] = _change(draw, value[field])
        else:
            node[at] = _change(draw, value)
        return node
    how = draw(st.sampled_from(["value", "value", "dtype", "shape", "cut", "replace"]))
    if how == "dtype":
        dtype = draw(st.sampled_from(DTYPES))
        with warnings.catch_warnings(action="ignore"), suppress(TypeError, ValueError, RuntimeError, OverflowError):
            return node.astype(dtype)  # numbers may not fit
        return node  # not everything can be of every type
    if how == "shape":
        shapes = [node[None], node[..., None], node.T, node.ravel(), *(cell.reshape(()) for cell in node.ravel()[:1])]
        return draw(st.sampled_from(shapes))
    if how == "cut":
        return node[: draw(st.integers(0, len(node)))] if node.ndim else node
    if how == "replace":
        return np.array(draw(st.one_of(text, number)))
    wide = node.astype(float) if node.dtype.kind in "biuf" else node.astype("U20")
    if wide.size:
        value = draw(st.one_of(number, st.just(float("nan")))) if wide.dtype.kind == "f" else draw(text)
        wide[np.unravel_index(draw(st.integers(0, wide.size - 1)), wide.shape)] = value
    return wide


@st.composite
def broken(draw: st.DrawFn, raw: bytes) -> bytes:
    """Bytes that are cut, or of which some are other ones."""
    how = draw(st.sampled_from(["cut", "flip", "put", "repeat", "drop"]))
    at = draw(st.integers(0, max(len(raw) - 1, 0)))
    if how == "cut":
        return raw[:at]
    if how == "flip":
        changed = bytearray(raw)
        for place in draw(st.lists(st.integers(0, max(len(raw) - 1, 0)), min_size=1, max_size=4)) if raw else []:
            changed[place] = draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF, 0x0A, 0x22, changed[place] ^ 1]))
        return bytes(changed)
    n = draw(st.sampled_from([1, 2, 4, 8, 64]))
    if how == "put":
        return (
            raw[:at] + draw(st.one_of(st.binary(max_size=8), st.just(b"\xff" * n), st.just(bytes(n)))) + raw[at + n :]
        )
    return raw[:at] + raw[at : at + n] * 2 + raw[at + n :] if how == "repeat" else raw[:at] + raw[at + n :]
