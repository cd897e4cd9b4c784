"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import MODEL, PATH, Json, SectionType


@click.command()
@click.option("--dataset", required=True, help="name of the simulated data set")
@click.option("--options", type=SectionType("datasets.AnyDataset"), required=True, help="the data set's config section")
@click.option("--payoffs", type=PATH, help="file of recorded payoffs, if the environment has them")
@click.option("--seed", type=int, required=True)
@click.option("--name", required=True, help="the model's key in the config")
@click.option("--model", "spec", type=MODEL, required=True, help="the model's section of the config")
@click.option("--agents", "n_agents", type=int, required=True, help="how many are simulated")
@click.option("--ranges", type=Json(), default="{}", help="parameter: lowest and highest true value")
@click.option("--output", type=PATH, required=True, help="table of true and fitted parameters")
def recover(output: Path, **options: Any) -> None:
    """Simulate agents of a cognitive model with random parameters, and fit them."""
    from tinycog.analyses.parameter_recovery.step import recover as step

    step(output, **options)


@click.command("summarise-recovery")
@click.option("--agents", type=PATH, multiple=True, required=True, help="tables of true and fitted parameters")
@click.option("--output", "folder", type=PATH, required=True, help="folder of tables")
def summarise_recovery(agents: tuple[Path, ...], folder: Path) -> None:
    """Correlation and bias of every recovered parameter."""
    from tinycog.analyses.parameter_recovery.summarise import summarise as step

    step(list(agents), folder)


@click.command("recovery")
@click.option("--agents", type=PATH, required=True, help="true and fitted parameters of one model's agents")
@click.option("--output", type=PATH, required=True)
def plot_recovery(**options: Any) -> None:
    """Fitted against true parameters."""
    from tinycog.analyses.parameter_recovery.plot import plot as step

    step(**options)


COMMANDS = (recover, summarise_recovery)
PLOTS = (plot_recovery,)
