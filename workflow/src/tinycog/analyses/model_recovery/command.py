"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json, model_options, trials_option


@click.command("fit-played")
@trials_option
@click.option("--fold", "folds", type=PATH, multiple=True, required=True, help="fold file of each outer fold")
@click.option(
    "--selected", type=PATH, multiple=True, required=True, help="selected fit of each, of the model that plays"
)
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@model_options
@click.option("--name", required=True, help="name of the model that plays in tables")
@click.option("--dim", type=int, required=True, help="units of a network, dynamical variables of a cognitive model")
@click.option("--simulation", type=int, required=True, help="number of the simulation, from 0")
@click.option("--models", type=Json(), required=True, help="models to fit, JSON: name: dims, spec, training")
@click.option("--played", type=Json(), required=True, help="JSON: variants (environments), n_trials, note")
@click.option("--seed", type=int, default=0, show_default=True, help="the run's seed")
@click.option("--output", type=PATH, required=True, help="selected fits, Parquet")
def fit_played(
    trials: tuple[Path, ...], folds: tuple[Path, ...], selected: tuple[Path, ...], output: Path, **options: Any
) -> None:
    """Let a fitted model play in the place of a subject, or of each in a chunk, and fit every model to that."""
    from tinycog.analyses.model_recovery.played import fit_played as step

    step(list(trials), list(folds), list(selected), output, **options)


@click.command("gather-played")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="data sets, models with their dims, and cv")
@click.option("--subjects", type=click.IntRange(min=1), help="how many of each data set, from the first; default: all")
@click.option("--simulations", type=int, required=True, help="of each fit")
def gather(root: Path, **options: Any) -> None:
    """Put the fits to what fitted models played together."""
    from tinycog.analyses.model_recovery.gather import gather as step

    step(root, **options)


@click.command("recover-models")
@click.option("--selected", type=PATH, required=True, help="table of selected fits")
@click.option("--dimensionality", type=PATH, help="table of d*, where the run has it")
@click.option("--recovery-fits", type=PATH, help="table of fits to what kept fits played, where they do")
@click.option("--generators", type=Json(), required=True, help="JSON: data set: agent, agent_d, own (or null), own_dim")
@click.option("--competing", type=Json(), required=True, help="models that compete for d*, JSON list")
@click.option("--margin", type=float, required=True, help="nats per choice within which a model is as good")
@click.option("--output", "folder", type=PATH, required=True, help="folder of tables")
def recover_models(selected: Path, folder: Path, **options: Any) -> None:
    """Compare every model with that of the agents it was fitted to."""
    from tinycog.analyses.model_recovery.step import recover

    recover(selected, folder=folder, **options)


@click.command("model-recovery")
@click.option("--table", type=PATH, required=True)
@click.option("--dataset", help="data set whose kept fits play; default: simulated data sets")
@click.option("--margin", type=float, required=True)
@click.option("--output", type=PATH, required=True)
def plot_recovery(**options: Any) -> None:
    """Fitted models against the agents that they were fitted to."""
    from tinycog.analyses.model_recovery.plot import plot as step

    step(**options)


COMMANDS = (fit_played, gather, recover_models)
PLOTS = (plot_recovery,)
