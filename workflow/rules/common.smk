"""Functions and constants of the other files: the checked config, what each rule depends on, where files lie."""

import os
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

SOURCE = Path(workflow.basedir) / "workflow/src"
sys.path.insert(0, str(SOURCE))

from tinycog import config as tinycog_config
from tinycog import storage
from tinycog.errors import InputError
from tinycog.models import registry
from tinycog.published import registry as published
from tinycog.results.grid import Grid
from tinycog.results.layout import Layout
from tinycog.setup import preflight
from tinycog.sources import registry as source_registry
from tinycog.trials import subjects


include: "shared.smk"


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
FOLDS = CONFIG.cv.folds()
LAYOUT = Layout(Path(RUN))


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


def fit_code(wildcards):
    """Source files of the step that fits, of the model that it fits and of that model's compiled gradient."""
    kernel = registry.kernel(CONFIG.model_slice(wildcards.model).get("cell"))
    return model_code("tinycog.steps.fit")(wildcards) + (code(kernel) if kernel else [])


def model_option(wildcards):
    return as_json(CONFIG.model_slice(wildcards.model))


def grid(models=None):
    """The run's grid of fits as plain values; with `models` (model: data set: dims) a part of it."""
    models = models or {name: CONFIG.dims(name) for name in CONFIG.models}
    return {"datasets": list(CONFIG.datasets), "models": models, "cv": FOLDS}


def checkpointed_grid(models=None):
    """The grid of fits, once every data set has been prepared."""
    for dataset in CONFIG.datasets:
        checkpoints.prepare_data.get(dataset=dataset)
    return Grid.of(LAYOUT.root, grid(models))


def metas():
    return [str(LAYOUT.meta(dataset)) for dataset in CONFIG.datasets]


def fits(models=None):
    """Keys of every fit job of the grid; with `allow_missing` of those only whose fit exists."""
    the_grid = checkpointed_grid(models)
    keys = [(*the_grid.where(key),) for key in the_grid.fits()]
    return [key for key in keys if LAYOUT.fit(*key).exists() or not CONFIG.allow_missing]


def every(place, models=None):
    """Files of every fit: `place` is `LAYOUT.fold`, `.fit`, `.parameters`, `.selected` or `.scores`."""
    return list(dict.fromkeys(str(place(*key)) for key in fits(models)))


def trials_of(wildcards):
    """The subject's trial table, made by the checkpoint of its data set."""
    checkpoints.prepare_data.get(dataset=wildcards.dataset)
    path = LAYOUT.trials(wildcards.dataset, wildcards.subject)
    if wildcards.subject != subjects.POOLED and not path.exists():
        meta = storage.read_json(LAYOUT.meta(wildcards.dataset))
        known = [subjects.directory(subject) for subject in meta["subjects"]]
        if wildcards.subject in known:
            raise WorkflowError(f"{path} is gone; make it again with: snakemake --forcerun prepare_data ...")
        raise WorkflowError(f"data set {wildcards.dataset!r} has no subject {wildcards.subject!r}; it has: {known}")
    return str(path)


# inputs of data.smk


def raw_files(wildcards):
    section = CONFIG.datasets[wildcards.dataset]
    return [str(path) for path in source_registry.load(section.source).files(section.model_dump(), Path(CONFIG.raw))]


def published_files(wildcards):
    """The registry of published files, if the data set reads any that it knows."""
    source = published.source_of(CONFIG.datasets[wildcards.dataset].model_dump())
    return [os.path.relpath(published.REGISTRY)] if source in published.load() else []


def checksum_options(wildcards):
    """Command-line options that compare raw files with the published ones."""
    strict = " --strict-checksums" if CONFIG.strict_checksums else ""
    return "".join(f"--published {shlex.quote(path)}{strict}" for path in published_files(wildcards))


def every_subject(wildcards):
    """Trial tables of all subjects of the data set."""
    checkpoints.prepare_data.get(dataset=wildcards.dataset)
    names = storage.read_json(LAYOUT.meta(wildcards.dataset))["subjects"]
    return [str(LAYOUT.trials(wildcards.dataset, subjects.directory(name))) for name in names]


def data_code(wildcards):
    """Source files on which a data set's trial tables depend."""
    return preparing(CONFIG.datasets[wildcards.dataset])


# inputs of select.smk


def competing():
    """Networks that compete for d*: full readout, and a cell that the config admits."""
    cells = CONFIG.analyses.dimensionality.cells
    sections = CONFIG.models.items()
    return [name for name, m in sections if m.family == "rnn" and m.readout == "full" and m.cell in cells]


# inputs of dynamics.smk


def outer_folds(place):
    """An input function: the portrayed model's file of each outer fold."""

    def files(wildcards):
        models = {wildcards.model: dict.fromkeys(CONFIG.datasets, [1])}
        here = (wildcards.dataset, wildcards.subject, wildcards.model)
        return [str(place(*key)) for key in fits(models) if key[:3] == here]

    return files


def portrayed():
    """model: data set: [1] where a portrait is made (the state is one number, one choice of two), [] elsewhere.

    A model with a subject embedding has none: its map differs between subjects.
    """
    section = CONFIG.analyses.portraits
    names = list(CONFIG.models) if section.models == "all" else section.models
    tasks = {name: dataset.task_object for name, dataset in CONFIG.datasets.items()}
    two_actions = {name: task for name, task in tasks.items() if task.n_actions == 2 and task.stages == 1}

    def drawn(spec, data, dims):
        return 1 in dims and data in two_actions and registry.is_scalar(two_actions[data], spec)

    places = {
        name: {data: [1] if drawn(spec, data, dims) else [] for data, dims in CONFIG.dims(name).items()}
        for name, spec in ((name, CONFIG.model_slice(name)) for name in names)
        if not spec.get("subject_embedding")
    }
    return {name: by_dataset for name, by_dataset in places.items() if any(by_dataset.values())}


def portraits():
    """(data set, subject, model) of every portrait of the run."""
    return list(dict.fromkeys(key[:3] for key in fits(portrayed())))


def every_portrait(name):
    """An input function: one table of every portrait of the run."""
    return lambda wildcards: [str(LAYOUT.portrait(*place, 1, name)) for place in portraits()]


# inputs of recovery.smk


def recovery_code(wildcards):
    """Source files on which simulated agents of a model, and their fits, depend."""
    task = CONFIG.datasets[wildcards.dataset].task_object
    return code("tinycog.steps.recover", registry.module(task, CONFIG.model_slice(wildcards.model)))


def recovered():
    """True and fitted parameters of every model's agents."""
    return [f"<run>/recovery/{dataset}/{model}.parquet" for dataset, model in CONFIG.recovered()]


# inputs of figures.smk


def all_tables(wildcards):
    names = ["description", "fits", "selected", "performance", "performance_group", "excluded"]
    names += ["dimensionality"] if CONFIG.analyses.dimensionality and competing() else []
    names += ["setpoints", "fixed_points"] if CONFIG.analyses.portraits and portrayed() else []
    names += ["parameter_recovery", "parameter_recovery_agents"] if CONFIG.recovered() else []
    return [f"<run>/tables/{name}.{suffix}" for name in names for suffix in ("csv", "parquet")]


def all_figures(wildcards):
    stems = [f"{kind}__{dataset}" for kind in ("description", "performance") for dataset in CONFIG.datasets]
    stems += ["dimensionality"] if CONFIG.analyses.dimensionality and competing() else []
    if CONFIG.analyses.portraits and portrayed():
        stems += ["__".join((kind, *place)) for kind in ("portrait", "setpoints") for place in portraits()]
    stems += ["__".join(("recovery", *place)) for place in CONFIG.recovered()]
    return [f"<run>/figures/{stem}.{suffix}" for stem in stems for suffix in ("png", "pdf")]


def all_results(wildcards):
    """Everything that a run keeps, so that a deleted file is noticed even where what was made of it still exists."""
    kept = [path for place in (LAYOUT.fold, LAYOUT.fit, LAYOUT.parameters, LAYOUT.selected) for path in every(place)]
    kept += every(LAYOUT.scores, portrayed()) if CONFIG.analyses.portraits and portrayed() else []
    return kept + all_tables(wildcards) + all_figures(wildcards)
