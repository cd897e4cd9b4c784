"""Steps as processes: what they load; and the Parquet files that they exchange, against pandas."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from tinycog import config
from tinycog.steps.prepare import prepare
from tinycog.steps.split import split
from tinycog.storage import read_columns, write_columns

LOADED = """
import sys
from tinycog.cli import main
main(sys.argv[1:], standalone_mode=False)
print(*sorted({"torch", "pandas"} & set(sys.modules)))
"""


@pytest.mark.parametrize(("cell", "loaded"), [("gru", ""), ("lstm", "torch")])
def test_a_fit_on_the_compiled_kernels_loads_neither_torch_nor_pandas(tmp_path, cell, loaded):
    section = {"source": "simulate", "task": "bandit", "n_blocks": 4, "n_trials": 5}
    options = config.validated(section, "test", config.AnyDataset).model_dump()
    meta = tmp_path / "data/agent/meta.json"
    prepare(meta, name="agent", options=options, raw=tmp_path, seed=0)
    trials, fold = meta.parent / "subjects/s0.parquet", tmp_path / "outer0.parquet"
    split(trials, fold, protocol="blocks", outer=0, n_outer=2, n_inner=2, inner=2, seed=1)
    command = ["fit", "--trials", trials, "--fold", fold, "--task", "bandit", "--name", "g", "--dim", "1"]
    command += ["--model", f'{{"family": "rnn", "cell": "{cell}", "seeds": 1}}', "--training", '{"max_epochs": 2}']
    command += ["--output", tmp_path / "fits.parquet"]
    run = subprocess.run([sys.executable, "-c", LOADED, *map(str, command)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == loaded
    assert (tmp_path / "fits.safetensors").is_file()


def test_columns_are_those_that_pandas_reads_and_writes(tmp_path):
    columns = {"number": np.array([1.5, np.nan, -2.0]), "code": np.arange(3, dtype=np.int32), "n": np.arange(3)[::-1]}
    columns["text"] = np.array(["é", "", "a\nb"], dtype=object)
    write_columns(tmp_path / "own.parquet", columns)
    table = pd.read_parquet(tmp_path / "own.parquet")
    assert table.dtypes[["number", "code", "n"]].tolist() == [np.float64, np.int32, np.int64]
    for name, values in columns.items():
        np.testing.assert_array_equal(table[name].to_numpy(dtype=values.dtype), values)
    table = pd.DataFrame({"x": pd.array([None, 2, 3], "Int16"), "s": ["a", None, "c"], "y": [1.0, 2.0, np.nan]})
    table.to_parquet(tmp_path / "pandas.parquet")
    read = read_columns(tmp_path / "pandas.parquet", ["s", "x", "absent"])
    assert read["s"].tolist() == ["a", None, "c"]
    np.testing.assert_array_equal(read["x"], [np.nan, 2, 3])
    assert set(read) == {"s", "x"}
