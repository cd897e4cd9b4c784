"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json, OfModel, actions_option, together

figure_options = together(
    click.option("--folder", type=PATH, required=True, help="tables of one model, of a subject or of its chunk"),
    click.option("--subject", required=True, help="the subject's directory name"),
    actions_option,
    click.option("--output", type=PATH, required=True),
)


@click.command("fields")
@click.pass_obj
def fields(of: OfModel) -> None:
    """Logit changes of one model with several dynamical variables, and its vector fields."""
    from tinycog.analyses.fields.step import fields as step

    step(of.selected, of.scored, of.output, **of.options)


@click.command("gather-fields")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="data sets, models with their dims, and cv")
def gather(root: Path, **options: Any) -> None:
    """Put table logit_changes of every subject and model together."""
    from tinycog.analyses.fields.gather import gather as step

    step(root, **options)


@click.command("cloud")
@figure_options
def plot_cloud(**options: Any) -> None:
    """Logit change against logit, trial by trial."""
    from tinycog.analyses.fields.plot import plot_cloud as step

    step(**options)


@click.command("field")
@figure_options
def plot_field(**options: Any) -> None:
    """Vector field of two dynamical variables."""
    from tinycog.analyses.fields.plot import plot_field as step

    step(**options)


@click.command("values")
@click.option("--reward", type=click.Choice(["0", "1"]), required=True, help="of trials without or with a reward")
@figure_options
def plot_values(reward: str, **options: Any) -> None:
    """Changes of the values of the chosen action and of another one, of three or more actions."""
    from tinycog.analyses.fields.plot import plot_values as step

    step(reward=int(reward), **options)


@click.command("quiver")
@figure_options
def plot_quiver(**options: Any) -> None:
    """Changes of three logits where a trial has two choices."""
    from tinycog.analyses.fields.plot import plot_quiver as step

    step(**options)


COMMANDS = (gather,)
ANALYSES = (fields,)
PLOTS = (plot_cloud, plot_field, plot_values, plot_quiver)
