"""What a raw file may claim, checked before memory or disk is given to it.

A file of a few kilobytes can claim any size: compressed content, shapes without content, one thing referred to a
million times. Importers add up here what a file claims, part by part, before they read the part.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tinycog.errors import InputError

if TYPE_CHECKING:
    import h5py
    import numpy as np

LARGEST = 2**30  # bytes that a file's content may take in memory; of published files Kool's takes most, 0.12 GB
UNPACKED = 8 * 2**30  # bytes that an archive may put on the disk; 896 logs of Akam's laboratory take 0.06 GB
MEMBERS = 100_000  # of an archive, or of a list of references
DEPTH = 32  # of things within things; of published files Miranda's is deepest, with 5
OBJECT = 128  # bytes of an array in memory beside its content, about
REFUSED = "No published file needs that: the file is damaged, or made to harm. Take the published one"
LFS = b"version https://git-lfs.github.com/spec/"


def shown(n_bytes: int) -> str:
    """A size for people: 37.3 GiB."""
    exponent = 0
    while n_bytes >= 1024 ** (exponent + 1) and exponent < 4:
        exponent += 1
    unit = ("bytes", "KiB", "MiB", "GiB", "TiB")[exponent]
    return f"{n_bytes / 1024**exponent:.1f} {unit}" if exponent else f"{n_bytes} {unit}"


class Claims:
    """The bytes that the parts of one file claim, summed.

    Args:
        path: the file, or what errors call it.
        most: bytes allowed in all; LARGEST if not given.
        advice: what to do if there are more.
    """

    def __init__(self, path: Path | str, most: int | None = None, advice: str = REFUSED) -> None:
        self.path, self.most, self.advice = path, LARGEST if most is None else most, advice
        self.total = 0

    def add(self, n_bytes: int, part: str) -> None:
        """Count what `part` claims; InputError if the file then claims more than is allowed."""
        self.total += n_bytes
        if self.total > self.most:
            found = f"{part} claims {shown(n_bytes)}"
            if n_bytes <= self.most:
                found = f"with {part} the content claims {shown(self.total)}"
            raise InputError(f"{self.path}: {found}; allowed: at most {shown(self.most)} in a file. {self.advice}")


def few(n: int, what: str, path: Path | str) -> None:
    """Raise InputError if there are more than MEMBERS of something that is gone through one by one."""
    if n > MEMBERS:
        raise InputError(f"{path}: found {n:,} {what}; allowed: at most {MEMBERS:,}. {REFUSED}")


# -- files -----------------------------------------------------------------------------------------------------------


def fetched(path: Path) -> Path:
    """`path`, unless it only stands for a file that Git LFS has still to fetch."""
    with open(path, "rb") as file:
        if file.read(len(LFS)) == LFS:
            raise InputError(
                f"{path}: a pointer of Git LFS, found in place of the file itself. Fetch the file with `git lfs pull`, "
                "or from the page where it is published"
            )
    return path


def content(path: Path, advice: str = REFUSED) -> bytes:
    """All bytes of a file, which may be LARGEST at most."""
    Claims(path, advice=advice).add(path.stat().st_size, "the file")
    return fetched(path).read_bytes()


# -- zip archives and NumPy arrays -----------------------------------------------------------------------------------


def check_members(members: Sequence[zipfile.ZipInfo], archive: Path, most: int | None = None) -> None:
    """Raise InputError unless `members` of an archive, which are to be read or unpacked, are few, small and plain."""
    few(len(members), "members", archive)
    claims = Claims(archive, most)
    for member in members:
        claims.add(member.file_size, f"member {member.filename!r}")
        # zipfile lets other methods grow without limit, whatever size a member claims
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            method = zipfile.compressor_names.get(member.compress_type, member.compress_type)
            raise InputError(
                f"{archive}: member {member.filename!r} is compressed by method {method}; allowed: stored or deflate. "
                "Pack the archive again, or take the published one"
            )


def member_content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The bytes of a checked member, never more than it claims."""
    with archive.open(member) as file:
        return file.read(member.file_size)  # without a size zipfile would inflate two gigabytes before it compares


def npy_header(content: bytes) -> tuple[tuple[int, ...], np.dtype, int]:
    """Shape, dtype and length of the header of an array as np.save writes it; any exception if it is none."""
    import io

    import numpy as np

    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    shape, _, dtype = read[version](file)
    return shape, dtype, file.tell()


def npy_array(content: bytes, where: str) -> np.ndarray:
    """The array in `content`, once its shape is known to claim no more than what is there."""
    import io

    import numpy as np

    shape, dtype, start = npy_header(content)
    # an empty text takes no byte in the file, but does in memory
    claimed, there = math.prod(shape) * max(dtype.itemsize, 1), len(content) - start
    if claimed > there and not dtype.hasobject:
        raise InputError(f"{where}: claims {shown(claimed)} (shape {shape}); the file holds {shown(there)}. {REFUSED}")
    return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)


# -- HDF5 ------------------------------------------------------------------------------------------------------------


def hdf5_object(group: h5py.Group | h5py.File, name: str, where: str) -> h5py.Group | h5py.Dataset:
    """What `group` has under `name`: in this very place, so that no link leads to another file."""
    import h5py

    link = group.get(name, getlink=True)
    if not isinstance(link, h5py.HardLink):
        kind = "a link to another file" if isinstance(link, h5py.ExternalLink) else "a link to another place"
        raise InputError(f"{where}, {name!r}: found {kind}; allowed: content in this place. {REFUSED}")
    return group[name]


def check_dataset(dataset: h5py.Dataset, where: str, claims: Claims) -> None:
    """Raise InputError unless a data set of numbers or references may be read.

    Its content must lie in this file, and neither it nor any of its chunks may be larger than the bounds allow. A
    chunk is inflated here first, within its size: the HDF5 library inflates until the end, whatever comes.
    """
    import h5py

    plan = dataset.id.get_create_plist()
    layout = plan.get_layout()
    if plan.get_external_count() or layout not in (h5py.h5d.COMPACT, h5py.h5d.CONTIGUOUS, h5py.h5d.CHUNKED):
        raise InputError(f"{where}: its content is in another file; allowed: content in this file. {REFUSED}")
    size = math.prod(dataset.shape) * dataset.dtype.itemsize
    chunk = math.prod(dataset.chunks) * dataset.dtype.itemsize if dataset.chunks else 0
    claims.add(max(size, chunk) + OBJECT, f"data set {dataset.name!r} of shape {dataset.shape}")
    filters = [plan.get_filter(i)[0] for i in range(plan.get_nfilters())]
    plain = (h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_FLETCHER32)
    if len(set(filters)) < len(filters) or not set(filters) <= set(plain):
        raise InputError(
            f"{where}: found filters {', '.join(map(str, filters))}; allowed: deflate (1), shuffle (2) and Fletcher's "
            f"sum (3), each once. {REFUSED}"
        )
    if chunk:
        stored: list[h5py.h5d.StoreInfo] = []
        dataset.id.chunk_iter(stored.append)
        for info in stored:
            _check_chunk(dataset, info, chunk, filters, where)


def _check_chunk(dataset: h5py.Dataset, info: h5py.h5d.StoreInfo, size: int, filters: list[int], where: str) -> None:
    import h5py

    at_most = size + size // 100 + 1024  # what deflate makes of content that it cannot compress, and a sum
    inflated = info.size
    if inflated <= at_most and h5py.h5z.FILTER_DEFLATE in filters:
        skipped, raw = dataset.id.read_direct_chunk(info.chunk_offset)
        if not skipped >> filters.index(h5py.h5z.FILTER_DEFLATE) & 1:
            inflated = len(zlib.decompressobj().decompress(raw, at_most + 1))
    if inflated > at_most:
        raise InputError(f"{where}: a chunk of {shown(size)} holds more than {shown(at_most)}. {REFUSED}")
