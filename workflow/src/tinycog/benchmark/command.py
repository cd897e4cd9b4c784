"""Sub-commands of the benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinycog.options import PATH, Json, SectionType, config_options, model_options, overrides_of, together


@click.group()
def bench() -> None:
    """Time the fitting engine; `make bench` runs all of it."""


# of every step that fits networks of one size to a data set
data_options = together(
    click.option("--trials", type=PATH, required=True, help="trial table"),
    click.option("--fold", "fold_files", type=PATH, multiple=True, required=True, help="fold files, in order"),
    click.option("--data", required=True, help="name of the data set in tables"),
    click.option("--dim", type=int, required=True, help="number of units, or of dynamical variables"),
    click.option("--output", type=PATH, required=True, help="table of fits, or of times"),
)
training = click.option(
    "--training", type=SectionType("fits.FitTraining"), required=True, help="options of network training"
)
# of every step that times several ways in turns
turn_options = together(
    click.option("--repeats", type=int, required=True, help="turns of each way"),
    click.option("--seconds", type=float, required=True, help="work of a turn, where it can be chosen"),
)


@bench.command("engine")
@data_options
@training
@model_options
@click.option("--method", required=True, help="name of this way of training in tables")
def bench_engine(trials: Path, fold_files: tuple[Path, ...], output: Path, **options: Any) -> None:
    """Fit every outer fold by the engine."""
    from tinycog.benchmark.steps.time_engine import time_engine as step

    step(trials, list(fold_files), output, **options)


@bench.command("loop")
@data_options
@training
@model_options
@click.option("--replicas", "n_replicas", type=int, required=True, help="replicas of each outer fold, from the first")
def bench_loop(trials: Path, fold_files: tuple[Path, ...], output: Path, **options: Any) -> None:
    """Fit one network after the other in plain torch."""
    from tinycog.benchmark.steps.fit_loop import fit_loop as step

    step(trials, list(fold_files), output, **options)


@bench.command("together")
@data_options
@model_options
@click.option("--methods", type=Json(), required=True, help="options of network training by name of the method")
@turn_options
def bench_together(trials: Path, fold_files: tuple[Path, ...], output: Path, **options: Any) -> None:
    """Time the engine's methods and the loops in torch, in turns."""
    from tinycog.benchmark.steps.time_together import time_together as step

    step(trials, list(fold_files), output, **options)


@bench.command("kernels")
@click.option("--cell", required=True)
@click.option("--ways", type=Json(), required=True, help="of kernel, torch and stacked, JSON list")
@click.option("--methods", type=Json(), required=True, help="of forward and gradient, JSON list")
@click.option("--dims", type=Json(), required=True, help="numbers of units, JSON list")
@click.option("--replicas", type=Json(), required=True, help="numbers of replicas, JSON list")
@click.option("--blocks", type=Json(), required=True, help="numbers of blocks and of trials in each, JSON list")
@turn_options
@click.option("--output", type=PATH, required=True, help="table of times")
def bench_kernels(output: Path, **options: Any) -> None:
    """Time a cell's likelihood and gradient alone, on choices of a simulated agent, in turns."""
    from tinycog.benchmark.steps.time_kernels import time_kernels as step

    step(output, **options)


@bench.command("start")
@data_options
@training
@model_options
def bench_start(trials: Path, fold_files: tuple[Path, ...], output: Path, **options: Any) -> None:
    """Time a fit job's process up to its first epoch, for the first fold file; --output is JSON."""
    from tinycog.benchmark.steps.time_start import time_start as step

    step(trials, fold_files[0], output, **options)


@bench.command("costs")
@click.option("--units", type=Json(), required=True, help="numbers of units, JSON list")
@click.option("--start", type=PATH, required=True, help="time of a process up to its first epoch")
@click.option("--output", type=PATH, required=True, help="CSV, as resources/costs.csv")
def bench_costs(units: list[int], start: Path, output: Path) -> None:
    """Measure what `plan` reckons with."""
    from tinycog.benchmark.costs import measure
    from tinycog.setup.costs import write
    from tinycog.storage import read_json

    write(output, measure(units, read_json(start)["seconds"]))


@bench.command("machine")
@click.option("--output", type=PATH, required=True, help="JSON")
def bench_machine(output: Path) -> None:
    """Describe the machine and the libraries."""
    from tinycog.benchmark import host
    from tinycog.storage import write_json

    write_json(output, host.describe())


@bench.command("compare")
@click.option("--fits", type=PATH, multiple=True, required=True, help="tables of fits")
@click.option("--times", type=PATH, multiple=True, required=True, help="tables of fits timed in turns")
@click.option("--kernels", type=PATH, multiple=True, required=True, help="tables of timed kernels")
@click.option("--start", type=PATH, required=True, help="time of a process up to its first epoch")
@click.option("--machine", type=PATH, required=True, help="description of the machine")
@click.option("--output", type=PATH, required=True, help="table, without suffix")
def bench_compare(fits: tuple[Path, ...], times: tuple[Path, ...], kernels: tuple[Path, ...], **options: Any) -> None:
    """Gather times and results of all methods into one table."""
    from tinycog.benchmark.steps.compare_engine import compare as step

    step(list(fits), list(times), list(kernels), **options)


@bench.command("optimisers")
@click.option("--fits", type=PATH, multiple=True, required=True, help="tables of timed fits")
@click.option("--limit", type=float, default=0.001, show_default=True, help="allowed loss in mean test NLL, nats")
@click.option("--seeds", type=int, default=4, show_default=True, help="seeds that decide, from the first")
@click.option("--output", "folder", type=PATH, required=True, help="folder of tables")
def bench_optimisers(fits: tuple[Path, ...], **options: Any) -> None:
    """Compare methods over all fits, and say which may be the default."""
    from tinycog.benchmark.steps.compare_optimisers import compare as step

    for line in step(list(fits), **options):
        click.echo(line)


@bench.command("cognitive")
@click.option("--fits", type=PATH, multiple=True, required=True, help="tables of timed fits by both optimisers")
@click.option("--machine", type=PATH, required=True, help="description of the machine")
@click.option("--limit", type=float, default=1e-4, show_default=True, help="allowed loss in training NLL, nats")
@click.option("--output", type=PATH, required=True, help="table, without suffix")
def bench_cognitive(fits: tuple[Path, ...], **options: Any) -> None:
    """Compare the engine's fits of cognitive models with the reference procedure's."""
    from tinycog.benchmark.steps.compare_cognitive import compare as step

    for line in step(list(fits), **options):
        click.echo(line)


@bench.command("calibrate")
@click.argument("trials", type=PATH, nargs=-1, required=True)
@click.option("--options", type=Json(), required=True, help="task, agent, networks, training, cv, ..., as JSON")
@click.option("--output", type=PATH, required=True, help="table of d*")
def bench_calibrate(trials: tuple[Path, ...], options: dict[str, Any], output: Path) -> None:
    """Fit networks to simulated agents of known dimensionality, and estimate d* of each."""
    from tinycog.benchmark.steps.calibrate import calibrate as step

    step(list(trials), output, **options)


@bench.command("calibration")
@click.argument("found", type=PATH, nargs=-1)
@click.option("--data-sets", "n_data_sets", type=int, required=True, help="of each case in numbers alone")
@click.option("--bootstrap", type=int, required=True, help="resamples of the outer folds")
@click.option("--seed", type=int, required=True)
@click.option("--output", "stem", type=PATH, required=True, help="table, without suffix")
def bench_calibration(found: tuple[Path, ...], **options: Any) -> None:
    """Say how often d* was right."""
    from tinycog.benchmark.steps.calibrate import summarise as step

    step(list(found), **options)


@bench.command("strategies")
@click.option("--root", type=PATH, required=True, help="results folder of a finished run on simulated agents")
@click.option("--output", "stem", type=PATH, required=True, help="table, without suffix")
def bench_strategies(root: Path, stem: Path) -> None:
    """Say how often verdicts on simulated agents were right."""
    from tinycog.benchmark.steps.judge_strategies import judge as step

    step(root, stem)


@bench.command("distillation")
@config_options
@click.option("--cores", type=int, required=True, help="of the run")
@click.option("--output", "stem", type=PATH, required=True, help="table, without suffix")
def bench_distillation(
    configs: tuple[Path, ...], overrides: tuple[str, ...], default: Path, cores: int, stem: Path
) -> None:
    """Time a whole run of a distillation, and some of its fits one at a time in plain torch."""
    from tinycog import config
    from tinycog.benchmark.steps.time_distillation import time_distillation as step

    step(config.load(default, configs, overrides_of(overrides)), list(configs), overrides, cores, stem)


@click.command("engine")
@click.option("--table", type=PATH, required=True)
@click.option("--machine", type=PATH, required=True, help="description of the machine")
@click.option("--output", type=PATH, required=True)
def plot_engine(**options: Any) -> None:
    """Speed of fits and kernels."""
    from tinycog.benchmark.steps.plot_engine import plot as step

    step(**options)


COMMANDS = (bench,)
PLOTS = (plot_engine,)
