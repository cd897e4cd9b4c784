"""Simulated agents whose strategy is known, beside every figure: read for the page, and made anew by `make agents`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.page import card, numbers
from tinycog.results.parts import by_subject
from tinycog.storage import read_json, write_text
from tinycog.trials.subjects import chunk, directory

FILE = Path(__file__).with_name("agents.json")
DIGITS = 3
KINDS = {
    "values": ("values of actions", "MB0"),
    "bayesian": ("Bayesian inference", "LS0"),
    "perseverating": ("values of actions, and perseveration", "MB0p"),
}


@dataclass(frozen=True)
class Agents:
    """Agents of one kind.

    Attributes:
        name: their strategy in words.
        model, parameters: what played.
        verdicts: the verdict on each.
        group: numbers of the figures of all, see `tinycog.page.group`.
        card: numbers of the figures of the first of them, see `tinycog.page.card`.
    """

    name: str
    model: str
    parameters: str
    verdicts: list[str]
    group: dict[str, pd.DataFrame]
    card: dict[str, dict[str, pd.DataFrame]]

    @property
    def row_of(self) -> dict[str, int]:
        """A row for each agent."""
        return {f"s{i}": i for i in range(len(self.verdicts))}

    @property
    def about(self) -> dict[str, str]:
        """What is said of the first of them, beside its figures."""
        return {"name": self.name, "model": self.model, "parameters": self.parameters, "verdict": self.verdicts[0]}


def known() -> list[Agents]:
    """The agents of the package."""
    return [
        Agents(
            **{key: of[key] for key in ("name", "model", "parameters", "verdicts")},
            group={kind: pd.DataFrame(columns) for kind, columns in of["group"].items()},
            card={kind: {name: pd.DataFrame(own) for name, own in parts.items()} for kind, parts in of["card"].items()},
        )
        for of in read_json(FILE)["agents"]
    ]


def group_numbers(tables: numbers.Tables) -> dict[str, pd.DataFrame]:
    """Numbers of every figure of a data set's subjects; `tables` hold its rows alone."""
    found = {"losses": numbers.losses(tables["performance"])}
    if len(tables.get("dimensionality", ())):
        found["dims"] = numbers.dims_told(tables["dimensionality"])
    if len(table := tables.get("setpoints", pd.DataFrame())):
        model = numbers.scalar_network(tables["performance"], table["model"])
        found["setpoints"] = numbers.setpoints(table, model) if model else pd.DataFrame()
    found["indices"] = numbers.indices(tables)
    return {kind: own for kind, own in found.items() if len(own)}


def write(root: Path, output: Path) -> None:
    """Write the numbers of the agents of a finished run of config/agents.yaml as JSON.

    Args:
        root: results folder of that run.
    """
    tables = {path.stem: pd.read_parquet(path) for path in sorted((root / "tables").glob("*.parquet"))}
    kinds = []
    for dataset, (name, model) in KINDS.items():
        own = {key: of_dataset(table, dataset) for key, table in tables.items()}
        options = read_json(root / "data" / dataset / "meta.json")["options"]["agent"]
        ranges = (
            f"{parameter} {'{:g} to {:g}'.format(*value) if isinstance(value, list) else f'{value:g}'}"
            for parameter, value in options["parameters"].items()
        )
        kinds.append(
            {
                **{"name": name, "model": model, "parameters": ", ".join(ranges)},
                "verdicts": own["strategy"]["verdict"].tolist(),
                "group": {kind: _plain(table) for kind, table in group_numbers(own).items()},
                "card": {
                    kind: {key: _plain(part) for key, part in parts.items()}
                    for kind, parts in _card(root, dataset, model, own).items()
                },
            }
        )
    content = {"made_by": "make agents (config/agents.yaml)", "agents": kinds}
    write_text(output, json.dumps(content, separators=(",", ":"), ensure_ascii=False) + "\n")


def of_dataset(table: pd.DataFrame, dataset: str) -> pd.DataFrame:
    return table[table["dataset"] == dataset].reset_index(drop=True) if "dataset" in table else table


def _card(root: Path, dataset: str, model: str, tables: Mapping[str, pd.DataFrame]) -> dict[str, card.Numbers]:
    """Numbers of the figures of the first agent of a data set."""
    first = "s0"
    place = root / "dynamics" / dataset / chunk(directory(first), 1)

    def rows(folder: str, names: tuple[str, ...]) -> list[pd.DataFrame]:
        return [by_subject(place / folder / f"{name}.parquet").get(first, pd.DataFrame()) for name in names]

    tables = {name: table[table["subject"] == first] for name, table in tables.items() if "subject" in table}
    dim = int(tables["performance"].loc[tables["performance"]["model"] == model, "dim"].iloc[0])
    found = {
        "portrait": card.curves_of(*rows("gru/d1", ("maps", "roots", "visited"))),
        "checks": card.checked(tables, model, dim),
        "evidence": {"table": tables["strategy_evidence"].drop(columns=["dataset", "subject"])},
    }
    if dim == 2:
        found["field"] = card.steps_of(*rows(f"{model}/d2", ("steps", "field_roots", "axes", "field")))
    return found


def _plain(table: pd.DataFrame) -> dict[str, list[Any]]:
    """Columns as lists, numbers with few digits."""
    rounded = table.round(DIGITS)
    return {name: [None if pd.isna(one) else one for one in rounded[name].astype(object)] for name in rounded}
