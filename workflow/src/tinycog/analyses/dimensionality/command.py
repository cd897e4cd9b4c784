"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json, trials_option


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


@click.command("simulate-networks")
@trials_option
@click.option("--fold", "fold_files", type=PATH, multiple=True, required=True, help="fold file of each outer fold")
@click.option("--selected", type=PATH, multiple=True, required=True, help="selected fit of each model and outer fold")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--simulation", type=int, required=True, help="number of the simulation, from 0")
@click.option("--models", type=Json(), required=True, help="competing networks, JSON: name: dims, spec, training")
@click.option("--played", type=Json(), required=True, help="JSON: variants (environments), n_trials, note")
@click.option("--task", required=True, help="task of the data set")
@click.option("--n-actions", type=int, help="number of actions, 2 by default (task bandit)")
@click.option("--seed", type=int, default=0, show_default=True, help="the run's seed")
@click.option("--output", type=PATH, required=True, help="table of fits")
def simulate(trials: tuple[Path, ...], output: Path, **options: Any) -> None:
    """Fit every competing network to choices of the one that stands for a subject."""
    from tinycog.analyses.dimensionality.simulate import simulate as step

    files = (list(options.pop(name)) for name in ("fold_files", "selected"))
    step(list(trials), *files, output, **options)


@click.command("dimensionality-power")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="data sets, models with their dims, and cv")
@click.option("--competing", type=Json(), required=True, help="models that compete at each d, JSON list")
@click.option("-n", type=int, required=True, help="simulations of each subject")
def gather_power(root: Path, **options: Any) -> None:
    """How often d* would be found, from fits to simulated choices."""
    from tinycog.analyses.dimensionality.gather_power import gather as step

    step(root, **options)


@click.command("dimensionality-power")
@click.option("--table", type=PATH, required=True)
@click.option("--output", type=PATH, required=True)
def plot_power(**options: Any) -> None:
    """How often d* would be found."""
    from tinycog.analyses.dimensionality.plot import plot_power as step

    step(**options)


@click.command("dimensionality")
@click.option("--table", type=PATH, required=True)
@click.option("--output", type=PATH, required=True)
def plot_dimensionality(**options: Any) -> None:
    """d* of all subjects."""
    from tinycog.analyses.dimensionality.plot import plot as step

    step(**options)


COMMANDS = (dimensionality, simulate, gather_power)
PLOTS = (plot_dimensionality, plot_power)
