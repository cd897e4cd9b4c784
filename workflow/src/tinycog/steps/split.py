"""Make the fold file of one outer fold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tinycog.splits import nested
from tinycog.storage import write_parquet


def split(trials: Path, output: Path, *, outer: int, n_outer: int, n_inner: int, seed: int) -> None:
    """Write the roles of a subject's blocks in every inner fold of outer fold `outer`."""
    n_blocks = int(np.max(pq.read_table(trials, columns=["block"])["block"].to_numpy())) + 1
    columns: dict[str, list] = {"outer": [], "inner": [], "block": [], "role": []}
    for inner, parts in enumerate(nested(n_blocks, outer=outer, n_outer=n_outer, n_inner=n_inner, seed=seed)):
        role = np.full(n_blocks, "train", dtype=object)
        role[parts.val], role[parts.test] = "val", "test"
        columns["outer"] += [outer] * n_blocks
        columns["inner"] += [inner] * n_blocks
        columns["block"] += range(n_blocks)
        columns["role"] += role.tolist()
    types = {"outer": pa.int32(), "inner": pa.int32(), "block": pa.int32(), "role": pa.string()}
    write_parquet(output, pa.table({name: pa.array(values, types[name]) for name, values in columns.items()}))
