"""Sub-commands for people: what a run would do, an experiment from a table, its run, public files."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from tinycog import storage
from tinycog.errors import InputError
from tinycog.options import CHECKOUT, DEFAULT_CONFIG, PATH, config_options, overrides_of
from tinycog.setup import running, stated
from tinycog.sources.canonical import listed


@click.command()
@config_options
def plan(configs: tuple[Path, ...], overrides: tuple[str, ...], default: Path) -> None:
    """Print jobs, fits and estimated core-time of each data set; runs nothing.

    CONFIGS are config files as for `snakemake --configfile`; without any, the default config.
    """
    from tinycog import config
    from tinycog.setup import planning, preflight

    _workflow()
    the_config = config.load(default, configs, overrides_of(overrides))
    preflight.check(the_config)
    plans = planning.plan(the_config)
    click.echo(
        f"run {the_config.run}: estimates from times measured on one machine (resources/costs.csv; `make bench`)"
    )
    columns = ("subjects", "excluded", "trials", "jobs", "fits", "core-time", "longest job")
    widths = (9, 9, 11, 8, 10, 14, 14)

    def line(name: str, cells: Iterable[Any]) -> str:
        return f"{name:<20}" + "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))

    click.echo(line("data set", columns))
    for row in plans:
        numbers = (row.subjects, row.excluded, row.trials, row.jobs, row.fits)
        click.echo(line(row.dataset, (*numbers, running.duration(row.seconds), running.duration(row.longest))))
    total = (sum(getattr(row, name) for row in plans) for name in ("jobs", "fits"))
    seconds, longest = sum(row.seconds for row in plans), max(row.longest for row in plans)
    click.echo(line("total", ("", "", "", *total, running.duration(seconds), running.duration(longest))))
    if problems := planning.check_folds(the_config, plans):
        raise InputError("\n".join(problems))


@click.command()
@config_options
def status(configs: tuple[Path, ...], overrides: tuple[str, ...], default: Path) -> None:
    """Print what there is of a run: fits that are done, missing or failed, why, and the core-time left.

    CONFIGS are config files as for `snakemake --configfile`; results are looked for in ./results. It reads files alone
    and disturbs no run.
    """
    from tinycog import config
    from tinycog.setup import status as of_run

    the_config = config.load(default, configs, overrides_of(overrides))
    root = Path("results", the_config.run)
    of_run.need_of_folder(root)
    found = list(of_run.states(the_config, root))
    click.echo(f"{'data set':<20}{'fits':<24}{'jobs done':>14}{'missing':>9}{'failed fits':>18}{'core-time left':>16}")
    for state in (*found, of_run.total(found)):
        failed = f"{state.failed} of {state.fits}" if state.fits else ""
        left = running.duration(state.seconds) if state.seconds else ""
        done = f"{state.done} of {state.jobs}"
        click.echo(f"{state.dataset:<20}{state.name:<24}{done:>14}{state.jobs - state.done:>9}{failed:>18}{left:>16}")
    for state in found:
        where = f"{state.dataset}, {state.name}"
        for reason, n in state.reasons.most_common():
            click.echo(f"failed: {where}: {n} fits: {reason}")
        for reason, n in state.not_fitted.most_common():
            click.echo(f"not fitted: {where}: {n} shares: {reason}")
        for said, n in state.stopped.most_common():
            click.echo(f"no result: {where}: {n} jobs, whose log ends with: {said}")
        for file, problem in state.damaged.items():
            click.echo(storage.damaged({file: problem}))


def _known_task(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    """Refuse anything but a task's name, with a list of the tasks."""
    from tinycog.setup.importing import known_task

    return known_task(value)


class AsWritten(click.Command):
    """A command that keeps its arguments as they were written, to show them with more."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta["arguments"] = list(args)
        return super().parse_args(ctx, args)


@click.command("import", cls=AsWritten, epilog=f"\b\nCanonical columns, for --columns:\n{listed()}")
@click.argument("files", nargs=-1, required=True, type=PATH, metavar="FILE...")
@click.option(
    "--task",
    is_flag=False,
    flag_value="",
    is_eager=True,  # before FILE is asked for
    callback=_known_task,
    help="the task that the table is of; without a value the tasks are listed; without --task nothing is written, and "
    "what is recognised is shown with the tasks that the table can be of",
)
@click.option("--n-actions", type=int, help="number of actions, 2 by default (task bandit)")
@stated.options
@click.option("--name", help="name of the data set and the run; the file's name without it")
@click.option("--output", type=PATH, help="experiment file to write; {name}.yaml without it")
@click.option("--overwrite", is_flag=True, help="replace an experiment file that exists")
@click.option(
    "--quick", is_flag=True, help="also write a reduced one for a first look, beside it and with -quick in its name"
)
def import_table(
    files: tuple[Path, ...],
    task: str | None,
    n_actions: int | None,
    name: str | None,
    output: Path | None,
    overwrite: bool,
    quick: bool,
    **options: Any,
) -> None:
    """Recognise a table of your own (one row per trial, in one file or many) and write an experiment that runs it.

    FILE is a CSV, another text table or a Parquet file; or a folder of them, or several, one for each subject. What is
    recognised is shown and written into the experiment; where two answers are possible, an option is asked for.
    """
    from tinycog.setup import importing

    for word in files:
        if "=" in str(word) and not word.exists():
            raise InputError(f"{word}: no such file; what belongs to one option is separated by commas, without spaces")
    place = files[0]
    name = name or re.sub("[^A-Za-z0-9.-]+", "-", place.resolve().parent.name if len(files) > 1 else place.stem).strip(
        ".-"
    )
    if not name:
        raise InputError(f"{place}: no name can be made of this; give one, as in --name mice")
    given = stated.section(options)
    if task is None:
        imported, tasks = importing.look(files, given, name)
        _show(files, imported)
        click.echo(f"\nNothing is written yet. This makes the experiment{', if the task is so' * (len(tasks) > 1)}:")
        written = [
            shlex.join(["import", *click.get_current_context().meta["arguments"], *one.options]) for one in tasks
        ]
        for one, command in zip(tasks, written, strict=True):
            click.echo(f"  {_program()} {command.ljust(max(map(len, written)))}  # {importing.TASKS[one.task]}")
        return
    output = output or Path(f"{name}.yaml")
    _workflow()
    imported = importing.experiment(files, name=name, task=task, n_actions=n_actions, given=given, folder=output.parent)
    experiments = {output: imported.experiment}
    if quick:
        experiments[output.with_name(f"{output.stem}-quick{output.suffix}")] = importing.quick(imported.experiment)
    importing.write(experiments, overwrite)
    _show(files, imported)
    for path in experiments:
        time = running.duration(importing.seconds(path))
        click.echo(f"Written: {path}, about {time} of one core. Now:  {_program()} run {shlex.quote(str(path))}")


def _show(files: tuple[Path, ...], imported: Any) -> None:
    """What was recognised, as a table, the first rows as they will be analysed, and warnings."""
    from tinycog.setup import importing

    totals = {key: sum(n[key] for n in imported.subjects.values()) for key in ("blocks", "trials", "scored")}
    place = str(files[0]) if len(files) == 1 else f"{files[0]} and {len(files) - 1:,} more"
    lines = [f"{place}: {imported.written}" if imported.written else place, ""]
    lines += importing.as_table(imported.recognised)
    lines += ["", f"not used: {', '.join(imported.unused)}"] if imported.unused else []
    lines += [f"left out: {line}" for line in imported.removed] + [f"note: {line}" for line in imported.notes]
    lines += ["", "the first rows as they are analysed:", *imported.head.to_string(index=False).split("\n"), ""]
    lines.append(f"{len(imported.subjects)} subjects, {', '.join(f'{n} {key}' for key, n in totals.items())}")
    click.echo("\n".join(lines))
    for warning in imported.warnings:
        click.echo(f"warning: {warning}", err=True)


def _program() -> str:
    """How the user called this program: `tinycog` or `python -m tinycog`."""
    return click.get_current_context().find_root().info_name


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("files", nargs=-1, type=click.UNPROCESSED, metavar="[FILE]... [SNAKEMAKE'S OPTIONS]")
def run(files: tuple[str, ...]) -> None:
    """Check experiment files and run them, from any folder; results go to results/ in the folder where you stand.

    Without a file the demo runs. All cores work unless --cores says how many. Further options are Snakemake's, such as
    --config KEY=VALUE, --dry-run, --keep-going or --report FILE.
    """
    from tinycog import config
    from tinycog.setup import preflight

    workflow = _workflow()
    given, further = running.split(files)
    overrides = overrides_of(running.values_of(further, "--config", "-C"))
    preflight.check(config.load(DEFAULT_CONFIG, given, overrides))
    program = [*shlex.split(_program()), "run", *files]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    command = [sys.executable, "-m", "snakemake", *running.arguments(given, further, workflow / "Snakefile")]
    sys.stdout.flush()
    os.execve(sys.executable, command, {**os.environ, "PATH": path, "TINYCOG_COMMAND": shlex.join(program)})


@click.command()
@config_options
@click.option("--source", "named", multiple=True, help="fetch this source's files, without a config file")
@click.option("--raw", type=PATH, help="folder of raw files; the config's `raw` without it, or resources/raw")
def download(
    configs: tuple[Path, ...], named: tuple[str, ...], overrides: tuple[str, ...], default: Path, raw: Path | None
) -> None:
    """Fetch the published files that data sets lack; files that are there are kept, whatever they are.

    CONFIGS are config files as for `snakemake --configfile`. What was interrupted goes on where it ended.
    """
    from tinycog import config
    from tinycog.published import fetch
    from tinycog.published import registry as published_files
    from tinycog.sections.datasets import AnyDataset
    from tinycog.sections.messages import checked

    if not configs and not named:
        raise InputError("name a config file, or a source: --source bartolo")
    wanted, folder = [], "resources/raw"
    if configs:
        the_config = config.load(default, configs, overrides_of(overrides))
        wanted, folder = [dataset.model_dump() for dataset in the_config.datasets.values()], the_config.raw
    origins = published_files.load()
    for source in named:
        if source not in origins:
            raise InputError(f"--source: found {source!r}; allowed: {', '.join(origins)}")
        wanted.append(checked({"source": source}, "--source", AnyDataset).model_dump())
    problems = []
    for options in wanted:
        try:
            fetch.download(options, raw or Path(folder), origins, say=lambda line: click.echo(line, err=True))
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n".join(problems))
    click.echo(f"{raw or folder}: all files are there")


def _workflow() -> Path:
    """The folder with the workflow; InputError where the library is installed without it."""
    if not (CHECKOUT / "Snakefile").is_file():
        raise InputError(
            f"{CHECKOUT / 'Snakefile'}: no such file; this command needs tinycog's own checkout (make install), and "
            "here is the library alone"
        )
    return CHECKOUT


@click.command()
def docs() -> None:
    """Write config/README.md, the config's schema and docs/codebook.md from what they describe (for developers)."""
    from tinycog.analyses import codebook
    from tinycog.setup import documentation

    codebook.write(list(codebook.described()), Path("docs/codebook.md"))
    Path("config/README.md").write_text(documentation.reference(), encoding="utf-8")
    Path("workflow/schemas/config.schema.yaml").write_text(documentation.schema(), encoding="utf-8")


COMMANDS = (plan, status, import_table, run, download, docs)
