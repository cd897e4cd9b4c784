"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json, OfModel, actions_option


@click.command("drift")
@click.option("--bootstrap", type=int, default=1000, show_default=True, help="resamples of the blocks")
@click.pass_obj
def drift(of: OfModel, bootstrap: int) -> None:
    """Test whether the values of one model drift to each other or decay without a reward."""
    from tinycog.analyses.drift.step import drift as step

    step(of.selected, of.scored, of.trials, of.output, **of.options, bootstrap=bootstrap)


@click.command("gather-drift")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="data sets, models with their dims, and cv")
def gather(root: Path, **options: Any) -> None:
    """Put the tests of drift and decay of every subject together."""
    from tinycog.analyses.drift.gather import gather as step

    step(root, **options)


@click.command("drift")
@click.option("--folder", type=PATH, required=True, help="tables of one model, of a subject or of its chunk")
@click.option("--subject", required=True, help="the subject's directory name")
@actions_option
@click.option("--output", type=PATH, required=True)
def plot(**options: Any) -> None:
    """Mean changes of two values, and rates of drift and decay."""
    from tinycog.analyses.drift.plot import plot as step

    step(**options)


COMMANDS = (gather,)
ANALYSES = (drift,)
PLOTS = (plot,)
