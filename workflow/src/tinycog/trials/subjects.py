"""Subjects of a data set: their directory names, their chunks, and which of them can be cross-validated."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

LONGEST = 100  # characters of a directory name
POOLED = "pooled"  # id of all subjects together, where roles belong to subjects


UNITS = {"blocks": "blocks", "session": "sessions", "cross_subject": "subjects"}  # protocol: what has a role


def cannot_split(n_units: int, shortest: int, cv: Mapping[str, Any]) -> str | None:
    """Why `n_units` blocks, sessions or subjects cannot be split as `CrossValidation.folds` says; None if they can.

    `shortest` is the number of trials of the shortest block, which matters where trials are split.
    """
    if cv["protocol"] in ("interspersed", "holdout"):
        return f"a block of {shortest} trials is too short to train, validate and test" if shortest < 3 else None
    units = UNITS[cv["protocol"]]
    smallest_trainval = n_units - -(-n_units // cv["outer"])
    if n_units < cv["outer"]:
        return f"{n_units} {units} are fewer than cv.outer = {cv['outer']} folds"
    if smallest_trainval < cv["n_inner"]:
        outside = f"{n_units} {units} leave {smallest_trainval} outside a test fold"
        return f"{outside}, fewer than cv.inner = {cv['inner']} folds"
    return None


def directory(subject: str) -> str:
    """The subject's id as a directory name; a plain identifier stays itself.

    Every character other than letters, digits, `.`, `_` and `-` becomes `+` and the hex codes of its UTF-8 bytes, and
    so do a first character that is neither letter nor digit and the second of two underscores (two underscores
    separate names in figure files). A name that then starts with `+` gets an `x` in front. Decoding is unique,
    because no id keeps a `+` of its own.

    File systems allow names of 255 bytes, and a figure's has the data set and the model as well: of a name of more than
    `LONGEST` characters only the first are kept, followed by `+x`, which no other name has, and a digest of the id.
    """
    escaped = ""
    for position, character in enumerate(subject):
        plain = character.isascii() and (character.isalnum() or (position > 0 and character in "._-"))
        if plain and not (character == "_" and escaped.endswith("_")):
            escaped += character
        else:
            escaped += "".join(f"+{byte:02X}" for byte in character.encode())
    name = escaped if escaped[:1].isalnum() else f"x{escaped}"
    if len(name) <= LONGEST:
        return name
    end = f"+x{hashlib.sha256(subject.encode()).hexdigest()[:16]}"
    return name[: LONGEST - len(end)] + end


@cache
def chunk(directory: str, n_chunks: int) -> str:
    """The chunk, one of `n_chunks`, in which the subject with this directory name is fitted; a chunk stays itself.

    Drawn from the name alone, so that a further subject changes one chunk and leaves every other as it is. No subject's
    directory has the two underscores.
    """
    if "__" in directory:
        return directory
    number = int.from_bytes(hashlib.sha256(directory.encode()).digest()[:8]) % n_chunks
    return f"chunk__{number}"


def analysed(meta: Mapping[str, Any], cv: Mapping[str, Any]) -> tuple[list[str], list[dict[str, str]]]:
    """Subjects of a data set's `meta.json` that `cv` can split, and the others with the reason.

    Where roles belong to subjects, the data set is analysed as one subject, `POOLED`.

    Args:
        cv: `CrossValidation.folds`.
    """
    if cv["protocol"] == "cross_subject":
        reason = cannot_split(len(meta["subjects"]), 0, cv)
        row = {"dataset": meta["dataset"], "subject": POOLED, "reason": f"cannot be split: {reason}"}
        return ([POOLED], []) if reason is None else ([], [row])
    kept, excluded = [], []
    for subject in meta["subjects"]:
        numbers = meta["counts_analysed"][subject]
        units = numbers[UNITS.get(cv["protocol"], "blocks")]
        reason = cannot_split(units, numbers["shortest_block"], cv)
        if reason is None:
            kept.append(subject)
        else:
            excluded.append({"dataset": meta["dataset"], "subject": subject, "reason": f"cannot be split: {reason}"})
    return kept, excluded


def left_out(meta: Mapping[str, Any]) -> list[dict[str, str]]:
    """Subjects that the filters of a data set leave out whole, with the reason, where all are asked for."""
    if meta["options"]["subjects"] != "all":
        return []
    dataset, about = meta["dataset"], [row for row in meta["removed"] if "subject" in row]
    gone = {row["subject"]: row["reason"] for row in about if row["subject"] not in meta["subjects"]}
    return [{"dataset": dataset, "subject": subject, "reason": f"left out: {why}"} for subject, why in gone.items()]
