"""The sub-command of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json


@click.command("gather-parameters")
@click.option("--selected", type=PATH, required=True, help="table of selected fits, Parquet")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--models", "declared", type=Json(), required=True, help="of each data set what `gather` needs")
def gather_parameters(selected: Path, root: Path, declared: dict[str, Any]) -> None:
    """Put the parameters of every selected fit of a cognitive model into one table."""
    from tinycog.analyses.parameters.step import gather as step

    step(selected, root, declared=declared)


COMMANDS = (gather_parameters,)
