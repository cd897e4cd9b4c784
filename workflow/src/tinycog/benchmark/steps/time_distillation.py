"""Time a whole run of a distillation, and some of its fits one at a time."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pandas as pd

from tinycog.analyses.distillation import design, outputs
from tinycog.analyses.distillation.compute import softened
from tinycog.analyses.distillation.learner import lesson
from tinycog.analyses.distillation.pool import of_target
from tinycog.benchmark import LOOP_CELL, OPTIMISERS, host, loop
from tinycog.benchmark.distillation import KIND, in_markdown, summary
from tinycog.benchmark.timing import in_turns
from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.fitting import engine
from tinycog.fitting.objective import choice_nll
from tinycog.models import registry
from tinycog.results.layout import Layout
from tinycog.storage import read_columns, write_table, write_text
from tinycog.tasks import Task
from tinycog.trials.sequences import Sequences, read_table
from tinycog.trials.subjects import POOLED, directory

TEACHER, TAUGHT = "teacher", ("student", "soft_cognitive")
METHODS = (TEACHER, "solo", "cognitive", *TAUGHT)
EVALUATIONS = 20  # of a likelihood that are timed
OF_LOOP = ("learning_rate", "max_epochs", "patience")


def time_distillation(config: Config, configs: list[Path], overrides: tuple[str, ...], cores: int, stem: Path) -> None:
    """Write table `distillation` (.csv, .parquet, .md).

    The whole run is timed twice, with all its processes: the first one compiles kernels that this machine has not had
    before. Then, for the first target, the first and the last replica of every job of networks are trained to their end
    by the plain loop (methods: training of networks), which stops by the same rule. Of every job of cognitive models
    the evaluations of the reference's optimiser are counted, by running it, and each takes as long as the likelihood in
    NumPy, of all blocks at once.

    Args:
        configs, overrides: what `config` was loaded from, as for Snakemake.
    """
    layout = Layout(Path("results", config.run), config.chunks)
    if layout.root.exists():
        raise InputError(f"{layout.root}: is there; remove it, so that the run is timed from its beginning")
    command = [sys.executable, "-m", "snakemake", str(layout.root / "tables/distillation.parquet")]
    command += ["--quiet", "all", "--cores", str(cores), "--configfile", *map(str, configs), "--config", *overrides]
    first = _timed_run(command)
    shutil.rmtree(layout.root)
    run = _timed_run(command) | {"first": first["seconds"], "cores": cores}

    table = one_at_a_time(layout, config)
    write_table(stem, table)
    write_text(Path(f"{stem}.md"), in_markdown(table, run, host.describe()))


def one_at_a_time(layout: Layout, config: Config) -> pd.DataFrame:
    """Table `distillation`, of a run that is finished."""
    (dataset,) = outputs.datasets(config)
    jobs = list(_jobs(layout, config, dataset))
    n_fits = Counter((method, n) for method, _, n, fits in jobs for _ in fits["seed"])
    first = jobs[0][1]
    timed = [
        {"method": method, "n_blocks": n, **row}
        for method, target, n, fits in jobs
        if target == first
        for row in _timed(layout, config, dataset, method, target, n, fits)
    ]
    return summary(pd.DataFrame(timed), pd.Series(n_fits).rename_axis(KIND))


def _timed_run(command: list[str]) -> dict[str, float]:
    """Seconds by the clock, and of processor time with all processes."""
    before, start = _seconds_of_children(), perf_counter()
    subprocess.run(command, check=True)
    return {"wall": perf_counter() - start, "seconds": _seconds_of_children() - before}


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _jobs(layout: Layout, config: Config, dataset: str) -> Iterator[tuple[str, str, int, dict[str, np.ndarray]]]:
    """Method, target, number of blocks and table of fits of every model and target."""
    pool = outputs.pool(layout, outputs.plain(config), dataset)
    for (place, n), targets in outputs.grouped(layout, pool, unseen=False).items():
        for method in METHODS:
            for path in sorted((layout.distilled(dataset, place, n) / method).rglob("*.parquet")):
                columns = read_columns(path)
                for target in targets:
                    own = columns["target"] == target
                    yield method, directory(target), n, {name: values[own] for name, values in columns.items()}


def _timed(
    layout: Layout, config: Config, dataset: str, method: str, target: str, n: int, fits: dict[str, np.ndarray]
) -> Iterator[dict[str, float]]:
    """Seconds, epochs and test NLL of fits of a job one at a time, and the run's."""
    task, folder = config.datasets[dataset].task_object, layout.distillation(dataset, target)
    training, dim = outputs.training(config, of_teacher=method == TEACHER), int(fits["dim"][0])
    if method == TEACHER:
        width = int(fits["width"][0])
        spec, data = outputs.teacher(config, width), read_table(layout.trials(dataset, POOLED), task).sequences
        split, vectors = design.roles(read_columns(folder / "split.parquet"), n, others=True), (data.n_subjects, width)
    else:
        spec, vectors = config.model_slice(fits["model"][0]), (0, 0)
        scores = layout.distilled(dataset, target, n) / "teacher_scores.npz"
        data, split = _lesson(folder, scores if method in TAUGHT else None, task, n, copies=spec["family"] == "rnn")
    if spec["family"] == "rnn":
        if spec["cell"] != LOOP_CELL:
            raise InputError(f"found cell {spec['cell']!r}; the loop is written for {LOOP_CELL}")
        batches = loop.batches(data, split)
        options = {name: training[name] for name in OF_LOOP} | {"n_units": dim, "n_actions": task.n_outputs}
        options |= {"size": training.get("batch"), "vectors": vectors}
        for row in sorted({0, len(fits["seed"]) - 1}):
            start = process_time()
            fit = loop.train(batches, int(fits["seed"][row]), float(fits["l1"][row]), **options)
            yield _row(process_time() - start, [fit.epochs], [fit.nll["test"]], fits, [row])
    else:
        model, slow = registry.build(task, spec, dim), {**spec, "optimizer": OPTIMISERS[1]}
        own = engine.fit(model, slow, data, [split], key=(target, n))
        training = data.subset(np.flatnonzero(split["train"].any(0)))
        first = {name: values[:1] for name, values in own.params.items()}
        evaluation = partial(choice_nll, model, first, training, by_block=False)
        seconds = min(in_turns({0: evaluation}, EVALUATIONS)[0].processor) * own.epochs.mean()
        yield _row(seconds, own.epochs, own.nll["test"], fits, slice(None))


def _row(seconds: float, epochs: Any, test_nll: Any, of_run: dict[str, np.ndarray], rows: Any) -> dict[str, float]:
    found = {"seconds": seconds, "epochs": np.mean(epochs), "test_nll": np.mean(test_nll)}
    return found | {f"run_{name}": np.mean(of_run[name][rows]) for name in ("epochs", "test_nll")}


def _lesson(
    folder: Path, scores: Path | None, task: Task, n: int, *, copies: bool
) -> tuple[Sequences, dict[str, np.ndarray]]:
    """What the first target of a chunk, or the only one, is given without a teacher, or with one in mode `soft`."""
    data, target = of_target(folder / "trials.parquet", folder / "split.parquet", task), None
    if scores:
        said = np.load(scores, allow_pickle=False)
        logits = said[said.files[0]]  # of the first target
        target = softened(logits, data.sequences, temperature=1.0, proportion=1.0)
    return lesson(data, n, target, copies=copies)
