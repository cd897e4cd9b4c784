"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json, OfModel, actions_option, together

grid_options = together(
    click.option("--root", type=PATH, required=True, help="results folder of the run"),
    click.option("--grid", type=Json(), required=True, help="data sets, models with their dims, and cv"),
)


@click.command("signatures")
@click.option("--bootstrap", type=int, required=True, help="resamples of outer folds and blocks")
@click.pass_obj
def signatures(of: OfModel, bootstrap: int) -> None:
    """Learning rates, biases, choice frequencies and signatures of one model with d = 1."""
    from tinycog.analyses.signatures.step import signatures as step

    step(of.selected, of.scored, of.output, **of.options, bootstrap=bootstrap)


@click.command("gather-signatures")
@grid_options
def gather(root: Path, **options: Any) -> None:
    """Put tables curves, choice_frequency, choice_odds and signatures of every subject together."""
    from tinycog.analyses.signatures.gather import gather as step

    step(root, **options)


@click.command("indifference")
@grid_options
def correlate(root: Path, **options: Any) -> None:
    """Correlate reward-induced indifference with performance, over subjects."""
    from tinycog.analyses.signatures.correlate import correlate as step

    step(root, **options)


@click.command("signatures")
@click.option("--folder", type=PATH, required=True, help="tables of one model, of a subject or of its chunk")
@click.option("--subject", required=True, help="the subject's directory name")
@actions_option
@click.option("--output", type=PATH, required=True)
def plot_signatures(**options: Any) -> None:
    """Learning rate, bias and perseveration over the logit, and choice frequencies."""
    from tinycog.analyses.signatures.plot import plot_signatures as step

    step(**options)


@click.command("indifference")
@click.option("--tables", type=PATH, required=True, help="folder of the run's tables")
@click.option("--dataset", required=True)
@click.option("--model", required=True)
@click.option("--output", type=PATH, required=True)
def plot_indifference(**options: Any) -> None:
    """Utility deviation of subjects against their performance."""
    from tinycog.analyses.signatures.plot import plot_indifference as step

    step(**options)


COMMANDS = (gather, correlate)
ANALYSES = (signatures,)
PLOTS = (plot_signatures, plot_indifference)
