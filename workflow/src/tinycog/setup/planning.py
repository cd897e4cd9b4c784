"""What a run will do: jobs, fits, and how long they take, by data set."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tinycog.analyses.distillation import design
from tinycog.analyses.distillation import outputs as distillation
from tinycog.config import Config
from tinycog.fitting import cognitive
from tinycog.fitting.kernels.cell import UNROLLED_UNITS
from tinycog.fitting.kernels.fused import has_kernel, is_layer
from tinycog.models import registry
from tinycog.models.cognitive.declaration import MOST_ON_GRID
from tinycog.results.layout import Layout
from tinycog.sections.fits import OneTraining
from tinycog.setup import costs
from tinycog.setup.costs import Costs
from tinycog.sources import registry as sources
from tinycog.sources.prepared import counts
from tinycog.tasks.relabelling import relabellings
from tinycog.trials.subjects import POOLED, analysed, directory, left_out

TYPICAL_EPOCHS, POWER = {"adam": 1000, "fast": 350}, -0.27  # of one unit, and the power of units that they go with
TYPICAL_EVALUATIONS = {"grid": 15, "random": 700, "nelder-mead": 120}  # of a start; the last for each parameter
OF_POPULATION = 600  # evaluations of slopes for each subject and inner fold of a population
FORWARD = 0.5  # part of a gradient's time that a likelihood alone takes
JOBS_OF_A_FIT = 3  # it is fitted, selected and scored
AT_THE_END = 20  # jobs of tables and figures


@dataclass(frozen=True)
class Plan:
    """Numbers of one data set.

    Subjects that can be analysed, trials, subjects that cannot, the smallest number of blocks of one that can, fit
    jobs, fits inside them, seconds of one core for all jobs of the data set, and for the longest.
    """

    dataset: str
    subjects: int
    trials: int
    excluded: int
    fewest_blocks: int
    jobs: int
    fits: int
    seconds: float
    longest: float


def plan(config: Config) -> list[Plan]:
    """The plan of every data set; reads or simulates the data, runs nothing."""
    measured = costs.read()
    return [_plan_dataset(config, name, measured) for name in config.datasets]


def _plan_dataset(config: Config, name: str, measured: Costs) -> Plan:
    dataset = config.datasets[name]
    options, cv = dataset.model_dump(), config.folds(name)
    prepared = sources.load(dataset.source).prepare(name, options, Path(config.raw), config.seed)
    numbers = counts(prepared.table)
    meta = {"dataset": name, "subjects": list(numbers), "counts_analysed": numbers}
    meta |= {"removed": prepared.removed, "options": options}
    kept, excluded = analysed(meta, cv)
    sizes = {subject: (own["blocks"], own["trials"]) for subject, own in numbers.items()}
    sizes[POOLED] = tuple(map(sum, zip(*sizes.values(), strict=True)))
    copies = len(relabellings(dataset.task_object, dataset.augment)) if dataset.augment else 0
    layout = Layout(Path(), config.chunks)
    places = {subject: layout.directory(name, directory(subject)) for subject in kept}
    jobs = fits = 0
    seconds, longest = AT_THE_END * measured.others["job"], 0.0
    for model in config.models:
        spec = config.model_slice(model)
        for dim in config.dims(model)[name]:
            own = registry.build(dataset.task_object, spec, dim)
            replicas = cv["inner"] * math.prod(map(len, import_module(own.fitted_by).starts(own, spec)))
            of_jobs = dict.fromkeys(places.values(), measured.others["job"])
            for subject in kept:
                blocks, trials = sizes[subject]
                shape = -(-trials // blocks), blocks * (1 + copies) * _fitted(cv)
                of_jobs[places[subject]] += SECONDS[own.family](config.training, spec, own, replicas, shape, measured)
            jobs += cv["outer"] * len(of_jobs)
            fits += cv["outer"] * len(kept) * replicas
            others = (JOBS_OF_A_FIT - 1) * measured.others["job"] * len(of_jobs)
            seconds += cv["outer"] * (sum(of_jobs.values()) + others)
            longest = max([longest, *of_jobs.values()])
            if spec.get("prior") == "population":
                values = cv["inner"] * sum(sizes[subject][1] for subject in kept) * _fitted(cv)
                of_population = measured.others["job"] + OF_POPULATION * values * measured.others["slopes"]
                seconds, longest = seconds + cv["outer"] * of_population, max(longest, of_population)
    for of_fits, of_job in _distillation(config, name, numbers, measured):
        jobs, fits, seconds, longest = jobs + 1, fits + of_fits, seconds + of_job, max(longest, of_job)
    left = len(excluded) + len(left_out(meta))
    fewest = min((sizes[subject][0] for subject in kept), default=0)
    return Plan(name, len(kept), sizes[POOLED][1], left, fewest, jobs, fits, seconds, longest)


def _distillation(
    config: Config, name: str, numbers: dict[str, dict[str, int]], measured: Costs
) -> Iterator[tuple[int, float]]:
    """Fits and seconds of each job of analysis `distillation` that trains a teacher, a student or a baseline.

    Args:
        numbers: see `counts`.
    """
    section, task = config.analyses.distillation, config.datasets[name].task_object
    if not section or name not in section.pools(config):
        return
    found = design.pool({"dataset": name, "subjects": list(numbers), "counts_analysed": numbers}, section.model_dump())
    blocks, trials = (sum(own[key] for own in numbers.values()) for key in ("blocks", "trials"))
    copies = len(relabellings(task, section.relabel)) if section.relabel else 0
    length = -(-trials // blocks)

    def job(training: OneTraining, spec: dict[str, Any], dim: int, n_blocks: int, **how: bool) -> tuple[int, float]:
        own = registry.build(task, spec, dim, len(numbers))
        replicas = math.prod(map(len, import_module(own.fitted_by).starts(own, spec)))
        fitting = SECONDS[own.family](training, spec, own, replicas, (length, n_blocks), measured, **how)
        return replicas, measured.others["job"] + fitting

    for target in found.targets:
        for n in (*target.sizes.values(), *([0] if section.new_subjects and target.sizes else [])):
            for width in (width for width in found.widths if n or width):
                spec = distillation.teacher(config, width)
                yield job(section.teacher.training or config.training, spec, section.teacher.units, blocks)
        for n in target.sizes.values():
            for model in (*section.networks(config), *section.baselines(config)):
                spec, own = config.model_slice(model), config.models[model]
                for dim in own.dims_on(model, task):
                    yield job(config.training, spec, dim, n)
                    for mode in section.modes if own.uses_training else ["soft"]:
                        copied, how = (own.uses_training, {}) if mode != "align" else (False, {"by_torch": True})
                        yield job(config.training, spec, dim, n * (1 + copies) if copied else n, **how)


def _fitted(cv: dict[str, Any]) -> float:
    """The part of all choices that count in full: test is left out of training, and validation needs no gradient."""
    if cv["outer"] == 1:
        return 1.0  # every block has choices to train on
    return (1 - 1 / cv["outer"]) * (1 - (1 - FORWARD) / cv["n_inner"])


def _network_seconds(
    training: OneTraining,
    spec: dict[str, Any],
    model: Any,
    replicas: int,
    shape: tuple[int, float],
    measured: Costs,
    by_torch: bool = False,
) -> float:
    """Seconds of one job's fits of networks, to this number of trials in this number of blocks."""
    epochs = min(training.max_epochs, TYPICAL_EPOCHS[training.optimizer] * model.n_units**POWER)
    values = epochs * replicas * shape[0] * shape[1]
    if by_torch or not has_kernel(model):
        return epochs * shape[0] * measured.others["step"] + values * model.n_units * measured.others["value"]
    units = max(model.n_units, UNROLLED_UNITS + 1) if is_layer(model) else model.n_units
    return values * measured.gradient(model.cell, units)


def _cognitive_seconds(
    training: OneTraining, spec: dict[str, Any], model: Any, replicas: int, shape: tuple[int, float], measured: Costs
) -> float:
    """Seconds of one job's fits of a cognitive model, to this number of trials in this number of blocks."""
    n, of = model.n_parameters, measured.others
    on_grid = n <= MOST_ON_GRID
    if cognitive.has_prior(spec):
        replicas *= cognitive.n_seeds(model, spec["seeds"])
    points = cognitive.GRID.size**n if on_grid else cognitive.POOL * replicas
    if spec["optimizer"] == "nelder-mead":
        each = TYPICAL_EVALUATIONS["nelder-mead"] * n * of["alone"]
    else:
        each = TYPICAL_EVALUATIONS["grid" if on_grid else "random"] * of["slopes"]
    return (points * of["likelihood"] + replicas * each) * shape[0] * shape[1]


SECONDS = {"rnn": _network_seconds, "cognitive": _cognitive_seconds}  # by family


def check_folds(config: Config, plans: list[Plan]) -> list[str]:
    """A line for each data set none of whose subjects can be cross-validated, or has the blocks of a batch."""
    problems = []
    for plan in plans:
        if not plan.subjects:
            where = f"datasets.{plan.dataset}"
            problems.append(f"{where}: no subject can be split as cv says: {config.folds(plan.dataset)}")
        elif config.trains_on(plan.dataset) and (batch := config.training.batch or 0) > plan.fewest_blocks:
            of_one = f"a subject of datasets.{plan.dataset} has {plan.fewest_blocks} blocks"
            allowed = "allowed: at most those that each inner fold trains on, or null"
            problems.append(f"training.batch: found {batch}, but {of_one}; {allowed}")
    return problems
