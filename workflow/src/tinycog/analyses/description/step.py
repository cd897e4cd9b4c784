"""Describe one data set."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.analyses.description.compute import POOLED
from tinycog.analyses.description.compute import describe as describe_table
from tinycog.analyses.description.intervals import with_intervals
from tinycog.analyses.description.tables import PART
from tinycog.results.layout import Layout
from tinycog.storage import read_json
from tinycog.tasks import task_of
from tinycog.trials.subjects import directory


def describe(meta: Path, output: Path) -> None:
    """Write the description (statistics of every subject) of the data set whose meta.json is given."""
    content = read_json(meta)
    layout = Layout(meta.parent.parent.parent)
    files = [layout.trials(content["dataset"], directory(subject)) for subject in content["subjects"]]
    table = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
    described = with_intervals(describe_table(table, task_of(content["task"], content["n_actions"])))
    notes: dict[tuple[str, str], list[str]] = {}
    for doubt in content["doubts"]:
        notes.setdefault((doubt["subject"] or POOLED, doubt["statistic"]), []).append(doubt["text"])
    places = zip(described["subject"], described["statistic"], strict=True)
    PART.write_part(output, described.assign(note=["; ".join(notes.get(place, [])) for place in places]))
