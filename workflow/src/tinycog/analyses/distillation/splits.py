"""What each block of a pool is to one target, and the target's own trials with their relabelled copies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from tinycog.analyses.distillation import design
from tinycog.storage import write_columns, write_parquet
from tinycog.tasks import task_of
from tinycog.trials.copies import augmented, without_copies
from tinycog.trials.subjects import directory


def split(
    pooled: Path, output: Path, trials: Path, *, target: str, task: str, n_actions: int, test: float, relabel: int
) -> None:
    """Write the split of one target as `output` and its trials as `trials`.

    Args:
        pooled: trial table of all subjects of the data set.
        target: the subject's directory name.
        test, relabel: of the analysis' section.
    """
    table = pd.read_parquet(pooled)
    first = table[table["trial"] == 0]
    subjects, block = first["subject"].to_numpy(dtype=object), first["block"].to_numpy()
    own = block == (first["aug_of"].to_numpy() if "aug_of" in first else block)
    subject = next(subject for subject in subjects if directory(subject) == target)
    columns = design.parts(subjects, own, subject, test, table["dataset"].iloc[0])
    write_columns(output, {"block": block.astype(np.int64), "subject": subjects, **columns})

    blocks = block[own & (subjects == subject)]
    of_target = without_copies(table[table["subject"] == subject]).drop(columns="aug_of", errors="ignore")
    of_target = of_target.assign(block=of_target["block"].map(dict(zip(blocks, range(len(blocks)), strict=True))))
    copied = augmented(of_target.reset_index(drop=True), task_of(task, n_actions), relabel)
    integers = {name: "int32" for name in ("block", "aug_of") if name in copied}
    write_parquet(trials, pa.Table.from_pandas(copied.astype(integers), preserve_index=False))
