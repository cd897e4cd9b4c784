"""Tables of as many fits as the paper's grid has are made in little memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from tinycog.results.layout import Layout
from tinycog.results.tables import FITS
from tinycog.storage import write_columns, write_json

# what a rule runs, and the most memory that it took, in MB
STEPS = """
import sys
from pathlib import Path
from tinycog.analyses.performance.step import summarise
from tinycog.steps.aggregate import aggregate
def most():  # of this program alone: `resource` counts what started it, too
    status = Path("/proc/self/status").read_text().split()
    return int(status[status.index("VmHWM:") + 1]) // 1024
root, n_subjects, n_outer = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
tables, folds = root / "tables", {"outer": n_outer, "inner": 9, "n_inner": 9, "protocol": "blocks", "seed": 1}
grid = {"datasets": ["a"], "models": {"gru": {"a": [1, 2]}}, "cv": {"a": folds}, "chunks": {}}
aggregate(root, grid=grid)
print(most())
summarise(tables / "fits.parquet", tables / "selected.parquet", tables, n_outer={"a": n_outer})
print(most())
"""
N_INNER, N_SEEDS, N_L1 = 9, 3, 3
N_DIMS = 2
MODULES = 250  # MB that the modules of both steps take


def columns_of(rng: np.random.Generator, subject: str, dim: int, outer: int) -> dict[str, np.ndarray]:
    """A fit file's columns, with the types that a job writes."""
    n = N_INNER * N_SEEDS * N_L1
    inner, seed, l1 = (values.ravel() for values in np.meshgrid(range(N_INNER), range(N_SEEDS), [0, 1e-5, 1e-4]))
    text = {"dataset": "a", "subject": subject, "model": "gru", "family": "rnn", "ended": "patience", "status": "ok"}
    whole = {"dim": dim, "outer": outer, "n_dynamical": dim, "n_parameters": 20, "epochs": 900, "best_epoch": 700}
    whole |= {"n_train": 2000, "n_val": 250, "n_test": 250, "n_unlearnt": 0}
    made = {name: np.full(n, value, dtype=object) for name, value in (text | {"reason": ""}).items()}
    made |= {name: np.full(n, value, dtype=np.int64) for name, value in whole.items()}
    made |= {"inner": inner.astype(np.int64), "seed": seed.astype(np.int64), "l1": l1.astype(float)}
    made |= {name: rng.uniform(0.3, 0.7, n) for name in ("train_nll", "val_nll", "test_nll", "test_accuracy")}
    made["val_target_nll"] = np.full(n, np.nan)
    return {name: made[name] for name in FITS.names}


def write_fits(root: Path, n_subjects: int, n_outer: int) -> dict[tuple[str, int, int], dict[str, np.ndarray]]:
    """Fit files and what was selected of each; their columns by subject, dim and fold."""
    rng, layout, written = np.random.default_rng(0), Layout(root), {}
    names = [f"s{i}" for i in range(n_subjects)]
    counts = {key: {"blocks": 100, "shortest_block": 60, "sessions": 1} for key in names}
    meta = {"dataset": "a", "subjects": names, "counts_analysed": counts, "removed": [], "options": {"subjects": "all"}}
    write_json(layout.meta("a"), meta)
    for subject in names:
        for dim in range(1, N_DIMS + 1):
            for outer in range(n_outer):
                columns = columns_of(rng, subject, dim, outer)
                write_columns(layout.fit("a", subject, "gru", dim, outer), columns)
                row = int(rng.integers(len(columns["inner"])))
                chosen = {name: columns[name][row] for name in FITS.names if name not in ("val_target_nll", "reason")}
                chosen = {name: value.item() if hasattr(value, "item") else value for name, value in chosen.items()}
                del chosen["ended"], chosen["n_unlearnt"]
                chosen |= {"trainval_nll": 0.5, "row": row, "parameters": "x", "status": "ok"}
                write_json(layout.selected("a", subject, "gru", dim, outer), chosen)
                written[subject, dim, outer] = columns
    return written


def megabytes(root: Path, n_subjects: int, n_outer: int) -> tuple[int, int]:
    """Most memory of the step that joins fits, and of the one that summarises them after it."""
    command = [sys.executable, "-c", STEPS, str(root), str(n_subjects), str(n_outer)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    joined, summarised = map(int, done.stdout.split())
    return joined, summarised


def test_joined_fits_are_all_fits_in_their_order(tmp_path):
    written = write_fits(tmp_path, 70, 4)
    megabytes(tmp_path, 70, 4)
    expected = {name: np.concatenate([columns[name] for columns in written.values()]) for name in FITS.names}
    found = pd.read_parquet(tmp_path / "tables/fits.parquet")
    assert list(found) == FITS.names
    assert len(found) == 70 * N_DIMS * 4 * N_INNER * N_SEEDS * N_L1 > 2 * 20_000  # more than one part
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name].to_numpy(values.dtype), values)
    text = pd.read_csv(tmp_path / "tables/fits.csv", keep_default_na=False, na_values={"val_target_nll": ""})
    pd.testing.assert_frame_equal(text, found, check_dtype=False)
    selected = pd.read_parquet(tmp_path / "tables/selected.parquet")
    assert len(selected) == len(written)
    keys = ["subject", "dim", "outer", "inner", "seed", "l1"]
    same = selected.merge(found, on=keys, how="left", validate="one_to_one")
    pd.testing.assert_series_equal(same["test_nll_x"], same["test_nll_y"], check_names=False)


@pytest.mark.slow
def test_a_million_fits_take_less_than_a_gigabyte(tmp_path):
    """Without `make scale` an eighth of that, and of the memory above what the modules take."""
    n_fits, n_outer = int(os.environ.get("TINYCOG_FITS", "125000")), 10
    n_subjects = -(-n_fits // (N_DIMS * n_outer * N_INNER * N_SEEDS * N_L1))
    write_fits(tmp_path, n_subjects, n_outer)
    joined, summarised = megabytes(tmp_path, n_subjects, n_outer)
    assert pq.read_metadata(tmp_path / "tables/fits.parquet").num_rows >= n_fits
    most = MODULES + (1000 - MODULES) * n_fits / 1_000_000
    assert joined < most
    assert summarised < most
