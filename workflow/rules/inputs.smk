"""Where files are: input functions of rules, and what a run makes altogether."""

import os
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError

from tinycog.analyses import codebook
from tinycog.fitting.priors import FEWEST
from tinycog.published import registry as published
from tinycog.sources import registry as source_registry
from tinycog.trials import subjects


def metas():
    return [str(LAYOUT.meta(dataset)) for dataset in CONFIG.datasets]


def raw_files(wildcards):
    section = CONFIG.datasets[wildcards.dataset]
    return [str(path) for path in source_registry.load(section.source).files(section.model_dump(), Path(CONFIG.raw))]


def published_files(wildcards):
    """The registry of published files, if the data set reads any that it knows."""
    source = published.source_of(CONFIG.datasets[wildcards.dataset].model_dump())
    return [os.path.relpath(published.REGISTRY)] if source in published.load() else []


def trials_of(wildcards):
    """Trial tables of a subject, or of the subjects of a chunk, made by the checkpoint of their data set."""
    checkpoints.prepare_data.get(dataset=wildcards.dataset)
    places, place = _tables(wildcards.dataset, os.stat(LAYOUT.meta(wildcards.dataset)).st_mtime_ns), wildcards.subject
    if place not in places:
        raise WorkflowError(f"data set {wildcards.dataset!r} has no subject {place!r}; it has: {list(places)}")
    for path in places[place]:
        if place != subjects.POOLED and not path.exists():
            raise WorkflowError(f"{path} is gone; make it again with: snakemake --forcerun prepare_data ...")
    return list(map(str, places[place]))


def trials_to_play(wildcards):
    """Of `trials_of` the tables of the subjects in whose place fitted models play."""
    first = OUTPUTS["model_recovery"].first(CONFIG, GRID, wildcards.dataset)
    return [path for path in trials_of(wildcards) if Path(path).stem in first]


@cache
def _tables(dataset, stamp):
    """`Grid.tables`, listed once for the data set as it is."""
    return GRID.tables(dataset)


def every_subject(wildcards):
    """Trial tables of all subjects of the data set."""
    checkpoints.prepare_data.get(dataset=wildcards.dataset)
    return list(map(str, GRID.every_table(wildcards.dataset)))


def folds_of_everybody(wildcards):
    """Fold files of all subjects of the data set, or of all its chunks, in one outer fold."""
    checkpoints.prepare_data.get(dataset=wildcards.dataset)
    return list(map(str, GRID.by_fold(wildcards.dataset, int(wildcards.outer))))


def teacher_of(wildcards):
    """What was selected of the teacher that a model follows, if it follows one, and its parameters."""
    name = CONFIG.taught(wildcards.dataset).get(wildcards.model)
    files = [LAYOUT.teacher(wildcards.dataset, name, int(wildcards.outer))] if name else []
    return [str(file.with_suffix(suffix)) for file in files for suffix in (".json", ".safetensors")]


def of_population(wildcards):
    """Trial tables of all subjects of the data set that can be split, and their files of an outer fold."""
    checkpoints.prepare_data.get(dataset=wildcards.dataset)
    by_fold = GRID.by_fold(wildcards.dataset, int(wildcards.outer))
    trials = [str(path) for paths in by_fold.values() for path in paths]
    if len(trials) < FEWEST:
        found = f"data set {wildcards.dataset!r} has {len(trials)} that can be split"
        wanted = f"models.{wildcards.model}.prior: a population has at least {FEWEST} subjects"
        raise WorkflowError(f"{wanted}, but {found}; allowed: none, weak, or the model's `datasets` without this one")
    return {"trials": trials, "folds": list(map(str, by_fold))}


def population_of(wildcards):
    """The population of a model's parameters in an outer fold, where it has a prior of that kind."""
    if CONFIG.model_slice(wildcards.model).get("prior") != "population":
        return []
    return str(LAYOUT.population(wildcards.dataset, wildcards.model, int(wildcards.outer)))


def all_populations(wildcards):
    """Files of all populations; with `allow_missing` those that exist."""
    found = OUTPUTS["parameters"].populations(CONFIG, LAYOUT)
    return [path for path in found if not CONFIG.allow_missing or os.path.exists(path)]


def fits():
    """Keys of every fit of the run: (data set, subject's directory, model, dim, outer fold).

    With `allow_missing` only those that exist. Known once every data set has been prepared.
    """
    for dataset in CONFIG.datasets:
        checkpoints.prepare_data.get(dataset=dataset)
    keys = _fits(tuple(os.stat(meta).st_mtime_ns for meta in metas()))
    return [key for key in keys if LAYOUT.fit(*key).exists()] if CONFIG.allow_missing else keys


@cache
def _fits(stamps):
    """`fits`, listed once for the data sets as they are: many input functions ask."""
    return [GRID.where(key) for key in GRID.fits()]


def figures_of(dataset, subject):
    """Names of the figures of a subject."""
    return _figures_of(tuple(os.stat(meta).st_mtime_ns for meta in metas())).get((dataset, subject), [])


@cache
def _figures_of(stamps):
    return page.figures_of(CONFIG, OUTPUTS, fits())


def every(place):
    """Files of every fit: `place` is `LAYOUT.fold`, `.fit`, `.parameters`, `.selected` or `.scores`."""
    return list(dict.fromkeys(str(place(*key)) for key in LAYOUT.shared(fits())))


def outer_folds(place):
    """An input function: for one subject (or chunk), model and dim, 1 by default, its file of each outer fold."""

    def files(wildcards):
        here = (wildcards.dataset, wildcards.subject, wildcards.model, int(wildcards.get("dim", 1)))
        keys = [(*here, outer) for outer in range(CONFIG.folds(wildcards.dataset)["outer"])]
        return [str(place(*key)) for key in keys if not CONFIG.allow_missing or LAYOUT.fit(*key).exists()]

    return files


def all_models(*places):
    """An input function: files of every model and outer fold of a subject, or of a chunk."""

    def files(wildcards):
        here = (wildcards.dataset, wildcards.subject)
        outer = range(CONFIG.folds(wildcards.dataset)["outer"])
        keys = [(*here, *model, fold) for model in GRID.models_of(wildcards.dataset) for fold in outer]
        there = [key for key in keys if not CONFIG.allow_missing or LAYOUT.fit(*key).exists()]
        return [str(place(*key)) for place in places for key in there]

    return files


def further_fits(wildcards):
    """Fits that analyses make, and teachers, which stand beside the run's models."""
    found = [path for of in OUTPUTS.values() if hasattr(of, "further") for path in of.further(CONFIG, LAYOUT, fits())]
    for dataset in CONFIG.datasets:
        for teacher in dict.fromkeys(CONFIG.taught(dataset).values()):
            found += [str(LAYOUT.taught(dataset, teacher, k)) for k in range(CONFIG.folds(dataset)["outer"])]
    return [path for path in found if not CONFIG.allow_missing or os.path.exists(path)]


def splits_of_targets(wildcards):
    """The split of a target with so many blocks, or of each in a chunk."""
    return _of_targets(wildcards, "split.parquet")


def trials_of_targets(wildcards):
    """Their trials with relabelled copies."""
    return _of_targets(wildcards, "trials.parquet")


def _of_targets(wildcards, name):
    checkpoints.prepare_data.get(dataset=wildcards.dataset)
    places = _targets(wildcards.dataset, os.stat(LAYOUT.meta(wildcards.dataset)).st_mtime_ns)
    place, n = wildcards.target, int(wildcards.n)
    if (place, n) not in places:
        known = sorted({target for target, _ in places})
        raise WorkflowError(f"data set {wildcards.dataset!r} has no target {place!r} with {n} blocks; targets: {known}")
    return [str(LAYOUT.distillation(wildcards.dataset, target) / name) for target in places[place, n]]


@cache
def _targets(dataset, stamp):
    """Targets whose results lie in the same files, listed once for the data set as it is."""
    return OUTPUTS["distillation"].targets(CONFIG, LAYOUT, dataset)


def teachers(wildcards):
    """Teachers of a target and a subset, of every width."""
    checkpoints.prepare_data.get(dataset=wildcards.dataset)
    place = (wildcards.dataset, wildcards.target, int(wildcards.n))
    return OUTPUTS["distillation"].teachers(CONFIG, LAYOUT, *place)


def distilled(wildcards):
    """Results of teachers, students and baselines."""
    for dataset in OUTPUTS["distillation"].datasets(CONFIG):
        checkpoints.prepare_data.get(dataset=dataset)
    files = OUTPUTS["distillation"].parts(CONFIG, LAYOUT)
    return [file for file in files if os.path.exists(file)] if CONFIG.allow_missing else files


# what a run makes altogether


def all_tables(wildcards):
    made = [f"{name}.{suffix}" for name in codebook.names(CONFIG) for suffix in ("csv", "parquet")]
    return [f"<run>/tables/{file}" for file in ("README.md", *made)]


def all_figures(wildcards):
    stems = [stem for of in OUTPUTS.values() for stem in of.figures(CONFIG, fits())]
    return [f"<run>/figures/{stem}.{suffix}" for stem in stems for suffix in ("png", "pdf")]


def all_exports(wildcards):
    return [
        str(path) for of in OUTPUTS.values() if hasattr(of, "exports") for path in of.exports(CONFIG, LAYOUT, fits())
    ]


def all_results(wildcards):
    """Everything that a run keeps, so that a deleted file is noticed even where what was made of it still exists."""
    places = (LAYOUT.fold, LAYOUT.fit, LAYOUT.parameters, LAYOUT.selected, LAYOUT.scores)
    kept = [path for place in places for path in every(place)]
    made = all_exports(wildcards) + all_tables(wildcards) + all_figures(wildcards)
    return kept + made + page.files(LAYOUT, fits())
