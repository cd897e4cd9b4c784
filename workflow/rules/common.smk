"""The checked config, parameters and code of every rule, and where files are: shared by the other files."""

import math
import os
import shlex
import sys
from functools import cache
from pathlib import Path

SOURCE = Path(workflow.basedir) / "workflow/src"
sys.path.insert(0, str(SOURCE))

from tinycog import config as tinycog_config
from tinycog.analyses import codebook, computed, drawings
from tinycog.analyses import registry as analyses
from tinycog.errors import InputError
from tinycog.models import registry
from tinycog.page import outputs as page
from tinycog.results import grid
from tinycog.results.grid import Grid
from tinycog.sections.base import IDENTIFIER
from tinycog.setup import preflight
from tinycog.sources import marks


include: "shared.smk"


# strict mode first: a prefix replaces Snakemake's own. The path is for the rules' environments.
shell.prefix(f"set -euo pipefail; export PYTHONPATH={shlex.quote(str(SOURCE))}; ")


def checked_config():
    """The config of this run, checked; what is wrong ends the run before any job starts."""
    settings = workflow.config_settings
    given = [Path(path) for path in settings.configfiles]
    try:
        checked = tinycog_config.load(Path(workflow.basedir) / "config/config.yaml", given, settings.config)
        if workflow.is_main_process:
            preflight.check(checked)
    except InputError as error:
        sys.exit(f"tinycog: {error}")
    return checked


CONFIG = checked_config()
RUN = f"results/{CONFIG.run}"
GRID = Grid.of(Path(RUN), grid.plain(CONFIG))
LAYOUT = GRID.layout
OUTPUTS = dict(analyses.parts("outputs"))

SLACK = 5  # times what a job is expected to take: other machines, and fits that do not converge early
KINDS = {"brief": 20, "short": 120}  # of fits, by the seconds that they take at most
GROUPS = ["splits", "analyses", "figures", *(f"{kind}_{stage}" for kind in KINDS for stage in ("fits", "refits"))]
cpus = os.environ.get("SLURM_CPUS_PER_TASK")
if workflow.remote_exec and cpus:  # inside a submission: as many cores as it asked for
    workflow.global_resources["_cores"] = int(cpus)


# how long jobs take


@cache
def expected():
    """What is expected of the run's jobs. Read when it is first asked for: it needs compiled code, which takes time."""
    from tinycog.setup.expected import Expected

    return Expected(CONFIG, LAYOUT)


def expected_seconds(rule, wildcards):
    return expected().seconds(rule, wildcards)


def minutes(rule):
    """A function of wildcards: run time to ask a cluster for, several times what the job is expected to take.

    It doubles with every attempt, so that a job that was cut off gets through.
    """

    def of_job(wildcards, attempt, threads=1):
        return math.ceil(1 + SLACK * expected_seconds(rule, wildcards) / 60 / threads) * 2 ** (attempt - 1)

    return of_job


def brief(wildcards, attempt):
    """Minutes to ask for of a job that takes seconds."""
    return 3 * 4 ** (attempt - 1)


# with which others jobs are submitted to a cluster


@cache
def grouped():
    """Whether jobs are submitted together: the profile says how many. On one machine there are no groups."""
    settings = workflow.group_settings
    if workflow.remote_exec:  # inside a submission all its jobs stay together; SLURM's plugin does not pass this on
        settings.group_components = dict.fromkeys(GROUPS, 10**6)
    return bool(settings.group_components)


def together(group):
    """A function of wildcards: a group by its name."""
    return lambda wildcards: group if grouped() else None


def submission(rule, stage="fits"):
    """A function of wildcards: the group of a job that fits, by how long it is expected to take.

    Fits of the run's models are one stage, and fits that need others' results, or none, are another: jobs of one group
    that depend on each other would become one submission, however many they are.
    """

    def of_job(wildcards):
        if not grouped():
            return None
        seconds = expected_seconds(rule, wildcards)
        return next((f"{kind}_{stage}" for kind, most in KINDS.items() if seconds < most), f"long_{stage}")

    return of_job


# what a rule passes to its command


def task_options(dataset):
    """Command-line options that name the data set's task."""
    section = CONFIG.datasets[dataset]
    return f"--task {section.task} --n-actions {section.task_object.n_actions}"


def model_option(wildcards):
    return as_json(CONFIG.model_slice(wildcards.model))


def teacher_slice(width):
    return OUTPUTS["distillation"].teacher(CONFIG, int(width))


def action_labels():
    """What each data set calls its actions."""
    return {name: section.action_labels for name, section in CONFIG.datasets.items()}


def trials_options(wildcards, input):
    """Command-line options that name trial tables."""
    return [f"--trials {path}" for path in input.trials]


def target_options(wildcards, input):
    """Command-line options that name the split of each target, and maybe its trials."""
    return [f"--{kind} {path}" for kind in ("split", "trials") for path in input.get(kind, [])]


def marks_file(wildcards):
    """The file of marks of the data set's subjects, if it has one."""
    given = CONFIG.datasets[wildcards.dataset].marks
    return [str(marks.file(wildcards.dataset, given, Path(CONFIG.raw)))] if given else []


def options_of_files(wildcards):
    """Command-line options that compare raw files with the published ones, and name a file of marks."""
    files, strict = published_files(wildcards), " --strict-checksums" if CONFIG.strict_checksums else ""
    published = [f"--published {shlex.quote(files[0])}{strict}"] if files else []
    return " ".join([*published, *(f"--marks {shlex.quote(path)}" for path in marks_file(wildcards))])


# the code on which a rule's result depends


def model_code(*steps):
    """A function of wildcards: code of steps and of the model that they run."""

    def of_model(wildcards):
        task = CONFIG.datasets[wildcards.dataset].task_object
        return code(*steps, registry.module(task, CONFIG.model_slice(wildcards.model)))

    return of_model


def fit_modules(dataset, spec):
    """The module of the model that is fitted, of how that is done, and of its compiled gradient."""
    task, kernel = CONFIG.datasets[dataset].task_object, registry.kernel(spec.get("cell"))
    return [registry.module(task, spec), registry.kind(task, spec).fitted_by, *([kernel] if kernel else [])]


def fitting_code(step, dataset, spec):
    """Code of a step that fits, and of the model that it fits."""
    return code(step, *fit_modules(dataset, spec))


def fit_code(wildcards):
    return fitting_code("tinycog.steps.fit", wildcards.dataset, CONFIG.model_slice(wildcards.model))


def training_option(wildcards):
    return as_json(CONFIG.training_slice(wildcards.model))


def teacher_options(wildcards, input):
    """Command-line options that name the teacher that a model follows, if it follows one."""
    return f"--teacher {input.teacher[0]} --root {RUN}" if input.teacher else ""


def fit_threads(wildcards):
    """Several for a network, unless its subjects share a job, as small ones do."""
    alone = wildcards.dataset not in CONFIG.chunks
    return CONFIG.threads if alone and CONFIG.models[wildcards.model].uses_training else 1
