"""Sub-commands of the rules that belong to every run: from raw files to tables of all fits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import CHECKED, PATH, Json, SectionType, model_options, trials_option


@click.command()
@click.option("--dataset", "name", required=True, help="name of the data set")
@click.option("--options", type=SectionType("datasets.AnyDataset"), required=True, help="the data set's config section")
@click.option("--raw", type=PATH, default=Path("resources/raw"), show_default=True, help="folder of raw files")
@click.option("--seed", default=0, show_default=True, help="the run's seed, for simulations")
@click.option("--published", type=PATH, help="registry of published files, with which raw files are compared")
@click.option("--strict-checksums", is_flag=True, help="refuse raw files that differ from the published ones")
@click.option("--marks", "marked", type=PATH, help="file of marks of subjects, some of whom it may drop")
@click.option("--output", type=PATH, required=True, help="meta.json; trial tables go to subjects/ beside it")
def prepare(output: Path, **options: Any) -> None:
    """Make the trial tables of one data set."""
    from tinycog.steps.prepare import prepare as step

    for line in step(output, **options):
        click.echo(f"warning: {line}", err=True)


@click.command()
@trials_option
@click.option("--protocol", default="blocks", show_default=True, help="as `cv.protocol` of the config")
@click.option("--outer", type=int, required=True, help="outer fold to write")
@click.option("--n-outer", type=int, required=True, help="number of outer folds")
@click.option("--n-inner", type=int, required=True, help="number of inner folds")
@click.option("--inner", type=int, help="inner folds that are run, from the first; default: all")
@click.option("--seed", type=int, default=1, show_default=True, help="seed of the outer shuffle")
@click.option("--output", type=PATH, required=True, help="fold file")
def split(trials: tuple[Path, ...], output: Path, **options: Any) -> None:
    """Write the inner splits of one outer fold of a subject, or of each in a chunk."""
    from tinycog.steps.split import split as step

    options["inner"] = options["inner"] or options["n_inner"]
    step(list(trials), output, **options)


@click.command()
@click.option("--meta", type=PATH, required=True, help="meta.json of the data set")
@click.option("--output", type=PATH, required=True, help="trial table of all its subjects")
def pool(meta: Path, output: Path) -> None:
    """Put the trials of all subjects of a data set into one table."""
    from tinycog.steps.pool import pool as step

    step(meta, output)


@click.command()
@trials_option
@click.option("--fold", type=PATH, required=True, help="fold file")
@model_options
@click.option("--name", required=True, help="name of the model in tables")
@click.option("--dim", type=int, help="number of units of a network")
@click.option("--training", type=SectionType("fits.FitTraining"), default="{}", help="options of network training")
@click.option("--population", type=PATH, help="what `fit-population` wrote, of a model with a population prior")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="processor cores to use")
@click.option("--memory-mb", type=float, help="memory that the job may take; default: any")
@click.option("--teacher", type=PATH, help="selected fit of the teacher whose probabilities are followed, JSON")
@click.option("--root", type=PATH, help="results folder of the run, if there is a teacher")
@click.option("--output", type=PATH, required=True, help="table of fits; parameters go beside it")
def fit(
    trials: tuple[Path, ...], fold: Path, output: Path, threads: int, memory_mb: float | None, **options: Any
) -> None:
    """Fit one model to one outer fold of a subject, or of each in a chunk: all inner folds, seeds and L1 weights."""
    from tinycog.steps.fit import fit as step

    if not click.get_current_context().meta[CHECKED]:
        from tinycog.sections.messages import checked
        from tinycog.sections.models import AnyModel

        model = checked(options["spec"], "--model", AnyModel)
        options["spec"] = model.slice_of_one(options["name"], options["dim"])
    options["training"] |= {"threads": threads, "memory_mb": memory_mb}
    step(list(trials), fold, output, **options)


@click.command("fit-population")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="data set, cv and chunks, as for `aggregate`")
@click.option("--outer", type=int, required=True, help="outer fold")
@model_options
@click.option("--name", required=True, help="name of the model in tables")
@click.option("--output", type=PATH, required=True, help="the prior of each inner fold, Parquet")
def fit_population(root: Path, output: Path, **options: Any) -> None:
    """Fit the population of a cognitive model's parameters to the training choices of all subjects of a data set."""
    from tinycog.steps.population import population as step

    step(root, output, **options)


@click.command()
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="the data set and its cv")
@click.option("--outer", type=int, required=True, help="outer fold")
@model_options
@click.option("--name", required=True, help="name of the teacher")
@click.option("--units", type=int, required=True, help="number of units")
@click.option("--training", type=SectionType("fits.FitTraining"), default="{}", help="options of network training")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="processor cores to use")
@click.option("--memory-mb", type=float, help="memory that the job may take; default: any")
@click.option("--output", type=PATH, required=True, help="the choice, JSON; all fits go beside it")
def teach(output: Path, threads: int, memory_mb: float | None, **options: Any) -> None:
    """Fit a teacher to all subjects of a data set in one outer fold, and select one of its fits."""
    from tinycog.steps.teach import teach as step

    options["training"] |= {"threads": threads, "memory_mb": memory_mb}
    step(output, **options)


@click.command()
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="data sets, models with their dims, and cv")
def aggregate(root: Path, grid: dict[str, Any]) -> None:
    """Gather every fit into tables; say what is missing."""
    from tinycog.steps.aggregate import aggregate as step

    for line in step(root, grid=grid):
        click.echo(f"note: {line}", err=True)


@click.command()
@click.option("--task", required=True, help="task that the trials are of")
@click.option("--n-actions", type=int, help="number of actions, 2 by default (task bandit)")
@click.option("--model", required=True, help="a cognitive model of the task, by its name in the catalogue")
@click.option("--parameters", type=PATH, required=True, help="JSON file: natural values by name; others take defaults")
@click.option("--trials", type=PATH, required=True, help="CSV or Parquet file, one row per trial")
@click.option("--output", type=PATH, required=True, help="CSV file: probabilities and log-likelihood of each row")
def score(parameters: Path, trials: Path, output: Path, **options: Any) -> None:
    """Score trials by a cognitive model with given parameters."""
    from tinycog.api import score_files

    score_files(parameters, trials, output, **options)


@click.command("score-fit")
@trials_option
@click.option("--fold", type=PATH, required=True, help="fold file")
@click.option("--fits", type=PATH, required=True, help="table of fits of one outer fold")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@model_options
@click.option("--dim", type=int, required=True, help="number of dynamical variables")
@click.option("--selected", type=PATH, required=True, help="the choice, JSON")
@click.option("--output", type=PATH, required=True, help="scores, .npz")
def score_fit(trials: tuple[Path, ...], fold: Path, fits: Path, selected: Path, output: Path, **options: Any) -> None:
    """Select a fit of one outer fold by validation, and run it over all trials; in a chunk, one of each subject."""
    from tinycog.steps.score import select_and_score as step

    step(list(trials), fold, fits, selected, output, **options)


@click.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--output", type=PATH, required=True, help="the page, Markdown")
def codebook(names: tuple[str, ...], output: Path) -> None:
    """Describe tables NAMES: what a row is, and every column with its meaning, unit and type."""
    from tinycog.analyses.codebook import write

    write(list(names), output)


COMMANDS = (prepare, split, pool, teach, fit, fit_population, aggregate, score, score_fit, codebook)
