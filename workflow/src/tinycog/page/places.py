"""Where the pages of subjects are, and of how many subjects they are made unasked."""

from __future__ import annotations

FEW = 50  # subjects of a run up to which each has a page by default; of more, pages are made on demand
LINK = "subjects/DATASET/SUBJECT.html"  # a subject's own page, by its directory name, seen from the run's folder


def link(dataset: str, directory: str) -> str:
    return LINK.replace("DATASET", dataset).replace("SUBJECT", directory)
