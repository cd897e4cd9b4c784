"""What a run says to the person who started it, and the commands that it names; nothing here knows Snakemake's code."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from tinycog.errors import InputError

TAIL = 8  # lines of a failed job's log
SAID = 3  # lines of what a job that succeeded had to say
NAMED = 10  # failed jobs that are named at the end


def experiments_in(folder: Path) -> list[str]:
    """Names of the experiment files in a folder: YAML with a key `datasets`, valid or not."""
    return sorted(path.name for path in folder.iterdir() if is_experiment(path))


def is_experiment(path: Path) -> bool:
    named = path.suffix in (".yaml", ".yml") and path.is_file()
    return named and re.search(rb"^datasets[ \t]*:", path.read_bytes(), re.MULTILINE) is not None


def opening(run: str, given: Sequence[str], experiments: Sequence[str], command: str) -> list[str]:
    """The first lines: which experiment runs, and, if none was named, which ones the working folder holds.

    Args:
        given: config files as the user named them; none means the default config.
        experiments: see `experiments_in`.
        command: what runs an experiment, but for the file's name at the end.
    """
    if given:
        return [f"tinycog: run {run!r} of {', '.join(given)}; results go to results/{run}"]
    lines = [f"tinycog: run {run!r} of config/config.yaml, the default config; results go to results/{run}"]
    if experiments:
        more = f" (others here: {', '.join(experiments[1:6])})" if experiments[1:] else ""
        lines.append(f"tinycog: to run the experiment in this folder: {command} {shlex.quote(experiments[0])}{more}")
    return lines


def said(text: str, log: str) -> list[str]:
    """What a job that succeeded wrote to its log, mostly warnings; shortened."""
    lines = [line for line in text.splitlines() if line.strip()]
    more = [f"  ... {len(lines) - SAID} more lines: {log}"] if len(lines) > SAID else []
    return [f"  {line}" for line in lines[:SAID]] + more


def named(rule: str, wildcards: Mapping[str, str]) -> str:
    """A job, for people."""
    return f"{rule} ({', '.join(f'{name}={value}' for name, value in wildcards.items())})" if wildcards else rule


def failure(job: str, text: str, logs: Sequence[str]) -> list[str]:
    """A failed job: which, the end of its log, and where the whole log is."""
    lines = [f"FAILED: {job}", *[f"    {line}" for line in text.splitlines() if line.strip()][-TAIL:]]
    return [*lines, f"  its log: {', '.join(logs)}" if logs else "  it has no log"]


def duration(seconds: float) -> str:
    """So many seconds, minutes, or hours and minutes."""
    if seconds < 120:
        return f"{max(round(seconds), 1)} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def after_failure(failed: Sequence[str], again: str, partial: str, *, goes_on: bool) -> list[str]:
    """The last lines of a run in which jobs failed.

    Args:
        failed: the jobs, as far as they are known.
        again: the command as it was given.
        partial: the command that makes tables and figures of the fits that exist.
        goes_on: whether all was made that does not depend on a failed job.
    """
    lines = [f"Failed: {job}" for job in failed[:NAMED]]
    lines += [f"        and {len(failed) - NAMED} more jobs"] if len(failed) > NAMED else []
    lines.append("Not everything could be made (see above); finished work is kept.")
    lines.append(f"  When the cause is mended, go on with:   {again}")
    if not goes_on:
        lines.append(f"  For all that does not depend on it:     {again} --keep-going")
    return [*lines, f"  For tables and figures of what exists:  {partial}"]


def stopped(done: int, total: int, again: str) -> str:
    """The last line of a run that was stopped by Ctrl-C; jobs that were cut off have to be made anew."""
    given = shlex.split(again)
    anew = "" if {"--rerun-incomplete", "--ri"} & set(given) else " --rerun-incomplete"
    when = f" after {done} of {total} jobs" if total else ""
    return f"stopped{when}; finished work is kept; go on with: {again}{anew}"


def closing(run: str, found: Sequence[str], report: str, *, page: bool) -> list[str]:
    """The last lines of a run that succeeded: what was found, where it is, and how to get a report of it.

    Args:
        page: whether its page was asked for.
    """
    places = {**({"Page": "index.html"} if page else {}), "Tables": "tables", "Figures": "figures"}
    lines = [f"{name + ':':<9}results/{run}/{folder}" for name, folder in places.items()]
    return [*([f"Found: {found[0]}", *found[1:]] if found else []), *lines, f"Report:  {report}"]


def command(start: Sequence[str], files: Sequence[str], config: Sequence[str], *further: str) -> str:
    """A command line that begins with `start`, names config files and ends with values of `--config`.

    `tinycog run` takes the files as they are, Snakemake after an option. `further` comes before `--config`, which takes
    all that follows.
    """
    named = list(files) if start[-1] == "run" or not files else ["--configfile", *files]
    return shlex.join([*start, *named, *further, *(["--config", *config] if config else [])])


def split(given: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Config files, which come first, and Snakemake's own arguments, which begin with an option.

    Raises:
        InputError: a config file stands behind options, where Snakemake would take it for a file to make.
    """
    n = next((i for i, one in enumerate(given) if one.startswith("-")), len(given))
    files, further = given[:n], list(given[n:])
    configs = values_of(further, "--configfile", "--configfiles")
    late = [one for one in further if one not in configs and is_experiment(Path(one))]
    if late:
        raise InputError(f"{late[0]}: name experiment files before options, as in: run {late[0]} {further[0]} ...")
    return [Path(file) for file in files], further


def values_of(arguments: Sequence[str], option: str, short: str) -> list[str]:
    """Values of an option that takes several, among arguments for Snakemake; of its last use, which alone counts."""
    values: list[str] = []
    inside = False
    begins = "|".join(f"{name}(?:=(.*))?" if name.startswith("--") else f"{name}(.*)" for name in (option, short))
    for argument in arguments:
        if use := re.fullmatch(begins, argument, re.DOTALL):
            inside, values = True, [value for value in use.groups() if value]
        elif argument.startswith("-"):
            inside = False
        elif inside:
            values.append(argument)
    return values


def arguments(files: Sequence[Path], further: Sequence[str], snakefile: Path) -> list[str]:
    """Snakemake's arguments for `tinycog run`: all cores, unless the user says how many or where jobs run."""
    where = ("--cores", "--jobs", "--profile", "--workflow-profile", "--executor", "-c", "-j", "-e")
    says = any(one.split("=")[0] in where or re.fullmatch(r"-[cj]\S+", one) for one in further)
    configs = ["--configfile", *map(str, files)] if files else []
    return ["--snakefile", str(snakefile), *configs, *([] if says else ["--cores", "all"]), *further]
