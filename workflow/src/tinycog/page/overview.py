"""The page of a run as HTML: its table of subjects, figures of groups, methods and provenance."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from tinycog.page import agents, group, methods, numbers
from tinycog.page.frame import frame, template
from tinycog.page.numbers import Tables
from tinycog.page.places import FEW, LINK
from tinycog.page.reading import READING
from tinycog.trials.subjects import directory

PACKAGES = ("numpy", "pandas", "pyarrow", "jinja2")


def overview(tables: Tables, metas: Mapping[str, Mapping[str, Any]], about: dict[str, Any]) -> str:
    """The page as HTML."""
    rows = numbers.subjects(metas, tables)
    excluded = tables["excluded"]
    known = set(zip(rows["dataset"], rows["subject"], strict=True))
    fitted = set(zip(tables["performance"]["dataset"], tables["performance"]["subject"], strict=True))
    places = zip(excluded["dataset"], excluded["subject"], strict=True)
    left_out = excluded[[place not in known for place in places]].to_dict("records")
    return template("index.html").render(
        **frame(),
        run=about["run"],
        n_subjects=len(rows),
        few=len(rows) <= FEW,
        keys=", ".join(key for key in numbers.COLUMNS if key in rows),
        left_out=left_out,
        datasets=_groups(tables, metas, about, rows),
        examples=_of_groups(),
        texts=READING,
        paragraphs=methods.paragraph(about, metas),
        references=methods.references(about, metas),
        provenance=_provenance(about),
        checksums=[(name, sha) for meta in metas.values() for name, sha in meta["raw_sha256"].items()],
        data=_data(rows, metas, fitted, about["run"]),
    )


def _groups(
    tables: Tables, metas: Mapping[str, Mapping[str, Any]], about: dict[str, Any], rows: pd.DataFrame
) -> list[dict[str, Any]]:
    """Of each data set its figures; what explains a kind of figure stands beside the first one of its kind."""
    found, explained = [], set()
    for name in metas:
        own = {key: agents.of_dataset(table, name) for key, table in tables.items()}
        places = rows.index[rows["dataset"] == name]
        row_of = {rows["subject"][i]: int(i) for i in places}
        figures = group.figures(agents.group_numbers(own), row_of, about["datasets"][name]["actions"])
        shown = [{**vars(figure), "first": figure.kind not in explained} for figure in figures]
        explained |= {figure.kind for figure in figures}
        found.append({"name": name, "n": len(row_of), "figures": shown})
    return found


def _of_groups() -> dict[str, list[dict[str, Any]]]:
    """By kind of figure the same figure of every kind of known agents, and their ranges."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in agents.known():
        ranges = group.ranges(one.group)
        for figure in group.figures(one.group, one.row_of, ["action 1", "action 2"]):
            entry = {**one.about, "picture": figure.picture, "ranges": ranges[figure.kind], "n": len(one.verdicts)}
            found.setdefault(figure.kind, []).append(entry)
    return found


def _data(
    rows: pd.DataFrame, metas: Mapping[str, Mapping[str, Any]], fitted: set[tuple[str, str]], run: str
) -> dict[str, Any]:
    """What the script needs: columns, cells, notes behind them, links, and marks that the data set was given.

    Args:
        fitted: (data set, subject) of those who have a page.
    """
    keys = [key for key in numbers.COLUMNS if key in rows or key == "mark"]
    cells = rows.reindex(columns=keys)
    kinds = ["number" if pd.api.types.is_numeric_dtype(cells[key]) and key != "mark" else "text" for key in keys]
    marks = [
        [name, mark["subject"], mark["mark"], mark["comment"]]
        for name, meta in metas.items()
        for mark in meta.get("marks", [])
    ]
    places = list(zip(rows["dataset"], rows["subject"], strict=True))
    names = [directory(subject) if (dataset, subject) in fitted else "" for dataset, subject in places]
    return {
        "run": run,
        "columns": [[key, *numbers.COLUMNS[key], kind] for key, kind in zip(keys, kinds, strict=True)],
        "cells": {key: _short(cells[key]) for key in keys},
        "notes": {key: _short(rows[f"{key}_note"]) for key in keys if f"{key}_note" in rows},
        "pages": [None if name == subject else name for name, (_, subject) in zip(names, places, strict=True)],
        "link": LINK,
        "marks": marks,
    }


def _short(values: pd.Series) -> list[Any]:
    """Numbers as they are; of texts the different ones, and for each row which of them it is."""
    plain = [_plain(one) for one in values.astype(object)]
    words = list(dict.fromkeys(one for one in plain if isinstance(one, str)))
    code = {word: i for i, word in enumerate(words)}
    return [words, [code.get(one) for one in plain]] if words else [None, plain]


def _plain(value: Any) -> Any:
    """A cell as JSON has it, numbers with six digits."""
    if pd.isna(value):
        return None
    if isinstance(value, str):
        return value
    return int(value) if float(value).is_integer() else float(f"{value:.6g}")


def _provenance(about: Mapping[str, Any]) -> list[tuple[str, str]]:
    training = about["training"]
    seeds = ", ".join(map(str, range(training["seeds"])))
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    return [
        ("tinycog", f"{about['version']}, commit {_commit()}"),
        (
            "Python",
            f"{platform.python_version()}, with {versions} (of this page; jobs may have environments of their own)",
        ),
        (
            "seeds",
            f"simulations and resamples {about['seed']}; initial weights {seeds}, where a network has no own `seeds`",
        ),
    ]


def _commit() -> str:
    """The commit of the code, and whether files differ from it; `unknown` outside a checkout."""
    here = Path(__file__).parent

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(here), *arguments], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    try:
        if not git("ls-files", Path(__file__).name):
            return "unknown"
        changed = bool(git("status", "--porcelain", "--untracked-files=no"))
        return git("rev-parse", "HEAD") + (", with changed files" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
