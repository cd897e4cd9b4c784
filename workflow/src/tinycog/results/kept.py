"""The selected fits of a model, with what they do along the subject's trials."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tinycog.results import parameters, scores


def each(
    root: Path, selected: list[Path], scored: list[Path]
) -> Iterator[tuple[dict[str, Any], dict[str, np.ndarray], scores.Scores]]:
    """The choice, the parameters (1, ...) and the scores of every selected fit; none where all fits failed.

    Args:
        selected, scored: files of every outer fold, in the same order, of one subject or of each in a chunk.
    """
    for chosen, along in zip(selected, scored, strict=True):
        choices = parameters.choices(chosen)
        for choice, own in zip(choices, scores.read(along, len(choices)), strict=True):
            if own:
                yield choice, parameters.of_selected(root, choice), own
