"""The codebook of a run's tables: `tables/README.md`, made of the descriptions that their writers use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tinycog.analyses import registry
from tinycog.results import tables as of_every_run
from tinycog.results.columns import Column, Table
from tinycog.storage import write_text

HEADER = """\
# Codebook

Every table is in `results/{run}/tables` as CSV and as Parquet, with the same rows and columns. A value that is missing
is an empty cell in the CSV and null in the Parquet file, whose columns carry what stands here as metadata. Losses are
negative log-likelihoods in nats per scored choice; times are in seconds. A range includes its ends; where none stands,
any number can be. A column of type JSON holds a list or a mapping as text.
"""
FOOTER = """
## What is not a table

Weights of networks are not in a table: `fits/{dataset}/{subject}/{model}/d{dim}/outer{outer}.safetensors` has the
parameters of every fit, and the first dimension of each of its arrays is the row of the `.parquet` file beside it. Of
them `selected/{dataset}/{subject}/{model}/d{dim}/outer{outer}.json` names the row that was selected; a number
that is not finite is null in it, and the row has it.

`scores/{dataset}/{subject}/{model}/d{dim}/outer{outer}.npz` has what the selected fit does along all trials of the
subject (NumPy's `load` reads it; it is empty where every fit failed). Blocks differ in length, so they lie one after
the other:

| array | shape | meaning |
|---|---|---|
| `logits` | (row, action) | logits before each choice and after the last one: a block of C choices has C + 1 rows |
| `states` | (row, variable) | the model's state at the same moments, its dynamical variables first |
| `condition` | (trial,) | code of the input condition: what happened in the trial |
| `mask` | (choice,) | 1 where the choice is scored, 0 elsewhere |
| `split` | (choice,) | role of the choice in the selected fit: train, val or test |
| `row_start` | (block + 1,) | where each block begins in `logits` and `states`, and the end |
| `trial_start` | (block + 1,) | where each block begins in `condition`, and the end |

Block b therefore has `logits[row_start[b]:row_start[b + 1]]`; its first row comes before the first trial, row t before
trial t, and the last row follows the last trial. In the original two-stage task a trial has two choices: `mask` and
`split` then have twice as many values as `condition`. Its trials are `condition[trial_start[b]:trial_start[b + 1]]`.

Of a data set with `chunks`, {subject} in these names is a chunk. The rows of its subjects follow one another in folds
and fits, which have a column `subject`; the JSON file is a list with an entry for each subject, in the same order; and
the arrays of the first subject are `0/logits`, `0/states`, ..., those of the second `1/logits`, and so on.
"""


def described() -> dict[str, Table]:
    """Every result table by its name, those of every run first, and other files of rows and columns."""
    modules = [module for _, module in registry.parts("tables")]
    of_analyses = (table for module in modules for table in (*module.TABLES, *getattr(module, "FILES", ())))
    return {table.name: table for table in (*of_every_run.TABLES, *of_analyses)}


def names(config: Any) -> list[str]:
    """The tables that a run has, those of every run first."""
    of_analyses = (name for _, outputs in registry.parts("outputs") for name in outputs.tables(config))
    return [*(table.name for table in of_every_run.TABLES), *of_analyses]


def sections(config: Any) -> list[str]:
    """What the codebook of a run describes: its tables, then other files of its analyses."""
    asked = (module for name, module in registry.parts("tables") if getattr(config.analyses, name, None))
    return [*names(config), *(table.name for module in asked for table in getattr(module, "FILES", ()))]


def modules() -> list[str]:
    """Modules that describe tables."""
    return [of_every_run.__name__, *(module.__name__ for _, module in registry.parts("tables"))]


def page(wanted: Sequence[str]) -> str:
    """The codebook of the named tables, as Markdown.

    Raises:
        ValueError: a table has no description.
    """
    known = described()
    if unknown := [name for name in wanted if name not in known]:
        raise ValueError(f"no description of table {', '.join(unknown)}: it belongs into `tables.py` of its analysis")
    return "".join([HEADER, *(_section(known[name]) for name in wanted), FOOTER])


def _section(table: Table) -> str:
    head = f"\n## {table.name}\n\nA row is {table.row}.\n\n| column | type | unit | range | meaning | missing |"
    return "\n".join([head, "|---|---|---|---|---|---|", *map(_line, table.columns)]) + "\n"


def _line(column: Column) -> str:
    cells = (f"`{column.name}`", column.kind, column.unit, column.range, column.meaning, column.missing or "never")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def write(names: list[str], output: Path) -> None:
    """Write what a row and a column of each of these tables is, as Markdown."""
    write_text(output, page(names))
