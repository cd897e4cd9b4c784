"""Describe one data set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tinycog.analyses.description.compute import POOLED
from tinycog.analyses.description.compute import describe as describe_table
from tinycog.analyses.description.intervals import with_intervals
from tinycog.analyses.description.tables import PART
from tinycog.results.layout import Layout
from tinycog.storage import read_json
from tinycog.tasks import task_of
from tinycog.trials.doubts import Doubt
from tinycog.trials.subjects import directory


def describe(meta: Path, output: Path) -> None:
    """Write the description (statistics of every subject) of the data set whose meta.json is given."""
    content = read_json(meta)
    layout = Layout(meta.parent.parent.parent)
    files = [layout.trials(content["dataset"], directory(subject)) for subject in content["subjects"]]
    table = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
    described = with_intervals(describe_table(table, task_of(content["task"], content["n_actions"])))
    found = notes([Doubt(**doubt) for doubt in content["doubts"]])
    places = zip(described["subject"], described["statistic"], strict=True)
    PART.write_part(output, described.assign(note=[found.get(place, "") for place in places]))


def notes(found: Sequence[Doubt]) -> dict[tuple[str, str], str]:
    """What doubts say of a subject, or of all, and a statistic."""
    of_each: dict[tuple[str, str], list[str]] = {}
    for subject, statistic, text in found:
        of_each.setdefault((subject or POOLED, statistic), []).append(text)
    return {place: "; ".join(texts) for place, texts in of_each.items()}
