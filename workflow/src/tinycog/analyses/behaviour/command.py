"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json


@click.command()
@click.option("--trials", type=PATH, multiple=True, required=True, help="trial table of each subject")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--dataset", required=True)
@click.option("--subject", "place", required=True, help="directory name of the subject, or of its chunk")
@click.option("--task", required=True, help="task of the data set")
@click.option("--n-actions", type=int, help="number of actions, 2 by default (task bandit)")
@click.option("--models", type=Json(), required=True, help="of each model its dims and its section, JSON")
@click.option("--n-outer", type=int, required=True, help="number of outer folds")
@click.option("--options", type=Json(), required=True, help="keys of the analysis, environment and seed, JSON")
@click.option("--output", type=PATH, required=True, help="folder of tables")
def behaviour(trials: tuple[Path, ...], **options: Any) -> None:
    """Behaviour of a subject, of models along its choices, and of models that play."""
    from tinycog.analyses.behaviour.step import behaviour as step

    step(list(trials), **options)


@click.command("gather-behaviour")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="data sets, models with their dims, and cv")
def gather(root: Path, **options: Any) -> None:
    """Put behaviour's tables of every subject together."""
    from tinycog.analyses.behaviour.gather import gather as step

    step(root, **options)


@click.command("behaviour")
@click.option("--folder", type=PATH, required=True, help="tables of a subject or of its chunk")
@click.option("--subject", required=True, help="the subject's directory name")
@click.option("--output", type=PATH, required=True)
def plot_behaviour(**options: Any) -> None:
    """Behaviour of a subject and of models, side by side."""
    from tinycog.analyses.behaviour.plot import plot as step

    step(**options)


COMMANDS = (behaviour, gather)
PLOTS = (plot_behaviour,)
