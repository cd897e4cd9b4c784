"""Simulate agents of a cognitive model with random parameters, and fit each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.parameter_recovery.tables import AGENTS
from tinycog.fitting import cognitive
from tinycog.fitting.objective import choice_nll, replicas
from tinycog.generators import generator
from tinycog.models import registry
from tinycog.simulation.agents import choices
from tinycog.simulation.play import drawn
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.splits import ROLES


def recover(
    output: Path,
    *,
    dataset: str,
    name: str,
    options: dict[str, Any],
    payoffs: Path | None,
    seed: int,
    spec: dict[str, Any],
    n_agents: int,
    ranges: dict[str, tuple[float, float]],
) -> None:
    """Write one row for each agent and parameter: `true` and `fitted` value, and the agent's NLL at both.

    Agents act in the environment of a simulated data set, `options`, for as many blocks and trials as its subjects.
    Each fit uses all choices of an agent, from as many starts as in the run, of which the best is kept.

    Args:
        payoffs: the file of recorded payoffs, where the environment has them.
    """
    task = task_of(options["task"], options["n_actions"])
    model = registry.cognitive(task, spec["model"])
    own_seed = seed if options["seed"] is None else options["seed"]
    rows: list[dict[str, Any]] = []
    for agent in range(n_agents):
        key = ("recovery", dataset, name, seed, agent)
        true = drawn(model, ranges, generator("parameters", *key))
        played = choices(model, true, task, options, payoffs=payoffs, key=("/".join(map(str, key)), own_seed, 0))
        data = sequences.from_columns(played, task)
        everything = dict.fromkeys(ROLES, np.ones((1, data.n_blocks)))
        grid = replicas([everything], range(cognitive.n_seeds(model, spec["seeds"])), [0.0])
        params, _, _ = cognitive.fit(model, data, grid, spec["optimizer"], key)
        both = {parameter: np.append(values, true[parameter]) for parameter, values in params.items()}
        nll = choice_nll(model, both, data, by_block=True).sum((1, 2)) / data.mask.sum()
        best = nll[:-1].argmin()
        for parameter, values in params.items():
            row = {"dataset": dataset, "model": name, "agent": agent, "parameter": parameter}
            row |= {"true": true[parameter], "fitted": values[best]}
            rows.append({**row, "true_nll": nll[-1], "fitted_nll": nll[best], "n_choices": int(data.mask.sum())})
    AGENTS.write_part(output, rows)
