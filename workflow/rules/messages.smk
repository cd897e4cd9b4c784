"""What a run prints: which experiment it is, how far it is, what failed, and at the end what was found.

Snakemake's own block for every job is printed with --quiet, --verbose or --printshellcmds and in dry runs; it is always
in Snakemake's log file.
"""

import importlib
import os
import shlex
import signal
import subprocess
import threading
import time

import psutil

from snakemake.logging import logger

from tinycog.errors import InputError
from tinycog.setup import running
from tinycog.setup.console import Console
from tinycog.storage import check_writable

TYPED = os.environ.get("TINYCOG_COMMAND")  # what the user typed, if it was `tinycog run`
INTERRUPTED = 130  # exit status after Ctrl-C, as shells have it


def again():
    """The command that was given."""
    return TYPED or shlex.join(["snakemake", *sys.argv[1:]])


def command(*further, config=()):
    """A command for this experiment, from where the user stands; `config` comes on top of the values given."""
    settings = workflow.config_settings
    values = [*(settings.config_args or []), *config]
    files = [shown(path) for path in settings.configfiles]
    if TYPED:
        return running.command([*shlex.split(TYPED.partition(" run")[0]), "run"], files, values, *further)
    elsewhere = Path(workflow.main_snakefile).parent != HERE
    place = [*(["--snakefile", workflow.main_snakefile] if elsewhere else [])]
    place += ["--directory", str(HERE)] if workflow.overwrite_workdir else []
    return running.command(["snakemake", *place], files, values, *further)


def shown(path):
    """A path relative to the user's folder, if it lies below; with --directory that folder is unknown."""
    short = Path(path).is_relative_to(HERE) and not workflow.overwrite_workdir
    return str(Path(path).relative_to(HERE)) if short else str(path)


def closing():
    """What was found, if the run was asked for its tables, and where everything is."""
    import pandas as pd

    from tinycog.results.findings import findings
    from tinycog.results.verdicts import verdicts

    asked = {job.rule.name for job in workflow.dag.jobs} & {"all", "tables"}
    if not asked:
        return []
    performance = pd.read_parquet(f"{RUN}/tables/performance.parquet")
    has_d_star = OUTPUTS["dimensionality"].tables(CONFIG)
    d_star = pd.read_parquet(f"{RUN}/tables/dimensionality.parquet") if has_d_star else None
    told = pd.read_parquet(f"{RUN}/tables/strategy.parquet") if OUTPUTS["strategy"].tables(CONFIG) else pd.DataFrame()
    found = [*findings(performance, d_star), *verdicts(told)]
    making_report = command("--report", f"{RUN}/report.html")
    return running.closing(CONFIG.run, found, making_report, page="all" in asked)


def left():
    """Rule and wildcards of every job that is not done."""
    return [(job.rule.name, job.wildcards_dict) for job in workflow.dag.needrun_jobs()]


def say(lines):
    """Print lines through Snakemake's logger, which knows how quiet it should be and keeps them in its log file."""
    for line in lines:
        logger.info(line, extra={"for_people": True})


def console():
    """Put our console before Snakemake's printer, unless the user asked for more or less output than is usual."""
    settings = workflow.output_settings
    printer = next((handler for handler in logger.handlers if handler.name == "DefaultStreamHandler"), None)
    asked = settings.quiet or settings.verbose or settings.printshellcmds or settings.debug_dag
    if asked or printer is None or settings.dryrun or not workflow.is_main_process:
        return None
    ours = Console(printer, left, expected_seconds, closing, Path(RUN, "logs/progress.log"))
    logger.handlers[logger.handlers.index(printer)] = ours
    # jobs write to their logs, of which the console shows what people should read
    importlib.import_module("snakemake.shell").STDOUT = subprocess.DEVNULL
    return ours


def stop(number, frame):
    """Ctrl-C: say so, end the jobs of this machine, and leave by way of Snakemake, which unlocks the folder."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    counts = (0, 0)
    if CONSOLE:
        CONSOLE.stopped, counts = True, CONSOLE.counts
    os.write(2, f"\n{running.stopped(*counts, again())}\n".encode())
    threading.Thread(target=end_jobs, daemon=True).start()
    raise SystemExit(INTERRUPTED)


def end_jobs():
    """End all processes that were started from here; again and again, as one may just be starting."""
    while True:
        for process in psutil.Process().children(recursive=True):
            try:
                process.terminate()
            except psutil.NoSuchProcess:
                pass
        time.sleep(0.1)


def unfinished():
    """The end of a run that did not succeed."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # as `stop` leaves it
        raise SystemExit(INTERRUPTED)
    failed = list(CONSOLE.failed.values()) if CONSOLE else []
    partial = command(*places_of_jobs(), config=["allow_missing=true"])
    say(running.after_failure(failed, again(), partial, goes_on=workflow.execution_settings.keep_going))


def places_of_jobs():
    """Options that say where jobs run: on this machine, or on a cluster by the profile that was given."""
    if workflow.local_exec:
        return ["--cores", str(workflow.cores)]
    return [
        part
        for name in ("--workflow-profile", "--profile")
        for value in running.values_of(sys.argv, name, name)
        for part in (name, value)
    ]


HERE = Path(workflow.workdir_init)  # the working folder
CONSOLE = console()

if workflow.is_main_process:
    if workflow.resource_settings.cores == 0 and not workflow.output_settings.dryrun:
        sys.exit("tinycog: --cores 0 (or --jobs 0) runs nothing, ever; give a number from 1 on, or: --cores all")
    if not workflow.output_settings.dryrun:
        try:
            check_writable(Path(RUN))
        except InputError as error:
            sys.exit(f"tinycog: {error}")
        signal.signal(signal.SIGINT, stop)
    named = [shown(path) for path in workflow.config_settings.configfiles]
    with_file = command() if TYPED else f"{again()} --configfile"
    say(running.opening(CONFIG.run, named, [] if named else running.experiments_in(HERE), with_file))
