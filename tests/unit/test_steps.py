"""Steps as processes: what they load; and the Parquet files that they exchange, against pandas."""

import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file
from scipy.special import logsumexp

from tinycog.analyses.portraits.step import portrait
from tinycog.errors import InputError
from tinycog.results import scores
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.fits import FitTraining
from tinycog.sections.messages import checked
from tinycog.sections.models import AnyModel
from tinycog.steps.fit import fit
from tinycog.steps.pool import pool
from tinycog.steps.prepare import prepare
from tinycog.steps.score import score
from tinycog.steps.split import split
from tinycog.storage import read_columns, write_columns, write_json
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.splits import ROLES

LOADED = """
import sys
from tinycog.cli import main
main(sys.argv[1:], standalone_mode=False)
print(*sorted({"torch", "pandas"} & set(sys.modules)))
"""


@pytest.mark.parametrize(("cell", "loaded"), [("gru", ""), ("lstm", "torch")])
def test_a_fit_on_the_compiled_kernels_loads_neither_torch_nor_pandas(tmp_path, cell, loaded):
    section = {"source": "simulate", "task": "bandit", "n_blocks": 4, "n_trials": 5}
    options = checked(section, "test", AnyDataset).model_dump()
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


@pytest.mark.parametrize(
    ("column", "value", "allowed"),
    [("action", 2, 1), ("action", -1, 1), ("state", 5, 1), ("reward", 1.5, 1), ("reward", np.nan, 1)],
)
def test_trials_that_no_model_can_use_are_refused_with_their_place(tmp_path, column, value, allowed):
    """Whoever wrote the table: compiled code does not look whether an index is in range."""
    section = {"source": "simulate", "task": "bandit", "n_blocks": 4, "n_trials": 5}
    options = checked(section, "test", AnyDataset).model_dump()
    prepare(tmp_path / "meta.json", name="agent", options=options, raw=tmp_path, seed=0)
    path = tmp_path / "subjects/s0.parquet"
    columns = {name: values.copy() for name, values in read_columns(path).items()}
    columns["mask"] = columns["mask"].astype(np.int32)
    row = np.flatnonzero((columns["block"] == 1) & (columns["trial"] == 3))
    columns[column][row] = value
    write_columns(path, columns)
    message = f"{path}: subject 's0', block 1, trial 3: {column}: found {value}; allowed: 0 to {allowed}"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        sequences.read(path, task_of("bandit"))
    columns["mask"][row] = 0  # a masked trial is fed as a fixed one
    write_columns(path, columns)
    assert sequences.read(path, task_of("bandit")).mask.sum() == 19


def test_blocks_without_a_choice_to_score_are_named(tmp_path):
    missed = {("a", 1), ("a", 2), ("b", 0)}
    rows = [(s, block, "" if (s, block) in missed else "1") for s in "ab" for block in range(3) for _ in range(4)]
    text = "".join(f"{subject},{block},{action},1\n" for subject, block, action in rows)
    (tmp_path / "own.csv").write_text("subject,block,action,reward\n" + text)
    section = {"source": "table", "task": "bandit", "file": str(tmp_path / "own.csv")}
    options = checked(section, "test", AnyDataset).model_dump()
    lines = prepare(tmp_path / "meta.json", name="own", options=options, raw=tmp_path, seed=0)
    assert lines == [
        "data set 'own', subject 'a': no choice to score in blocks 1, 2",
        "data set 'own', subject 'b': no choice to score in blocks 0",
    ]


def test_a_fit_of_pooled_subjects_with_an_embedding_is_scored_with_each_subject_s_own_vector(tmp_path):
    task, spec = {"task": "bandit", "n_actions": 2}, {"family": "rnn", "cell": "gru", "subject_embedding": 2}
    spec = checked(spec | {"seeds": 2}, "test", AnyModel).model_dump()
    section = {"source": "simulate", "task": "bandit", "n_subjects": 4, "n_blocks": 3, "n_trials": 5}
    options = checked(section, "test", AnyDataset).model_dump()
    prepare(tmp_path / "meta.json", name="agents", options=options, raw=tmp_path, seed=0)
    trials, fold, fits = (tmp_path / f"{name}.parquet" for name in ("pooled", "outer0", "fits"))
    pool([tmp_path / f"subjects/s{i}.parquet" for i in (2, 0, 3, 1)], trials)  # rows of the table are sorted ids
    split(trials, fold, protocol="cross_subject", outer=0, n_outer=4, n_inner=3, inner=1, seed=1)
    training = FitTraining(max_epochs=3).model_dump()
    fit(trials, fold, fits, name="g", spec=spec, dim=1, training=training, **task)
    params = load_file(tmp_path / "fits.safetensors")
    roles, subjects = (read_columns(path, [name]) for path, name in ((fold, "role"), (trials, "subject")))
    trained = {subjects["subject"][::5][block] for block in np.flatnonzero(roles["role"] == "train")}
    assert len(trained) == 2
    assert params["E_subject"].shape == (2, 4, 2)
    for row in range(4):
        assert params["E_subject"][:, row].any() == (f"s{row}" in trained)
    choice = {"status": "ok", "inner": 0, "row": 1, "parameters": "fits.safetensors"}
    write_json(tmp_path / "selected.json", choice)
    score(trials, fold, tmp_path / "selected.json", tmp_path / "scores.npz", root=tmp_path, spec=spec, dim=1, **task)
    scored, kept = scores.read(tmp_path / "scores.npz"), read_columns(fits)
    data = sequences.read(trials, task_of("bandit"))
    np.testing.assert_array_equal(data.subject_code, np.repeat([2, 0, 3, 1], 3))
    nll = logsumexp(scored.before(scored.logits), axis=1)
    nll -= np.take_along_axis(scored.before(scored.logits), data.action.T.reshape(-1, 1), axis=1)[:, 0]
    for role in ROLES:
        assert nll[scored.split == role].mean() == pytest.approx(kept[f"{role}_nll"][1], abs=1e-12)
    with pytest.raises(InputError, match="subject_embedding: found 2; allowed for a portrait: 0"):
        portrait([], [], tmp_path / "portrait", root=tmp_path, spec=spec, **task)


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
