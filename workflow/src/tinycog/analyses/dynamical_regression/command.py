"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json, OfModel, actions_option, together


@click.command("dynamical-regression")
@click.option("--bootstrap", type=int, default=1000, show_default=True, help="resamples of the blocks")
@click.pass_obj
def regress(of: OfModel, bootstrap: int) -> None:
    """What trials change in the logits of one model, by linear regression."""
    from tinycog.analyses.dynamical_regression.step import regress as step

    step(of.selected, of.scored, of.trials, of.output, **of.options, bootstrap=bootstrap)


@click.command("gather-dynamical-regression")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="data sets, models with their dims, and cv")
def gather(root: Path, **options: Any) -> None:
    """Put the dynamical regressions of every subject together."""
    from tinycog.analyses.dynamical_regression.gather import gather as step

    step(root, **options)


of_subject = together(
    click.option("--folder", type=PATH, required=True, help="tables of one model, of a subject or of its chunk"),
    click.option("--subject", required=True, help="the subject's directory name"),
    actions_option,
    click.option("--output", type=PATH, required=True),
)
of_group = together(
    click.option("--tables", "folder", type=PATH, required=True, help="the run's folder of tables"),
    click.option("--dataset", required=True),
    click.option("--model", required=True),
    click.option("--dim", type=int, required=True),
    actions_option,
    click.option("--output", type=PATH, required=True),
)


@click.command("regression")
@of_subject
def plot_subject(**options: Any) -> None:
    """Coefficients of one subject and model."""
    from tinycog.analyses.dynamical_regression.plot import plot_subject as step

    step(**options)


@click.command("regression_matrices")
@of_subject
def plot_matrices(**options: Any) -> None:
    """Matrices of one subject and model."""
    from tinycog.analyses.dynamical_regression.plot import plot_matrices as step

    step(**options)


@click.command("regression_group")
@of_group
@click.option("--trim", type=float, help="percentile outside of which a subject is left out; by default none is")
def plot_group(**options: Any) -> None:
    """Coefficients of all subjects."""
    from tinycog.analyses.dynamical_regression.plot import plot_group as step

    step(**options)


@click.command("regression_group_matrices")
@of_group
def plot_group_matrices(**options: Any) -> None:
    """Mean matrices of all subjects."""
    from tinycog.analyses.dynamical_regression.plot import plot_group_matrices as step

    step(**options)


COMMANDS = (gather,)
ANALYSES = (regress,)
PLOTS = (plot_subject, plot_matrices, plot_group, plot_group_matrices)
