"""Functions and constants of the other rule files: the checked config, what each rule depends on, where files lie."""

import json
import os
import re
import sys
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError

SOURCE = Path(workflow.basedir) / "workflow/src"
sys.path.insert(0, str(SOURCE))

from tinycog import config as tinycog_config
from tinycog import preflight, provenance, storage, subjects
from tinycog.errors import InputError
from tinycog.grid import Grid
from tinycog.layout import Layout
from tinycog.models import registry
from tinycog.sources import registry as source_registry

# strict mode first: a prefix replaces Snakemake's own. The path is for the rules' environments.
shell.prefix(f"set -euo pipefail; export PYTHONPATH={SOURCE}; ")


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
IDENTIFIER = tinycog_config.IDENTIFIER
RUN = f"results/{CONFIG.run}"
LAYOUT = Layout(Path(RUN))


def one_of(names):
    """A wildcard constraint that admits these names only."""
    return "|".join(re.escape(name) for name in names)


@cache
def code(*modules):
    """Source files on which the result of these modules depends, relative to the working folder."""
    return [os.path.relpath(path) for path in provenance.sources(*modules)]


def task_options(dataset):
    """Command-line options that name the data set's task."""
    section = CONFIG.datasets[dataset]
    return f"--task {section.task} --n-actions {section.task_object.n_actions}"


def model_code(step):
    """An input function: source files of a step and of the model that it runs."""

    def files(wildcards):
        task = CONFIG.datasets[wildcards.dataset].task_object
        return code(step, registry.module(task, CONFIG.model_slice(wildcards.model)))

    return files


def as_json(values):
    return json.dumps(values, separators=(",", ":"))


def model_option(wildcards):
    return as_json(CONFIG.model_slice(wildcards.model))


def grid(models=None):
    """The run's grid of fits as plain values; with `models` (model: data set: dims) a part of it."""
    models = models or {name: CONFIG.dims(name) for name in CONFIG.models}
    return {"datasets": list(CONFIG.datasets), "models": models, "cv": CONFIG.cv.model_dump()}


def checkpointed_grid(models=None):
    """The grid of fits, once every data set has been prepared."""
    for dataset in CONFIG.datasets:
        checkpoints.prepare_data.get(dataset=dataset)
    return Grid.of(LAYOUT.root, grid(models))


def metas():
    return [str(LAYOUT.meta(dataset)) for dataset in CONFIG.datasets]


def wanted(paths):
    """`paths` as text; with `allow_missing` only those that exist."""
    return [str(path) for path in paths if not CONFIG.allow_missing or path.exists()]


def trials_of(wildcards):
    """The subject's trial table, made by the checkpoint of its data set."""
    checkpoints.prepare_data.get(dataset=wildcards.dataset)
    path = LAYOUT.trials(wildcards.dataset, wildcards.subject)
    if not path.exists():
        meta = storage.read_json(LAYOUT.meta(wildcards.dataset))
        known = [subjects.directory(subject) for subject in meta["subjects"]]
        if wildcards.subject in known:
            raise WorkflowError(f"{path} is gone; make it again with: snakemake --forcerun prepare_data ...")
        raise WorkflowError(f"data set {wildcards.dataset!r} has no subject {wildcards.subject!r}; it has: {known}")
    return str(path)
