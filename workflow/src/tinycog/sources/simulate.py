"""Simulated agents: a model in an environment (methods: simulated agents)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinycog.generators import generator
from tinycog.models import registry
from tinycog.models.cognitive.declaration import CognitiveModel
from tinycog.simulation import agents, play
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
    given, tables, of_subjects = options["agent"]["parameters"], [], {}
    for i in range(options["n_subjects"]):
        key = (name, seed, i)
        parameters = _own(model, given, key)
        columns = agents.choices(model, parameters, task, options, payoffs=payoffs, key=key)
        ids = {"dataset": name, "subject": f"s{i}", "session": "simulation"}
        tables.append(pd.DataFrame(ids | columns))
        of_subjects[ids["subject"]] = parameters
    table = chosen(pd.concat(tables, ignore_index=True), options, name)
    truth = {"agent": options["agent"], "environment": options["environment"], "seed": seed}
    if any(parameters != given for parameters in of_subjects.values()):
        truth["subjects"] = of_subjects
    return Prepared(table, counts(table), parameters=truth)


def _own(model: CognitiveModel, given: Mapping[str, Any], key: tuple[Any, ...]) -> dict[str, float]:
    """Parameters of one agent: values as they are given, and drawn where a range is."""
    ranges = {name: value for name, value in given.items() if isinstance(value, (list, tuple))}
    if not ranges:
        return dict(given)
    drawn = play.drawn(model, ranges, generator("parameters", *key))
    return {name: drawn[name] if name in ranges else value for name, value in given.items()}
