"""Sub-commands of this analysis."""

from __future__ import annotations

from typing import Any

import click

from tinycog.options import PATH, Json


@click.command()
@click.option("--fits", type=PATH, required=True, help="table of all fits, Parquet")
@click.option("--selected", type=PATH, required=True, help="table of selected fits, Parquet")
@click.option("--n-outer", type=Json(), required=True, help="data set: outer folds asked for")
@click.option("--further", type=PATH, multiple=True, help="fits that other analyses make, Parquet")
@click.option("--output", "folder", type=PATH, required=True, help="folder of tables")
def performance(**options: Any) -> None:
    """Test NLL of every model, by subject and over subjects."""
    from tinycog.analyses.performance.step import summarise as step

    for line in step(**options):
        click.echo(f"warning: {line}", err=True)


@click.command("performance")
@click.option("--by-subject", type=PATH, required=True)
@click.option("--group", type=PATH, required=True)
@click.option("--dataset", required=True)
@click.option("--output", type=PATH, required=True)
def plot_performance(**options: Any) -> None:
    """Test NLL against the number of dynamical variables."""
    from tinycog.analyses.performance.plot import plot as step

    step(**options)


COMMANDS = (performance,)
PLOTS = (plot_performance,)
