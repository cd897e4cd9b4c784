"""Read a fold file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from tinycog.errors import InputError
from tinycog.splits import Split


def read(path: Path, n_blocks: int) -> tuple[int, list[Split]]:
    """The outer fold's number and its inner splits, in order of the inner fold.

    Raises:
        InputError: the file's blocks are not 0..n_blocks-1 in every inner fold.
    """
    table = pq.read_table(path)
    outer, inner, block, role = (
        table[name].to_numpy(zero_copy_only=False) for name in ("outer", "inner", "block", "role")
    )
    splits = []
    for i in range(int(inner.max()) + 1):
        rows = inner == i
        if not np.array_equal(np.sort(block[rows]), np.arange(n_blocks)):
            raise InputError(f"{path}: inner fold {i} does not list each of the {n_blocks} blocks of the trials once")
        splits.append(Split(*(np.sort(block[rows & (role == name)]) for name in ("train", "val", "test"))))
    return int(outer[0]), splits
