"""Simulate agents of a cognitive model with random parameters, and fit each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tinycog.analyses.parameter_recovery.tables import AGENTS
from tinycog.fitting import all_choices
from tinycog.fitting.objective import choice_nll
from tinycog.generators import generator
from tinycog.models import registry
from tinycog.simulation.agents import choices
from tinycog.simulation.play import drawn
from tinycog.tasks import task_of
from tinycog.trials import sequences


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
    Each fit uses all choices of an agent, from as many starts as in the run, of which the best is kept. Where the model
    has a population prior, it is that of the agents.

    Args:
        payoffs: the file of recorded payoffs, where the environment has them.
    """
    task = task_of(options["task"], options["n_actions"])
    model = registry.cognitive(task, spec["model"])
    own_seed = seed if options["seed"] is None else options["seed"]
    keys = [("recovery", dataset, name, seed, agent) for agent in range(n_agents)]
    truths = [drawn(model, ranges, generator("parameters", *key)) for key in keys]
    data = [
        sequences.from_columns(
            choices(model, true, task, options, payoffs=payoffs, key=("/".join(map(str, key)), own_seed, 0)), task
        )
        for true, key in zip(truths, keys, strict=True)
    ]
    spec = all_choices.with_population(model, spec, list(zip(data, keys, strict=True)))
    rows: list[dict[str, Any]] = []
    for agent, (true, played, key) in enumerate(zip(truths, data, keys, strict=True)):
        params, nll = all_choices.fit(model, played, spec, key)
        best, n_choices = nll.argmin(), int(played.mask.sum())
        at_true = {parameter: np.array([value]) for parameter, value in true.items()}
        true_nll = choice_nll(model, at_true, played, by_block=True).sum() / n_choices
        for parameter, values in params.items():
            row = {"dataset": dataset, "model": name, "agent": agent, "parameter": parameter}
            row |= {"true": true[parameter], "fitted": values[best]}
            rows.append({**row, "true_nll": true_nll, "fitted_nll": nll[best] / n_choices, "n_choices": n_choices})
    AGENTS.write_part(output, rows)
