"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, actions_option, fold_options


@click.command()
@fold_options
@click.option("--trials", type=PATH, multiple=True, required=True, help="trial table of each subject")
def trajectories(
    selected: tuple[Path, ...], scored: tuple[Path, ...], trials: tuple[Path, ...], output: Path, **options: Any
) -> None:
    """Paths of the state of one model after reversals and under repeated trials."""
    from tinycog.analyses.trajectories.step import trajectories as step

    step(list(selected), list(scored), list(trials), output, **options)


@click.command("trajectories")
@click.option("--folder", type=PATH, required=True, help="tables of one model, of a subject or of its chunk")
@click.option("--subject", required=True, help="the subject's directory name")
@actions_option
@click.option("--output", type=PATH, required=True)
def plot(**options: Any) -> None:
    """Paths of the state of one model."""
    from tinycog.analyses.trajectories.plot import plot as step

    step(**options)


COMMANDS = (trajectories,)
PLOTS = (plot,)
