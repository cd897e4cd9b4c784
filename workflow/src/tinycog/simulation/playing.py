"""Let a fitted model play the task (methods: behaviour)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tinycog.models.interface import Model, Parameters
from tinycog.simulation import agents
from tinycog.tasks import Task
from tinycog.trials import sequences
from tinycog.trials.sequences import Sequences


def cannot_play(spec: dict[str, Any]) -> str:
    """Why a model cannot play, or empty.

    Args:
        spec: its section.
    """
    if not spec.get("subject_embedding"):
        return ""
    return "a model with a subject embedding would have to be told as whom to play"


def trials(
    model: Model,
    params: Parameters,
    task: Task,
    variants: Sequence[dict[str, Any]],
    shape: tuple[int, int],
    key: tuple[Any, ...],
) -> pd.DataFrame:
    """A trial table of what the model did, with the schedule's annotations.

    Args:
        params: one replica's (1, ...).
        variants: environments, as the sections of simulated data sets; each gets as many of the blocks.
        shape: blocks, and trials of each.
        key: of every random draw.
    """
    n_blocks, n_trials = shape
    parts = []
    for i, blocks in enumerate(np.array_split(np.arange(n_blocks), len(variants))):
        if len(blocks):
            options = {"environment": variants[i], "n_blocks": len(blocks), "n_trials": n_trials}
            columns = agents.played(model, params, task, options, key=(*key, i))
            parts.append(pd.DataFrame(columns | {"block": columns["block"] + blocks[0], "subject": "model"}))
    return pd.concat(parts, ignore_index=True)


def blocks_of(
    model: Model,
    params: Parameters,
    task: Task,
    variants: Sequence[dict[str, Any]],
    lengths: np.ndarray,
    key: tuple[Any, ...],
) -> Sequences:
    """What the model did in a block of each of these numbers of trials; further arguments as in `trials`."""
    table = trials(model, params, task, variants, (len(lengths), int(lengths.max())), key)
    played = table[table["trial"].to_numpy() < lengths[table["block"]]]  # later trials do not change earlier ones
    columns = ("block", "trial", "action", "state", "reward", "mask", *(("action2", "mask2") * (task.stages == 2)))
    return sequences.from_columns({name: played[name].to_numpy() for name in columns}, task)
