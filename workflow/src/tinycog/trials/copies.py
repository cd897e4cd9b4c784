"""Relabelled copies of blocks: what a task's symmetries make of a subject's choices (methods: relabelled copies).

Copies train networks and nothing else: the folds give a copy no role but training, and that only where its original
trains; cognitive models, which know what a label means, are fitted to originals alone.
"""

from __future__ import annotations

import pandas as pd

from tinycog.tasks import Task
from tinycog.tasks.relabelling import Relabelling, relabellings


def augmented(table: pd.DataFrame, task: Task, level: int) -> pd.DataFrame:
    """`table` with the copies of every subject's blocks after its own blocks; level 0 makes none.

    Column `aug_of` is the block that a copy was made of, and an original's own block. Copies keep rewards, masks,
    sessions and order; annotations of the schedule, which would name the wrong actions, are empty.
    """
    if level == 0:
        return table
    annotations = [column for column in table if column.startswith("task_")]
    integers = {c: "Int64" for c in annotations if pd.api.types.is_integer_dtype(table[c])}
    table = table.astype(integers).assign(aug_of=table["block"])
    copies_of = relabellings(task, level)
    parts = []
    for _, own in table.groupby("subject", sort=False):
        n_blocks = int(own["block"].max()) + 1
        parts.append(own)
        # a block's copies follow each other
        copies = [
            _relabelled(own, labels).assign(block=n_blocks + own["block"] * len(copies_of) + i)
            for i, labels in enumerate(copies_of)
        ]
        copies = pd.concat(copies).sort_values(["block", "trial"], kind="stable")
        parts.append(copies.drop(columns=annotations))
    return pd.concat(parts, ignore_index=True)


def without_copies(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that are no copies."""
    return table[table["aug_of"].eq(table["block"])] if "aug_of" in table else table


def _relabelled(own: pd.DataFrame, labels: Relabelling) -> pd.DataFrame:
    """Rows with other labels; what was missed stays so."""
    chosen = {"action": own["mask"].eq(1)}
    chosen["action2"] = own["mask2"].eq(1) if "mask2" in own else chosen["action"]
    chosen["state"] = chosen["action"] | chosen["action2"]  # a second choice shows it, too
    changed = {}
    for column in chosen.keys() & own.columns:
        new = own[column].map(dict(enumerate(getattr(labels, column))))
        changed[column] = new.where(chosen[column], own[column]).astype(own[column].dtype)
    return own.assign(**changed)
