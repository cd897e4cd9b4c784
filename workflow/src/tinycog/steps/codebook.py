"""Describe the tables of a run, beside them."""

from __future__ import annotations

from pathlib import Path

from tinycog.analyses.codebook import page
from tinycog.storage import write_text


def codebook(names: list[str], output: Path) -> None:
    """Write what a row and a column of each table is, as Markdown."""
    write_text(output, page(names))
