"""The code blocks of docs/extending.md, as files and changes of files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[2] / "docs/extending.md"
BLOCK = re.compile(r'^```(?P<kind>\w+) title="(?P<path>[^"]+)"\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A block of the page: a new file, or, of kind `diff`, a change of one."""

    kind: str
    path: str
    text: str


def blocks(page: str) -> list[Block]:
    return [Block(**found.groupdict()) for found in BLOCK.finditer(page)]


def make(block: Block, folder: Path) -> None:
    """Write the file, or change it where its old lines stand, once.

    Raises:
        ValueError: a new file is there already, or the old lines are not, or more than once.
    """
    path = folder / block.path
    if block.kind != "diff":
        if path.exists():
            raise ValueError(f"{block.path}: it is there already")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        return
    lines = [(line[:1], line[1:]) for line in block.text.splitlines(keepends=True)]
    old, new = ("".join(text for sign, text in lines if sign.strip() in ("", mine)) for mine in "-+")
    content = path.read_text(encoding="utf-8")
    if content.count(old) != 1:
        raise ValueError(f"{block.path}: {content.count(old)} times in it, must be once:\n{old}")
    path.write_text(content.replace(old, new), encoding="utf-8")
