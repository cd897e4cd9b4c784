"""Put the trials of all subjects of a data set into one table, as if of one subject."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tinycog.storage import read_json, write_parquet
from tinycog.trials.subjects import directory


def pool(meta: Path, output: Path) -> None:
    """Write the pooled table: blocks are numbered on from subject to subject; `subject` says whose they are.

    Args:
        meta: meta.json of the data set, beside whose folder `subjects` the tables lie.
    """
    tables, start = [], 0
    for subject in read_json(meta)["subjects"]:
        table = pq.read_table(meta.parent / "subjects" / f"{directory(subject)}.parquet")
        n_blocks = int(pc.max(table["block"]).as_py()) + 1
        for name in ("block", "aug_of"):
            if name in table.column_names:
                shifted = pa.array(table[name].to_numpy() + np.int32(start), pa.int32())
                table = table.set_column(table.column_names.index(name), name, shifted)
        tables.append(table)
        start += n_blocks
    write_parquet(output, pa.concat_tables(tables, promote_options="permissive").replace_schema_metadata(None))
