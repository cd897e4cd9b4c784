"""Text tables as experiments wrote them: recognised, and read as text, from one file or from thousands.

Separators, decimal signs, encodings and headers differ between programs and countries. `recognised` finds out how a
file is written and refuses to choose where two answers fit; `read` then takes every file in that one `Format`.

Cells stay text here (001 and 1 may be two subjects) and are dictionary-encoded: a column of millions of rows has few
different cells, and whatever is done with them needs to be done once for each different one (see `numbers`).

Arrow reads what it can; Python's `csv`, which is slower and gives the same cells, reads the rest and knows the rows'
numbers.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tinycog.errors import InputError
from tinycog.sources import bounds

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", " ": "spaces"}
DECIMALS = (".", ",")
MISSING = ("", "na", "nan", "n/a", "#n/a", "null", "none", "<na>")  # cells of a column of numbers, in lower case
CURRENCY = re.compile(r"^([+-]?)\s*[€$£¥]\s*|\s*[€$£¥]$")  # of an amount, whose sign may stand before it
REMARK = re.compile(r'\s*#|"?sep=(.)', re.IGNORECASE)  # the latter tells Excel the separator
MOST_TITLES = 20  # lines above a table
SPACES = " \t\r\n\v\f\u00a0"  # around a cell they are no part of it
SPLIT = "Leave out columns that are not used, or split the table into data sets"
BEGINNING = 2**20  # bytes from which a file's format is recognised
BATCH = 1024  # rows of a Parquet file that are read before their size is looked at
CELLS = 2**14  # cells that Python's csv reads before they are packed
END = "\0"  # a last line of our own; where it does not come out as a row, a quoted cell before it was never closed

MARKS = {  # longer ones first: UTF-32's begins with UTF-16's
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
BINARY = {  # how files begin that are no text, and what to do with them
    b"PK\x03\x04": ("an Excel workbook or another zip archive", "save the sheet as CSV, or unpack the archive"),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook", "save the sheet as CSV"),
    b"\x1f\x8b": ("compressed by gzip", "unpack it, or, if it is R's, save the table as CSV"),
    b"BZh": ("compressed by bzip2", "unpack it"),
    b"\xfd7zXZ": ("compressed by xz", "unpack it"),
    b"PAR1": ("a Parquet file", "let its name end with .parquet"),
    b"\x89HDF": ("an HDF5 or new MATLAB file", "save the table as CSV"),
    b"MATLAB 5.0": ("a MATLAB file", "save the table as CSV"),
}


def named(key: str, given: str, raw: Path) -> Path:
    """The file that the config names under `key`, from the working folder or else `raw`; InputError if none."""
    path = Path(given)
    for place in (path, raw / path):
        if place.is_file():
            return place
    both = "" if path.is_absolute() else f"; looked for {path.absolute()} and, below `raw`, for {(raw / path)}"
    raise InputError(f"{key}: {path}: no such file{both}. Put it there or change the key")


@dataclass(frozen=True)
class Format:
    """How a text table is written.

    Attributes:
        separator: stands between cells: one of , ; tab | or a space, which means one or more of them.
        decimal: stands in numbers: a point or a comma.
        encoding: any of Python's text encodings; a byte-order mark is no part of the text.
        header: whether the first line has the columns' names.
        skip: lines above the table that are no part of it.
    """

    separator: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    header: bool = True
    skip: int = 0

    def __post_init__(self) -> None:
        if self.separator not in SEPARATORS:
            allowed = ", ".join(f"{sign!r} ({name})" for sign, name in SEPARATORS.items())
            raise InputError(f"`separator`: found {self.separator!r}; allowed: {allowed}")
        if self.decimal not in DECIMALS:
            raise InputError(f"`decimal`: found {self.decimal!r}; allowed: a point or a comma")
        try:
            "".encode(self.encoding)
        except (LookupError, ValueError):
            raise InputError(
                f"`encoding`: found {self.encoding!r}; allowed: a text encoding that Python knows, such as utf-8, "
                "utf-16, cp1252 or latin-1"
            ) from None


@dataclass(frozen=True)
class Table:
    """Cells of one or several files as text.

    Attributes:
        columns: name: (row,) text without spaces around; an empty cell is empty text, never null.
        file: (row,) number of the row's file among `paths`.
        paths: the files, whose rows follow one another.
        format: how they are written.
    """

    columns: dict[str, pa.DictionaryArray]
    file: np.ndarray
    paths: tuple[Path, ...]
    format: Format

    def where(self, row: int) -> str:
        """File and number of a row as a person counts it: of a text table the line, of a Parquet file the row from 1.

        A row of several lines is named by its first one. The file is read again for that, which may take seconds.
        """
        import numpy as np

        i = int(self.file[row])
        path, number = self.paths[i], row - int(np.searchsorted(self.file, i))
        if path.suffix == ".parquet":
            return f"{path}, row {number + 1}"
        rows = _rows(_lines(_content(path, self.format.encoding)), self.format)
        first, _, _ = next(itertools.islice(rows, number + self.format.header, None))
        return f"{path}, row {first}"


# -- recognising a format --------------------------------------------------------------------------------------------


def recognised(
    path: Path,
    *,
    separator: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    skip: int | None = None,
) -> Format:
    """How the file is written, from its first megabyte; what is given is taken as it is.

    Lines above the table: those that begin with #, Excel's `sep=;`, and a few titles without any separator.

    Encoding: what the byte-order mark says; UTF-16 if every second byte is zero; UTF-8, cp1252 (Windows) or else
    Latin-1, the first of them that can be read.

    Separator: what `sep=` says, or else the one by which most lines have the same number of cells, and more than one.
    Spaces are looked at last, and only if they give nearly all lines the same number, because names and texts have
    spaces too. If there is none, the file has one column.

    Decimal comma: where the separator is no comma, and columns whose cells are mostly numbers like 0,5 are more than
    those of numbers like 0.5.

    No header: where a cell of the first line is a number, in a column whose other cells are all numbers or missing; or
    where more than half of the cells of the first line come again in their own columns, in lines that do not repeat it.

    A Parquet file has no such format; it gets the usual one.

    Raises:
        InputError: two separators fit equally well, or both decimal signs do; the file is empty or no text.
    """
    path = Path(path)
    if path.suffix == ".parquet":
        return Format()
    Format(separator or ",", decimal or ".", encoding or "utf-8")  # refuses what is not allowed
    raw, encoding, whole = _beginning(path, encoding)
    text = "".join(_texts(path, raw, encoding, whole))
    if separator is None and (told := REMARK.match(text)) and told[1] in SEPARATORS:
        separator = told[1]
    above = _n_above(text, separator, whole) if skip is None else skip
    if separator is None:
        found = _separators(text, above, whole) or [","]
        if len(found) > 1:
            fit = " and ".join(f"{sign!r} ({SEPARATORS[sign]})" for sign in found)
            raise InputError(f"{path}: {fit} fit equally well between cells; say which it is with `separator`")
        separator = found[0]
    rows = _sample(text, separator, above, whole)
    if not rows:
        raise _empty(path)
    if decimal is None:
        columns = itertools.zip_longest(*(rows[1:] or rows), fillvalue="")
        decimal = "." if separator == "," else _decimal(path, columns)
    if header is None:
        header = _has_names(rows, decimal)
    return Format(separator, decimal, encoding, header, above)


def _n_above(text: str, separator: str | None, whole: bool) -> int:
    """How many lines there are above the table: remarks, and a few titles without a separator above lines with one."""
    remarks = sum(1 for _ in itertools.takewhile(REMARK.match, _text_lines(text)))
    if separator == " " or _spaces_fit(_sample(text, " ", remarks, whole)):
        return remarks
    signs = SEPARATORS.keys() - {" "}  # also where one is stated: a header with another one is no title
    beginning = itertools.islice(_text_lines(text), remarks, remarks + 3 * MOST_TITLES)
    has = [any(sign in line for sign in signs) for line in beginning]
    titles = has.index(True) if True in has else 0
    return remarks + titles if titles <= MOST_TITLES and 2 * sum(has) > len(has) else remarks


def _text_lines(text: str) -> io.StringIO:
    return io.StringIO(text, newline="")


def _beginning(path: Path, encoding: str | None = None) -> tuple[bytes, str, bool]:
    """The first bytes of a text table, its encoding, and whether they are all; InputError if it is no such text."""
    try:
        bounds.Claims(path, advice=SPLIT).add(path.stat().st_size, "the file")
        with open(bounds.fetched(path), "rb") as file:
            raw = file.read(BEGINNING)
            whole = not file.read(1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    for start, (what, advice) in BINARY.items():
        if raw.startswith(start):
            raise InputError(f"{path}: no text table but {what}; {advice}")
    likely = _encoding(raw)
    encoding = encoding or likely
    if raw.startswith(tuple(MARKS)) and not _is(likely, encoding):
        found = f"not {encoding.upper()} text, as its byte-order mark is that of {likely}"
        raise _unreadable(path, raw, encoding, found)
    if raw and _is("utf-16", encoding) and b"\0" not in raw:  # any two bytes are a letter of UTF-16
        raise _unreadable(path, raw, encoding, f"not {encoding.upper()} text")
    return raw, encoding, whole


def _encoding(raw: bytes) -> str:
    for mark, name in MARKS.items():
        if raw.startswith(mark):
            return name
    if raw:
        for zero, name in ((1, "utf-16-le"), (0, "utf-16-be")):
            if len(raw) > 1 and not any(raw[zero::2]):
                return name
    for name in ("utf-8", "cp1252"):
        try:
            codecs.getincrementaldecoder(name)().decode(raw)  # the last character may be cut
        except UnicodeDecodeError:
            continue
        return name
    return "latin-1"


def _separators(text: str, above: int, whole: bool) -> list[str]:
    """The separators that fit best after the lines `above`: none, one, or several that fit equally well."""
    fits = {sign: _fit(_sample(text, sign, above, whole)) for sign in SEPARATORS if sign != " "}
    best = max(fits.values())
    if best[0] > 0.5:
        return [sign for sign, fit in fits.items() if fit == best]
    return [" "] if _spaces_fit(_sample(text, " ", above, whole)) else []


def _spaces_fit(rows: list[list[str]]) -> bool:
    # R's write.table gives the rows a name each, for which the header has none
    return bool(_fit(rows[:1])[0]) and _fit(rows[1:] or rows)[0] > 0.9


def _fit(rows: list[list[str]]) -> tuple[float, int]:
    """The share of lines with the most common number of cells, and minus the number of cells with half a quotation.

    The share is 0 if that number is 1, or the first line's.
    """
    if not rows or len(rows[0]) < 2:
        return 0.0, 0
    number, times = Counter(map(len, rows)).most_common(1)[0]
    halves = sum(cell.count('"') % 2 for row in rows for cell in row)
    return (times / len(rows) if number > 1 else 0.0), -halves


def _sample(text: str, separator: str, above: int, whole: bool) -> list[list[str]]:
    """Stripped cells of the lines in a file's first bytes, without those above; the last one of these may be cut."""
    every_row = _rows(_text_lines(text), Format(separator, skip=above))
    rows = [[cell.strip(SPACES) for cell in cells] for _, _, cells in every_row]
    return rows if whole or len(rows) < 2 else rows[:-1]


def _empty(path: Path) -> InputError:
    return InputError(f"{path}: the file is empty; needed: a header and one row for each trial")


def _decimal(path: Path, columns: Iterable[Sequence[str]]) -> str:
    numbers_by = dict.fromkeys(DECIMALS, 0)
    for column in columns:
        cells = [CURRENCY.sub(r"\1", cell) for cell in column if cell.lower() not in MISSING]
        for sign in DECIMALS:
            like = re.compile(rf"[+-]?\d*(\{sign}\d+)?(e[+-]?\d+)?", re.IGNORECASE)
            found = [match for match in map(like.fullmatch, cells) if match]
            numbers_by[sign] += any(match[1] for match in found) and 2 * len(found) > len(cells)
    if numbers_by["."] == numbers_by[","] > 0:
        raise InputError(f"{path}: found numbers like 0.5 and numbers like 0,5; say which it is with `decimal`")
    return max(DECIMALS, key=lambda sign: numbers_by[sign])


def _has_names(rows: list[list[str]], decimal: str) -> bool:
    import numpy as np

    first, below = rows[0], [row for row in rows[1:] if row != rows[0]]
    values, again = numbers(first, decimal), 0
    for i, cell in enumerate(first):
        others = {row[i] for row in below if i < len(row)}
        again += bool(cell) and cell in others
        if np.isfinite(values[i]) and not np.isinf(numbers([*others], decimal)).any():
            return False
    return 2 * again <= len(first)  # a column of wins and losses may be called win


# -- reading ---------------------------------------------------------------------------------------------------------


def header(path: Path, format: Format, names: Sequence[str] | None = None) -> list[str]:
    """The columns' names, of which some may be equal; last ones without a name are left out. No rows are read.

    `names` are those of a table without a header line.
    """
    path = Path(path)
    if path.suffix == ".parquet":
        with _parquet(path) as file:
            return [name.strip(SPACES) for name in file.schema_arrow.names]
    text = "".join(_texts(path, *_beginning(path, format.encoding)))
    first = _first_line(path, _rows(_text_lines(text), format), format, names)
    return first.names[: first.n_named]


def read(
    paths: Sequence[Path], format: Format, columns: Sequence[str] | None = None, names: Sequence[str] | None = None
) -> Table:
    """All rows of all files, one file after the other, cells as text.

    Columns are found by name in each file, in whatever order it has them. A name has no spaces around; a column
    without one is called column_N, N from 1, but a last one that is empty all the way down is none: it comes from
    separators at the ends of lines. Blank lines are no rows. In a Parquet file the format says nothing, and numbers
    become text as a person writes them: 2 and 0.5.

    Args:
        paths: text tables, or Parquet files (.parquet).
        format: how all text tables are written.
        columns: names of the columns to read. If not given: all that any file has, except several of one name; cells
            of a file that lacks one are empty.
        names: the columns' names where there is no header line; column_1, column_2, ... if not given.

    Raises:
        InputError: a file is no such table, or lacks a column that is asked for, or has several of that name; it is
            written with another separator or encoding than `format` says; the files have no rows, or too many.
    """
    import numpy as np
    import pyarrow as pa

    paths = tuple(map(Path, paths))
    what = f"{paths[0]} and {len(paths) - 1:,} more" if len(paths) > 1 else paths[0]
    claims, met = bounds.Claims(what, advice=SPLIT), {}
    parts: list[tuple[int, dict[str, pa.ChunkedArray]]] = []
    width = 0
    for path in paths:
        if path.suffix == ".parquet":
            parts.append(_parquet_part(path, columns))
        else:
            content = _content(path, format.encoding, met)
            try:
                rows = _until_end(path, _rows(_lines(content), format))
                line = _first_line(path, rows, format, names)
                width = width or len(line.names)
                if not format.header and len(line.names) != width:
                    raise _Misread(f"{path}: found {len(line.names)} columns; allowed: {width}, as in the files before")
                parts.append(_text_part(path, content, format, columns, line, claims))
            except _Misread:
                _refuse_other_separator(path, content, format, paths[0])
                raise
            if columns is None and parts[0][1].keys() - parts[-1][1].keys():
                _refuse_other_separator(path, content, format, paths[0])
        claims.add(sum(column.nbytes for column in parts[-1][1].values()), f"the content of {path}")
    n_rows = [n for n, _ in parts]
    if not sum(n_rows):
        raise InputError(f"{what}: no rows{' below the header' * format.header}; needed: one row for each trial")
    kept = list(dict.fromkeys(name for _, part in parts for name in part))
    joined = {}
    for name in kept:
        chunks = [part[name] if name in part else pa.chunked_array([_encoded(pa.array([""] * n))]) for n, part in parts]
        joined[name] = _stripped(_one(chunks))
    return Table(joined, np.repeat(np.arange(len(paths), dtype=np.int32), n_rows), paths, format)


class _Misread(InputError):
    """A file does not fit its format: it may be written in another one."""


def _encoded(cells: pa.Array) -> pa.DictionaryArray:
    return cells.dictionary_encode(null_encoding="encode")


def _one(parts: Sequence[pa.ChunkedArray]) -> pa.DictionaryArray:
    import pyarrow as pa

    chunks = [chunk for part in parts for chunk in part.chunks]
    return pa.concat_arrays(pa.chunked_array(chunks).unify_dictionaries().chunks)


def _stripped(column: pa.DictionaryArray) -> pa.DictionaryArray:
    """The column without spaces around its cells; cells that are equal then are stored once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    stripped = _encoded(pc.utf8_trim(column.dictionary, SPACES))
    if stripped.dictionary.equals(column.dictionary):
        return column
    return pa.DictionaryArray.from_arrays(stripped.indices.take(column.indices), stripped.dictionary)


def _places(path: Path, found: Sequence[str], columns: Sequence[str] | None) -> dict[str, int]:
    """Name: place in the file, of the columns to read."""
    times = Counter(found)
    if columns is None:
        return {name: i for i, name in enumerate(found) if times[name] == 1}
    for name in columns:
        if not times[name]:
            raise _Misread(f"{path}: no column {name!r}; it has: {', '.join(found)}")
        if times[name] > 1:
            raise InputError(f"{path}: {times[name]} columns are called {name!r}; rename all but one")
    return {name: found.index(name) for name in columns}


# -- text ------------------------------------------------------------------------------------------------------------


def _texts(path: Path, raw: bytes, encoding: str, whole: bool = True) -> Iterator[str]:
    """Decoded parts of a file's bytes, or of its first ones, without the byte-order mark."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(raw), BEGINNING):
        part = raw[start : start + BEGINNING]
        try:
            text = decoder.decode(part, whole and start + BEGINNING >= len(raw))
        except UnicodeError as error:
            found = f"not {encoding.upper()} text"
            if not isinstance(error, UnicodeDecodeError) or "BOM" in error.reason:  # of UTF-16 and UTF-32
                raise _unreadable(path, raw, encoding, f"{found}, as it has no byte-order mark") from None
            byte = start + len(part) - len(error.object) + error.start  # the decoder had kept a letter that was cut
            found += f" at byte {byte + 1} ({error.object[error.start]:#04x})"
            raise _unreadable(path, raw, encoding, found) from None
        if END in text:
            raise _unreadable(path, raw, encoding, "not text, as it has zero bytes")
        yield text if start else text.removeprefix("\ufeff")


def _unreadable(path: Path, raw: bytes, encoding: str, found: str) -> InputError:
    likely = _encoding(raw[:BEGINNING])
    if _is(likely, encoding) or END in codecs.getincrementaldecoder(likely)("replace").decode(raw[:BEGINNING]):
        return InputError(f"{path}: {found}; save the table as CSV with encoding UTF-8")
    return InputError(
        f"{path}: {found}; it looks like {likely}. State `encoding` if all files look so; if they differ, save this "
        "one with the encoding of the others"
    )


def _is(name: str, encoding: str) -> bool:
    """Whether an encoding goes by this name, as utf-16-le goes by utf-16."""
    return codecs.lookup(encoding).name.startswith(codecs.lookup(name).name)


def _content(path: Path, encoding: str, met: dict[bool, Path] | None = None) -> bytes:
    """The file's text in UTF-8, and a last line END.

    `met` gets the first file that is UTF-8, and the first that is not, of those read in an encoding of another kind:
    it reads both, but one of them with wrong letters.
    """
    raw, _, whole = _beginning(path, encoding)
    if not whole:
        raw = bounds.content(path, SPLIT)
    if met is not None and not _is("utf", encoding) and not raw.isascii():
        met.setdefault(_encoding(raw) == "utf-8", path)
        if len(met) > 1:
            raise InputError(
                f"{met[True]}: UTF-8 text, but {met[False]} is not; allowed: one encoding for all files. Save those of "
                "one encoding with the other"
            )
    parts = (text.encode() for text in _texts(path, raw, encoding))
    return b"".join([*parts, f"\n{END}".encode()])


@dataclass(frozen=True)
class _FirstLine:
    """The columns' names, of which those after the first `n_named` are our own, and where rows begin."""

    names: list[str]
    n_named: int
    n_lines: int


def _first_line(
    path: Path, rows: Iterator[tuple[int, int, list[str]]], format: Format, names: Sequence[str] | None
) -> _FirstLine:
    _, last, cells = next(rows, (0, 0, None))
    if cells is None:
        raise _empty(path)
    cells = [cell.strip(SPACES) for cell in cells]
    n_filled = len(cells) - sum(1 for _ in itertools.takewhile(lambda cell: not cell, reversed(cells)))
    if format.header:
        given, n_named, n_lines = cells, n_filled, last
    else:
        given, n_lines = list(names or [""] * len(cells)), format.skip
        n_named = len(given)
        if not n_filled <= n_named <= len(cells):
            raise _Misread(
                f"{path}: found {len(cells)} cells in the first line; allowed: {n_named}, as names are given"
            )
        given += [""] * (len(cells) - n_named)
    return _FirstLine([name.strip(SPACES) or f"column_{i}" for i, name in enumerate(given, 1)], n_named, n_lines)


def _text_part(
    path: Path,
    content: bytes,
    format: Format,
    columns: Sequence[str] | None,
    first: _FirstLine,
    claims: bounds.Claims,
) -> tuple[int, dict[str, pa.ChunkedArray]]:
    """Number of rows; name: cells, of the columns to read."""
    places = _places(path, first.names, columns)
    n_lines = content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n")
    claims.add(4 * n_lines * len(places), f"a table of {n_lines:,} lines and {len(places):,} columns")
    wanted = sorted(set(places.values())) or [0]
    cells = _by_arrow(content, format.separator, first, wanted)
    if cells is None:
        cells = _by_csv(path, content, format, first, wanted)
    n_rows = len(next(iter(cells.values())))
    part = {name: cells[i] for name, i in places.items()}
    if columns is None:
        while len(part) and (i := places[last := next(reversed(part))]) >= first.n_named and _is_empty(cells[i]):
            del part[last]
    return n_rows, part


def _is_empty(column: pa.ChunkedArray) -> bool:
    return not any(cell.strip(SPACES) for chunk in column.chunks for cell in chunk.dictionary.to_pylist())


def _by_arrow(
    content: bytes, separator: str, first: _FirstLine, wanted: list[int]
) -> dict[int, pa.ChunkedArray] | None:
    """Place: cells, of the columns wanted; None if Arrow cannot read the file, or must not because of its errors."""
    import pyarrow as pa
    import pyarrow.csv

    n, closed = len(first.names), False
    if n < 2:  # END is then a row like others
        return None
    if separator == " ":  # Arrow takes each space for a separator
        if any(s in content for s in (b"  ", b" \n", b"\n ", b" \r", b"\r ")):
            return None
    elif b' "' in content and re.search(rb'(^|[\r\n%b]) +"' % re.escape(separator.encode()), content):
        return None  # Arrow takes the quote for a part of the cell

    def other(row: pa.csv.InvalidRow) -> str:
        nonlocal closed
        closed |= row.text == END
        blank = row.actual_columns == 1 and not row.text.strip(SPACES)
        return "skip" if blank or row.text == END else "error"

    rows = pa.py_buffer(content).slice(_end_of_line(content, first.n_lines))
    text = pa.dictionary(pa.int32(), pa.string())
    try:
        table = pa.csv.read_csv(
            pa.BufferReader(rows),
            pa.csv.ReadOptions(use_threads=False, block_size=2**20, column_names=list(map(str, range(n)))),
            pa.csv.ParseOptions(delimiter=separator, newlines_in_values=True, invalid_row_handler=other),
            pa.csv.ConvertOptions(default_column_type=text, include_columns=list(map(str, wanted))),
        )
    except pa.ArrowInvalid:
        return None
    return {i: table.column(str(i)) for i in wanted} if closed else None


def _end_of_line(content: bytes, number: int) -> int:
    ends = re.finditer(rb"\r\n|\r|\n", content)
    return next(itertools.islice(ends, number - 1, None)).end() if number else 0


def _by_csv(
    path: Path, content: bytes, format: Format, first: _FirstLine, wanted: list[int]
) -> dict[int, pa.ChunkedArray]:
    """Place: cells, of the columns wanted; InputError for a row that does not fit."""
    import pyarrow as pa

    n = len(first.names)
    rows = itertools.islice(_until_end(path, _rows(_lines(content), format)), int(format.header), None)
    chunks: dict[int, list[pa.Array]] = {i: [] for i in wanted}

    def fitted() -> Iterator[list[str]]:
        for line, _, cells in rows:
            if len(cells) != n:
                if len(cells) < first.n_named or any(cell.strip(SPACES) for cell in cells[n:]):
                    raise _Misread(_other_width(path, line, len(cells), min(n, max(first.n_named, len(cells))), format))
                cells = [*cells[:n], *[""] * (n - len(cells))]
            yield cells

    every_row = fitted()
    while some := list(itertools.islice(every_row, max(CELLS // n, 1))):
        every_column = list(zip(*some, strict=True))
        for i in wanted:
            chunks[i].append(_encoded(pa.array(every_column[i], pa.string())))
    text = pa.dictionary(pa.int32(), pa.string())
    return {i: pa.chunked_array(chunks[i], text) for i in wanted}


def _other_width(path: Path, line: int, found: int, allowed: int, format: Format) -> str:
    sign = SEPARATORS[format.separator].removesuffix("s")
    return (
        f"{path}, row {line}: found {found} cell{'s' * (found > 1)}; allowed: {allowed}, as in the "
        f"{'header' if format.header else 'first line'}. Look for a {sign} too many or too few"
        f"{', or row names without a name in the header' * format.header}"
    )


def _refuse_other_separator(path: Path, content: bytes, format: Format, first: Path) -> None:
    """Raise InputError if the file's lines say that its separator is another one."""
    text = content.removesuffix(END.encode())[:BEGINNING].decode("utf-8", "ignore")
    whole = len(content) <= BEGINNING
    if not (fit := _separators(text, format.skip, whole)) or format.separator in fit:
        return
    other = f"{fit[0]!r} ({SEPARATORS[fit[0]]})"
    stated = f"{format.separator!r} ({SEPARATORS[format.separator]})"
    if path != first:
        raise InputError(
            f"{path}: cells are separated by {other}, but those of {first} by {stated}; allowed: one separator for all "
            "files. Save those of one kind as the other"
        )
    cells = (cell for row in _sample(text, fit[0], format.skip, whole) for cell in row)
    if format.separator == "," and any(re.fullmatch(r"[+-]?\d*,\d+", cell) for cell in cells):
        raise InputError(
            f"{path}: cells are separated by {other}, and the commas in them are decimal commas, which were read as "
            f"separators; state `separator` {fit[0]!r} and `decimal` ','"
        )
    raise InputError(f"{path}: cells are separated by {other}, not by {stated}; state it with `separator`")


# -- rows, by Python's csv -------------------------------------------------------------------------------------------


def _lines(content: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), "utf-8", newline="")


def _rows(lines: Iterable[str], format: Format) -> Iterator[tuple[int, int, list[str]]]:
    """First line, last line and cells of each row; blank lines and those above the table are counted, but no rows."""
    line, separator, above = "", format.separator, format.skip

    def remembered() -> Iterator[str]:
        nonlocal line
        for one in itertools.islice(lines, above, None):
            line = one
            yield one

    # spaces after a separator are skipped, so that with spaces as separators several are one
    reader = csv.reader(remembered(), delimiter=separator, skipinitialspace=True)
    first = above + 1
    with _cells_of_any_size():
        for cells in reader:
            if len(cells) > 1 or line.strip(SPACES):
                ends_with_separator = separator == " " and len(cells) > 1 and line.rstrip("\r\n").endswith(" ")
                yield first, above + reader.line_num, cells[:-1] if ends_with_separator else cells
            first = above + reader.line_num + 1


@contextmanager
def _cells_of_any_size() -> Iterator[None]:
    before = csv.field_size_limit(bounds.LARGEST)  # for the whole process
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _until_end(path: Path, rows: Iterable[tuple[int, int, list[str]]]) -> Iterator[tuple[int, int, list[str]]]:
    for first, last, cells in rows:
        if cells == [END]:
            return
        if END in cells[-1]:
            raise InputError(f"{path}, row {first}: not a readable CSV file (a quote opens a cell and is never closed)")
        yield first, last, cells


# -- Parquet files ---------------------------------------------------------------------------------------------------


@contextmanager
def _parquet(path: Path) -> Iterator[pq.ParquetFile]:
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(bounds.fetched(path)) as file:
            yield file
    except InputError:
        raise
    except Exception as error:  # Arrow's are of many kinds
        raise InputError(f"{path}: not a readable Parquet file ({error})") from None


def _parquet_part(path: Path, columns: Sequence[str] | None) -> tuple[int, dict[str, pa.ChunkedArray]]:
    """Number of rows; name: cells as text, of the columns to read. A few rows are read at a time.

    A cell that is stored once may stand in every row, and takes its size in each.
    """
    import pyarrow as pa

    with _parquet(path) as file:
        found, n = file.schema_arrow.names, file.metadata.num_rows
        places = _places(path, [name.strip(SPACES) for name in found], columns)
        bounds.Claims(path, advice=SPLIT).add(8 * n * len(places), f"a table of {n:,} rows and {len(places):,} columns")
        claims, batches = bounds.Claims(path, advice=SPLIT), []
        for batch in file.iter_batches(BATCH, columns=[found[i] for i in places.values()]):
            plain = (c.dictionary_decode() if pa.types.is_dictionary(c.type) else c for c in batch.columns)
            claims.add(sum(column.nbytes for column in plain), f"a part of {len(batch):,} rows")
            batches.append(batch)
        kinds = {name: file.schema_arrow.field(i).type for name, i in places.items()}
    cells = {}
    for name, i in places.items():
        chunks = [batch.column(found[i]) for batch in batches]
        try:
            cells[name] = pa.chunked_array([_text(pa.chunked_array(chunks, kinds[name]))])
            cells[name].validate(full=True)  # Arrow believes a file that its text is UTF-8
        except Exception as error:
            found = f"cells of type {kinds[name]} that cannot be written as text ({error})"
            raise InputError(f"{path}, column {name!r}: {found}; save it as text or numbers") from None
    return n, cells


def _text(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """Cells as text, numbers as a person writes them: 2 also where a column has 0.5, or missing cells."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
        column = column.cast(kind)
    if pa.types.is_nested(kind):
        column = pa.chunked_array([pa.array(column.to_pandas().astype(str), pa.string())])
    encoded = _encoded(column.combine_chunks())
    different = encoded.dictionary
    as_written = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer, pa.types.is_floating)
    if not any(is_kind(different.type) for is_kind in as_written):
        different = pa.array(different.to_pandas().astype(str).where(different.is_valid().to_pandas()), pa.string())
    different = different.cast(pa.string()).fill_null("")
    return pa.DictionaryArray.from_arrays(encoded.indices, different)


# -- numbers ---------------------------------------------------------------------------------------------------------


def numbers(text: pa.Array | Sequence[str], decimal: str = ".") -> np.ndarray:
    """(n,) text as numbers: NaN where one is missing, infinity, which no column allows, where it is something else.

    True and false are 1 and 0, and amounts may have a sign of currency. With a decimal comma a point has no meaning,
    and neither way are there signs between thousands: nobody can tell 1.234 from 1,234 without knowing the country.
    """
    import pandas as pd
    import pyarrow as pa

    cells = pd.Series(text.to_pylist() if isinstance(text, pa.Array) else list(text), dtype=object)
    cells = cells.str.strip(SPACES).str.lower().replace({"true": "1", "false": "0"})
    plain = cells.str.replace(CURRENCY, r"\1", regex=True)
    if decimal == ",":
        plain = plain.mask(plain.str.contains(".", regex=False), "?").str.replace(",", ".")
    values = pd.to_numeric(plain, errors="coerce").astype(float)
    return values.mask(values.isna() & ~cells.isin(MISSING), float("inf")).to_numpy(dtype=float)
