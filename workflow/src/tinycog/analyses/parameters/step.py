"""Read the parameters of every selected fit of a cognitive model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tinycog.analyses.parameters.tables import PARAMETERS
from tinycog.models import registry
from tinycog.models.cognitive.units import unit
from tinycog.results import parameters
from tinycog.results.layout import Layout
from tinycog.storage import read_columns
from tinycog.tasks import task_of
from tinycog.trials.subjects import directory

KEYS = ("dataset", "subject", "model", "dim", "outer")


def gather(selected: Path, root: Path, *, declared: dict[str, dict[str, Any]]) -> None:
    """Write table `parameters` under `root`.

    Args:
        selected: table of selected fits.
        declared: for each data set `task`, `n_actions`, `chunks` (null without), and `models`: catalogue names by
            config key.
    """
    chunks = {dataset: of["chunks"] for dataset, of in declared.items() if of["chunks"]}
    PARAMETERS.write(root / "tables", list(rows(selected, Layout(root, chunks), declared)))


def rows(selected: Path, layout: Layout, declared: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows of the table, one selected fit after the other; of a job's many fits only the selected one is read."""
    columns = read_columns(selected, [*KEYS, "family"])
    units = _units(declared)
    for *values, family in zip(*(columns[key].tolist() for key in (*KEYS, "family")), strict=True):
        if family != "cognitive":
            continue
        keys = dict(zip(KEYS, values, strict=True))
        file = layout.selected(keys["dataset"], directory(keys["subject"]), *values[2:])
        choice = next(choice for choice in parameters.choices(file) if choice["subject"] == keys["subject"])
        found = parameters.with_posterior(layout.root, choice)
        for parameter, its_unit in units[keys["dataset"], keys["model"]].items():
            row = {**keys, "parameter": parameter, "value": found[parameter].item(), "unit": its_unit}
            spread = {name: found.get(f"{name}/{parameter}") for name in ("posterior_sd", "posterior_sd_u")}
            yield row | {name: None if sd is None else sd.item() for name, sd in spread.items()}


def _units(declared: dict[str, dict[str, Any]]) -> dict[tuple[str, str], dict[str, str]]:
    """(data set, model): parameter: unit, in the order of the declaration."""
    found = {}
    for dataset, of in declared.items():
        task = task_of(of["task"], of["n_actions"])
        for key, name in of["models"].items():
            classes = registry.cognitive(task, name).classes
            found[dataset, key] = {parameter: unit(parameter, classes) for parameter in classes}
    return found
