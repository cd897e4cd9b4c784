"""Fetching the published files of public data sets: resumable, checked against the registry's sums, never in a rule."""

from __future__ import annotations

import fcntl
import re
import shlex
import shutil
import stat
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from tinycog import __version__
from tinycog.errors import InputError
from tinycog.published.registry import Origin, Original, digests, is_safe, source_of
from tinycog.sources import bounds
from tinycog.sources import registry as sources
from tinycog.storage import replacing

if TYPE_CHECKING:
    import requests

WAITS = (1.0, 4.0, 15.0)  # seconds before another attempt, after attempts that brought nothing
TIMEOUT = (10.0, 60.0)  # seconds to connect, and without a byte
CHUNK = 1 << 16  # what a broken connection may lose
TRANSIENT = (408, 429, 500, 502, 503, 504)
REPORT_EVERY = 10.0  # seconds

Say = Callable[[str], None]


class _Interrupted(Exception):
    """The server or the network gave up for now: another attempt may go on where this one ended."""


# -- one data set ----------------------------------------------------------------------------------------------------


def download(
    options: Mapping[str, Any],
    raw: Path,
    origins: Mapping[str, Origin],
    *,
    waits: Sequence[float] = WAITS,
    say: Say = lambda line: None,
) -> None:
    """Put the published files of a data set (its config section as `options`) below `raw`; existing files are kept.

    Raises:
        InputError: a file could not be fetched, or must be fetched by hand; the message says which, and where to put
            it.
    """
    origin = origins.get(source_of(options))
    if origin is not None and not options.get("files"):  # `files` are the user's own
        _fetch_all(origin, raw, waits, say)
        for file in origin.files:
            if file.unpack and (raw / file.path).is_file():  # also what was interrupted; members there are kept
                unpack(file, raw, say)
    if problem := _missing(options, raw):
        by_hand = [file for file in origin.files if not file.url and not file.existing(raw)] if origin else []
        raise InputError("\n".join([problem, *(_by_hand(file, origin.page, raw) for file in by_hand)]))


def _missing(options: Mapping[str, Any], raw: Path) -> str | None:
    """What the importer says about files that it does not find; None if it finds what it needs."""
    try:
        sources.load(options["source"]).files(options, raw)
    except InputError as error:
        return str(error)
    return None


def _fetch_all(origin: Origin, raw: Path, waits: Sequence[float], say: Say) -> None:
    """Fetch what is not there; at the first failure stop, since the next ones would mostly fail alike."""
    pending = origin.fetchable(raw)
    for i, file in enumerate(pending):
        try:
            fetch(file, origin.page, raw, waits=waits, say=say)
        except InputError as error:
            rest = [_by_hand(other, origin.page, raw) for other in pending[i + 1 :]]
            raise InputError("\n".join([str(error), *(["Not tried any more:", *rest] if rest else [])])) from None


def _by_hand(file: Original, page: str, raw: Path) -> str:
    note = f" ({file.note})" if file.note else ""
    return f"  {raw / file.path}{note}: from {file.url or file.page or page}"


def advice(options: Mapping[str, Any], raw: Path, origins: Mapping[str, Origin]) -> str | None:
    """A sentence with the command that fetches what a data set lacks; None if there is nothing to fetch."""
    source = source_of(options)
    if source not in origins or options.get("files") or not (pending := origins[source].fetchable(raw)):
        return None
    known = [file.bytes for file in pending]
    size = f", {_size(sum(known))}" if all(known) else ""
    files = "1 file" if len(pending) == 1 else f"{len(pending)} files"
    return (
        f"To fetch what is not there ({files}{size}):  "
        f"python -m tinycog download --source {source} --raw {shlex.quote(str(raw))}"
    )


# -- one file --------------------------------------------------------------------------------------------------------


def fetch(
    file: Original, page: str, raw: Path, *, waits: Sequence[float] = WAITS, say: Say = lambda line: None
) -> Path:
    """Put one published file below `raw`, unless it is there; return its path.

    What has arrived is kept in `NAME.part` beside it until its size and sum are right, and is continued from there.

    Raises:
        InputError: no address; network or server fail; what the address gives is not the published file.
    """
    if existing := [path for place in file.paths if (path := raw / place).is_file()]:
        return existing[0]
    order = _Order(file, file.page or page, raw / file.path, say)
    if file.url is None:
        raise InputError(f"{order.target}: cannot be fetched; {order.instead}")
    part = order.target.with_name(f"{order.target.name}.part")
    try:
        order.target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(part) as handle:
            say(f"{order.target}: from {file.url}" + (f", {_size(file.bytes)}" if file.bytes else ""))
            _complete(order, handle, waits)
            handle.flush()
            _verify(order, part)
            part.replace(order.target)
    except OSError as error:
        raise InputError(
            f"{order.target}: cannot be written ({error}). Make room there, or name another folder as `raw`"
        ) from None
    say(f"{order.target}: complete")
    return order.target


@dataclass(frozen=True)
class _Order:
    """What is fetched, from where a person would get it, to where, and who is told."""

    file: Original
    page: str
    target: Path
    say: Say

    @property
    def instead(self) -> str:
        return f"get the file from {self.page} and put it there"


@contextmanager
def _alone(part: Path) -> Iterator[IO[bytes]]:
    """The part file, open at its end; two processes that write to it would spoil it for each other."""
    with open(part, "ab") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"{part}: another process is fetching this file; wait for it, or end it") from None
        try:
            yield handle
        finally:
            handle.flush()
            if part.is_file() and not part.stat().st_size:
                part.unlink()  # nothing came


def _complete(order: _Order, part: IO[bytes], waits: Sequence[float]) -> None:
    """Bring `part` to its full length; give up after attempts in a row that brought nothing."""
    failures = 0
    while True:
        before = part.tell()
        try:
            return _continue(order, part)
        except _Interrupted as error:
            failures = 1 if part.tell() > before else failures + 1
            if failures > len(waits):
                kept = f"{part.tell():,} bytes are kept; the same command continues there. " if part.tell() else ""
                raise InputError(
                    f"{order.target}: could not be fetched from {order.file.url} ({error}). {kept}Without a network, "
                    f"get the file from that address or from {order.page} on another machine and put it there"
                ) from None
            order.say(f"{order.target}: {error}; another attempt in {waits[failures - 1]:g} s")
            time.sleep(waits[failures - 1])


def _continue(order: _Order, part: IO[bytes]) -> None:
    """One request for what is not yet in `part`; raises _Interrupted if less than that came."""
    import requests

    file = order.file
    if file.bytes is not None and part.tell() > file.bytes:
        _restart(part)
    if file.bytes is not None and part.tell() == file.bytes:
        return
    start = part.tell()
    # bytes as they are stored: a compressed answer has other offsets and another size
    headers = {"Accept-Encoding": "identity", "User-Agent": f"tinycog/{__version__}"}
    headers |= {"Range": f"bytes={start}-"} if start else {}
    try:
        with requests.get(file.url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
            if not all(is_safe(hop.url) for hop in (*answer.history, answer)):
                raise InputError(f"{order.target}: {file.url} leads to an address without https; {order.instead}")
            first, size = _extent(answer)
            if answer.status_code in TRANSIENT:
                raise _Interrupted(f"the server answered {answer.status_code} {answer.reason}")
            if answer.status_code == 416 and start and size == start:
                return  # nothing is left to send
            if start and (answer.status_code == 416 or (answer.status_code == 206 and first != start)):
                _restart(part)  # no continuation of what is here: the whole file then
                return _continue(order, part)
            if answer.status_code not in (200, 206):
                raise InputError(
                    f"{order.target}: {file.url} answered {answer.status_code} {answer.reason}; {order.instead}"
                )
            if answer.status_code == 200:
                _restart(part)  # the server sends all of it, whatever was asked for
            if size is not None and (size > bounds.LARGEST if file.bytes is None else size != file.bytes):
                _refuse_size(order, part, f"{size:,}")
            _receive(order, part, answer, file.bytes or size)
    except requests.RequestException as error:
        raise _Interrupted(_reason(error)) from None


def _restart(part: IO[bytes]) -> None:
    part.seek(0)
    part.truncate()


def _extent(answer: requests.Response) -> tuple[int | None, int | None]:
    """The first byte that an answer gives, and the size of the whole file; None where it does not say."""
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        return None, None
    match = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", answer.headers.get("Content-Range", ""))
    if match:
        return match[1] and int(match[1]), None if match[2] == "*" else int(match[2])
    length = answer.headers.get("Content-Length", "")
    return None, int(length) if answer.status_code == 200 and length.isdigit() else None


def _receive(order: _Order, part: IO[bytes], answer: requests.Response, size: int | None) -> None:
    told = time.monotonic()
    for chunk in answer.iter_content(CHUNK):
        part.write(chunk)
        most = bounds.LARGEST if size is None else size  # a server need not say where it ends
        if part.tell() > most:
            _refuse_size(order, part, f"more than {most:,}")
        if time.monotonic() - told > REPORT_EVERY:
            told = time.monotonic()
            order.say(f"{order.target}: {_size(part.tell())}" + (f" of {_size(size)}" if size else ""))
    if size is not None and part.tell() < size:
        raise _Interrupted(f"the connection ended after {part.tell():,} of {size:,} bytes")


def _refuse_size(order: _Order, part: IO[bytes], found: str) -> None:
    Path(part.name).unlink()
    allowed = f"what it had announced, and at most {bounds.LARGEST:,}"
    expected = f"{order.file.bytes:,}" if order.file.bytes else allowed
    raise InputError(
        f"{order.target}: {order.file.url} gives {found} bytes, expected {expected}. That is not the published file, "
        f"and was not kept; {order.instead}"
    )


def _verify(order: _Order, part: Path) -> None:
    found = digests(part)
    if not order.file.accepts(found):
        size = part.stat().st_size
        part.unlink()
        raise InputError(
            f"{order.target}: {order.file.url} gave another file. Expected {order.file.shown()}; found SHA-256 "
            f"{found.sha256}, git blob {found.git_blob} ({size:,} bytes). It was removed: try once more, or "
            f"{order.instead}"
        )


def _reason(error: Exception) -> str:
    """The innermost cause of a network error, which is the part that a person can use."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return str(error) or type(error).__name__


def _size(n: int) -> str:
    return f"{n / 1e6:.1f} MB" if n >= 1e5 else f"{n / 1e3:.1f} kB"


# -- archives --------------------------------------------------------------------------------------------------------


def unpack(file: Original, raw: Path, say: Say = lambda line: None) -> list[Path]:
    """Put the wanted members of a zip archive beside it; members that are there are kept. Returns what was written.

    Raises:
        InputError: not a zip archive; a member that would be written elsewhere, or is no plain file; members too many
            or too large; a folder that cannot be written.
    """
    archive = raw / file.path
    written = []
    try:
        with zipfile.ZipFile(archive) as opened:
            wanted = [
                member
                for member in opened.infolist()
                if not member.is_dir() and any(fnmatchcase(member.filename, pattern) for pattern in file.unpack)
            ]
            for member in wanted:  # all of them before the first is written
                _check_member(member, archive)
            bounds.check_members(wanted, archive, bounds.UNPACKED)
            for member in wanted:
                path = archive.parent / member.filename
                if path.exists():
                    continue
                with opened.open(member) as content, replacing(path) as temporary, open(temporary, "wb") as out:
                    shutil.copyfileobj(content, out)
                written.append(path)
    except InputError:
        raise
    except OSError as error:
        raise InputError(
            f"{archive}: cannot be unpacked there ({error}). Make room, or get the archive again"
        ) from None
    except (zipfile.BadZipFile, EOFError, RuntimeError, ValueError, zlib.error) as error:
        raise InputError(f"{archive}: not a readable zip archive ({error}); get it again") from None
    if not wanted:
        raise InputError(f"{archive}: has no member like {' or '.join(file.unpack)}; is it the published archive?")
    say(f"{archive}: {len(written)} of {len(wanted)} members unpacked, the others were there")
    return written


def _check_member(member: zipfile.ZipInfo, archive: Path) -> None:
    name = member.orig_filename
    kind = stat.S_IFMT(member.external_attr >> 16)
    outside = name.startswith("/") or ".." in PurePosixPath(name).parts or "\\" in name or re.match("[A-Za-z]:", name)
    if outside or "\0" in name or kind not in (0, stat.S_IFREG):
        what = "a link or a device" if kind not in (0, stat.S_IFREG) else "a name outside its folder"
        raise InputError(f"{archive}: member {name!r} has {what}, which no data archive needs; nothing was unpacked")
