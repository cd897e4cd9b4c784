"""The published files of the public data sets: where they come from, and whether a file at hand is one of them.

The registry is `resources/downloads.yaml`. Fetching is in `fetch.py`, so that a step which only compares sums does
not depend on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any
from urllib.parse import urlsplit

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from tinycog.errors import InputError

REGISTRY = Path(__file__).resolve().parents[4] / "resources/downloads.yaml"
PUBLISHED = "published"
HERE = ("localhost", "127.0.0.1")


def _inside(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\\" in path:
        raise ValueError(f"{path!r} must be a path below the raw folder, without '..'")
    return path


def is_safe(url: str) -> bool:
    """Whether an address is encrypted; one on this machine need not be."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)


def _safe(url: str) -> str:
    if not is_safe(url):
        raise ValueError(f"{url!r} must begin with https://")
    return url


Inside = Annotated[str, AfterValidator(_inside)]
Address = Annotated[str, AfterValidator(_safe)]


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sum(Entry):
    """An accepted SHA-256, and of what: `published`, or what was done to a copy that serves as well."""

    sum: str = Field(pattern=r"^[0-9a-f]{64}$")
    what: str = Field(min_length=1)


class Original(Entry):
    """One file as published; the keys are explained at the head of the registry."""

    path: Inside
    names: tuple[str, ...] = ()
    page: Address | None = None
    note: str | None = None
    url: Address | None
    bytes: int | None = Field(ge=1)
    git_blob: str | None = Field(None, pattern=r"^[0-9a-f]{40}$")
    sha256: tuple[Sum, ...] = ()
    unpack: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _bound(self) -> Original:
        if self.url and not self.is_known:
            raise ValueError(f"{self.path}: a url needs a published SHA-256 or a git_blob, so that a sum binds it")
        if self.url and "*" in self.path:
            raise ValueError(f"{self.path}: a url gives one file, so its path cannot have a *")
        return self

    @property
    def is_known(self) -> bool:
        """Whether it can be told if a file is the published one."""
        return self.git_blob is not None or any(accepted.what == PUBLISHED for accepted in self.sha256)

    @property
    def expected(self) -> list[str]:
        """What a file's digests may be."""
        return [accepted.sum for accepted in self.sha256] or [f"git:{self.git_blob}"]

    def accepts(self, found: Digests) -> bool:
        return found.sha256 in [accepted.sum for accepted in self.sha256] or found.git_blob == self.git_blob

    def found(self, found: Digests) -> str:
        """A file's digest of the kind that `expected` gives."""
        return found.sha256 if self.sha256 else f"git:{found.git_blob}"

    def shown(self) -> str:
        """What a file's digests may be, for people."""
        sums = [f"SHA-256 {accepted.sum} ({accepted.what})" for accepted in self.sha256]
        return " or ".join([*sums, *([f"git blob {self.git_blob} ({PUBLISHED})"] if self.git_blob else [])])

    @property
    def paths(self) -> list[str]:
        """Where importers look for the file, below the raw folder."""
        return [self.path, *(str(PurePosixPath(self.path).with_name(name)) for name in self.names)]

    def existing(self, raw: Path) -> bool:
        return any(any(raw.glob(path)) for path in self.paths)


class Origin(Entry):
    """The files of one source, and the page where a person finds them."""

    page: Address
    files: tuple[Original, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _once(self) -> Origin:
        paths = [path for file in self.files for path in file.paths]
        if twice := {path for path in paths if paths.count(path) > 1}:
            raise ValueError(f"{min(twice)} is there twice")
        return self

    def fetchable(self, raw: Path) -> list[Original]:
        """Files that are not below `raw` and have an address."""
        return [file for file in self.files if file.url and not file.existing(raw)]


@dataclass(frozen=True)
class Digests:
    """What tells a file from others: its SHA-256, and the id that git would give it."""

    sha256: str
    git_blob: str


def digests(path: Path) -> Digests:
    """Both digests of a file, which is read once."""
    sha256, blob = hashlib.sha256(), hashlib.sha1(usedforsecurity=False)
    blob.update(b"blob %d\0" % path.stat().st_size)
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            sha256.update(chunk)
            blob.update(chunk)
    return Digests(sha256.hexdigest(), blob.hexdigest())


def load(path: Path = REGISTRY) -> dict[str, Origin]:
    """The registry: source and what is known of its files.

    Raises:
        InputError: the file cannot be read or says something that is not allowed.
    """
    try:
        content = yaml.load(
            path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
        )  # every call of Snakemake reads it
        return TypeAdapter(dict[str, Origin]).validate_python(content)
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise InputError(f"{path}: not a registry of published files: {error}") from None


def source_of(options: Mapping[str, Any]) -> str:
    """The source whose published files a data set reads: its own, or that of the schedule that it simulates."""
    simulated = options["source"] == "simulate" and options["environment"]["kind"] == "bahrami"
    return "bahrami" if simulated else options["source"]


def difference(origin: Origin, path: str, found: Digests) -> dict[str, Any] | None:
    """`file`, `found` and `expected` if the registry knows what is published at `path`, and this is not it.

    `path` is below the raw folder; of a file that lies elsewhere, its name.
    """
    by_name = "/" not in path
    same = [f for f in origin.files if path in [p.rpartition("/")[2] if by_name else p for p in f.paths]]
    if not same or any(not file.is_known or file.accepts(found) for file in same):
        return None
    return {"file": path, "found": same[0].found(found), "expected": same[0].expected}
