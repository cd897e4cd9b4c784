"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json


@click.command("recover-models")
@click.option("--selected", type=PATH, required=True, help="table of selected fits")
@click.option("--dimensionality", type=PATH, help="table of d*, where the run has it")
@click.option("--generators", type=Json(), required=True, help="JSON: data set: agent, agent_d, own (or null)")
@click.option("--margin", type=float, required=True, help="nats per choice within which a model is as good")
@click.option("--output", "folder", type=PATH, required=True, help="folder of tables")
def recover_models(selected: Path, dimensionality: Path | None, folder: Path, **options: Any) -> None:
    """Compare every model with that of the agents it was fitted to."""
    from tinycog.analyses.model_recovery.step import recover

    recover(selected, dimensionality, folder, **options)


@click.command("model-recovery")
@click.option("--table", type=PATH, required=True)
@click.option("--margin", type=float, required=True)
@click.option("--output", type=PATH, required=True)
def plot_recovery(**options: Any) -> None:
    """Fitted models against the agents that they were fitted to."""
    from tinycog.analyses.model_recovery.plot import plot as step

    step(**options)


COMMANDS = (recover_models,)
PLOTS = (plot_recovery,)
