"""Read the run's tables, and write its page or the page of one subject."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.page.agents import of_dataset
from tinycog.page.overview import overview
from tinycog.page.subject import one_subject
from tinycog.results.parts import of_subject
from tinycog.storage import read_json, write_text
from tinycog.trials.subjects import directory

Tables = dict[str, pd.DataFrame]


def read(paths: Sequence[Path]) -> Tables:
    return {path.stem: pd.read_parquet(path) for path in paths}


def page(root: Path, output: Path, *, tables: Sequence[Path], about: dict[str, Any]) -> None:
    """Write the page of a run.

    Args:
        root: results folder of the run.
        tables: those that it is made of (Parquet).
        about: what `tinycog.page.outputs.about` says of the config.
    """
    metas = {name: read_json(root / "data" / name / "meta.json") for name in about["datasets"]}
    write_text(output, overview(read(tables), metas, about))


def subject_page(
    root: Path, output: Path, *, dataset: str, subject: str, tables: Sequence[Path], drawn: Sequence[Path],
    figures: Sequence[str], about: dict[str, Any],
) -> None:  # fmt: skip
    """Write the page of one subject.

    Args:
        root: results folder of the run.
        subject: the subject's directory name.
        tables: those that the page is made of (Parquet).
        drawn: files of portraits and vector fields, of this subject or of its chunk.
        figures: names of the figures that the run makes of the subject.
        about: what `tinycog.page.outputs.about` says of the config.
    """
    meta = read_json(root / "data" / dataset / "meta.json")
    own = {}
    for name, table in read(tables).items():
        table = of_dataset(table, dataset)
        own[name] = table[table["subject"].map(directory) == subject].reset_index(drop=True)
    parts: dict[tuple[str, str], Tables] = {}
    for path in drawn:
        if path.is_file():
            parts.setdefault((path.parts[-3], path.parts[-2]), {})[path.stem] = of_subject(path, subject)
    # subjects that are fitted as one have no description of their own
    name = pd.concat([own["description"]["subject"], own["performance"]["subject"]]).iloc[0]
    write_text(output, one_subject(name, dataset, own, parts, figures, meta, about))
