"""One rat learning to compare two sounds, the example data of PsyTrack (Roy et al. 2021; GitHub nicholas-roy/psytrack).

The published NPZ file holds a pickled dict. A pickle can run any program, so none is loaded: `read` interprets it with
stand-ins for the few names that rebuild plain NumPy arrays, and refuses every other name before anything is called.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycog.errors import InputError
from tinycog.sources import bounds
from tinycog.sources.codes import readable, refuse
from tinycog.sources.prepared import Prepared, chosen, counts, published

if TYPE_CHECKING:
    import numpy as np

FOLDER = "psytrack-rat-learning"
FILE = "sampleRatData.npz"
PLAIN = re.compile(r"[biuf][1248]")  # dtypes that cannot hold a reference


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    return published(
        options, raw, FOLDER, FILE, "https://github.com/nicholas-roy/psytrack, psytrack/examples; Roy et al. 2021"
    )


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    """Sessions as blocks; action 1 = right; stim_s1 and stim_s2 are the two sounds, task_answer the right choice."""
    import numpy as np
    import pandas as pd

    from tinycog.trials.table import canonical_order, numbered, segmented

    (path,) = files(options, raw)
    data = read(path)
    lengths = _column(data, "dayLength", path, None)
    n = int(lengths.sum())
    if (lengths < 1).any():
        raise InputError(f"{path}, dayLength: found {int(lengths.min())}; allowed: 1 or more trials in each session")
    inputs = data.get("inputs")
    if not isinstance(inputs, dict) or not all(
        isinstance(inputs.get(key), np.ndarray) and inputs[key].ndim == 2 and len(inputs[key]) == n
        for key in ("s1", "s2")
    ):
        raise InputError(
            f"{path}, inputs: needed: arrays s1 and s2 with a row for each of {n} trials (sum of dayLength)"
        )
    choice = _column(data, "y", path, (1, 2), n)
    table = pd.DataFrame(
        {
            "dataset": name,
            "subject": _subject(data, path),
            "session": np.repeat([f"{i:03d}" for i in range(1, len(lengths) + 1)], lengths),
            "action": choice - 1,
            "state": choice - 1,
            "reward": _column(data, "correct", path, (0, 1), n).astype(float),
            "mask": 1,
            "stim_s1": inputs["s1"][:, 0].astype(float),
            "stim_s2": inputs["s2"][:, 0].astype(float),
            "task_answer": (_column(data, "answer", path, (1, 2), n) - 1).astype("int8"),
        }
    )
    table = chosen(numbered(table, ["session"]), options, name)
    return Prepared(canonical_order(segmented(table, options["longest_block"])), counts(table))


def _subject(data: Mapping[str, Any], path: Path) -> str:
    if not isinstance(data.get("name"), str) or not data["name"]:
        raise InputError(f"{path}, name: found {data.get('name')!r}; needed: the rat's name")
    return data["name"]


def _column(
    data: Mapping[str, Any], key: str, path: Path, allowed: tuple[int, ...] | None, n: int | None = None
) -> np.ndarray:
    """Whole numbers, one for each of `n` trials, among `allowed`."""
    import numpy as np

    values = data.get(key)
    if not isinstance(values, np.ndarray) or values.ndim != 1 or n not in (None, len(values)):
        found = f"shape {values.shape}" if isinstance(values, np.ndarray) else type(values).__name__
        size = "numbers" if n is None else f"{n} numbers (sum of dayLength)"
        raise InputError(f"{path}, {key}: found {found}; needed: an array of {size}")
    # what no whole number of 64 bits holds is none, above all what is infinite
    fits = np.abs(numbers := values.astype(float)) < 2.0**63
    whole = fits & (numbers == np.round(numbers)) if allowed is None else np.isin(values, allowed)
    what = "whole numbers" if allowed is None else ", ".join(map(str, allowed))
    refuse(~whole, values, f"{path}, {key}", what, first=1)
    return values.astype("int64")


# -- reading a pickle without running it -----------------------------------------------------------------------------


def read(path: Path) -> dict[str, Any]:
    """The dict of arrays, text and numbers in the file.

    Raises:
        InputError: the pickle asks for anything but what plain arrays need, holds anything else, or more than the
            bounds allow.
    """
    with (
        readable(path, "an NPZ file with an array `D`"),
        zipfile.ZipFile(io.BytesIO(bounds.content(path))) as archive,
    ):
        member = archive.getinfo("D.npy")
        bounds.check_members([member], path)
        array = bounds.member_content(archive, member)
        shape, dtype, start = bounds.npy_header(array)
    if dtype.kind != "O" or shape != ():
        raise InputError(f"{path}, D: found an array of {dtype}, shape {shape}; expected one pickled dict")
    try:
        claims = bounds.Claims(f"{path}, D")
        _check_memo(array[start:])
        content = _Reader(io.BytesIO(array[start:]), path, claims).load()
        # the outermost is the array of one object that np.save made around the dict
        if isinstance(content, _Array) and isinstance(content.content, list) and len(content.content) == 1:
            content = content.content[0]
        if not isinstance(content, dict):
            raise InputError(f"{path}, D: found {_what(content)}; expected a dict")
        return _plain(content, f"{path}, D", claims, {})
    except InputError:
        raise
    except Exception as error:  # a broken or hostile pickle can fail in any way
        raise InputError(f"{path}, D: not a readable pickle of arrays ({type(error).__name__}: {error})") from None


def _check_memo(content: bytes) -> None:
    """Raise ValueError if a pickle numbers its objects above their count: the memo has room for all numbers below."""
    for count, (operation, number, _) in enumerate(pickletools.genops(content)):
        if operation.name in ("PUT", "BINPUT", "LONG_BINPUT") and number > count:
            raise ValueError(f"object {number:,} after {count:,} steps")


def _plain(value: Any, where: str, claims: bounds.Claims, done: dict[int, Any], depth: int = 1) -> Any:
    """`value` with its arrays rebuilt; only dicts, arrays of numbers, text and numbers pass.

    `done` has by its id what is rebuilt already: what stands in many places is gone through once.
    """
    if id(value) in done:
        return done[id(value)]
    if type(value) is dict:
        if depth > bounds.DEPTH:
            raise InputError(f"{claims.path}: found dicts more than {bounds.DEPTH} deep. {bounds.REFUSED}")
        if bad := [key for key in value if type(key) is not str]:
            raise InputError(f"{where}: found a key that is {_what(bad[0])}; allowed: text")
        done[id(value)] = {key: _plain(item, f"{where}, {key}", claims, done, depth + 1) for key, item in value.items()}
        return done[id(value)]
    if type(value) is _Array and not isinstance(value.content, list | None):
        claims.add(value.content.nbytes, f"array {where.rpartition(', ')[2]!r}")
        done[id(value)] = value.content.copy()  # the buffer of a bytes object cannot be written to
        return done[id(value)]
    if type(value) in (str, int, float, bool):
        return value
    raise InputError(f"{where}: found {_what(value)}; allowed: dicts, arrays of numbers, text, numbers")


def _what(value: object) -> str:
    if isinstance(value, _Array):
        return "an array of objects" if isinstance(value.content, list) else "an array without content"
    return f"an object of type {type(value).__name__.lstrip('_')}"


class _Dtype:
    """Stands in for numpy.dtype: a code, and the byte order that its state gives."""

    def __init__(self, code: object, *_: object) -> None:
        if not isinstance(code, str) or not (PLAIN.fullmatch(code) or re.fullmatch("O8?", code)):
            raise ValueError(f"an array of dtype {code!r}; allowed: plain numbers")
        self.code = code
        self.order = "="

    def __setstate__(self, state: tuple) -> None:
        self.order = {"<": "<", ">": ">", "|": "=", "=": "="}[state[1]]


class _Array:
    """Stands in for numpy.ndarray; `content` is the array, or the list of an array of objects."""

    content: Any = None

    def __setstate__(self, state: tuple) -> None:
        import numpy as np

        _, shape, dtype, fortran, data = state
        if type(dtype) is not _Dtype or type(shape) is not tuple:
            raise ValueError("an array's state is not what NumPy writes")
        if dtype.code.startswith("O"):
            if type(data) is not list:
                raise ValueError("an array of objects without a list of them")
            self.content = data
        else:
            numbers = np.frombuffer(data, np.dtype(dtype.order + dtype.code))
            self.content = numbers.reshape(shape, order="F" if fortran else "C")


class _Call:
    """A function that a pickle may call, and of which it can change nothing."""

    __slots__ = ("_function",)

    def __init__(self, function) -> None:
        object.__setattr__(self, "_function", function)

    def __call__(self, *args: object) -> object:
        return self._function(*args)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(name)


def _reconstruct(kind: object, *_: object) -> _Array:
    if kind is not _Array:
        raise ValueError("only plain arrays can be rebuilt")
    return _Array()


def _scalar(dtype: _Dtype, data: bytes) -> Any:
    import numpy as np

    (value,) = np.frombuffer(data, np.dtype(dtype.order + dtype.code))
    return value.item()


_NAMES = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _Call(_reconstruct) for core in ("core", "_core")},
    **{(f"numpy.{core}.multiarray", "scalar"): _Call(_scalar) for core in ("core", "_core")},
}


class _Reader(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, path: Path, claims: bounds.Claims) -> None:
        super().__init__(file)
        self._path = path
        self._claims = claims

    def _encode(self, text: object, encoding: object = None, *_: object) -> bytes:
        if type(text) is not str or encoding not in ("latin1", "latin-1"):
            raise ValueError(f"bytes written as text in encoding {encoding!r}; allowed: latin1")
        self._claims.add(len(text), "bytes written as text")
        return text.encode("latin-1")

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("_codecs", "encode"):  # how protocol 2, which this file uses, writes bytes
            return _Call(self._encode)
        if (module, name) not in _NAMES:
            raise InputError(
                f"{self._path}, D: the pickle asks for {module}.{name}, which plain NumPy arrays do not need; nothing "
                "of the file was used. Take the published file"
            )
        return _NAMES[module, name]
