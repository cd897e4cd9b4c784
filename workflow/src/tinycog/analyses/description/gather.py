"""Put the descriptions of all data sets together."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.description.tables import DESCRIPTION
from tinycog.results.parts import concatenate


def gather(descriptions: list[Path], folder: Path, *, actions: dict[str, list[str]]) -> None:
    """Write table `description` to `folder`.

    Args:
        actions: data set: what it calls its actions.
    """
    words = {(name, f"share_{code}"): word for name, labels in actions.items() for code, word in enumerate(labels)}
    parts = map(pd.read_parquet, descriptions)
    concatenate([part.assign(action=_words(part, words)) for part in parts], DESCRIPTION, folder)


def _words(part: pd.DataFrame, words: dict[tuple[str, str], str]) -> list[str]:
    return [words.get(place, "") for place in zip(part["dataset"], part["statistic"], strict=True)]
