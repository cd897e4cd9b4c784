"""Make the fold file of one outer fold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tinycog.splits import WITHIN_BLOCKS, nested, within
from tinycog.storage import write_parquet

TYPES = {"outer": pa.int32(), "inner": pa.int32(), "block": pa.int32(), "trial": pa.int32(), "role": pa.string()}


def split(trials: Path, output: Path, *, protocol: str, outer: int, n_outer: int, n_inner: int, seed: int) -> None:
    """Write the role of each block, or of each trial, in every inner fold of outer fold `outer`."""
    table = pq.read_table(trials, columns=["block", "trial", "session"])
    block, trial = table["block"].to_numpy(), table["trial"].to_numpy()
    n_blocks = int(block.max()) + 1
    if protocol in WITHIN_BLOCKS:
        lengths = np.bincount(block)
        roles = [within(int(n), protocol, seed).roles(np.arange(n)) for n in lengths]
        columns = {"inner": [0] * len(block), "block": block, "trial": trial, "role": np.concatenate(roles)}
    else:
        first = np.flatnonzero(trial == 0)
        unit = np.arange(n_blocks)
        if protocol == "session":
            sessions = table["session"].to_numpy(zero_copy_only=False)[first]
            unit = np.unique(sessions, return_inverse=True)[1]
            unit = np.unique(unit, return_index=True)[1].argsort().argsort()[unit]  # numbered in the order of the data
        folds = nested(int(unit.max()) + 1, outer=outer, n_outer=n_outer, n_inner=n_inner, seed=seed)
        columns = {
            "inner": np.repeat(np.arange(n_inner), n_blocks),
            "block": np.tile(np.arange(n_blocks), n_inner),
            "role": np.concatenate([fold.roles(unit) for fold in folds]),
        }
    columns = {"outer": np.full(len(columns["inner"]), outer), **columns}
    write_parquet(output, pa.table({name: pa.array(values, TYPES[name]) for name, values in columns.items()}))
