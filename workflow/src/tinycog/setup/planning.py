"""What a run will do: jobs, fits, and how long they take, by data set."""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tinycog.config import Config
from tinycog.fitting import cognitive
from tinycog.fitting.kernels.cell import UNROLLED_UNITS
from tinycog.fitting.kernels.fused import has_kernel, is_layer
from tinycog.models import registry
from tinycog.models.cognitive.declaration import MOST_ON_GRID
from tinycog.results.layout import Layout
from tinycog.setup import costs
from tinycog.setup.costs import Costs
from tinycog.sources import registry as sources
from tinycog.sources.prepared import counts
from tinycog.tasks.relabelling import relabellings
from tinycog.trials.subjects import POOLED, analysed, directory, left_out

TYPICAL_EPOCHS, POWER = {"adam": 1000, "fast": 350}, -0.27  # of one unit, and the power of units that they go with
TYPICAL_EVALUATIONS = {"grid": 15, "random": 700, "nelder-mead": 120}  # of a start; the last for each parameter
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
                of_jobs[places[subject]] += SECONDS[own.family](config, spec, own, replicas, shape, measured)
            jobs += cv["outer"] * len(of_jobs)
            fits += cv["outer"] * len(kept) * replicas
            others = (JOBS_OF_A_FIT - 1) * measured.others["job"] * len(of_jobs)
            seconds += cv["outer"] * (sum(of_jobs.values()) + others)
            longest = max([longest, *of_jobs.values()])
    left = len(excluded) + len(left_out(meta))
    fewest = min((sizes[subject][0] for subject in kept), default=0)
    return Plan(name, len(kept), sizes[POOLED][1], left, fewest, jobs, fits, seconds, longest)


def _fitted(cv: dict[str, Any]) -> float:
    """The part of all choices that count in full: test is left out of training, and validation needs no gradient."""
    if cv["outer"] == 1:
        return 1.0  # every block has choices to train on
    return (1 - 1 / cv["outer"]) * (1 - (1 - FORWARD) / cv["n_inner"])


def _network_seconds(
    config: Config, spec: dict[str, Any], model: Any, replicas: int, shape: tuple[int, float], measured: Costs
) -> float:
    """Seconds of one job's fits of networks, to this number of trials in this number of blocks."""
    epochs = min(config.training.max_epochs, TYPICAL_EPOCHS[config.training.optimizer] * model.n_units**POWER)
    values = epochs * replicas * shape[0] * shape[1]
    if not has_kernel(model):
        return epochs * shape[0] * measured.others["step"] + values * model.n_units * measured.others["value"]
    units = max(model.n_units, UNROLLED_UNITS + 1) if is_layer(model) else model.n_units
    return values * measured.gradient(model.cell, units)


def _cognitive_seconds(
    config: Config, spec: dict[str, Any], model: Any, replicas: int, shape: tuple[int, float], measured: Costs
) -> float:
    """Seconds of one job's fits of a cognitive model, to this number of trials in this number of blocks."""
    n, of = model.n_parameters, measured.others
    on_grid = n <= MOST_ON_GRID
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
