"""Sub-commands of this analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json, SectionType, model_options, together, trials_option

of_fits = together(
    trials_option,
    model_options,
    click.option("--name", required=True, help="name of the model in tables"),
    click.option("--dim", type=int, required=True, help="units of a network, dynamical variables of a cognitive model"),
    click.option("--training", type=SectionType("fits.FitTraining"), default="{}", help="options of network training"),
    click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="processor cores to use"),
    click.option("--memory-mb", type=float, help="memory that the job may take; default: any"),
    click.option("--seed", type=int, default=0, show_default=True, help="the run's seed"),
    click.option("--output", type=PATH, required=True, help="folder of tables"),
)


def _with_training(options: dict[str, Any]) -> dict[str, Any]:
    """What a fit is told about its job is part of `training`."""
    of_job = {name: options[name] for name in ("threads", "memory_mb")}
    rest = {name: value for name, value in options.items() if name not in of_job}
    return rest | {"training": options["training"] | of_job}


@click.command("fit-shares")
@of_fits
@click.option("--fold", type=PATH, required=True, help="fold file")
@click.option("--fits", type=PATH, required=True, help="the run's fits of this outer fold, which share 1 takes")
@click.option("--shares", type=Json(), required=True, help="shares of the blocks outside the test fold, JSON list")
@click.option("--n-inner", type=int, required=True, help="number of inner folds")
@click.option("--inner", type=int, required=True, help="inner folds that are run, from the first")
def fit_shares(trials: tuple[Path, ...], fold: Path, fits: Path, output: Path, **options: Any) -> None:
    """Fit one model to shares of the blocks of one outer fold of a subject, or of each in a chunk."""
    from tinycog.analyses.data_requirement.step import fit_shares as step

    step(list(trials), fold, fits, output, **_with_training(options))


@click.command("fit-simulated")
@of_fits
@click.option("--selected", type=PATH, multiple=True, required=True, help="selected fit of each model and outer fold")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--models", type=Json(), required=True, help="sections of the models that may play, JSON: name: section")
@click.option("--played", type=Json(), required=True, help="JSON: variants (environments), n_trials, note")
@click.option("--blocks", type=Json(), required=True, help="numbers of blocks, JSON list")
@click.option("--cv", type=Json(), required=True, help="cross-validation of the data set, JSON")
@click.option("--outer", type=int, required=True, help="outer fold")
def fit_simulated(trials: tuple[Path, ...], selected: tuple[Path, ...], output: Path, **options: Any) -> None:
    """Fit one model to numbers of blocks that the subject's best model plays."""
    from tinycog.analyses.data_requirement.simulated import fit_simulated as step

    step(list(trials), list(selected), output, **_with_training(options))


@click.command("gather-data-requirement")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="data sets, models with their dims, and cv")
@click.option("--kind", "kinds", multiple=True, required=True, help="folder of fits to shares")
@click.option("--resamples", type=int, default=1000, show_default=True, help="draws behind each interval")
@click.option("--seed", type=int, default=0, show_default=True, help="the run's seed")
def gather(root: Path, kinds: tuple[str, ...], **options: Any) -> None:
    """Put the fits to shares together: loss against number of trials."""
    from tinycog.analyses.data_requirement.gather import gather as step

    step(root, list(kinds), **options)


@click.command("data-requirement")
@click.option("--tables", "folder", type=PATH, required=True, help="folder of tables")
@click.option("--dataset", required=True)
@click.option("--subject", required=True, help="the subject's directory name")
@click.option("--output", type=PATH, required=True)
def plot_requirement(folder: Path, **options: Any) -> None:
    """Test NLL against the number of trials."""
    from tinycog.analyses.data_requirement.plot import plot as step

    step(folder, **options)


COMMANDS = (fit_shares, fit_simulated, gather)
PLOTS = (plot_requirement,)
