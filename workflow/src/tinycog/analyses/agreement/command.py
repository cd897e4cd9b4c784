"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json


@click.command()
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="the data set, its models with their dims, and cv")
@click.option("--subject", required=True, help="directory of the subject, or of its chunk")
@click.option("--task", required=True, help="task of the data set")
@click.option("--n-actions", type=int, help="number of actions, 2 by default (task bandit)")
@click.option("--output", type=PATH, required=True, help="file of correlations, Parquet")
def agreement(root: Path, output: Path, **options: Any) -> None:
    """Correlate the logits of a subject's fits between outer folds and between models."""
    from tinycog.analyses.agreement.step import agree as step

    step(root, output, **options)


@click.command("gather-agreement")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="data sets, models with their dims, and cv")
def gather(root: Path, grid: dict[str, Any]) -> None:
    """Put the correlations of every subject into table logit_correlations."""
    from tinycog.analyses.agreement.gather import gather as step

    step(root, grid=grid)


@click.command("agreement")
@click.option("--correlations", type=PATH, required=True, help="correlations of a subject or of its chunk, Parquet")
@click.option("--subject", required=True, help="the subject's directory name")
@click.option("--output", type=PATH, required=True)
def plot_agreement(correlations: Path, output: Path, subject: str) -> None:
    """Correlations of one subject's fits: within models and between them."""
    from tinycog.analyses.agreement.plot import plot_agreement as step

    step(correlations, output, subject=subject)


@click.command("agreement-subjects")
@click.option("--correlations", type=PATH, required=True, help="table logit_correlations, Parquet")
@click.option("--dataset", required=True)
@click.option("--output", type=PATH, required=True)
def plot_subjects(correlations: Path, output: Path, dataset: str) -> None:
    """Correlation within each model against a subject's number of training choices."""
    from tinycog.analyses.agreement.plot import plot_subjects as step

    step(correlations, output, dataset=dataset)


COMMANDS = (agreement, gather)
PLOTS = (plot_agreement, plot_subjects)
