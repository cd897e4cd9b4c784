"""What a run will do: jobs, fits, and how long they take, by data set."""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tinycog.config import Config
from tinycog.fitting import cognitive
from tinycog.fitting.kernels.fused import has_kernel, is_layer
from tinycog.models import registry
from tinycog.models.cognitive.declaration import MOST_ON_GRID
from tinycog.results.layout import Layout
from tinycog.sources import registry as sources
from tinycog.sources.prepared import counts
from tinycog.tasks.relabelling import relabellings
from tinycog.trials.subjects import POOLED, analysed, directory, left_out

# seconds on one core of a 2024 server CPU, measured on the GRU and on the models of reversal; other machines differ
TYPICAL_EPOCHS = {"adam": 1500, "fast": 500}  # of a network, where max_epochs allows it
EPOCH_START = 3.0e-5  # overhead of a compiled gradient
SWEEP_PER_VALUE = 5.0e-9  # of an unrolled gradient, for each replica, choice and unit
LAYER_PER_CHOICE = (60e-9, 1.5e-9, 0.42e-9)  # of a layer, for each replica and choice: and unit, and pair of units
EPOCH_PER_TRIAL = 3.0e-4  # by torch: overhead of each time step, however few networks and blocks
EPOCH_PER_VALUE = 2.5e-8  # by torch, for each replica, trial, block and unit
LIKELIHOOD_PER_CHOICE = 6.0e-9  # of a cognitive model, for many points at once
SLOPE_PER_CHOICE = 1.8e-8  # the same with its slopes
ALONE_PER_CHOICE = 8.0e-8  # of a cognitive model, for one point
TYPICAL_EVALUATIONS = {"grid": 15, "random": 700, "nelder-mead": 120}  # of a start; the last for each parameter
JOB_START = 2.5


@dataclass(frozen=True)
class Plan:
    """Numbers of one data set: subjects that can be analysed, fit jobs, fits inside them, seconds of one core."""

    dataset: str
    subjects: int
    trials: int
    excluded: int
    jobs: int
    fits: int
    seconds: float


def plan(config: Config) -> list[Plan]:
    """The plan of every data set; reads or simulates the data, runs nothing."""
    return [_plan_dataset(config, name) for name in config.datasets]


def _plan_dataset(config: Config, name: str) -> Plan:
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
    n_places = len({layout.directory(name, directory(subject)) for subject in kept})
    jobs = fits = 0
    seconds = 0.0
    for model in config.models:
        spec = config.model_slice(model)
        for dim in config.dims(model)[name]:
            own = registry.build(dataset.task_object, spec, dim)
            replicas = cv["inner"] * math.prod(map(len, import_module(own.fitted_by).starts(own, spec)))
            jobs += cv["outer"] * n_places
            fits += cv["outer"] * len(kept) * replicas
            seconds += cv["outer"] * n_places * JOB_START
            for subject in kept:
                blocks, trials = sizes[subject]
                length = -(-trials // blocks)
                one = SECONDS[own.family](config, spec, own, replicas, (length, blocks * (1 + copies)))
                seconds += cv["outer"] * one
    return Plan(name, len(kept), sizes[POOLED][1], len(excluded) + len(left_out(meta)), jobs, fits, seconds)


def _network_seconds(config: Config, spec: dict[str, Any], model: Any, replicas: int, shape: tuple[int, int]) -> float:
    """Seconds of one job's fits of networks, to this number of trials in this number of blocks."""
    epochs, dim = min(config.training.max_epochs, TYPICAL_EPOCHS[config.training.optimizer]), model.n_units
    n_trials, n_choices = shape[0], shape[0] * shape[1]
    if has_kernel(model):
        of_layer = sum(seconds * dim**power for power, seconds in enumerate(LAYER_PER_CHOICE))
        each = of_layer if is_layer(model) else SWEEP_PER_VALUE * dim
        return epochs * (EPOCH_START + each * replicas * n_choices)
    return epochs * (EPOCH_PER_TRIAL * n_trials + EPOCH_PER_VALUE * replicas * n_choices * (dim + 2))


def _cognitive_seconds(
    config: Config, spec: dict[str, Any], model: Any, replicas: int, shape: tuple[int, int]
) -> float:
    """Seconds of one job's fits of a cognitive model, to this number of trials in this number of blocks."""
    n = model.n_parameters
    on_grid = n <= MOST_ON_GRID
    points = cognitive.GRID.size**n if on_grid else cognitive.POOL * replicas
    if spec["optimizer"] == "nelder-mead":
        each = TYPICAL_EVALUATIONS["nelder-mead"] * n * ALONE_PER_CHOICE
    else:
        each = TYPICAL_EVALUATIONS["grid" if on_grid else "random"] * SLOPE_PER_CHOICE
    return (points * LIKELIHOOD_PER_CHOICE + replicas * each) * shape[0] * shape[1]


SECONDS = {"rnn": _network_seconds, "cognitive": _cognitive_seconds}  # by family


def check_folds(config: Config, plans: list[Plan]) -> list[str]:
    """A line for each data set none of whose subjects can be cross-validated."""
    return [
        f"datasets.{plan.dataset}: no subject can be split as cv says: {config.folds(plan.dataset)}"
        for plan in plans
        if not plan.subjects
    ]
