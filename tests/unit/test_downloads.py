"""Fetching published files from a local server: resumed, checked, refused; and sums of files that are used."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import socket
import stat
import threading
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pandas as pd
import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from conftest import ROOT
from tinycog import cli
from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.published import fetch as fetching
from tinycog.published import registry as published_files
from tinycog.published.registry import Origin, Original, Sum
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.sections.public import PUBLIC
from tinycog.setup import preflight
from tinycog.sources import bahrami, bounds
from tinycog.steps.prepare import prepare

CONTENT = b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(10_000))  # 320 kB without a pattern
PAGE = "https://example.org/data"


# -- a server --------------------------------------------------------------------------------------------------------


@dataclass
class Server:
    """What it gives, how it behaves, and what it was asked and has sent."""

    content: bytes = CONTENT
    ranges: bool = True  # whether it answers a Range with 206
    cuts: list[int] = field(default_factory=list)  # bytes after which the next answers end too early
    status: list[int] = field(default_factory=list)  # of the next answers, before any content
    shift: int = 0  # how far a 206 is off
    announce: bool = True  # whether it tells the size
    compress: str = ""  # "asked": for those who accept it; "always": for others, too
    hops: list[str] = field(default_factory=list)  # hosts that the next answers lead to, at the same port
    asked: list[str | None] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def server(monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,0.0.0.0")
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            wanted = self.headers.get("Range")
            state.asked.append(wanted)
            if state.status:
                self.send_error(state.status.pop(0))
                return
            if state.hops:
                self.send_response(302)
                self.send_header("Location", state.url.replace("127.0.0.1", state.hops.pop(0)))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start = int(re.fullmatch(r"bytes=(\d+)-", wanted).group(1)) if wanted and state.ranges else 0
            if start >= len(state.content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(state.content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206 if wanted and state.ranges else 200)
            if wanted and state.ranges:
                first, last = start + state.shift, len(state.content) - 1
                self.send_header("Content-Range", f"bytes {first}-{last}/{len(state.content)}")
            body = state.content[start:]
            if state.compress == "always" or (state.compress and "gzip" in self.headers["Accept-Encoding"]):
                body = gzip.compress(body)
                self.send_header("Content-Encoding", "gzip")
            if state.announce:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if state.cuts:
                body = body[: state.cuts.pop(0)]
            state.sent.append(len(body))
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        state.url = f"http://127.0.0.1:{listening.server_address[1]}/file"
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        listening.shutdown()
        thread.join()


def original(url: str | None, path: str = "set/a file.bin", **given) -> Original:
    published = Sum(sum=hashlib.sha256(CONTENT).hexdigest(), what="published")
    return Original(**{"path": path, "url": url, "bytes": len(CONTENT), "sha256": (published,), **given})


def fetch(file: Original, raw, waits=(0.0, 0.0)):
    return fetching.fetch(file, PAGE, raw, waits=waits)


def part_of(raw, content: bytes):
    part = raw / "set/a file.bin.part"
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(content)
    return part


# -- fetching --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("announce", [True, False])
def test_a_file_is_fetched_and_named_only_when_it_is_right(server, tmp_path, announce):
    server.announce = announce
    lines = []
    path = fetching.fetch(original(server.url), PAGE, tmp_path, waits=(), say=lines.append)
    assert path == tmp_path / "set/a file.bin"
    assert path.read_bytes() == CONTENT
    assert [p.name for p in path.parent.iterdir()] == ["a file.bin"]
    assert lines[0] == f"{path}: from {server.url}, 0.3 MB"


@pytest.mark.parametrize("name", ["a file.bin", "other.bin"])
def test_a_file_that_is_there_is_used_whatever_it_is(server, tmp_path, name):
    there = tmp_path / "set" / name
    there.parent.mkdir()
    there.write_bytes(b"my own")
    assert fetch(original(server.url, names=("other.bin",)), tmp_path) == there
    assert there.read_bytes() == b"my own"
    assert server.asked == []


@pytest.mark.parametrize("n_bytes", [len(CONTENT), None])
def test_what_was_interrupted_goes_on_where_it_ended(server, tmp_path, n_bytes):
    part_of(tmp_path, CONTENT[:200_000])
    path = fetch(original(server.url, bytes=n_bytes), tmp_path)
    assert path.read_bytes() == CONTENT
    assert server.asked == ["bytes=200000-"]
    assert server.sent == [120_000]


@pytest.mark.parametrize("announce", [True, False])
def test_a_connection_cut_midway_is_taken_up_again(server, tmp_path, announce):
    server.cuts, server.announce = [200_000], announce
    path = fetch(original(server.url), tmp_path)
    assert path.read_bytes() == CONTENT
    first, second = server.asked
    assert first is None
    kept = int(second.removeprefix("bytes=").removesuffix("-"))
    assert 200_000 - fetching.CHUNK <= kept <= 200_000
    assert server.sent == [200_000, len(CONTENT) - kept]


def test_a_server_that_cuts_is_asked_on_as_long_as_something_comes(server, tmp_path):
    server.cuts = [100_000] * 9
    assert fetch(original(server.url), tmp_path, waits=(0.0,)).read_bytes() == CONTENT
    assert len(server.asked) > 3


@pytest.mark.parametrize("compress", ["asked", "always"])
def test_a_file_is_kept_as_it_is_stored_by_a_server_that_compresses(server, tmp_path, compress):
    server.compress = compress
    assert fetch(original(server.url), tmp_path).read_bytes() == CONTENT
    assert (server.sent == [len(CONTENT)]) == (compress == "asked")


# 0.0.0.0 is this machine, too, but nothing says so
@pytest.mark.parametrize("hops", [["0.0.0.0"], ["0.0.0.0", "127.0.0.1"]])
def test_an_address_that_leads_to_one_without_https_is_refused(server, tmp_path, hops):
    server.hops = ["127.0.0.1"]
    assert fetch(original(server.url, "set/safe"), tmp_path).read_bytes() == CONTENT
    server.hops = list(hops)
    with pytest.raises(InputError, match=f"leads to an address without https; get the file from {PAGE}"):
        fetch(original(server.url), tmp_path)
    assert [path.name for path in (tmp_path / "set").iterdir()] == ["safe"]


def test_a_server_that_always_cuts_is_given_up_and_the_part_is_kept(server, tmp_path):
    server.cuts, server.ranges = [200_000] * 9, False
    with pytest.raises(InputError, match=r"could not be fetched from .* bytes are kept; the same command continues"):
        fetch(original(server.url), tmp_path)
    assert len(server.asked) == 1 + 2  # one that brought something, and two that did not
    part = tmp_path / "set/a file.bin.part"
    assert CONTENT.startswith(part.read_bytes())
    server.cuts, server.ranges = [], True
    assert fetch(original(server.url), tmp_path).read_bytes() == CONTENT
    assert sum(server.sent[-1:]) < len(CONTENT)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"ranges": False}, CONTENT[:200_000]),  # the whole file in answer to a Range
        ({"shift": 7}, CONTENT[:200_000]),  # another range than was asked for
        ({}, CONTENT + b"more"),  # longer than the file
    ],
    ids=["no ranges", "wrong range", "part too long"],
)
def test_a_part_that_cannot_be_continued_is_started_again(server, tmp_path, change, part):
    for key, value in change.items():
        setattr(server, key, value)
    part_of(tmp_path, part)
    assert fetch(original(server.url), tmp_path).read_bytes() == CONTENT
    assert max(server.sent) == len(CONTENT)  # a refused answer may end after it


@pytest.mark.parametrize(("n_bytes", "asked"), [(len(CONTENT), []), (None, [f"bytes={len(CONTENT)}-"])])
def test_a_whole_part_is_not_fetched_again(server, tmp_path, n_bytes, asked):
    part_of(tmp_path, CONTENT)
    assert fetch(original(server.url, bytes=n_bytes), tmp_path).read_bytes() == CONTENT
    assert server.asked == asked
    assert server.sent == []


def test_a_part_beyond_the_end_of_a_file_of_unknown_size_is_started_again(server, tmp_path):
    part_of(tmp_path, CONTENT + b"more")
    assert fetch(original(server.url, bytes=None), tmp_path).read_bytes() == CONTENT
    assert server.asked == [f"bytes={len(CONTENT) + 4}-", None]


@pytest.mark.parametrize("resumed", [False, True])
def test_a_wrong_sum_removes_what_came_and_names_both(server, tmp_path, resumed):
    server.content = CONTENT[:-1] + b"?"
    if resumed:
        part_of(tmp_path, CONTENT[:1000])
    with pytest.raises(InputError) as error:
        fetch(original(server.url), tmp_path)
    told = str(error.value)
    assert str(tmp_path / "set/a file.bin") in told
    assert f"SHA-256 {hashlib.sha256(CONTENT).hexdigest()} (published)" in told
    assert f"found SHA-256 {hashlib.sha256(server.content).hexdigest()}" in told
    assert PAGE in told
    assert list((tmp_path / "set").iterdir()) == []


@pytest.mark.parametrize("announce", [True, False])
def test_another_size_is_refused_before_all_of_it_has_come(server, tmp_path, announce):
    server.content, server.announce = CONTENT * 2, announce
    with pytest.raises(InputError, match=r"gives .*640,?000|more than 320,000") as error:
        fetch(original(server.url), tmp_path)
    assert "expected 320,000" in str(error.value)
    assert list((tmp_path / "set").iterdir()) == []


@pytest.mark.parametrize("announce", [True, False])
def test_a_file_of_unknown_size_is_fetched_up_to_the_largest_that_is_read(server, tmp_path, monkeypatch, announce):
    server.announce = announce
    monkeypatch.setattr(bounds, "LARGEST", len(CONTENT))
    assert fetch(original(server.url, "set/b", bytes=None), tmp_path).read_bytes() == CONTENT
    monkeypatch.setattr(bounds, "LARGEST", len(CONTENT) - 1)
    with pytest.raises(InputError, match=r"gives (320,000|more than 319,999) bytes, expected .* at most 319,999\."):
        fetch(original(server.url, bytes=None), tmp_path)
    assert [path.name for path in (tmp_path / "set").iterdir()] == ["b"]


def test_git_s_id_binds_a_file_whose_sha256_is_not_known(server, tmp_path):
    blob = hashlib.sha1(b"blob %d\0" % len(CONTENT) + CONTENT).hexdigest()
    file = original(server.url, sha256=(), bytes=None, git_blob=blob)
    assert fetch(file, tmp_path / "a").read_bytes() == CONTENT
    server.content = CONTENT[1:]
    with pytest.raises(InputError, match=f"Expected git blob {blob}"):
        fetch(file, tmp_path / "b")


@pytest.mark.parametrize("status", [[503, 429], [408, 500], [502, 504]])
def test_a_busy_server_is_asked_again(server, tmp_path, status):
    server.status = list(status)
    assert fetch(original(server.url), tmp_path).read_bytes() == CONTENT
    assert len(server.asked) == 3


def test_a_file_that_is_no_longer_there_is_not_asked_for_again(server, tmp_path):
    server.status = [404]
    with pytest.raises(InputError, match=f"answered 404 Not Found; get the file from {PAGE} and put it there"):
        fetch(original(server.url), tmp_path)
    assert len(server.asked) == 1


def test_without_a_server_the_error_says_which_file_to_put_where(server, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/file"
    part = part_of(tmp_path, CONTENT[:1000])
    with pytest.raises(InputError) as error:
        fetch(original(url), tmp_path)
    told = str(error.value)
    assert told.startswith(f"{tmp_path / 'set/a file.bin'}: could not be fetched from {url} (")
    assert "Connection refused" in told
    assert f"get the file from that address or from {PAGE} on another machine and put it there" in told
    assert part.read_bytes() == CONTENT[:1000]
    with pytest.raises(InputError):
        fetch(original(url, "set/another"), tmp_path)
    assert list(part.parent.iterdir()) == [part]
    assert fetch(original(server.url), tmp_path).read_bytes() == CONTENT
    assert server.asked == ["bytes=1000-"]


def test_two_processes_do_not_fetch_the_same_file(server, tmp_path):
    with fetching._alone(part_of(tmp_path, b"")), pytest.raises(InputError, match="another process is fetching"):
        fetch(original(server.url), tmp_path)
    assert server.asked == []


def test_a_folder_that_cannot_be_written_is_named(server, tmp_path):
    (tmp_path / "set").write_text("a file where a folder should be")
    with pytest.raises(InputError, match=r"cannot be written \(.*name another folder as `raw`"):
        fetch(original(server.url), tmp_path)


def test_a_file_without_an_address_is_to_be_got_by_hand(tmp_path):
    with pytest.raises(InputError, match=f"cannot be fetched; get the file from {PAGE} and put it there"):
        fetch(original(None), tmp_path)


# -- archives --------------------------------------------------------------------------------------------------------


def archive(raw, members: dict[str, bytes], modes: dict[str, int] | None = None) -> Original:
    (raw / "akam-mice").mkdir()
    with zipfile.ZipFile(raw / "akam-mice/data.zip", "w") as opened:
        for name, content in members.items():
            info = zipfile.ZipInfo(name.replace("\0", "~"))
            info.external_attr = (modes or {}).get(name, 0) << 16
            opened.writestr(info, content)
    if hidden := [name for name in members if "\0" in name]:  # which zipfile would not write
        path = raw / "akam-mice/data.zip"
        path.write_bytes(path.read_bytes().replace(hidden[0].replace("\0", "~").encode(), hidden[0].encode()))
    return Original(path="akam-mice/data.zip", url=None, bytes=None, unpack=("*/info.json", "*/data/m*"))


def test_wanted_members_are_unpacked_and_those_there_are_kept(tmp_path):
    names = ["data/two_step_task/x/info.json", "data/two_step_task/x/data/m1-2014-02-22.txt"]
    file = archive(tmp_path, {**dict.fromkeys(names, b"new"), "data/two_step_task/x/sessions.pkl": b"no"})
    kept = tmp_path / "akam-mice" / names[0]
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"mine")
    assert fetching.unpack(file, tmp_path) == [tmp_path / "akam-mice" / names[1]]
    assert kept.read_bytes() == b"mine"
    assert not list(tmp_path.rglob("*.pkl"))
    assert fetching.unpack(file, tmp_path) == []


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("../../data/m1.txt", 0),
        ("/elsewhere/data/m1.txt", 0),
        ("C:/data/m1.txt", 0),
        ("a\\..\\b/data/m1.txt", 0),
        ("a/data/m1.txt", stat.S_IFLNK | 0o777),
        ("a/data/m1\0.txt", 0),
    ],
)
def test_hostile_members_stop_everything(tmp_path, name, mode):
    what = "a link or a device" if mode else "a name outside its folder"
    raw = tmp_path / "below" / "raw"
    raw.mkdir(parents=True)
    file = archive(raw, {"good/info.json": b"{}", name: b"bad"}, {name: mode})
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match=rf"has {what}, .* nothing was unpacked"):
        fetching.unpack(file, raw)
    assert sorted(tmp_path.rglob("*")) == before


def test_archives_that_are_none_are_named(tmp_path):
    file = archive(tmp_path, {"x/readme.txt": b""})
    with pytest.raises(InputError, match=r"has no member like \*/info.json"):
        fetching.unpack(file, tmp_path)
    (tmp_path / file.path).write_bytes(b"<html>")
    with pytest.raises(InputError, match="not a readable zip archive"):
        fetching.unpack(file, tmp_path)


# -- data sets -------------------------------------------------------------------------------------------------------


def options(**given) -> dict:
    return checked(given, "test", AnyDataset).model_dump()


def suthaharan(url: str | None, *names: str) -> dict[str, Origin]:
    files = tuple(original(url, f"suthaharan-3arm-reversal/hgfPRL/{name}") for name in names)
    return {"suthaharan": Origin(page=PAGE, files=files)}


def test_a_data_set_s_missing_files_are_fetched_and_no_other(server, tmp_path):
    there = tmp_path / "suthaharan-3arm-reversal/hgfPRL/a.mat"
    there.parent.mkdir(parents=True)
    there.write_bytes(b"mine")
    fetching.download(options(source="suthaharan"), tmp_path, suthaharan(server.url, "a.mat", "b.mat"))
    assert there.read_bytes() == b"mine"
    assert (there.parent / "b.mat").read_bytes() == CONTENT
    assert len(server.asked) == 1


def test_a_user_s_own_files_are_left_to_the_user(server, tmp_path):
    own = options(source="suthaharan", files=[str(tmp_path / "mine.mat")])
    with pytest.raises(InputError, match=r"mine\.mat: no such file"):
        fetching.download(own, tmp_path, suthaharan(server.url, "a.mat"))
    assert server.asked == []


def test_the_first_failure_names_all_that_is_missing(server, tmp_path):
    server.status = [404]
    with pytest.raises(InputError) as error:
        fetching.download(options(source="suthaharan"), tmp_path, suthaharan(server.url, "a.mat", "b.mat"))
    folder = tmp_path / "suthaharan-3arm-reversal/hgfPRL"
    first, second, third = str(error.value).split("\n")
    assert first.startswith(f"{folder / 'a.mat'}: {server.url} answered 404")
    assert (second, third) == ("Not tried any more:", f"  {folder / 'b.mat'}: from {server.url}")
    assert len(server.asked) == 1


def test_what_must_be_got_by_hand_is_listed(tmp_path):
    with pytest.raises(InputError) as error:
        fetching.download(options(source="gillan"), tmp_path, published_files.load())
    told = str(error.value)
    folder = tmp_path / "gillan-two-step/Experiment 1"
    assert f"{folder / 'self_report_study1.csv'}: from https://osf.io/download/fe9x3/" in told
    assert f"{folder / 'twostep_data_study1/*.csv'} (649 task files): from https://osf.io/usdgt/" in told


def test_an_archive_got_by_hand_is_unpacked(tmp_path):
    experiment = "data/two_step_task/2015-04-02-Two-step"
    archive(tmp_path, {f"{experiment}/info.json": b"{}", f"{experiment}/data/m269-2015-04-02.txt": b""})
    fetching.download(options(source="akam_rts", first_day=1), tmp_path, published_files.load())
    assert (tmp_path / "akam-mice" / experiment / "info.json").is_file()


def test_an_unpacking_that_was_interrupted_goes_on(tmp_path):
    experiment = "data/two_step_task/2015-04-02-Two-step"
    logs = [f"{experiment}/data/m269-2015-04-{day:02}.txt" for day in (2, 3)]
    archive(tmp_path, {f"{experiment}/info.json": b"{}", **dict.fromkeys(logs, b"")})
    fetching.download(options(source="akam_rts", first_day=1), tmp_path, published_files.load())
    (tmp_path / "akam-mice" / logs[1]).unlink()
    fetching.download(options(source="akam_rts", first_day=1), tmp_path, published_files.load())
    assert (tmp_path / "akam-mice" / logs[1]).is_file()


def test_the_command_fetches_by_config_and_by_source(server, tmp_path, monkeypatch):
    monkeypatch.setattr(published_files, "load", lambda *_: suthaharan(server.url, "a.mat"))
    given = tmp_path / "given.yaml"
    given.write_text("run: x\ndatasets: {s: {source: suthaharan}}\nmodels: {gru: {family: rnn, dims: [1]}}\n")
    default = ["--default", str(ROOT / "config/config.yaml")]
    by_config = CliRunner().invoke(cli.main, ["download", str(given), *default, "--config", f"raw={tmp_path / 'a'}"])
    by_source = CliRunner().invoke(cli.main, ["download", "--source", "suthaharan", "--raw", str(tmp_path / "b")])
    for folder, result in (("a", by_config), ("b", by_source)):
        assert result.exit_code == 0, result.output
        assert (tmp_path / folder / "suthaharan-3arm-reversal/hgfPRL/a.mat").read_bytes() == CONTENT
    wrong = CliRunner().invoke(cli.main, ["download", "--source", "bartlo"])
    assert "--source: found 'bartlo'; allowed: suthaharan" in wrong.output
    assert "name a config file, or a source" in CliRunner().invoke(cli.main, ["download"]).output


def test_before_a_run_the_error_has_the_command_that_fetches(tmp_path):
    content = {
        "raw": str(tmp_path / "my raw"),
        "datasets": {"rats": {"source": "miller"}, "mice": {"source": "akam_tr"}},
        "models": {"gru": {"family": "rnn", "dims": [1]}},
    }
    with pytest.raises(InputError) as error:
        preflight.check(checked(content, "test", Config))
    rats, command, mice = str(error.value).split("\n")
    assert rats.startswith("datasets.rats: ")
    assert command.startswith("datasets.rats: To fetch what is not there (1 file, 2.0 MB):  ")
    assert command.endswith(f"python -m tinycog download --source miller --raw '{tmp_path}/my raw'")
    assert mice.startswith("datasets.mice: ")


# -- the registry ----------------------------------------------------------------------------------------------------


def test_the_registry_knows_every_public_source():
    public = {section.model_fields["source"].annotation.__args__[0] for section in PUBLIC}
    assert set(published_files.load()) == public
    for source, origin in published_files.load().items():
        for file in origin.files:
            assert not file.url or file.url.startswith("https://"), (source, file)
            assert not file.url or unquote(file.url).endswith((file.path.rpartition("/")[2], "/ez8nw/")), (source, file)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"path": "../a"}, "must be a path below the raw folder"),
        ({"path": "/a"}, "must be a path below the raw folder"),
        ({"url": "http://example.org/a"}, "must begin with https://"),
        ({"url": "file:///etc/passwd"}, "must begin with https://"),
        ({"sha256": ()}, "a url needs a published SHA-256 or a git_blob"),
        ({"path": "a/*.csv"}, "a url gives one file"),
        ({"sha256": ({"sum": "12", "what": "published"},)}, "should match pattern"),
        ({"bytes": 0}, "greater than or equal to 1"),
        ({"sum": "x"}, "Extra inputs are not permitted"),
    ],
)
def test_entries_that_make_no_sense_are_refused(change, message):
    with pytest.raises(ValidationError, match=message):
        original(**{"url": "https://example.org/a", **change})


def test_a_path_twice_and_a_broken_registry_are_refused(tmp_path):
    with pytest.raises(ValidationError, match="is there twice"):
        Origin(page=PAGE, files=(original(None), original(None, "set/b", names=("a file.bin",))))
    broken = tmp_path / "downloads.yaml"
    for text in ("a: [", "a: {page: x}"):
        broken.write_text(text)
        with pytest.raises(InputError, match=r"downloads\.yaml: not a registry of published files"):
            published_files.load(broken)


def test_real_files_are_what_the_registry_expects(data_folder):
    compared = set()
    for source, origin in published_files.load().items():
        if source in compared:
            continue
        for file in origin.files:
            for path in (data_folder / place for place in file.paths if "*" not in place):
                if path.is_file() and file.is_known:
                    found = published_files.digests(path)
                    assert file.accepts(found), path
                    assert published_files.difference(origin, path.relative_to(data_folder).as_posix(), found) is None
                    published = [accepted.sum for accepted in file.sha256 if accepted.what == published_files.PUBLISHED]
                    assert path.stat().st_size == file.bytes or found.sha256 not in published, path
                    compared.add(source)
    assert {"bartolo", "miller", "suthaharan", "bahrami"} <= compared


# -- sums of files that are used -------------------------------------------------------------------------------------


def payoffs(raw):
    """One participant of the four-armed bandit, which no published file is like."""
    rows = pd.DataFrame({"id": 1, "choice": 1, "reward": 50, "rt": 700, "payoff_group": 2}, index=range(150))
    path = raw / bahrami.FOLDER / bahrami.FILES[0]
    path.parent.mkdir(parents=True)
    rows.assign(**dict.fromkeys(bahrami.PAYOFFS, 50)).to_csv(path, index=False)
    return path


def prepared(raw, output, **given):
    given = {"published": published_files.REGISTRY, **given}
    return prepare(output, name="b", options=options(source="bahrami"), raw=raw, seed=0, **given)


def test_a_user_s_own_file_is_a_warning_kept_in_meta(tmp_path):
    path = payoffs(tmp_path)
    line, *_ = prepared(tmp_path, tmp_path / "out/meta.json")  # the others are of its few trials
    meta = json.loads((tmp_path / "out/meta.json").read_text())
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    file = f"{bahrami.FOLDER}/{bahrami.FILES[0]}"
    assert meta["raw_sha256"] == {file: found}
    (warning,) = meta["checksum_warnings"]
    assert warning["file"] == file
    assert warning["found"] == found
    assert warning["expected"][0].startswith("ad5acb1d")
    assert line.startswith(f"datasets.b: {file} is not the published file: found {found}, expected ad5acb1d")


def test_with_strict_checksums_it_is_an_error_before_anything_is_written(tmp_path):
    path = payoffs(tmp_path)
    with pytest.raises(InputError) as error:
        prepared(tmp_path, tmp_path / "out/meta.json", strict_checksums=True)
    told = str(error.value)
    assert f"{bahrami.FOLDER}/{bahrami.FILES[0]}" in told
    assert f"found {hashlib.sha256(path.read_bytes()).hexdigest()}, expected ad5acb1d" in told
    assert "strict_checksums: false" in told
    assert not (tmp_path / "out").exists()


def test_the_published_file_passes_strictly(data_folder, tmp_path):
    assert prepared(data_folder, tmp_path / "meta.json", strict_checksums=True) == []
    assert json.loads((tmp_path / "meta.json").read_text())["checksum_warnings"] == []


def test_files_elsewhere_are_compared_by_name(tmp_path):
    name = "SPKcounts_W20160112cue_MW_250X250ms.mat"
    (tmp_path / name).write_bytes(b"x")
    origin, found = published_files.load()["bartolo"], published_files.digests(tmp_path / name)
    blob = hashlib.sha1(b"blob 1\0x").hexdigest()
    assert published_files.difference(origin, name, found) == {
        "file": name,
        "found": f"git:{blob}",
        "expected": ["git:12ae0d1799b50680b39fc48cf12f053f3683fe6f"],
    }
    assert published_files.difference(origin, "my own.mat", found) is None


def test_a_file_whose_published_sum_nobody_knows_is_not_judged(tmp_path):
    (tmp_path / "x").write_bytes(b"x")
    file = "gillan-two-step/Experiment 1/self_report_study1.csv"
    assert (
        published_files.difference(published_files.load()["gillan"], file, published_files.digests(tmp_path / "x"))
        is None
    )
