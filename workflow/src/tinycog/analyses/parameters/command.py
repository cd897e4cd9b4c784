"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json, model_options, trials_option


@click.command("gather-parameters")
@click.option("--selected", type=PATH, required=True, help="table of selected fits, Parquet")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--models", "declared", type=Json(), required=True, help="of each data set what `gather` needs")
def gather_parameters(selected: Path, root: Path, declared: dict[str, Any]) -> None:
    """Put the parameters of every selected fit of a cognitive model into one table."""
    from tinycog.analyses.parameters.step import gather as step

    step(selected, root, declared=declared)


@click.command("refit-parameters")
@trials_option
@model_options
@click.option("--name", required=True, help="name of the model in tables")
@click.option("--interval", type=click.Choice(["profile", "bootstrap"]), required=True, help="kind of intervals")
@click.option("--draws", "n_draws", type=int, required=True, help="resamples of the blocks for `bootstrap`")
@click.option("--seed", default=0, show_default=True, help="the run's seed, for the bootstrap")
@click.option("--output", type=PATH, required=True, help="Parquet")
def refit_parameters(trials: tuple[Path, ...], output: Path, **options: Any) -> None:
    """Fit a cognitive model to all choices of a subject, or of each in a chunk, with intervals of its parameters."""
    from tinycog.analyses.parameters.refit import refit as step

    step(list(trials), output, **options)


@click.command("summarise-parameters")
@click.option("--refit", "refits", type=PATH, multiple=True, help="what `refit-parameters` wrote; several times")
@click.option("--models", "declared", type=Json(), required=True, help="as for `gather-parameters`")
@click.option("--folder", type=PATH, required=True, help="folder of tables")
def summarise_parameters(folder: Path, refits: tuple[Path, ...], declared: dict[str, Any]) -> None:
    """Summarise parameters over outer folds, beside those of fits to all choices."""
    from tinycog.analyses.parameters.summarise import summarise as step

    step(folder, refits=list(refits), declared=declared)


@click.command("gather-populations")
@click.option("--population", "files", type=PATH, multiple=True, help="what `fit-population` wrote; several times")
@click.option("--models", "declared", type=Json(), required=True, help="as for `gather-parameters`")
@click.option("--folder", type=PATH, required=True, help="folder of tables")
def gather_populations(folder: Path, files: tuple[Path, ...], declared: dict[str, Any]) -> None:
    """Put the populations of all models with a population prior into one table."""
    from tinycog.analyses.parameters.populations import gather as step

    step(folder, files=list(files), declared=declared)


COMMANDS = (gather_parameters, gather_populations, refit_parameters, summarise_parameters)
