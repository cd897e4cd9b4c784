"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json


@click.command()
@click.option("--selected", type=PATH, required=True, help="table of selected fits")
@click.option("--competing", type=Json(), required=True, help="models that compete at each d, JSON list")
@click.option("--bootstrap", type=int, default=1000, show_default=True, help="resamples of the outer folds")
@click.option("--seed", type=int, default=0, show_default=True, help="the run's seed")
@click.option("--output", "folder", type=PATH, required=True, help="folder of tables")
def dimensionality(selected: Path, folder: Path, **options: Any) -> None:
    """Estimate the behavioural dimensionality d* of every subject."""
    from tinycog.analyses.dimensionality.step import estimate

    for line in estimate(selected, folder, **options):
        click.echo(f"left out: {line}", err=True)


@click.command("dimensionality")
@click.option("--table", type=PATH, required=True)
@click.option("--output", type=PATH, required=True)
def plot_dimensionality(**options: Any) -> None:
    """d* of all subjects."""
    from tinycog.analyses.dimensionality.plot import plot as step

    step(**options)


COMMANDS = (dimensionality,)
PLOTS = (plot_dimensionality,)
