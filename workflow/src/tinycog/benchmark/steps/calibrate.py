"""Estimate d* of simulated agents whose dimensionality is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from tinycog.analyses.dimensionality.compute import dimensionality
from tinycog.benchmark import calibration
from tinycog.fitting import engine
from tinycog.generators import generator
from tinycog.models import registry
from tinycog.results.selection import selected_row
from tinycog.storage import write_parquet, write_table, write_text
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.splits import ROLES, nested


def calibrate(
    trials: list[Path],
    output: Path,
    *,
    data: str,
    task: str,
    n_actions: int | None,
    agent: str,
    networks: list[dict[str, Any]],
    training: dict[str, Any],
    cv: dict[str, Any],
    bootstrap: int,
    seed: int,
) -> None:
    """Write the rows of table `dimensionality` of every agent of one kind, with `case` and `true_d`.

    Args:
        trials: the trial table of each agent.
        agent: the cognitive model, whose number of dynamical variables is the true d.
        networks: `cell`, `dims`, `seeds` and `l1` of each kind of network; all compete.
        cv: folds over blocks, `CrossValidation.folds`.
    """
    the_task = task_of(task, n_actions)
    selected = []
    for path in trials:
        choices = sequences.read(path, the_task)
        for outer in range(cv["outer"]):
            folds = nested(choices.n_blocks, outer=outer, n_outer=cv["outer"], n_inner=cv["inner"], seed=cv["seed"])
            roles = [fold.roles(np.arange(choices.n_blocks)) for fold in folds]
            splits = [{role: (of_blocks == role)[None].astype(float) for role in ROLES} for of_blocks in roles]
            for network in networks:
                for dim in network["dims"]:
                    spec = {"family": "rnn", "readout": "full", **network}
                    fits = engine.fit(registry.build(the_task, spec, dim), spec, choices, splits, training)
                    columns = {"inner": fits.replicas.inner, "status": np.where(fits.ended == "failed", "failed", "ok")}
                    columns |= {f"{role}_nll": values for role, values in fits.nll.items()}
                    columns |= {f"n_{role}": values for role, values in fits.replicas.n_scored(choices).items()}
                    keys = {"dataset": data, "subject": path.stem, "model": network["cell"], "dim": dim, "outer": outer}
                    if (row := selected_row(columns)) is not None:
                        selected.append(keys | {name: values[row] for name, values in columns.items()})
    competing = [network["cell"] for network in networks]
    table, _ = dimensionality(pd.DataFrame(selected), competing, bootstrap=bootstrap, seed=seed)
    case, true_d = f"{agent}, {int(choices.mask.sum()):,} choices", registry.cognitive(the_task, agent).n_dynamical
    write_parquet(output, pa.Table.from_pandas(table.assign(case=case, true_d=true_d), preserve_index=False))


def summarise(found: list[Path], stem: Path, *, n_data_sets: int, bootstrap: int, seed: int) -> None:
    """Write table `dimensionality` of the benchmark (.csv, .parquet, .md): of agents, and of NLLs drawn as numbers."""
    tables = [pd.read_parquet(path) for path in found]
    for case, (n_folds, n_dims, gain, true_d) in calibration.NUMERICAL.items():
        numbers = calibration.drawn(n_folds, n_dims, gain, n_data_sets, generator("calibration", seed, case))
        table, _ = dimensionality(numbers, ["gru"], bootstrap=bootstrap, seed=seed)
        tables.append(table[table["rule"] != "validation"].assign(case=case, true_d=true_d))  # one architecture
    table = calibration.summary(pd.concat(tables, ignore_index=True))
    write_table(stem, table)
    write_text(Path(f"{stem}.md"), calibration.in_markdown(table))
