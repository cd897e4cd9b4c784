"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json, actions_option


@click.command("compare-covariates")
@click.option("--table", "sources", type=PATH, multiple=True, required=True, help="a table of the run, Parquet")
@click.option("--subjects", type=PATH, required=True, help="table of what is known of the subjects, Parquet")
@click.option("--conditions", type=Json(), default="{}", help="column of conditions of each data set that has one")
@click.option("--decimals", type=Json(), required=True, help="decimal sign of the covariates of each data set")
@click.option("--groups", type=Json(), default="[]", help="covariates that are groups even if they are numbers")
@click.option("--output", "folder", type=PATH, required=True, help="folder of tables")
def compare_covariates(sources: tuple[Path, ...], subjects: Path, folder: Path, **options: Any) -> None:
    """Compare parameters, d*, setpoints, behaviour and losses with covariates of the subjects."""
    from tinycog.analyses.covariates.step import compare as step

    step(list(sources), subjects, folder, **options)


@click.command("covariates")
@click.option("--covariates", type=PATH, required=True, help="table of the tests, Parquet")
@click.option("--dataset", required=True)
@actions_option
@click.option("--output", type=PATH, required=True)
def plot_covariates(**options: Any) -> None:
    """What varies most with each covariate."""
    from tinycog.analyses.covariates.plot import plot as step

    step(**options)


COMMANDS = (compare_covariates,)
PLOTS = (plot_covariates,)
