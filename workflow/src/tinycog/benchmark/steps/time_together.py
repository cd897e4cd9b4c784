"""Time the engine's methods, the loop and the stacked loop on the fits of one network, in turns."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch

from tinycog.benchmark import BASELINE, LOOP, STACKED, STACKED_FLOAT32, loop, stacked, timing
from tinycog.fitting import engine
from tinycog.fitting.objective import replicas
from tinycog.models import registry
from tinycog.storage import write_parquet
from tinycog.tasks import task_of
from tinycog.trials import folds, sequences


def time_together(
    trials: Path,
    fold_files: list[Path],
    output: Path,
    *,
    data: str,
    task: str,
    n_actions: int | None,
    spec: dict[str, Any],
    dim: int,
    methods: dict[str, dict[str, Any]],
    repeats: int,
    seconds: float,
) -> None:
    """Write one row for each method.

    A method of the engine makes all its fits: a turn is an outer fold, a job as in a run. Whole fits of the loops take
    minutes, so a turn of theirs is as many epochs of the first outer fold's fits as take about `seconds`: of its first
    network (the loop), of all of them at once (stacked). There is one such turn for each outer fold.

    Args:
        methods: name: options of network training.
    """
    the_task = task_of(task, n_actions)
    choices = sequences.read(trials, the_task)
    jobs = [folds.read(path, choices)[1] for path in fold_files]
    grids = [replicas(splits, range(spec["seeds"]), spec["l1"]) for splits in jobs]

    batches, grid = [loop.batches(choices, split) for split in jobs[0]], grids[0]
    every = [batches[inner] for inner in grid.inner]
    own = {"seeds": grid.seed.tolist(), "l1": grid.l1.tolist()}
    own |= {"n_units": dim, "n_actions": the_task.n_outputs, "learning_rate": methods[BASELINE]["learning_rate"]}
    slices = {
        LOOP: partial(_epochs_of_loop, batch=every[0], **own),
        STACKED: partial(_epochs_of_stack, data=stacked.stacks(every, torch.float64), **own),
        STACKED_FLOAT32: partial(_epochs_of_stack, data=stacked.stacks(every, torch.float32), **own),
    }
    calls = {name: partial(call, timing.amount(call, seconds)) for name, call in slices.items()}
    n_fits = {LOOP: 1, STACKED: len(grid), STACKED_FLOAT32: len(grid), **dict.fromkeys(methods, sum(map(len, grids)))}

    model = registry.build(the_task, spec, dim)
    for training in methods.values():
        engine.fit(model, spec, choices, jobs[0][:1], {**training, "max_epochs": 1})  # may compile
    in_order = {}
    for i, splits in enumerate(jobs):
        in_order |= {(name, i): call for name, call in calls.items()}
        for name, training in methods.items():
            in_order[name, i] = partial(_epochs_of_engine, model, spec, choices, splits, training)

    turns = timing.in_turns(in_order, repeats)
    same = {"model": spec["cell"], "dim": dim, "data": data, "n_trials": int(choices.lengths.sum()) // choices.stages}
    rows = []
    for name, n in n_fits.items():
        parts = [own for (method, _), own in turns.items() if method == name]
        if name in calls:  # the same work in each
            parts = [timing.pooled(parts)]
        epochs = sum(part.given for part in parts)
        rows.append({"method": name, **same, "n_replicas": n, "epochs": epochs, **timing.summary(*parts)})
    write_parquet(output, pa.Table.from_pylist(rows))


def _epochs_of_loop(n: int, batch: Any, seeds: list[int], l1: list[float], **options: Any) -> int:
    """Epochs of one network, n."""
    return loop.train(batch, seeds[0], l1[0], max_epochs=n - 1, patience=n, **options).epochs


def _epochs_of_stack(n: int, data: Any, seeds: list[int], l1: list[float], **options: Any) -> int:
    """Epochs of all networks together, n each."""
    trained = stacked.train(data, seeds, l1, max_epochs=n - 1, patience=n, **options)
    return sum(network.epochs for network in trained)


def _epochs_of_engine(model: Any, spec: dict[str, Any], choices: Any, splits: list[Any], training: Any) -> int:
    """Epochs of all fits of a job together, each trained to its end."""
    return int(engine.fit(model, spec, choices, splits, training).epochs.sum())
