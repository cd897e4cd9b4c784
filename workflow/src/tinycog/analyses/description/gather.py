"""Put the descriptions of all data sets together."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.description.tables import DESCRIPTION, SUBJECTS
from tinycog.results.parts import concatenate
from tinycog.storage import read_json


def gather(descriptions: list[Path], folder: Path) -> None:
    """Write table `description` to `folder`."""
    concatenate([pd.read_parquet(path) for path in descriptions], DESCRIPTION, folder)


def subjects(metas: list[Path], folder: Path) -> None:
    """Write table `subjects` to `folder`, from what the data sets' meta.json say of each subject."""
    rows = [
        {"dataset": meta["dataset"], "subject": subject, "covariate": covariate, "value": value}
        for meta in map(read_json, metas)
        for subject, about in meta["parameters"].get("subjects", {}).items()
        for covariate, value in about.items()
        if subject in meta["subjects"]
    ]
    SUBJECTS.write(folder, rows)
