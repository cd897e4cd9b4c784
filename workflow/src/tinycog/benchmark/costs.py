"""What `plan` reckons with: seconds of a gradient by cell and size, of likelihoods, and of a job that fits nothing."""

from __future__ import annotations

import resource
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tinycog.benchmark import timing
from tinycog.benchmark.kernels import TASK, everywhere, simulated
from tinycog.fitting import adam
from tinycog.fitting.compiled import Compiled
from tinycog.fitting.gradient import Autograd, starting_point
from tinycog.fitting.kernels.fused import Fused
from tinycog.models import registry
from tinycog.trials.splits import ROLES

BLOCKS, LENGTH, NETWORKS = 24, 60, 27  # a session of a monkey, and nine inner folds of three seeds
LARGE, FEW = 20, 4  # networks of more units are timed a few at once, at the same cost of each
POINTS = 2000  # of a cognitive model's grid
MODEL = "MB0md"  # a cognitive model of middling size
EPOCHS = 10
REPEATS = 5  # of a measurement; the fastest counts
JOBS = 20  # of a workflow that does nothing
WORKFLOW = """
rule all:
    input: expand("{{i}}", i=range({n}))

rule one:
    output: "{{i}}"
    benchmark: "{{i}}.tsv"
    shell: "touch {{output}} | tee {{output}}.log"
"""


def measure(units: list[int], start: float) -> Iterator[tuple[str, str, int | str, float]]:
    """Rows of `tinycog.setup.costs.COLUMNS`, by the processor's clock.

    Args:
        units: sizes of networks.
        start: seconds of a fit job's process up to its first epoch.
    """
    yield "job", "job", "", start + _by_snakemake()
    for name, seconds in _by_torch():
        yield "network", name, "", seconds
    for name, seconds in _cognitive():
        yield "cognitive", name, "", seconds
    for cell in registry.KERNELS:
        for n_units in units:
            n = NETWORKS if n_units <= LARGE else FEW
            yield "gradient", cell, n_units, _epoch(Fused, cell, n_units, n) / (n * BLOCKS * LENGTH)


def _fastest(call: Callable[[], Any]) -> float:
    call()  # may compile
    return min(timing.in_turns({0: call}, REPEATS)[0].processor)


def _epoch(method: Callable, cell: str, n_units: int, n: int) -> float:
    """Seconds of an epoch of training on all blocks, with Adam's step."""
    choices = simulated(BLOCKS, LENGTH)
    model = registry.build(TASK, {"family": "rnn", "cell": cell, "readout": "full"}, n_units)
    grid = everywhere(n, BLOCKS, ROLES)
    gradient, start = method(model, choices, grid), starting_point(model, grid)
    options = {"learning_rate": 0.005, "max_epochs": EPOCHS - 1, "patience": EPOCHS}
    return _fastest(lambda: adam.train(gradient, *start, **options)) / EPOCHS


def _by_torch() -> Iterator[tuple[str, float]]:
    """Of a network without a kernel: a time point of one small network, and a unit of many."""
    step = _epoch(Autograd, "gru", 1, 1) / LENGTH
    yield "step", step
    yield "value", (_epoch(Autograd, "gru", 10, NETWORKS) - LENGTH * step) / (10 * NETWORKS * BLOCKS * LENGTH)


def _cognitive() -> Iterator[tuple[str, float]]:
    choices, model = simulated(BLOCKS, LENGTH), registry.cognitive(TASK, MODEL)
    compiled, weights = Compiled(model, choices), np.ones((NETWORKS, 1, BLOCKS))
    points = np.random.default_rng(0).normal(size=(POINTS, model.n_parameters))
    some, owner = points[:NETWORKS], np.arange(NETWORKS)
    n_choices = BLOCKS * LENGTH
    yield "likelihood", _fastest(lambda: compiled.nll(points, by_block=True)) / (POINTS * n_choices)
    yield "slopes", _fastest(lambda: compiled.training(some, weights, owner)) / (NETWORKS * n_choices)
    yield "alone", _fastest(lambda: compiled.nll_alone(points[0], by_block=True)) / n_choices


def _by_snakemake() -> float:
    """Seconds that Snakemake itself spends on a job."""

    def run(n: int) -> float:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "Snakefile").write_text(WORKFLOW.format(n=n), encoding="utf-8")
            before = _of_children()
            subprocess.run(["snakemake", "--cores", "1", "--quiet", "all"], cwd=folder, check=True)
            return _of_children() - before

    return (min(run(1 + JOBS) for _ in range(3)) - min(run(1) for _ in range(3))) / JOBS


def _of_children() -> float:
    """Processor seconds of all processes that have ended, which this one started."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
