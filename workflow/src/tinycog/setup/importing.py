"""From a user's own table to an experiment file that runs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from tinycog import config
from tinycog.errors import InputError
from tinycog.models import registry
from tinycog.options import DEFAULT_CONFIG
from tinycog.sections.analyses import SECTIONS
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.sections.tables import TableDataset
from tinycog.setup import planning
from tinycog.setup.candidates import Candidate, candidates
from tinycog.setup.recognising import Recognised, recognise
from tinycog.sources import canonical, reading
from tinycog.sources import table as source
from tinycog.sources.cells import Column
from tinycog.sources.prepared import counts
from tinycog.storage import replacing
from tinycog.tasks import task_of
from tinycog.trials import doubts
from tinycog.trials.table import SOURCE, validated

FORMAT = ("separator", "decimal", "encoding", "header", "skip")
NAMING = {"reward": ("column", "gain", "loss"), "transition": ("column",)}  # parts of an option that name a column
SUFFIXES = (".csv", ".tsv", ".txt", ".dat", ".parquet")
GRADED = (
    "rewards are graded: models that need rewards of 0 and 1 (cells switching_gru and slin) cannot be fitted to them"
)
MANY, CHUNK = 200, 20  # subjects from which on they share jobs, and about how many do
OUTER, INNER = 10, 9  # the paper's folds
TASKS = {
    "bandit": "choice of one of k arms (`--n-actions`, 2 by default) with payoffs of any kind",
    "reversal": "two actions, of which the better one changes now and then",
    "two_stage": "two actions that lead to one of two states, commonly the action's own; states pay, and which "
    "is better changes",
    "transition_reversal": "as two_stage, and which state is an action's common one changes as well",
    "three_armed_reversal": "three actions, of which the best one changes now and then",
    "four_armed_bandit": "four actions with payoffs that drift",
    "original_two_stage": "two choices in a trial: the first leads to a state, the second is made there",
    "perceptual": "two actions and a stimulus before the choice; no model of it is written yet, so it cannot be run",
}
# a verdict on the strategy, what it is made of, and the figures behind it
ANALYSES = ("dimensionality", "portraits", "fields", "signatures", "stability", "behaviour", "strategy")
# what an experiment file says above each of its sections
ABOVE = {
    "run": ("Results are written to the folder results/ and this name.",),
    "datasets": ("The table, and what its cells mean: please compare with the table.",),
    "models": (
        "What is fitted to the choices of each subject: networks of so many units (dims), each with every weight of",
        "the penalty on its size (l1), and the hand-written models of the paper's figures for this task.",
    ),
    "cv": ("How choices are held out: outer folds to test, inner ones to choose between fits.",),
    "analyses": (
        "What is made of the fits. A line that is taken away is not made, and the verdict of `strategy` says only what",
        "the others let it say. config/README.md has all analyses and their options.",
    ),
    "training": ("For a first look training ends sooner, and has one start.",),
}
# of a quick look: fewer of everything that multiplies fits, and training that ends sooner
QUICK_FOLDS = {"outer": 3, "inner": 2}
QUICK_NETWORKS = {"dims": [1, 2], "l1": [1e-5]}
QUICK_TRAINING = {"optimizer": "fast", "max_epochs": 1000, "patience": 100, "seeds": 1}


@dataclass(frozen=True)
class Imported:
    """An experiment made for a table: its content, what was recognised, and what the user should know.

    Attributes:
        recognised: (column, what it is, examples, how it is coded) of each column that is used.
        written: how the files are written, in words; empty where it is the usual way.
        head: the first rows as they are analysed.
    """

    experiment: dict[str, Any]
    subjects: dict[str, dict[str, int]]
    recognised: list[tuple[str, str, str, str]]
    written: str
    head: pd.DataFrame
    removed: list[str]
    notes: list[str]
    unused: list[str]
    warnings: list[str]


@dataclass(frozen=True)
class Opened:
    """A table as it was found: its files, how they are written, and its columns.

    Attributes:
        place: of the files, for messages.
        key, named: how an experiment names them.
        file: (row,) number of the row's file among `paths`.
    """

    place: Path
    key: str
    named: str | list[str]
    paths: list[Path]
    written: reading.Format
    columns: dict[str, Column]
    file: np.ndarray

    @classmethod
    def of(cls, files: Sequence[Path], given: Mapping[str, Any]) -> Opened:
        """Read the files; InputError if they cannot be, or `given` names a column that they do not have."""
        key, named, paths = located(files)
        place = paths[0].parent if len(paths) > 1 else paths[0]
        written = reading.recognised(paths[0], **{key: given.get(key) for key in FORMAT})
        names = reading.header(paths[0], written)
        cells = reading.read(paths, written)
        columns = {own: Column.of(own, column, written.decimal) for own, column in cells.columns.items()}
        _known_columns(given, names)
        return cls(place, key, named, paths, written, columns, cells.file)


def experiment(
    files: Sequence[Path], *, name: str, task: str, n_actions: int | None, given: dict[str, Any], folder: Path = Path()
) -> Imported:
    """Recognise what the table holds, check it as a run would, and choose folds that its subjects' blocks allow.

    Args:
        files: of the table, or a folder of them.
        given: keys of the data set's section that the user has stated.
        folder: where the experiment file will lie, from which it names the table.

    Raises:
        InputError: something has to be stated, or the table cannot be used; names the column, the row and what is
            needed.
    """
    return made(Opened.of(files, given), name=name, task=task, n_actions=n_actions, given=given, folder=folder)


def made(
    opened: Opened, *, name: str, task: str, n_actions: int | None, given: dict[str, Any], folder: Path = Path()
) -> Imported:
    """As `experiment`, of a table that has been read."""
    place, written, the_task = opened.place, opened.written, task_of(task, n_actions)
    found = recognise(opened.columns, opened.paths, opened.file, the_task, given)
    if found.questions:
        raise InputError(f"{place}: not everything could be recognised for certain:\n{asked(found)}")
    key, named, usual = opened.key, opened.named, reading.Format()
    section = {"source": "table", "task": task, **({"n_actions": n_actions} if n_actions else {})}
    section |= {key: getattr(written, key) for key in FORMAT if getattr(written, key) != getattr(usual, key)}
    section |= {key: value for key, value in found.options.items() if key not in FORMAT}
    options = checked({**section, key: named}, str(place), AnyDataset).model_dump()
    prepared = source.prepare(name, options, Path(), 0)
    table = validated(prepared.table, the_task, str(place))
    subjects = counts(table)
    cv, warnings = folds(min(numbers["blocks"] for numbers in subjects.values()))
    models: dict[str, Any] = {"gru": {"family": "rnn", "cell": "gru", "dims": [1, 2, 3], "l1": [1e-5, 1e-4, 1e-3]}}
    in_figures = [key for key in registry.keys(the_task) if registry.listed(the_task, key).in_figures]
    models |= {key: {"family": "cognitive"} for key in in_figures}
    section |= {key: named_from(folder, named)}
    if len(subjects) > MANY:
        section["chunks"] = -(-len(subjects) // CHUNK)
        found.notes.append(
            f"{len(subjects)} subjects share {section['chunks']} jobs of each kind (`chunks`), {CHUNK} a job or so"
        )
    section = {"source": "table"} | {one: section[one] for one in TableDataset.model_fields if one in section}
    content = {"run": name, "datasets": {name: section}, "models": models, "cv": cv}
    content["analyses"] = {name: {} for name in ANALYSES}
    config.load(DEFAULT_CONFIG, [], content)
    graded = not table["reward"].dropna().isin([0, 1]).all()
    notes = [*found.notes, *([GRADED] if graded else [])]
    removed = [f"{row['rows']:,} rows: {row['reason']}" for row in prepared.removed if "rows" in row]
    removed += [f"subject {row['subject']!r}: {row['reason']}" for row in prepared.removed if "rows" not in row]
    warnings = [*doubts.in_words(doubts.doubts(table, the_task)), *warnings]
    told = in_words(written) if section.keys() & set(FORMAT) else ""
    head = table.drop(columns=[name for name in SOURCE if name in table]).head()
    return Imported(content, subjects, found.told, told, head, removed, notes, found.unused, warnings)


def look(files: Sequence[Path], given: dict[str, Any], name: str) -> tuple[Imported, list[Candidate]]:
    """What `experiment` recognises if the task is the first that the table can be of, and all of these tasks.

    Raises:
        InputError: as `experiment`; a question that is open for every task.
    """
    opened = Opened.of(files, given)
    tasks = candidates(opened.columns, opened.paths, opened.file, given)
    if (first := tasks[0]).found.questions:
        say = "\n  task: no table tells it for certain; say it with --task (without a value the tasks are listed)"
        question = f"{opened.place}: not everything could be recognised for certain:{say}\n{asked(first.found)}"
        raise InputError(question)
    return made(opened, name=name, task=first.task, n_actions=first.n_actions, given=given), tasks


def asked(found: Recognised) -> str:
    """Questions that are open, and what is recognised so far."""
    questions = "\n".join(f"  {question}" for question in found.questions)
    return "\n".join([questions, "", "recognised so far:", *as_table(found.told)]) if found.told else questions


def as_table(rows: Sequence[tuple[str, str, str, str]]) -> list[str]:
    """Lines of what was recognised, under a heading."""
    rows = [("column", "is", "examples", "coding"), *rows]
    rows = [tuple(cell if len(cell) <= 46 else f"{cell[:43]}..." for cell in row[:3]) + row[3:] for row in rows]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return ["  " + "  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[3]]) for row in rows]


def located(files: Sequence[Path]) -> tuple[str, str | list[str], list[Path]]:
    """The key under which the experiment names the files, what it says there, and the files.

    Raises:
        InputError: there is none, or a folder has tables of several kinds.
    """
    if len(files) == 1 and files[0].is_dir():
        kinds = sorted({path.suffix for path in files[0].iterdir() if path.suffix in SUFFIXES})
        if len(kinds) != 1:
            found = f"tables of {len(kinds)} kinds ({', '.join(kinds)})" if kinds else "no table"
            raise InputError(f"{files[0]}: found {found}; allowed: one kind, or a pattern, as in '{files[0]}/*.csv'")
        files = [files[0] / f"*{kinds[0]}"]
    if len(files) == 1 and files[0].is_file():
        return "file", str(files[0]), list(files)
    named: str | list[str] = str(files[0]) if len(files) == 1 else sorted(map(str, files))
    return "files", named, source.files({"file": None, "files": named}, Path())


def in_words(written: reading.Format) -> str:
    """How a text table is written."""
    parts = [f"cells between {reading.SEPARATORS[written.separator]} signs", f"encoding {written.encoding}"]
    parts += ["decimal comma"] * (written.decimal == ",") + ["no header line"] * (not written.header)
    parts += [f"{written.skip} lines above the table"] * (written.skip > 0)
    return ", ".join(parts)


def _known_columns(given: Mapping[str, Any], header: Sequence[str]) -> None:
    """Refuse options that name a column that the table does not have, or a canonical one that there is not."""
    for name in given.get("columns") or {}:
        if name not in canonical.COLUMNS and not name.startswith(source.ADDED):
            raise InputError(f"--columns: unknown canonical column {name!r}; there are:\n{canonical.listed()}")
    for key in (*NAMING, "where", "drop", "missing", "covariates", "order", "columns", "condition", "restarts"):
        value = given.get(key) or {}
        if key in NAMING:
            value = [value.get(part) for part in NAMING[key]]
        own = value.values() if key == "columns" else [value] if isinstance(value, str) else value
        for name in own:
            if name is not None and name not in header and not (key == "missing" and name in canonical.COLUMNS):
                raise InputError(f"--{key}: the table has no column {name!r}; it has: {', '.join(header)}")


def known_task(name: str | None) -> str:
    """`name`, if it is a task's or None; InputError lists the tasks with a line each."""
    if name is None or name in TASKS:
        return name
    found = f"found {name!r}" if name else "no task is named"
    width = max(map(len, TASKS))
    lines = [f"  {task:<{width}}  {about}" for task, about in TASKS.items()]
    raise InputError("\n".join([f"--task: {found}; allowed:", *lines]))


def quick(experiment: dict[str, Any]) -> dict[str, Any]:
    """The experiment reduced to a first look: fewer folds, dims, L1 weights and seeds, shorter training."""
    models = {
        name: {**model, **(QUICK_NETWORKS if model["family"] == "rnn" else {"seeds": 1})}
        for name, model in experiment["models"].items()
    }
    cv = {key: min(n, QUICK_FOLDS.get(key, n)) if isinstance(n, int) else n for key, n in experiment["cv"].items()}
    return {**experiment, "run": f"{experiment['run']}-quick", "models": models, "cv": cv, "training": QUICK_TRAINING}


def seconds(path: Path) -> float:
    """Estimated time of the experiment `path` on one core; reads its table."""
    return sum(plan.seconds for plan in planning.plan(config.load(DEFAULT_CONFIG, [path])))


def named_from(folder: Path, file: str | list[str]) -> str | list[str]:
    """Paths that lead to files wherever one stands: from `folder` if they lie below that, else from the root."""
    if isinstance(file, list):
        return [named_from(folder, one) for one in file]
    above, path = Path(os.path.abspath(folder)), Path(os.path.abspath(file))
    return str(path.relative_to(above) if path.is_relative_to(above) else path)


def folds(n_blocks: int) -> tuple[dict[str, Any], list[str]]:
    """The paper's cross-validation as far as the fewest blocks of a subject allow, and a warning where they do not."""
    outer = min(OUTER, n_blocks)
    inner = min(INNER, n_blocks - -(-n_blocks // outer))
    if inner < 2:
        few = f"a subject has only {n_blocks} block{'s' * (n_blocks > 1)}: too few to hold blocks out"
        return {"protocol": "interspersed"}, [f"{few}; trials are held out instead (cv.protocol: interspersed)"]
    if (outer, inner) == (OUTER, INNER):
        return {"outer": outer, "inner": inner}, []
    warning = f"a subject has only {n_blocks} blocks: folds reduced to cv.outer = {outer}, cv.inner = {inner}"
    return {"outer": outer, "inner": inner}, [f"{warning} (the paper's are {OUTER} and {INNER}); d* has less power"]


def write(experiments: dict[Path, dict[str, Any]], overwrite: bool) -> None:
    """Write each experiment as YAML with comments.

    Raises:
        InputError: before any is written: a file exists, and may not be overwritten.
    """
    for path in experiments:
        if path.exists() and not overwrite:
            raise InputError(f"{path}: exists already; give another --output, or --overwrite")
    for path, content in experiments.items():
        with replacing(path) as temporary:
            temporary.write_text(commented(content), encoding="utf-8")


def commented(experiment: dict[str, Any]) -> str:
    """The experiment as YAML, with comments above its sections and behind the name of each analysis."""
    parts = []
    for key, content in experiment.items():
        text = yaml.safe_dump({key: content}, sort_keys=False)
        if key == "analyses":
            text = "analyses:\n" + "".join(f"  {f'{one}: {{}}':<20}# {SECTIONS[one].summary}\n" for one in content)
        parts.append("".join(f"# {line}\n" for line in ABOVE[key]) + text)
    return "\n".join(parts)
