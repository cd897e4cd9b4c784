"""Simulated agents: a model in an environment (methods: simulated agents)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinycog.models import registry
from tinycog.simulation import agents
from tinycog.sources.prepared import Prepared, chosen, counts
from tinycog.tasks import task_of


def files(options: Mapping[str, Any], raw: Path) -> list[Path]:
    """None, but the published file where the environment is one of its schedules."""
    if options["environment"]["kind"] != "bahrami":
        return []
    from tinycog.sources import bahrami

    return bahrami.files({}, raw)


def prepare(name: str, options: Mapping[str, Any], raw: Path, seed: int) -> Prepared:
    import pandas as pd

    task = task_of(options["task"], options["n_actions"])
    model = registry.cognitive(task, options["agent"]["model"])
    seed = seed if options["seed"] is None else options["seed"]
    payoffs = next(iter(files(options, raw)), None)
    tables = []
    for i in range(options["n_subjects"]):
        key = (name, seed, i)
        columns = agents.choices(model, options["agent"]["parameters"], task, options, payoffs=payoffs, key=key)
        ids = {"dataset": name, "subject": f"s{i}", "session": "simulation"}
        tables.append(pd.DataFrame(ids | columns))
    table = chosen(pd.concat(tables, ignore_index=True), options, name)
    truth = {"agent": options["agent"], "environment": options["environment"], "seed": seed}
    return Prepared(table, counts(table), parameters=truth)
