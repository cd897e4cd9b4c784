"""Sub-commands of this analysis."""

from __future__ import annotations

from typing import Any

import click

from tinycog.options import PATH, OfModel, actions_option


@click.command("trajectories")
@click.pass_obj
def trajectories(of: OfModel) -> None:
    """Paths of the state of one model after reversals and under repeated trials."""
    from tinycog.analyses.trajectories.step import trajectories as step

    step(of.selected, of.scored, of.trials, of.output, **of.options)


@click.command("trajectories")
@click.option("--folder", type=PATH, required=True, help="tables of one model, of a subject or of its chunk")
@click.option("--subject", required=True, help="the subject's directory name")
@actions_option
@click.option("--output", type=PATH, required=True)
def plot(**options: Any) -> None:
    """Paths of the state of one model."""
    from tinycog.analyses.trajectories.plot import plot as step

    step(**options)


ANALYSES = (trajectories,)
PLOTS = (plot,)
