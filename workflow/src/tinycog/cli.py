"""The command line: one sub-command for each rule of the workflow, usable by hand, and `plan`.

Heavy modules are imported by the sub-command that needs them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click
import yaml

from tinycog.errors import InputError

PATH = click.Path(path_type=Path)


class Section(click.ParamType):
    """A config section given as JSON (or YAML), checked and completed with its defaults."""

    name = "json"

    def __init__(self, section: str):
        self.section = section

    def convert(self, value: str, param: click.Parameter, ctx: click.Context) -> Any:
        from tinycog import config

        content = yaml.safe_load(value)
        return config.validated(
            content, f"--{param.name.replace('_', '-')}", getattr(config, self.section)
        ).model_dump()


class Json(click.ParamType):
    """Plain values given as JSON."""

    name = "json"

    def convert(self, value: str, param: click.Parameter, ctx: click.Context) -> Any:
        return json.loads(value)


class Commands(click.Group):
    """Prints what is meant for people without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InputError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=Commands, context_settings={"max_content_width": 100})
def main() -> None:
    """Discover cognitive strategies from choice behaviour with very small recurrent networks."""


def _data_options(command: Any) -> Any:
    """Options of every step that rebuilds a model from the config's values."""
    for option in reversed(
        (
            click.option("--task", required=True, help="task of the data set"),
            click.option("--n-actions", type=int, help="number of actions, 2 by default (task bandit)"),
            click.option("--model", "spec", type=Section("AnyModel"), required=True, help="the model's config section"),
        )
    ):
        command = option(command)
    return command


def _overrides(pairs: tuple[str, ...]) -> dict[str, Any]:
    """Values of `--config KEY=VALUE`, as Snakemake reads them."""
    return {key: yaml.safe_load(value) for key, value in (pair.split("=", 1) for pair in pairs)}


@main.command()
@click.argument("configs", nargs=-1, type=PATH)
@click.option("--config", "overrides", multiple=True, metavar="KEY=VALUE", help="override a top-level key")
@click.option("--default", "default", type=PATH, default=Path("config/config.yaml"), show_default=True)
def plan(configs: tuple[Path, ...], overrides: tuple[str, ...], default: Path) -> None:
    """Print jobs, fits and estimated core-time of each data set; runs nothing.

    CONFIGS are config files as for `snakemake --configfile`; without any, the default config.
    """
    from tinycog import config, planning, preflight

    the_config = config.load(default, configs, _overrides(overrides))
    preflight.check(the_config)
    plans = planning.plan(the_config)
    click.echo(
        f"run {the_config.run}: estimates for one core of a recent server; real times differ by a factor of two or so"
    )
    click.echo(f"{'data set':<20}{'subjects':>9}{'excluded':>9}{'trials':>10}{'jobs':>8}{'fits':>9}{'core-time':>14}")
    for row in plans:
        time = _duration(row.seconds)
        click.echo(
            f"{row.dataset:<20}{row.subjects:>9}{row.excluded:>9}{row.trials:>10}{row.jobs:>8}{row.fits:>9}{time:>14}"
        )
    total = (sum(p.jobs for p in plans), sum(p.fits for p in plans), _duration(sum(p.seconds for p in plans)))
    click.echo(f"{'total':<48}{total[0]:>8}{total[1]:>9}{total[2]:>14}")
    if problems := planning.check_folds(the_config, plans):
        raise InputError("\n".join(problems))


def _duration(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{max(minutes, 1)} min"


@main.command("import")
@click.argument("file", type=PATH)
@click.option("--task", required=True, help="the task that the table is of")
@click.option("--n-actions", type=int, help="number of actions, 2 by default (task bandit)")
@click.option("--columns", default="", help="canonical=own names, separated by commas: action=choice,reward=win")
@click.option("--name", help="name of the data set and the run; the file's name without it")
@click.option("--output", type=PATH, help="experiment file to write; {name}.yaml without it")
@click.option("--overwrite", is_flag=True, help="replace an experiment file that exists")
def import_table(
    file: Path, task: str, n_actions: int | None, columns: str, name: str | None, output: Path | None, overwrite: bool
) -> None:
    """Check a table of your own (CSV or Parquet, one row per trial) and write an experiment that runs it."""
    from tinycog import importing

    pairs = [pair.split("=", 1) for pair in columns.split(",") if pair]
    if bad := [pair for pair in pairs if len(pair) != 2]:
        raise InputError(f"--columns: found {bad[0][0]!r}; write canonical=own, as in action=choice,reward=win")
    name = name or re.sub("[^A-Za-z0-9.-]+", "-", file.stem).strip(".-")
    if not name:
        raise InputError(f"{file}: no name can be made of this; give one, as in --name mice")
    imported = importing.experiment(file, name=name, task=task, n_actions=n_actions, columns=dict(pairs))
    output = output or Path(f"{name}.yaml")
    importing.write(output, imported, overwrite)
    totals = {key: sum(n[key] for n in imported.subjects.values()) for key in ("blocks", "trials", "scored")}
    click.echo(f"{file}: {len(imported.subjects)} subjects, {', '.join(f'{n} {key}' for key, n in totals.items())}")
    for warning in imported.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(f"Written: {output}. Now:  snakemake --cores 2 --configfile {output}")


@main.command()
@click.argument("configs", nargs=-1, type=PATH)
@click.option("--source", "named", multiple=True, help="fetch this source's files, without a config file")
@click.option("--config", "overrides", multiple=True, metavar="KEY=VALUE", help="override a top-level key")
@click.option("--default", "default", type=PATH, default=Path("config/config.yaml"), show_default=True)
@click.option("--raw", type=PATH, help="folder of raw files; the config's `raw` without it, or resources/raw")
def download(
    configs: tuple[Path, ...], named: tuple[str, ...], overrides: tuple[str, ...], default: Path, raw: Path | None
) -> None:
    """Fetch the published files that data sets lack; files that are there are kept, whatever they are.

    CONFIGS are config files as for `snakemake --configfile`. What was interrupted goes on where it ended.
    """
    from tinycog import config, downloads, originals

    if not configs and not named:
        raise InputError("name a config file, or a source: --source bartolo")
    wanted, folder = [], "resources/raw"
    if configs:
        the_config = config.load(default, configs, _overrides(overrides))
        wanted, folder = [dataset.model_dump() for dataset in the_config.datasets.values()], the_config.raw
    origins = originals.load()
    for source in named:
        if source not in origins:
            raise InputError(f"--source: found {source!r}; allowed: {', '.join(origins)}")
        wanted.append(config.validated({"source": source}, "--source", config.AnyDataset).model_dump())
    problems = []
    for options in wanted:
        try:
            downloads.download(options, raw or Path(folder), origins, say=lambda line: click.echo(line, err=True))
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n".join(problems))
    click.echo(f"{raw or folder}: all files are there")


@main.command()
@click.option("--dataset", "name", required=True, help="name of the data set")
@click.option("--options", type=Section("AnyDataset"), required=True, help="the data set's config section")
@click.option("--raw", type=PATH, default=Path("resources/raw"), show_default=True, help="folder of raw files")
@click.option("--seed", default=0, show_default=True, help="the run's seed, for simulations")
@click.option("--published", type=PATH, help="registry of published files, with which raw files are compared")
@click.option("--strict-checksums", is_flag=True, help="refuse raw files that differ from the published ones")
@click.option("--output", type=PATH, required=True, help="meta.json; trial tables go to subjects/ beside it")
def prepare(output: Path, **options: Any) -> None:
    """Make the trial tables of one data set."""
    from tinycog.steps.prepare import prepare as step

    for line in step(output, **options):
        click.echo(f"warning: {line}", err=True)


@main.command()
@click.option("--meta", type=PATH, required=True, help="meta.json of the data set")
@click.option("--output", type=PATH, required=True, help="table of statistics")
def describe(meta: Path, output: Path) -> None:
    """Count and describe the trials of one data set."""
    from tinycog.steps.describe import describe as step

    step(meta, output)


@main.command()
@click.option("--trials", type=PATH, required=True, help="trial table of one subject")
@click.option("--protocol", default="blocks", show_default=True, help="as `cv.protocol` of the config")
@click.option("--outer", type=int, required=True, help="outer fold to write")
@click.option("--n-outer", type=int, required=True, help="number of outer folds")
@click.option("--n-inner", type=int, required=True, help="number of inner folds")
@click.option("--inner", type=int, help="inner folds that are run, from the first; default: all")
@click.option("--seed", type=int, default=1, show_default=True, help="seed of the outer shuffle")
@click.option("--output", type=PATH, required=True, help="fold file")
def split(trials: Path, output: Path, **options: Any) -> None:
    """Write the inner splits of one outer fold of one subject."""
    from tinycog.steps.split import split as step

    options["inner"] = options["inner"] or options["n_inner"]
    step(trials, output, **options)


@main.command()
@click.option("--trials", type=PATH, multiple=True, required=True, help="trial tables, in the order of the subjects")
@click.option("--output", type=PATH, required=True, help="trial table of all of them")
def pool(trials: tuple[Path, ...], output: Path) -> None:
    """Put the trials of all subjects of a data set into one table."""
    from tinycog.steps.pool import pool as step

    step(list(trials), output)


@main.command()
@click.option("--trials", type=PATH, required=True, help="trial table of one subject")
@click.option("--fold", type=PATH, required=True, help="fold file")
@_data_options
@click.option("--name", required=True, help="name of the model in tables")
@click.option("--dim", type=int, help="number of units of a network")
@click.option("--training", type=Section("FitTraining"), default="{}", help="options of network training")
@click.option("--output", type=PATH, required=True, help="table of fits; parameters go beside it")
def fit(trials: Path, fold: Path, output: Path, **options: Any) -> None:
    """Fit one model to one outer fold of one subject: all inner folds, seeds and L1 weights."""
    from tinycog import config
    from tinycog.steps.fit import fit as step

    model = config.validated(options["spec"], "--model", config.AnyModel)
    options["spec"] = model.slice_of_one(options["name"], options["dim"])
    step(trials, fold, output, **options)


@main.command()
@click.option("--fits", type=PATH, required=True, help="table of fits of one outer fold")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--output", type=PATH, required=True, help="the choice, JSON")
def select(fits: Path, root: Path, output: Path) -> None:
    """Keep one fit of an outer fold, by validation."""
    from tinycog.steps.select import select as step

    step(fits, output, root=root)


@main.command()
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="data sets, models with their dims, and cv")
def aggregate(root: Path, grid: dict[str, Any]) -> None:
    """Gather every fit into tables; say what is missing."""
    from tinycog.steps.aggregate import aggregate as step

    for line in step(root, grid=grid):
        click.echo(f"missing: {line}", err=True)


@main.command()
@click.option("--selected", type=PATH, required=True, help="table of kept fits")
@click.option("--competing", type=Json(), required=True, help="models that compete at each d, JSON list")
@click.option("--bootstrap", type=int, default=1000, show_default=True, help="resamples of the outer folds")
@click.option("--seed", type=int, default=0, show_default=True, help="the run's seed")
@click.option("--output", type=PATH, required=True, help="table, without suffix")
def dimensionality(selected: Path, output: Path, **options: Any) -> None:
    """Estimate the behavioural dimensionality d* of every subject."""
    from tinycog.steps.dimensionality import estimate

    for line in estimate(selected, output, **options):
        click.echo(f"left out: {line}", err=True)


@main.command()
@click.option("--task", required=True, help="task that the trials are of")
@click.option("--n-actions", type=int, help="number of actions, 2 by default (task bandit)")
@click.option("--model", required=True, help="a cognitive model of the task, by its name in the catalogue")
@click.option("--parameters", type=PATH, required=True, help="JSON file: natural values by name; others take defaults")
@click.option("--trials", type=PATH, required=True, help="CSV or Parquet file, one row per trial")
@click.option("--output", type=PATH, required=True, help="CSV file: probabilities and log-likelihood of each row")
def score(parameters: Path, trials: Path, output: Path, **options: Any) -> None:
    """Score trials by a cognitive model with given parameters."""
    from tinycog.scoring import score_files

    score_files(parameters, trials, output, **options)


@main.command("score-fit")
@click.option("--trials", type=PATH, required=True, help="trial table of one subject")
@click.option("--fold", type=PATH, required=True, help="fold file")
@click.option("--selected", type=PATH, required=True, help="the fit that was kept")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@_data_options
@click.option("--dim", type=int, required=True, help="number of dynamical variables")
@click.option("--output", type=PATH, required=True, help="scores, .npz")
def score_fit(trials: Path, fold: Path, selected: Path, output: Path, **options: Any) -> None:
    """Run the kept fit of one outer fold over all trials of the subject."""
    from tinycog.steps.score import score as step

    step(trials, fold, selected, output, **options)


@main.command()
@click.option("--selected", type=PATH, multiple=True, required=True, help="kept fit of each outer fold")
@click.option("--scores", "scored", type=PATH, multiple=True, required=True, help="scores of each outer fold")
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@_data_options
@click.option("--output", type=PATH, required=True, help="folder of tables")
def portrait(selected: tuple[Path, ...], scored: tuple[Path, ...], output: Path, **options: Any) -> None:
    """Exact maps, fixed points and setpoints of one model with d = 1."""
    from tinycog.steps.portrait import portrait as step

    step(list(selected), list(scored), output, **options)


@main.command()
@click.option("--dataset", required=True, help="name of the simulated data set")
@click.option("--options", type=Json(), required=True, help="the data set's section of the config")
@click.option("--raw", type=PATH, required=True, help="folder of raw files")
@click.option("--seed", type=int, required=True)
@click.option("--name", required=True, help="the model's key in the config")
@click.option("--model", "spec", type=Section("AnyModel"), required=True, help="the model's section of the config")
@click.option("--agents", "n_agents", type=int, required=True, help="how many are simulated")
@click.option("--ranges", type=Json(), default="{}", help="parameter: lowest and highest true value")
@click.option("--output", type=PATH, required=True, help="table of true and fitted parameters")
def recover(output: Path, **options: Any) -> None:
    """Simulate agents of a cognitive model with random parameters, and fit them."""
    from tinycog.steps.recover import recover as step

    step(output, **options)


@main.command("summarise-recovery")
@click.option("--agents", type=PATH, multiple=True, required=True, help="tables of true and fitted parameters")
@click.option("--output", "folder", type=PATH, required=True, help="folder of tables")
def summarise_recovery(agents: tuple[Path, ...], folder: Path) -> None:
    """Correlation and bias of every recovered parameter."""
    from tinycog.steps.summarise_recovery import summarise as step

    step(list(agents), folder)


@main.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--root", type=PATH, required=True, help="results folder of the run")
@click.option("--grid", type=Json(), required=True, help="data sets, models with their dims, and cv")
def gather(names: tuple[str, ...], root: Path, grid: dict[str, Any]) -> None:
    """Put portraits' tables (setpoints, fixed_points) of every subject together."""
    from tinycog.steps.gather import gather as step

    step(root, grid=grid, names=list(names))


@main.command()
@click.argument("inputs", nargs=-1, type=PATH, required=True)
@click.option("--output", type=PATH, required=True, help="table, without suffix")
def concatenate(inputs: tuple[Path, ...], output: Path) -> None:
    """Put the rows of Parquet tables together as one result table."""
    from tinycog.steps.concatenate import concatenate as step

    step(list(inputs), output)


@main.group()
def plot() -> None:
    """Draw one figure; --output is without suffix, PNG and PDF are written."""


@plot.command("description")
@click.option("--trials", type=PATH, required=True, help="trial table of the example subject")
@click.option("--description", type=PATH, required=True, help="statistics of the data set")
@click.option("--output", type=PATH, required=True)
def plot_description(**options: Any) -> None:
    """Example block, schedule and stay probabilities."""
    from tinycog.steps.plot_description import plot as step

    step(**options)


@plot.command("performance")
@click.option("--by-subject", type=PATH, required=True)
@click.option("--group", type=PATH, required=True)
@click.option("--dataset", required=True)
@click.option("--output", type=PATH, required=True)
def plot_performance(**options: Any) -> None:
    """Test NLL against the number of dynamical variables."""
    from tinycog.steps.plot_performance import plot as step

    step(**options)


@plot.command("dimensionality")
@click.option("--table", type=PATH, required=True)
@click.option("--output", type=PATH, required=True)
def plot_dimensionality(**options: Any) -> None:
    """Histogram of d*."""
    from tinycog.steps.plot_dimensionality import plot as step

    step(**options)


@plot.command("portrait")
@click.option("--folder", type=PATH, required=True, help="tables of one portrait")
@click.option("--output", type=PATH, required=True)
def plot_portrait(**options: Any) -> None:
    """Logit change against logit."""
    from tinycog.steps.plot_portrait import plot_portrait as step

    step(**options)


@plot.command("setpoints")
@click.option("--folder", type=PATH, required=True, help="tables of one portrait")
@click.option("--output", type=PATH, required=True)
def plot_setpoints(**options: Any) -> None:
    """Preference setpoints over outer folds."""
    from tinycog.steps.plot_portrait import plot_setpoints as step

    step(**options)


@plot.command("recovery")
@click.option("--agents", type=PATH, required=True, help="true and fitted parameters of one model's agents")
@click.option("--output", type=PATH, required=True)
def plot_recovery(**options: Any) -> None:
    """Fitted against true parameters."""
    from tinycog.steps.plot_recovery import plot as step

    step(**options)


@plot.command("engine")
@click.option("--table", type=PATH, required=True)
@click.option("--machine", type=PATH, required=True, help="description of the machine")
@click.option("--output", type=PATH, required=True)
def plot_engine(**options: Any) -> None:
    """Speed of fits and kernels."""
    from tinycog.steps.plot_engine import plot as step

    step(**options)


@main.group()
def bench() -> None:
    """Time the fitting engine; `make bench` runs all of it."""


def _fit_options(command: Any) -> Any:
    """Options of every step that times fits."""
    for option in reversed(
        (
            click.option("--trials", type=PATH, required=True, help="trial table"),
            click.option("--fold", "fold_files", type=PATH, multiple=True, required=True, help="fold files, in order"),
            click.option("--data", required=True, help="name of the data set in tables"),
            click.option("--dim", type=int, required=True, help="number of units, or of dynamical variables"),
            click.option("--training", type=Section("FitTraining"), required=True, help="options of network training"),
            click.option("--output", type=PATH, required=True, help="table of timed fits"),
        )
    ):
        command = option(command)
    return _data_options(command)


@bench.command("engine")
@_fit_options
@click.option("--method", required=True, help="name of this way of training in tables")
def bench_engine(trials: Path, fold_files: tuple[Path, ...], output: Path, **options: Any) -> None:
    """Fit every outer fold by the engine."""
    from tinycog.steps.time_engine import time_engine as step

    step(trials, list(fold_files), output, **options)


@bench.command("loop")
@_fit_options
@click.option("--replicas", "n_replicas", type=int, help="replicas of each outer fold, from the first; default: all")
def bench_loop(trials: Path, fold_files: tuple[Path, ...], output: Path, **options: Any) -> None:
    """Fit one network after the other in plain torch."""
    from tinycog.steps.time_loop import time_loop as step

    step(trials, list(fold_files), output, **options)


@bench.command("kernels")
@click.option("--cell", required=True)
@click.option("--torch", "by_torch", is_flag=True, help="by torch's automatic differentiation, not by a kernel")
@click.option("--dims", type=Json(), required=True, help="numbers of units, JSON list")
@click.option("--replicas", type=Json(), required=True, help="numbers of replicas, JSON list")
@click.option("--trials", type=Json(), required=True, help="numbers of trials, JSON list")
@click.option("--methods", type=Json(), default='["forward", "gradient"]', show_default=True, help="JSON list")
@click.option("--block-length", type=int, default=100, show_default=True, help="trials of a block")
@click.option("--repeats", type=int, default=5, show_default=True, help="the fastest of so many counts")
@click.option("--output", type=PATH, required=True, help="table of times")
def bench_kernels(output: Path, **options: Any) -> None:
    """Time a cell's likelihood and gradient alone, on choices of a simulated agent."""
    from tinycog.steps.time_kernels import time_kernels as step

    step(output, **options)


@bench.command("start")
@_fit_options
def bench_start(trials: Path, fold_files: tuple[Path, ...], output: Path, **options: Any) -> None:
    """Time a fit job's process up to its first epoch, for the first fold file; --output is JSON."""
    from tinycog.steps.time_start import time_start as step

    step(trials, fold_files[0], output, **options)


@bench.command("machine")
@click.option("--output", type=PATH, required=True, help="JSON")
def bench_machine(output: Path) -> None:
    """Describe the machine and the libraries."""
    from tinycog.benchmark import machine
    from tinycog.storage import write_json

    write_json(output, machine.describe())


@bench.command("compare")
@click.option("--fits", type=PATH, multiple=True, required=True, help="tables of timed fits")
@click.option("--kernels", type=PATH, multiple=True, required=True, help="tables of timed kernels")
@click.option("--start", type=PATH, required=True, help="time of a process up to its first epoch")
@click.option("--machine", type=PATH, required=True, help="description of the machine")
@click.option("--output", type=PATH, required=True, help="table, without suffix")
def bench_compare(fits: tuple[Path, ...], kernels: tuple[Path, ...], **options: Any) -> None:
    """Gather times and results of all methods into one table."""
    from tinycog.steps.compare_engine import compare as step

    step(list(fits), list(kernels), **options)


@bench.command("optimisers")
@click.option("--fits", type=PATH, multiple=True, required=True, help="tables of timed fits")
@click.option("--limit", type=float, default=0.001, show_default=True, help="allowed loss in mean test NLL, nats")
@click.option("--seeds", type=int, default=4, show_default=True, help="seeds that decide, from the first")
@click.option("--output", "folder", type=PATH, required=True, help="folder of tables")
def bench_optimisers(fits: tuple[Path, ...], **options: Any) -> None:
    """Compare methods over all fits, and say which may be the default."""
    from tinycog.steps.compare_optimisers import compare as step

    for line in step(list(fits), **options):
        click.echo(line)


@bench.command("cognitive")
@click.option("--fits", type=PATH, multiple=True, required=True, help="tables of timed fits by both optimisers")
@click.option("--machine", type=PATH, required=True, help="description of the machine")
@click.option("--limit", type=float, default=1e-4, show_default=True, help="allowed loss in training NLL, nats")
@click.option("--output", type=PATH, required=True, help="table, without suffix")
def bench_cognitive(fits: tuple[Path, ...], **options: Any) -> None:
    """Compare the engine's fits of cognitive models with the reference procedure's."""
    from tinycog.steps.compare_cognitive import compare as step

    for line in step(list(fits), **options):
        click.echo(line)


@main.command()
def docs() -> None:
    """Write config/README.md and the config's schema from the typed config (for developers)."""
    from tinycog import documentation

    Path("config/README.md").write_text(documentation.reference(), encoding="utf-8")
    Path("workflow/schemas/config.schema.yaml").write_text(documentation.schema(), encoding="utf-8")
