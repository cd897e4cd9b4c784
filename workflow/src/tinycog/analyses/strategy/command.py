"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json

tolerance = click.option(
    "--tolerance", type=float, required=True, help="as `analyses.strategy.tolerance` of the config"
)


@click.command("compare-models")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="the data set, its models with their dims, and cv")
@click.option("--subject", required=True, help="directory of the subject, or of its chunk")
@click.option("--task", required=True, help="task of the data set")
@click.option("--n-actions", type=int, help="number of actions, 2 by default (task bandit)")
@click.option("--names", type=Json(), required=True, help="catalogue names of the cognitive models by their keys")
@tolerance
@click.option("--bootstrap", type=int, required=True, help="as `analyses.strategy.bootstrap` of the config")
@click.option("--seed", type=int, required=True, help="the run's seed")
@click.option("--output", type=PATH, required=True, help="folder of the subject's tables")
def compare(root: Path, output: Path, **options: Any) -> None:
    """Compare a subject's models on test choices, and what they answer about it."""
    from tinycog.analyses.strategy.step import compare as step

    step(root, output, **options)


@click.command("gather-strategy")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="data sets, models with their dims, and cv")
@tolerance
@click.argument("read", nargs=-1, type=PATH)
def gather(root: Path, read: tuple[Path, ...], **options: Any) -> None:
    """Give a verdict on each subject; READ are tables of other analyses that are taken into account."""
    from tinycog.analyses.strategy.gather import gather as step

    step(root, read=list(read), **options)


@click.command("strategy")
@click.option("--evidence", type=PATH, required=True, help="evidence of a subject or of its chunk, Parquet")
@click.option("--subject", required=True, help="the subject's directory name")
@click.option("--output", type=PATH, required=True)
def plot_strategy(evidence: Path, output: Path, subject: str) -> None:
    """Evidence for each answer about one subject."""
    from tinycog.analyses.strategy.plot import plot_strategy as step

    step(evidence, output, subject=subject)


@click.command("strategies")
@click.option("--strategy", type=PATH, required=True, help="table strategy, Parquet")
@click.option("--dataset", required=True)
@click.option("--output", type=PATH, required=True)
def plot_strategies(strategy: Path, output: Path, dataset: str) -> None:
    """How many subjects of a data set have which answer."""
    from tinycog.analyses.strategy.plot import plot_strategies as step

    step(strategy, output, dataset=dataset)


COMMANDS = (compare, gather)
PLOTS = (plot_strategy, plot_strategies)
