"""Put the descriptions of all data sets together."""

from __future__ import annotations

from pathlib import Path

from tinycog.analyses.description.tables import DESCRIPTION
from tinycog.steps.concatenate import concatenate


def gather(descriptions: list[Path], folder: Path) -> None:
    """Write table `description` to `folder`."""
    concatenate(descriptions, DESCRIPTION, folder)
