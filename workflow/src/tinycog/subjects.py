"""Subjects of a data set: their directory names, and which of them can be cross-validated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def too_few_blocks(n_blocks: int, n_outer: int, n_inner: int) -> str | None:
    """Why `n_blocks` blocks cannot be split into so many outer and inner folds, or None if they can."""
    smallest_trainval = n_blocks - -(-n_blocks // n_outer)
    if n_blocks < n_outer:
        return f"{n_blocks} blocks are fewer than cv.outer = {n_outer} folds"
    if smallest_trainval < n_inner:
        return f"{n_blocks} blocks leave {smallest_trainval} outside a test fold, fewer than cv.inner = {n_inner} folds"
    return None


def directory(subject: str) -> str:
    """The subject's id as a directory name; a plain identifier stays itself.

    Every character other than letters, digits, `.`, `_` and `-` becomes `+` and the hex codes of its UTF-8 bytes, and
    so do a first character that is neither letter nor digit and the second of two underscores (two underscores
    separate names in figure files). A name that then starts with `+` gets an `x` in front. Decoding is unique,
    because no id keeps a `+` of its own.
    """
    escaped = ""
    for position, character in enumerate(subject):
        plain = character.isascii() and (character.isalnum() or (position > 0 and character in "._-"))
        if plain and not (character == "_" and escaped.endswith("_")):
            escaped += character
        else:
            escaped += "".join(f"+{byte:02X}" for byte in character.encode())
    return escaped if escaped[:1].isalnum() else f"x{escaped}"


def analysed(meta: Mapping[str, Any], cv: Mapping[str, Any]) -> tuple[list[str], list[dict[str, str]]]:
    """Subjects of a data set's `meta.json` that have blocks enough for `cv`, and the others with the reason."""
    kept, excluded = [], []
    for subject in meta["subjects"]:
        reason = too_few_blocks(meta["counts_analysed"][subject]["blocks"], cv["outer"], cv["inner"])
        if reason is None:
            kept.append(subject)
        else:
            excluded.append({"dataset": meta["dataset"], "subject": subject, "reason": f"too few blocks: {reason}"})
    return kept, excluded
