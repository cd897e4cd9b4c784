"""Compare verdicts on simulated agents with what their models assume."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tinycog.benchmark.strategies import confusion, in_markdown, truth
from tinycog.storage import read_json, write_table, write_text
from tinycog.tasks import task_of


def judge(root: Path, stem: Path) -> None:
    """Write table `strategies` (.csv, .parquet, .md) about the finished run in `root`, of simulated agents."""
    truths = {}
    for path in sorted(root.glob("data/*/meta.json")):
        meta = read_json(path)
        agent = meta["parameters"]["agent"]
        truths[path.parent.name] = truth(task_of(meta["task"], meta["n_actions"]), agent["model"], agent["parameters"])
    table = confusion(pd.read_parquet(root / "tables/strategy.parquet"), truths)
    write_table(stem, table)
    write_text(Path(f"{stem}.md"), in_markdown(table))
