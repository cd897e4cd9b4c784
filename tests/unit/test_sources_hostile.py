"""Raw files made to harm, or broken in the same ways: refused before memory or disk is given to them."""

from __future__ import annotations

import io
import pickle
import re
import struct
import tracemalloc
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.io import loadmat, savemat
from scipy.sparse import csc_array

from tinycog.errors import InputError
from tinycog.published import fetch as fetching
from tinycog.published.registry import Original
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.sources import akam_logs, akam_prl, bounds, codes, hou, psytrack, reading, registry

GIB = 2**30
SMALL = 2**20  # bytes within which every refusal below keeps


def prepare(source: str, raw: Path, **given) -> object:
    options = checked({"source": source, **given}, "test", AnyDataset).model_dump()
    return registry.load(source).prepare("d", options, raw, 0)


@pytest.fixture(autouse=True, scope="module")
def imported(tmp_path_factory):
    """What is imported at first use is no memory that a file takes."""
    for source in registry.SOURCES:
        registry.load(source)
    raw = tmp_path_factory.mktemp("imported")
    rat(raw)
    prepare("miller", raw, min_trials=0)
    savemat(raw / "a.mat", {"Y": 1})
    read(raw / "a.mat")


@contextmanager
def refused(message: str, most: int = SMALL):
    """What is done raises InputError with the message, and Python and NumPy take less than `most` bytes for it."""
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as error:
            yield
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert re.search(message, str(error.value)), str(error.value)
    assert taken < most


def test_claims_are_summed_and_said_in_units_for_people():
    claims = bounds.Claims("a file")
    claims.add(GIB // 2, "one part")
    with pytest.raises(
        InputError, match=r"^a file: with another the content claims 1\.2 GiB; allowed: at most 1\.0 GiB"
    ):
        claims.add(3 * GIB // 4, "another")
    with pytest.raises(InputError, match=r"^a file: a third claims 3\.0 TiB; allowed: at most 8\.0 GiB in a file\."):
        bounds.Claims("a file", bounds.UNPACKED).add(3 * 1024 * GIB, "a third")
    assert [bounds.shown(n) for n in (1023, 1024, 10 * 2**20)] == ["1023 bytes", "1.0 KiB", "10.0 MiB"]


# -- HDF5 ------------------------------------------------------------------------------------------------------------

FIELDS = {
    **{"ratname": "R1", "sides1": "llr", "sides2": "rrv", "rewards": [1, 0, 0], "trans_common": [1, 1, 0]},
    **{"new_sess": [1, 0, 0], "viols": [0] * 3, "bad_timing": [0] * 3, "better_choices": [0, 1, 1]},
    **{"leftprobs": [0.8] * 3, "rightprobs": [0.2] * 3, "p_congruent": [0.2], "c1_times": [0, 1, 2]},
    "s1_times": [1, 2, 3],
}


def rat(raw: Path, without: str = "") -> Path:
    """A rat's file in the layout of MATLAB 7.3, without the content of one field."""
    path = raw / "miller-rats-two-step/ofc_physdata.mat"
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        struct = file.create_group("#refs#/rat")
        for key, value in FIELDS.items():
            if key != without:
                plain = [ord(c) for c in value] if isinstance(value, str) else value
                struct[key] = np.array([plain], np.uint16 if isinstance(value, str) else float)
        file["ratdatas"] = np.array([[struct.ref]], h5py.ref_dtype)
    return path


def secret(raw: Path) -> Path:
    """A file of this machine that is none of the data's business; it reads as a name."""
    path = raw / "secret"
    path.write_bytes(np.array([ord(c) for c in "secret"], np.uint16).tobytes())
    return path


def elsewhere(raw: Path) -> Path:
    """An HDF5 file with the same content."""
    with h5py.File(raw / "other.h5", "w") as file:
        file["name"] = np.array([[ord(c) for c in "secret"]], np.uint16)
    return raw / "other.h5"


def external_storage(rat: h5py.Group, raw: Path):
    rat.create_dataset("ratname", (1, 6), np.uint16, external=[(str(secret(raw)), 0, 12)])


def virtual(rat: h5py.Group, raw: Path):
    layout = h5py.VirtualLayout((1, 6), np.uint16)
    layout[:] = h5py.VirtualSource(str(elsewhere(raw)), "name", (1, 6))
    rat.create_virtual_dataset("ratname", layout)


def external_link(rat: h5py.Group, raw: Path):
    rat["ratname"] = h5py.ExternalLink(str(elsewhere(raw)), "/name")


def soft_link(rat: h5py.Group, raw: Path):
    rat["ratname"] = h5py.SoftLink("/#refs#/rat/sides1")


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (external_storage, r"field 'ratname': its content is in another file; allowed: content in this file"),
        (virtual, r"field 'ratname': its content is in another file"),
        (external_link, r"rat 1, 'ratname': found a link to another file; allowed: content in this place"),
        (soft_link, r"rat 1, 'ratname': found a link to another place"),
    ],
)
def test_hdf5_content_of_other_files_is_not_read(tmp_path, make, found):
    with h5py.File(rat(tmp_path, without="ratname"), "r+") as file:
        make(file["#refs#/rat"], tmp_path)
        assert file["#refs#/rat/ratname"][()].size > 0  # HDF5 would read it
    with refused(found):
        prepare("miller", tmp_path, min_trials=0)


def test_hdf5_cells_of_another_file_are_not_read(tmp_path):
    path = rat(tmp_path)
    path.rename(tmp_path / "there.mat")
    with h5py.File(path, "w") as file:
        file["ratdatas"] = h5py.ExternalLink(str(tmp_path / "there.mat"), "/ratdatas")
    with refused(r"ofc_physdata\.mat, 'ratdatas': found a link to another file"):
        prepare("miller", tmp_path, min_trials=0)


CHUNKED = {"dtype": float, "chunks": (1, 1000), "compression": "gzip"}


@pytest.mark.parametrize(
    ("shape", "how", "found"),
    [
        (
            (1, 5 * 10**9),
            CHUNKED,
            r"data set '/#refs#/rat/rewards' of shape \(1, 5000000000\) claims 37\.3 GiB; allowed",
        ),
        ((2**40, 2**40), CHUNKED, r"claims 8796093022208\.0 TiB; allowed: at most 1\.0 GiB"),  # 0 bytes in 64 bits
        (
            (1, 3),
            {"dtype": float, "chunks": (1, 3 * 10**8), "maxshape": (1, None)},
            r"of shape \(1, 3\) claims 2\.2 GiB",
        ),
        ((1, 3), {"dtype": int, "chunks": (1, 3), "scaleoffset": 0}, r"found filters 6; allowed: deflate \(1\)"),
        ((1, 3), {"dtype": h5py.string_dtype()}, r"field 'rewards': found an array of cells or structs; allowed: num"),
    ],
)
def test_hdf5_data_sets_that_claim_too_much_are_not_read(tmp_path, shape, how, found):
    path = rat(tmp_path, without="rewards")
    with h5py.File(path, "r+") as file:
        file["#refs#/rat"].create_dataset("rewards", shape, **how)
    assert path.stat().st_size < 20_000
    with refused(found):
        prepare("miller", tmp_path, min_trials=0)


@pytest.mark.parametrize(("n", "said"), [(3, "24 bytes"), (2000, "15.6 KiB")])  # smaller than its content, or larger
@pytest.mark.parametrize("shuffle", [False, True])
def test_hdf5_chunks_that_inflate_beyond_their_size_are_not_read(tmp_path, shuffle, n, said):
    with h5py.File(rat(tmp_path, without="rewards"), "r+") as file:
        how = {"chunks": (1, n), "compression": 1, "shuffle": shuffle}
        bomb = file["#refs#/rat"].create_dataset("rewards", (1, n), float, **how)
        bomb.id.write_direct_chunk((0, 0), zlib.compress(bytes(10 * SMALL)))
    with refused(rf"field 'rewards': a chunk of {said} holds more than "):
        prepare("miller", tmp_path, min_trials=0)


def test_hdf5_filters_twice_over_are_not_read(tmp_path):
    with h5py.File(rat(tmp_path, without="rewards"), "r+") as file:
        plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plan.set_chunk((1, 3))
        for _ in range(2):
            plan.set_filter(h5py.h5z.FILTER_DEFLATE, 0, (9,))
        space = h5py.h5s.create_simple((1, 3))
        h5py.h5d.create(file["#refs#/rat"].id, b"rewards", h5py.h5t.IEEE_F64LE, space, plan)
    with refused(r"found filters 1, 1; allowed"):
        prepare("miller", tmp_path, min_trials=0)


def test_hdf5_data_sets_are_summed_over_the_file(tmp_path, monkeypatch):
    rat(tmp_path)
    monkeypatch.setattr(bounds, "LARGEST", (len(FIELDS) + 1) * (24 + bounds.OBJECT))  # room for all
    prepare("miller", tmp_path, min_trials=0)
    monkeypatch.setattr(bounds, "LARGEST", 5 * bounds.OBJECT)
    with refused(r"with data set '/#refs#/rat/\w+' of shape .* the content claims .*; allowed: at most 640 bytes"):
        prepare("miller", tmp_path, min_trials=0)


def test_hdf5_references_are_not_followed_a_million_times(tmp_path):
    with h5py.File(rat(tmp_path), "r+") as file:
        del file["ratdatas"]
        file.create_dataset("ratdatas", (1, 10**6), h5py.ref_dtype, chunks=(1, 1000))
    with refused(r"ofc_physdata\.mat: found 1,000,000 rats; allowed: at most 100,000"):
        prepare("miller", tmp_path)


def test_hdf5_that_skips_compression_or_adds_sums_is_read(tmp_path):
    path = rat(tmp_path, without="rewards")
    with h5py.File(path, "r+") as file:
        how = {"chunks": (1, 2), "compression": 9, "shuffle": True, "fletcher32": True}
        file["#refs#/rat"].create_dataset("rewards", data=np.array([[1.0, 0, 1]]), **how)
        file["#refs#/rat"].move("s1_times", "old")
        times = file["#refs#/rat"].create_dataset("s1_times", (1, 3), float, chunks=(1, 3), compression=9)
        times.id.write_direct_chunk((0, 0), np.array([3.0, 4, 5]).tobytes(), filter_mask=1)
    table = prepare("miller", tmp_path, min_trials=0).table
    assert table["reward"].tolist() == [1, 0, 1]
    assert table["task_rt_s"].tolist() == [3, 3, 3]


# -- MATLAB 5 --------------------------------------------------------------------------------------------------------

CELL, STRUCT, CHAR, DOUBLE = 1, 2, 4, 6


def element(kind: int, content: bytes, order: str = "<") -> bytes:
    return struct.pack(f"{order}II", kind, len(content)) + content + bytes(-len(content) % 8)


def matrix(kind: int, shape: tuple[int, ...], *parts: bytes, name: str = "", order: str = "<", flags: int = 0) -> bytes:
    head = element(6, struct.pack(f"{order}II", kind | flags, 0), order)
    head += element(5, struct.pack(f"{order}{len(shape)}i", *shape), order) + element(1, name.encode(), order)
    return element(14, head + b"".join(parts), order)


def compressed(variable: bytes) -> bytes:
    content = zlib.compress(variable)
    return struct.pack("<II", 15, len(content)) + content


def mat(raw: Path, *variables: bytes, order: str = "<") -> Path:
    path = raw / "a.mat"
    mark = {"<": b"IM", ">": b"MI"}[order]
    path.write_bytes(b"MATLAB 5.0".ljust(124) + struct.pack(f"{order}H", 0x0100) + mark + b"".join(variables))
    return path


def numbers(*values: float, order: str = "<", name: str = "") -> bytes:
    content = element(9, struct.pack(f"{order}{len(values)}d", *values), order)
    return matrix(DOUBLE, (1, len(values)), content, order=order, name=name)


def solid(kind: int) -> bytes:
    """One number in three dimensions, of a type of element."""
    return matrix(DOUBLE, (1, 1, 1), element(kind, bytes(8)))


def paired(kind: int) -> bytes:
    """One complex number, its imaginary part of a type of element."""
    return matrix(DOUBLE, (1, 1), element(9, bytes(8)), element(kind, bytes(8)), flags=0x800)


def nested(depth: int, name: str = "Y") -> bytes:
    """Cells within cells; the innermost of `depth` matrices holds numbers."""
    inner = numbers(1.0)
    for level in range(depth - 1):
        inner = matrix(CELL, (1, 1), inner, name=name if level == depth - 2 else "")
    return inner


def read(path: Path) -> object:
    return codes.read_matlab(path, "a file", "Y")


FIELD_NAMES = struct.pack("<HHi", 5, 4, 8) + element(1, b"a".ljust(8, b"\0") + b"b".ljust(8, b"\0"))


@pytest.mark.parametrize(
    ("variable", "found"),
    [
        (
            matrix(CELL, (70_000, 70_000), name="Y"),
            r"cells of shape \(70000, 70000\) claims 36\.5 GiB; allowed: at most",
        ),
        (matrix(CELL, (2**30, 0), name="Y"), r"cells of shape .* claims 8\.0 GiB"),
        (matrix(STRUCT, (2**30, 1), FIELD_NAMES, name="Y"), r"structs of shape .* claims 16\.0 GiB"),
        (
            matrix(STRUCT, (2**28, 1), FIELD_NAMES[:8] + element(1, b""), name="Y"),
            r"structs of shape .* claims 2\.0 GiB",
        ),
        (matrix(CHAR, (2**29, 1), element(1, b""), name="Y"), r"text of shape \(536870912, 1\) claims 2\.0 GiB"),
        (nested(33), r"a\.mat: found cells or structs more than 32 deep"),
        (nested(20_000), r"a\.mat: found cells or structs more than 32 deep"),
        (matrix(5, (1, 1), name="Y"), r"found a matrix of class 5; allowed: arrays of numbers .*without objects, func"),
        (
            matrix(DOUBLE, (1, 1), element(1000, b"x" * 8), name="Y"),
            r"no readable MATLAB 5 matrix `Y` \(KeyError: 1000",
        ),
        (matrix(CHAR, (1, 1), element(1000, b"x" * 8), name="Y"), r"characters of type 1000"),
        (matrix(STRUCT, (1, 1), struct.pack("<HHi", 5, 4, 0), element(1, b"ab"), name="Y"), r"the length of its field"),
        (matrix(CELL, (1, 2), numbers(1.0), name="Y"), r"not a file: no readable MATLAB 5 matrix `Y`"),
        (matrix(CELL, (1, 1), numbers(1.0), numbers(2.0), name="Y"), r"whose content does not fill it"),
        (matrix(CELL, (1, 1), numbers(1.0) * 2, name="Y"), r"whose content does not fill it"),
        (matrix(DOUBLE, (1, 3), element(9, bytes(16)), name="Y"), r"an array of shape \(1, 3\) in 16 bytes"),
        (matrix(DOUBLE, (1,) * 33, element(9, bytes(8)), name="Y"), r"dimensions .* of type 5"),
        (matrix(DOUBLE, (1, 1), struct.pack("<HH4s", 2, 5, b"1234"), name="Y"), r"5 bytes in an element of four"),
        (matrix(CELL, (1, 1), element(9, numbers(1.0)[8:]), name="Y"), r"type 9 and 56 bytes where a matrix was to be"),
        (numbers(1.0, name="Y").replace(struct.pack("<II", 6, 8), struct.pack("<II", 7, 8)), r"a matrix without flags"),
        (matrix(CELL, (1, 2), solid(9), solid(1000), name="Y"), r"KeyError: 1000"),
        (matrix(CELL, (1, 2), paired(9), paired(1000), name="Y"), r"KeyError: 1000"),
        (matrix(DOUBLE, (1, -1), element(9, b""), name="Y"), r"dimensions \(1, 4294967295\) of type 5"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, compressed])
def test_matlab_variables_that_claim_too_much_are_not_read(tmp_path, variable, found, pack):
    path = mat(tmp_path, pack(variable))
    with refused(found, most=SMALL + 12 * len(variable)):
        read(path)


def test_matlab_variables_are_not_inflated_beyond_the_bounds(tmp_path):
    begin = matrix(DOUBLE, (2**28, 1), element(9, b""), name="Y")
    path = mat(tmp_path, compressed(struct.pack("<II", 14, 2**31) + begin[8:]))
    with refused(r"a\.mat: a compressed variable claims 2\.0 GiB; allowed: at most 1\.0 GiB"):
        read(path)
    variable = matrix(DOUBLE, (1, 1), element(9, bytes(8)), name="Y")
    path = mat(tmp_path, compressed(variable + bytes(10 * SMALL)))
    with refused(r"a compressed variable that is not of the 64 bytes that it claims"):
        read(path)
    variable = matrix(DOUBLE, (10_000, 1), element(9, bytes(80_000)), name="Y")
    for length in (-8, 8):
        path = mat(tmp_path, compressed((variable + bytes(8))[: len(variable) + length]))
        with refused(r"a compressed variable that is not of the 80056 bytes that it claims"):
            read(path)


def test_matlab_arrays_count_with_what_they_take_beside_their_content(tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "LARGEST", 10_000)
    for cell in (numbers(1.0), element(14, b"")):
        read(mat(tmp_path, matrix(CELL, (1, 70), *[cell] * 70, name="Y")))
        with refused(r"a\.mat: with an array the content claims \d+\.\d KiB; allowed: at most 9\.8 KiB"):
            read(mat(tmp_path, matrix(CELL, (1, 75), *[cell] * 75, name="Y")))


def test_matlab_variables_that_are_not_read_are_not_looked_at(tmp_path):
    other = matrix(CELL, (70_000, 70_000), name="other")
    wanted = matrix(DOUBLE, (1, 2), element(9, struct.pack("<2d", 3, 4)), name="Y")
    huge = compressed(struct.pack("<II", 14, 2**31) + other[8:])
    assert read(mat(tmp_path, compressed(other), other, huge, compressed(wanted))).tolist() == [[3, 4]]


def test_matlab_depth_and_byte_order(tmp_path):
    found = read(mat(tmp_path, nested(32)))
    for _ in range(31):
        found = found[0, 0]
    assert found == [[1.0]]
    swapped = matrix(CELL, (1, 2), *(numbers(1, 2, order=">") for _ in range(2)), name="Y", order=">")
    assert [cell.tolist() for cell in read(mat(tmp_path, swapped, order=">")).ravel()] == [[[1, 2]]] * 2


@pytest.mark.parametrize("do_compression", [False, True])
def test_matlab_files_that_are_sound_are_read_as_scipy_reads_them(tmp_path, do_compression):
    cells = np.empty((2, 3), object)
    cells[:] = [["text", np.arange(3), 1 + 2j], [np.zeros((0, 4)), {"a": 1, "b": {"c": "d"}}, np.float32(0.5)]]
    content = {"numbers": np.arange(6, dtype=np.int16).reshape(2, 3), "cells": cells, "logical": np.array([True])}
    content |= {"empty": np.zeros((0, 0)), "struct": {"x": cells}, "text": ["one", "three"], "cube": np.ones((2, 3, 4))}
    savemat(tmp_path / "a.mat", content, do_compression=do_compression)
    read, expected = codes.read_matlab(tmp_path / "a.mat", "a file"), loadmat(tmp_path / "a.mat")
    assert pickle.dumps(read) == pickle.dumps(expected)


def test_matlab_files_of_other_versions_are_named(tmp_path):
    savemat(tmp_path / "a.mat", {"Y": np.eye(2)}, format="4")
    with refused(r"no readable MATLAB 5 matrix `Y` \(ValueError: the header is not that of MATLAB 5"):
        read(tmp_path / "a.mat")
    path = mat(tmp_path, numbers(1.0))
    path.write_bytes(b"\0" + path.read_bytes()[1:])  # the mark of MATLAB 4, and that of MATLAB 5 as well
    with refused(r"ValueError: the header is not that of MATLAB 5"):
        read(path)
    savemat(tmp_path / "a.mat", {"Y": csc_array(np.eye(2))})
    with refused(r"found a matrix of class 5"):
        read(tmp_path / "a.mat")


# -- zip archives and NumPy arrays -----------------------------------------------------------------------------------


def packed(path: Path, members: dict[str, bytes], method=zipfile.ZIP_DEFLATED, claimed: int | None = None) -> Path:
    """A zip archive whose directory claims a size for each member that may not be its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        for member in archive.filelist:
            member.file_size = member.file_size if claimed is None else claimed
    return path


def npy(shape: tuple[int, ...], descr: str = "<f8", content: bytes = b"") -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": descr, "fortran_order": False, "shape": shape})
    return file.getvalue() + content


ZIPPED = {
    "hou": ("hou-mice-dynamic-foraging/M1.npz", [f"{name}.npy" for name in hou.CODES]),
    "psytrack": ("psytrack-rat-learning/sampleRatData.npz", ["D.npy"]),
    "dezfouli": ("dezfouli-2arm-bandit/choices_diagno.csv.zip", ["choices_diagno.csv"]),
}


@pytest.mark.parametrize("source", ZIPPED)
def test_zip_members_that_claim_too_much_are_not_read(tmp_path, source):
    file, names = ZIPPED[source]
    path = packed(tmp_path / file, dict.fromkeys(names, b"content"), claimed=3 * GIB)
    with refused(rf"{re.escape(path.name)}: member '{names[0]}' claims 3\.0 GiB; allowed: at most 1\.0 GiB in a file"):
        prepare(source, tmp_path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("source", ZIPPED)
def test_zip_members_by_methods_without_a_limit_are_not_read(tmp_path, source, method):
    file, names = ZIPPED[source]
    packed(tmp_path / file, dict.fromkeys(names, bytes(10 * SMALL)), method)
    with refused(rf"member '{names[0]}' is compressed by method (bzip2|lzma); allowed: stored or deflate"):
        prepare(source, tmp_path)


@pytest.mark.parametrize("source", ZIPPED)
def test_zip_members_are_not_inflated_beyond_what_they_claim(tmp_path, source):
    file, names = ZIPPED[source]
    packed(tmp_path / file, dict.fromkeys(names, bytes(10 * SMALL)), claimed=100)
    with refused(r": not .*the file is truncated, or not what was published"):
        prepare(source, tmp_path)


def test_zip_members_are_summed(tmp_path):
    file, names = ZIPPED["hou"]
    packed(tmp_path / file, dict.fromkeys(names, b"content"), claimed=3 * GIB // 4)
    with refused(rf"M1\.npz: with member '{names[1]}' the content claims 1\.5 GiB"):
        prepare("hou", tmp_path)


@pytest.mark.parametrize(
    ("array", "found"),
    [
        (
            npy((5 * 10**9,)),
            r"M1\.npz, array 'choice': claims 37\.3 GiB \(shape \(5000000000,\)\); the file holds 0 bytes",
        ),
        (npy((2**40, 2**40)), r"array 'choice': claims .* TiB"),
        (npy((10**10,), "<U0"), r"array 'choice': claims 9\.3 GiB"),
        (npy((2,), content=bytes(8)), r"array 'choice': claims 16 bytes .* the file holds 8 bytes"),
        (
            npy((1,), "|O", b"cos\nsystem\n(S'false'\ntR."),
            r"not a readable NPZ file of plain arrays .*Object arrays can",
        ),
    ],
)
def test_arrays_that_claim_more_than_their_file_holds_are_not_read(tmp_path, array, found):
    file, names = ZIPPED["hou"]
    packed(tmp_path / file, dict.fromkeys(names, array))
    with refused(found):
        prepare("hou", tmp_path)


def test_archives_are_unpacked_within_the_bounds_or_not_at_all(tmp_path, monkeypatch):
    file = Original(path="akam-mice/data.zip", url=None, bytes=None, unpack=("*/info.json",))
    members = {f"{i}/info.json": b"{}" for i in range(2)}
    path = packed(tmp_path / file.path, members, claimed=5 * GIB)
    with refused(r"data\.zip: with member '1/info\.json' the content claims 10\.0 GiB; allowed: at most 8\.0 GiB"):
        fetching.unpack(file, tmp_path)
    packed(path, members, zipfile.ZIP_BZIP2)
    with refused(r"member '0/info\.json' is compressed by method bzip2"):
        fetching.unpack(file, tmp_path)
    monkeypatch.setattr(bounds, "MEMBERS", 1)
    packed(path, members)
    with refused(r"data\.zip: found 2 members; allowed: at most 1"):
        fetching.unpack(file, tmp_path)
    assert list(path.parent.iterdir()) == [path]
    monkeypatch.undo()
    assert len(fetching.unpack(file, tmp_path)) == 2


def test_an_archive_with_a_file_where_a_folder_should_be_is_named(tmp_path):
    file = Original(path="akam-mice/data.zip", url=None, bytes=None, unpack=("*info.json",))
    packed(tmp_path / file.path, {"a/info.json": b"{}", "a/info.json/info.json": b"{}"})
    with pytest.raises(
        InputError, match=r"data\.zip: cannot be unpacked there \(.*Make room, or get the archive again"
    ):
        fetching.unpack(file, tmp_path)


# -- pickles ---------------------------------------------------------------------------------------------------------


def pickled(raw: Path, content: bytes) -> Path:
    return packed(raw / psytrack.FOLDER / psytrack.FILE, {"D.npy": npy((), "|O", content)})


def shared(levels: int) -> dict:
    inner: dict = {"y": np.arange(2)}
    for _ in range(levels):
        inner = {"a": inner, "b": inner}
    return inner


def test_a_pickle_is_gone_through_once_however_often_it_refers_to_itself(tmp_path, monkeypatch):
    plain, calls = psytrack._plain, []
    monkeypatch.setattr(psytrack, "_plain", lambda *given: calls.append(given[0]) or plain(*given))
    read = psytrack.read(pickled(tmp_path, pickle.dumps(shared(16))))
    assert len(calls) == 1 + 2 * 16 + 1  # all, two keys at each level, and the array
    assert read["a"]["b"]["a"] is read["b"]["b"]["a"]
    for _ in range(16):
        read = read["b"]
    assert read["y"].tolist() == [0, 1]
    read["y"][0] = 3  # as of any array


def test_a_pickle_of_dicts_in_dicts_is_read_to_a_depth(tmp_path):
    psytrack.read(pickled(tmp_path, pickle.dumps(shared(31))))
    for levels in (32, 40):
        with refused(r"sampleRatData\.npz, D: found dicts more than 32 deep"):
            psytrack.read(pickled(tmp_path, pickle.dumps(shared(levels))))


@pytest.mark.parametrize("put", [b"r" + struct.pack("<I", 2**31 - 1), b"p2147483647\n"])
def test_a_pickle_s_memo_grows_with_its_objects_alone(tmp_path, put):
    with refused(r"D: not a readable pickle of arrays \(ValueError: object 2,147,483,647 after 1 steps"):
        psytrack.read(pickled(tmp_path, b"}" + put + b"."))


def text(content: bytes) -> bytes:
    return b"X" + struct.pack("<I", len(content)) + content


def test_a_pickle_makes_no_more_bytes_than_the_bounds_allow(tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "LARGEST", SMALL)
    once = b"c_codecs\nencode\nq\0" + text(b"x" * 50_000) + b"q\1" + text(b"latin1") + b"q\2"
    path = pickled(tmp_path, once + b"h\0h\1h\2\x86R0" * 100 + b".")
    with refused(r"sampleRatData\.npz, D: with bytes written as text the content claims 1\.0 MiB", most=3 * SMALL):
        psytrack.read(path)


class Copy:
    """Pickles as an array of the bytes that all copies share."""

    def __init__(self, content: bytes):
        self.content = content

    def __reduce__(self):
        begin, arguments, state = np.zeros(1, "u1").__reduce__()
        return begin, arguments, (state[0], (len(self.content),), np.dtype("u1"), False, self.content)


def test_a_pickle_s_arrays_of_the_same_bytes_are_summed(tmp_path, monkeypatch):
    content = bytes(50_000)
    path = pickled(tmp_path, pickle.dumps({f"a{i}": Copy(content) for i in range(100)}))
    assert len(psytrack.read(path)) == 100
    monkeypatch.setattr(bounds, "LARGEST", SMALL)
    with refused(r"D: with array 'a20' the content claims 1\.0 MiB", most=3 * SMALL):
        psytrack.read(path)


# -- text and tables -------------------------------------------------------------------------------------------------


def big(path: Path) -> Path:
    """A file of 2 GiB that takes no room."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.truncate(2 * GIB)
    return path


@pytest.mark.parametrize("name", ["eckstein-2arm-switching/maria_data.csv", "own.csv"])
def test_files_larger_than_any_are_not_read(tmp_path, name):
    path = big(tmp_path / name)
    with pytest.raises(InputError):  # modules are loaded, and compiled, when they are first used
        own(path) if name == "own.csv" else prepare("eckstein", tmp_path)
    with refused(rf"{path.name}: the file claims 2\.0 GiB; allowed: at most 1\.0 GiB in a file"):
        own(path) if name == "own.csv" else prepare("eckstein", tmp_path)


def own(path: Path) -> object:
    return prepare("table", path.parent, file=str(path), task="bandit", n_actions=2)


def test_csv_lines_without_content_are_not_filled_up_beyond_the_bounds(tmp_path):
    path = tmp_path / "eckstein-2arm-switching/maria_data.csv"
    path.parent.mkdir()
    path.write_bytes(b"," * 19_999 + b"\n" * 20_000)
    with refused(r"maria_data\.csv: a table of 20,001 lines and 20,000 columns claims 3\.0 GiB", most=10 * SMALL):
        prepare("eckstein", tmp_path)
    path.write_bytes(b"," * 19_999 + b"\r" * 20_000)
    with refused(r"a table of 20,001 lines and 20,000 columns claims", most=10 * SMALL):
        prepare("eckstein", tmp_path)
    path.write_bytes(b'"\n",' * 19_999 + b"\r\n" * 20_000)  # the first row goes over many lines
    with refused(r"a table of 40,000 lines and 20,000 columns claims", most=10 * SMALL):
        prepare("eckstein", tmp_path)


def test_parquet_rows_that_take_no_room_in_the_file_are_not_read(tmp_path):
    path = tmp_path / "own.parquet"
    pq.write_table(pa.table({f"c{i}": pa.nulls(300_000) for i in range(500)}), path)
    assert path.stat().st_size < SMALL
    with refused(r"own\.parquet: a table of 300,000 rows and 500 columns claims 1\.1 GiB.*Leave out columns"):
        reading.read([path], reading.Format())


@pytest.mark.parametrize("store_schema", [False, True])
def test_parquet_cells_that_are_stored_once_count_in_every_row(tmp_path, monkeypatch, store_schema):
    path, n = tmp_path / "own.parquet", 3000
    names = pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, "i4")), pa.array(["n" * 1000]))
    columns = {"subject": names, "block": np.arange(n) // 10, "action": np.arange(n) % 2, "reward": np.ones(n)}
    pq.write_table(pa.table(columns), path, store_schema=store_schema)
    assert path.stat().st_size < 100_000
    table = own(path).table
    assert table["action"].tolist() == [0, 1] * 1500
    assert table["subject"].tolist() == ["n" * 1000] * n
    monkeypatch.setattr(bounds, "LARGEST", 2 * SMALL)
    with refused(r"own\.parquet: with a part of 1,024 rows the content claims 2\.\d MiB; allowed: at most 2\.0 MiB"):
        own(path)


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
ALL = {
    "bartolo": "bartolo-monkeys-reversal/SPKcounts_V20161017cue_MW_250X250ms.mat",
    "miller": "miller-rats-two-step/ofc_physdata.mat",
    "hou": "hou-mice-dynamic-foraging/FOR14.npz",
    "psytrack": "psytrack-rat-learning/sampleRatData.npz",
    "dezfouli": "dezfouli-2arm-bandit/choices_diagno.csv.zip",
    "eckstein": "eckstein-2arm-switching/maria_data.csv",
    "sabatini": "sabatini-mice-2arm-bandit/80_20_trial_data/a_070716_.csv",
}


@pytest.mark.parametrize("source", ALL)
def test_pointers_of_git_lfs_are_told_from_damaged_files(tmp_path, source):
    path = tmp_path / ALL[source]
    path.parent.mkdir(parents=True)
    path.write_bytes(POINTER)
    with refused(rf"^{re.escape(str(path))}: a pointer of Git LFS, .* Fetch the file with `git lfs pull`"):
        prepare(source, tmp_path)


@pytest.mark.parametrize("name", ["own.csv", "own.parquet"])
def test_pointers_of_git_lfs_are_no_tables(tmp_path, name):
    (tmp_path / name).write_bytes(POINTER)
    with refused(rf"{name}: a pointer of Git LFS"):
        own(tmp_path / name)


@pytest.mark.parametrize(
    ("info", "line", "found"),
    [
        (b"[" * 100_000, b"", r"info\.json: not the description of an Akam experiment \(RecursionError"),
        (POINTER, b"", r"info\.json: a pointer of Git LFS"),
        (None, b"1" * 5000 + b" 2", r"m358-2019-06-04\.txt, line 1: found a number of 5,000 digits; allowed: 18"),
        (None, POINTER, r"m358-2019-06-04\.txt: a pointer of Git LFS"),
    ],
)
def test_logs_and_descriptions_beyond_the_bounds_are_refused(tmp_path, info, line, found):
    events = [*akam_logs.OUTCOMES, *akam_logs.SELECTIONS]
    ids = ", ".join(f'"{name}": {i}' for i, name in enumerate(events, start=1))
    folder = tmp_path / f"akam-mice/reversal_learning_task/{akam_prl.SOURCE.experiments[0]}-x"
    (folder / "data").mkdir(parents=True)
    (folder / "info.json").write_bytes(info or f'{{"file_type": "pyControl_2", "event_IDs": {{{ids}}}}}'.encode())
    (folder / "data/m358-2019-06-04.txt").write_bytes(line)
    with refused(found, most=10 * SMALL):
        prepare("akam_prl", tmp_path, first_day=1)


def test_complex_numbers_are_refused(tmp_path):
    path = tmp_path / "M00.npz"
    np.savez(path, choice=np.array([1 + 1j, 2]))
    with pytest.raises(InputError, match="array 'choice': found complex numbers; allowed: real ones"):
        codes.read_npz(path, ["choice"])
