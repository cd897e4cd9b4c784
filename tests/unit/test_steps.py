"""Steps as processes: what they load; and the Parquet files that they exchange, against pandas."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import load_file
from scipy.special import logsumexp

from tinycog.analyses.performance.step import summarise
from tinycog.analyses.portraits.step import portrait
from tinycog.errors import InputError
from tinycog.fitting import engine
from tinycog.results import scores
from tinycog.results.layout import Layout
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.fits import FitTraining
from tinycog.sections.messages import checked
from tinycog.sections.models import AnyModel
from tinycog.steps.aggregate import aggregate
from tinycog.steps.fit import fit
from tinycog.steps.pool import pool
from tinycog.steps.prepare import prepare
from tinycog.steps.score import score
from tinycog.steps.select import select
from tinycog.steps.split import split
from tinycog.storage import read_columns, read_json, write_columns, write_json
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.splits import ROLES

LOADED = """
import sys
from tinycog.cli import main
main(sys.argv[1:], standalone_mode=False)
slow = {"torch", "pandas", "pydantic", "scipy.linalg", "array_api_compat.numpy", "numba.np.arraymath"}
print(*sorted(slow & set(sys.modules)))
"""


@pytest.mark.parametrize(("cell", "dim"), [("gru", 1), ("gru", 6), ("lstm", 1), (None, 1)])
def test_a_job_of_a_rule_loads_nothing_that_is_slow_to_load_and_fits_as_by_hand(tmp_path, cell, dim):
    section = {"source": "simulate", "task": "bandit", "n_blocks": 4, "n_trials": 5}
    options = checked(section, "test", AnyDataset).model_dump()
    meta = tmp_path / "data/agent/meta.json"
    prepare(meta, name="agent", options=options, raw=tmp_path, seed=0)
    trials, fold = meta.parent / "subjects/s0.parquet", tmp_path / "outer0.parquet"
    split([trials], fold, protocol="blocks", outer=0, n_outer=2, n_inner=2, inner=2, seed=1)
    command = ["fit", "--trials", trials, "--fold", fold, "--task", "bandit", "--name", "MB0", "--dim", str(dim)]
    by_hand = {"family": "rnn", "cell": cell, "seeds": 1} if cell else {"family": "cognitive"}
    complete = checked(by_hand, "test", AnyModel).slice("MB0", None)
    training = FitTraining(max_epochs=2).model_dump() if cell else {}
    written = []
    for values, kept in (([by_hand, {"max_epochs": 2}], {"pydantic"}), ([complete, training, "--checked"], set())):
        model, of_training, *flag = values
        arguments = ["--model", json.dumps(model), "--training", json.dumps(of_training), *flag]
        arguments = [*command, *arguments, "--output", tmp_path / "fits.parquet"]
        for _ in range(1 + (not flag)):  # the first may compile
            run = subprocess.run([sys.executable, "-c", LOADED, *map(str, arguments)], capture_output=True, text=True)
            assert run.returncode == 0, run.stderr
        assert set(run.stdout.split()) == kept
        written.append([(tmp_path / f"fits.{kind}").read_bytes() for kind in ("parquet", "safetensors")])
    assert written[0] == written[1]


EVERY_ANALYSIS = """
import importlib, pkgutil, sys
from tinycog import analyses
for module in pkgutil.walk_packages(analyses.__path__, "tinycog.analyses."):
    importlib.import_module(module.name)
print(*sorted({"torch", "matplotlib.pyplot"} & set(sys.modules)))
"""


def test_no_analysis_loads_torch_or_pyplot():
    """Each takes longer to load than many of their jobs run."""
    run = subprocess.run([sys.executable, "-c", EVERY_ANALYSIS], capture_output=True, text=True)
    assert (run.returncode, run.stdout.strip()) == (0, ""), run.stderr


@pytest.mark.parametrize("family", ["rnn", "cognitive"])
def test_a_fit_reads_its_trials_once(tmp_path, monkeypatch, family):
    section = {"source": "simulate", "task": "bandit", "n_blocks": 4, "n_trials": 5, "augment": 1}
    options = checked(section, "test", AnyDataset).model_dump()
    prepare(tmp_path / "meta.json", name="agent", options=options, raw=tmp_path, seed=0)
    trials, fold = tmp_path / "subjects/s0.parquet", tmp_path / "outer0.parquet"
    split([trials], fold, protocol="blocks", outer=0, n_outer=2, n_inner=2, inner=2, seed=1)
    opened = []
    file = pq.ParquetFile
    monkeypatch.setattr(pq, "ParquetFile", lambda path: opened.append(path) or file(path))
    spec = {"family": family, "cell": "gru", "seeds": 1} if family == "rnn" else {"family": family, "model": "MB0"}
    spec = checked(spec, "test", AnyModel).model_dump()
    training = FitTraining(max_epochs=1).model_dump()
    one = {"name": "m", "spec": spec, "dim": 1, "training": training}
    fit([trials], fold, tmp_path / "f.parquet", task="bandit", n_actions=2, **one)
    assert sorted(opened) == sorted([trials, fold])


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
    kind = "a number" if column == "reward" else "integers"
    message = f"{path}: subject 's0', block 1, trial 3: {column}: found {value}; allowed: {kind} from 0 to {allowed}"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        sequences.read(path, task_of("bandit"))
    columns["mask"][row] = 0  # a masked trial is fed as a fixed one
    write_columns(path, columns)
    assert sequences.read(path, task_of("bandit")).mask.sum() == 19


def same_for_both(path):
    """As `Path.exists` answers where small letters and capitals are the same."""
    return any(other.name.lower() == path.name.lower() for other in path.parent.iterdir())


def test_ids_that_differ_in_capitals_alone_need_files_of_their_own(tmp_path, monkeypatch):
    (tmp_path / "own.csv").write_text("subject,action,reward\nA1,0,1\na1,1,0\n")
    section = {"source": "table", "task": "bandit", "file": str(tmp_path / "own.csv")}
    given = {"name": "own", "options": checked(section, "test", AnyDataset).model_dump(), "raw": tmp_path, "seed": 0}
    prepare(tmp_path / "meta.json", **given)
    for name, action in (("A1", [0]), ("a1", [1])):
        assert read_columns(tmp_path / f"subjects/{name}.parquet")["action"].tolist() == action
    monkeypatch.setattr(Path, "exists", same_for_both)
    with pytest.raises(InputError, match=r"^subjects 'A1' and 'a1': .* would have the same file"):
        prepare(tmp_path / "meta.json", **given)


@pytest.mark.parametrize("augment", [0, 1])
def test_blocks_without_a_choice_to_score_are_named(tmp_path, augment):
    missed = {("a", 1), ("a", 2), ("b", 0)}
    rows = [(s, block, "" if (s, block) in missed else "1") for s in "ab" for block in range(3) for _ in range(4)]
    text = "".join(f"{subject},{block},{action},1\n" for subject, block, action in rows)
    (tmp_path / "own.csv").write_text("subject,block,action,reward\n" + text)
    section = {"source": "table", "task": "bandit", "file": str(tmp_path / "own.csv"), "augment": augment}
    options = checked(section, "test", AnyDataset).model_dump()
    lines = prepare(tmp_path / "meta.json", name="own", options=options, raw=tmp_path, seed=0)
    lines = [line for line in lines if "no choice" in line]
    assert lines == [
        "data set 'own', subject 'a': no choice to score in blocks 1, 2",
        "data set 'own', subject 'b': no choice to score in blocks 0",
    ]


def test_choices_on_unlearnt_weights_are_counted_in_the_fit_s_own_inner_fold(tmp_path, monkeypatch):
    section = {"source": "simulate", "task": "bandit", "n_blocks": 6, "n_trials": 4}
    options = checked(section, "test", AnyDataset).model_dump()
    prepare(tmp_path / "meta.json", name="agents", options=options, raw=tmp_path, seed=0)
    trials, fold = tmp_path / "subjects/s0.parquet", tmp_path / "outer0.parquet"
    split([trials], fold, protocol="blocks", outer=0, n_outer=3, n_inner=2, inner=2, seed=1)
    roles = read_columns(fold)
    trained = [roles["block"][(roles["inner"] == inner) & (roles["role"] == "train")].sum() for inner in range(2)]
    assert trained[0] != trained[1]
    by_training = lambda model, data, weights, own: int(np.flatnonzero(weights["train"][0]).sum())  # noqa: E731
    monkeypatch.setattr(engine, "n_unlearnt", by_training)
    spec = checked({"family": "rnn", "cell": "gru", "seeds": 2, "l1": [0.0]}, "test", AnyModel).model_dump()
    training = FitTraining(max_epochs=1).model_dump()
    one = {"task": "bandit", "n_actions": 2, "name": "g", "dim": 1}
    fit([trials], fold, tmp_path / "fits.parquet", spec=spec, training=training, **one)
    table = read_columns(tmp_path / "fits.parquet")
    assert table["inner"].tolist() == [0, 0, 1, 1]
    assert table["n_unlearnt"].tolist() == np.repeat(trained, 2).tolist()


def test_a_block_with_either_of_two_choices_to_score_is_not_named(tmp_path):
    first, second = ([1, None, 0, None], [0, 1, None, None])  # of each block
    table = pd.DataFrame({"subject": "a", "block": range(4), "action": first, "state": 1, "action2": second})
    table = table.assign(mask=table["action"].notna().astype(int), mask2=table["action2"].notna().astype(int))
    table = table.assign(reward=table["mask2"].where(table["mask2"] == 1))
    table.loc[np.repeat(range(4), 3)].to_csv(tmp_path / "own.csv", index=False)
    section = {"source": "table", "task": "original_two_stage", "file": str(tmp_path / "own.csv")}
    options = checked(section, "test", AnyDataset).model_dump()
    lines = prepare(tmp_path / "meta.json", name="own", options=options, raw=tmp_path, seed=0)
    assert [line for line in lines if "no choice" in line] == [
        "data set 'own', subject 'a': no choice to score in blocks 3"
    ]


def test_only_files_of_subjects_whose_trials_changed_are_written_again(tmp_path):
    """A subject that is no longer there loses its file; the pooled table, which another job makes, stays."""
    own, folder = tmp_path / "own.csv", tmp_path / "data/subjects"

    def prepared(**action):
        lines = [f"{subject},{block},{choice},1" for subject, choice in action.items() for block in range(2)]
        own.write_text("\n".join(["subject,block,action,reward", *lines]) + "\n")
        section = {"source": "table", "task": "bandit", "file": str(own)}
        options = checked(section, "test", AnyDataset).model_dump()
        prepare(tmp_path / "data/meta.json", name="own", options=options, raw=tmp_path, seed=0)
        return read_json(tmp_path / "data/meta.json")

    prepared(a=0, b=0, c=0)
    (folder / "pooled.parquet").touch()
    before = {path.stem: path.stat().st_ino for path in folder.iterdir()}  # a file that is written anew is another one
    assert set(before) == {"a", "b", "c", "pooled"}
    meta = prepared(a=0, b=1)
    after = {path.stem: path.stat().st_ino for path in folder.iterdir()}
    assert {name: after[name] == before[name] for name in after} == {"a": True, "b": False, "pooled": True}
    assert read_columns(folder / "b.parquet")["action"].tolist() == [1, 1]
    assert meta["subjects"] == ["a", "b"]
    assert set(meta["counts_analysed"]) == {"a", "b"}


def test_a_fit_of_pooled_subjects_with_an_embedding_is_scored_with_each_subject_s_own_vector(tmp_path):
    task, spec = {"task": "bandit", "n_actions": 2}, {"family": "rnn", "cell": "gru", "subject_embedding": 2}
    spec = checked(spec | {"seeds": 2}, "test", AnyModel).model_dump()
    section = {"source": "simulate", "task": "bandit", "n_subjects": 4, "n_blocks": 3, "n_trials": 5}
    options = checked(section, "test", AnyDataset).model_dump()
    prepare(tmp_path / "meta.json", name="agents", options=options, raw=tmp_path, seed=0)
    trials, fold, fits = (tmp_path / f"{name}.parquet" for name in ("pooled", "outer0", "fits"))
    meta = read_json(tmp_path / "meta.json") | {
        "subjects": ["s2", "s0", "s3", "s1"]
    }  # rows of the table are sorted ids
    write_json(tmp_path / "shuffled.json", meta)
    pool(tmp_path / "shuffled.json", trials)
    split([trials], fold, protocol="cross_subject", outer=0, n_outer=4, n_inner=3, inner=1, seed=1)
    training = FitTraining(max_epochs=3).model_dump()
    fit([trials], fold, fits, name="g", spec=spec, dim=1, training=training, **task)
    params = load_file(tmp_path / "fits.safetensors")
    roles, subjects = (read_columns(path, [name]) for path, name in ((fold, "role"), (trials, "subject")))
    trained = {subjects["subject"][::5][block] for block in np.flatnonzero(roles["role"] == "train")}
    assert len(trained) == 2
    assert params["E_subject"].shape == (2, 4, 2)
    for row in range(4):
        assert params["E_subject"][:, row].any() == (f"s{row}" in trained)
    choice = {"status": "ok", "inner": 0, "row": 1, "parameters": "fits.safetensors"}
    write_json(tmp_path / "selected.json", choice)
    score([trials], fold, tmp_path / "selected.json", tmp_path / "scores.npz", root=tmp_path, spec=spec, dim=1, **task)
    scored, kept = scores.read(tmp_path / "scores.npz")[0], read_columns(fits)
    data = sequences.read(trials, task_of("bandit"))
    np.testing.assert_array_equal(data.subject_code, np.repeat([2, 0, 3, 1], 3))
    nll = logsumexp(scored.before(scored.logits), axis=1)
    nll -= np.take_along_axis(scored.before(scored.logits), data.action.T.reshape(-1, 1), axis=1)[:, 0]
    for role in ROLES:
        assert nll[scored.split == role].mean() == pytest.approx(kept[f"{role}_nll"][1], abs=1e-12)
    with pytest.raises(InputError, match="subject_embedding: found 2; allowed for a portrait: 0"):
        portrait([], [], tmp_path / "portrait", root=tmp_path, spec=spec, dim=1, **task)


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


def table_of_fits(model="gru", dim=2, outer=1, **changes):
    """Fits of one outer fold; of the four the third is kept (worked out in test_selection.py)."""
    same = {"dataset": "a", "subject": "s t", "model": model, "family": "rnn"}
    columns = {name: [value] * 4 for name, value in same.items()}
    columns |= {name: [value] * 4 for name, value in {"dim": dim, "outer": outer, "n_dynamical": dim}.items()}
    columns |= {"inner": [0, 0, 1, 1], "seed": [0, 1, 0, 1], "l1": [1e-5, 1e-4, 1e-3, 1e-2]}
    columns |= {"n_parameters": [21, 22, 23, 24], "epochs": [301, 302, 303, 304], "best_epoch": [101, 102, 103, 104]}
    columns |= {"ended": ["patience"] * 4, "train_nll": [0.50, 0.40, 0.45, 0.30], "val_nll": [0.50, 0.60, 0.52, 0.58]}
    columns |= {"test_nll": [0.1, 0.2, 0.3, 0.4], "test_accuracy": [0.6, 0.7, 0.8, 0.9]}
    columns |= {"n_train": [80, 80, 60, 60], "n_val": [20, 20, 40, 40], "n_test": [10, 11, 12, 13]}
    columns |= {"n_unlearnt": [0] * 4, "val_target_nll": [np.nan] * 4}
    columns |= {"status": ["ok"] * 4, "reason": [""] * 4, **changes}
    return {name: np.array(values) for name, values in columns.items()}


def test_what_is_written_of_the_kept_fit_is_its_own(tmp_path):
    fits, output = tmp_path / "fits/outer1.parquet", tmp_path / "outer1.json"
    write_columns(fits, table_of_fits())
    select(fits, output, root=tmp_path)
    expected = {"dataset": "a", "subject": "s t", "model": "gru", "dim": 2, "outer": 1, "family": "rnn"}
    expected |= {"n_dynamical": 2, "status": "ok", "row": 2, "parameters": "fits/outer1.safetensors", "inner": 1}
    expected |= {"seed": 0, "l1": 1e-3, "n_parameters": 23, "epochs": 303, "best_epoch": 103, "train_nll": 0.45}
    expected |= {"val_nll": 0.52, "test_nll": 0.3, "test_accuracy": 0.8, "n_train": 60, "n_val": 40, "n_test": 12}
    found = read_json(output)
    assert found.pop("trainval_nll") == pytest.approx((60 * 0.45 + 40 * 0.52) / 100)
    assert found == expected
    write_columns(fits, table_of_fits(status=["failed"] * 4, reason=["first", "second", "third", "fourth"]))
    select(fits, output, root=tmp_path)
    found = read_json(output)
    assert (found["status"], found["reason"]) == ("failed", "every fit failed; the first: first")
    assert "row" not in found


@pytest.mark.parametrize(("nll", "accuracy", "n"), [(np.inf, 0.25, 12), (np.nan, np.nan, 0)])
def test_losses_that_are_not_finite_are_null_in_json_and_themselves_in_tables(tmp_path, nll, accuracy, n):
    of_test = {"n_test": [n] * 4, "test_accuracy": [0.6, 0.7, accuracy, 0.9]}
    _, tables = results_of(tmp_path, {("gru", 2): {0: nll}, ("slin", 1): {0: 0.5, 1: 0.5}}, gru=of_test)
    text = Layout(tmp_path).selected("a", "s+20t", "gru", 2, 0).read_text(encoding="utf-8")
    choice = json.loads(text, parse_constant=lambda constant: pytest.fail(f"{constant} is no JSON"))
    assert (choice["test_nll"], choice["test_accuracy"], choice["val_nll"]) == (None, 0.25 if n else None, 0.52)
    selected = tables["selected"].set_index(["model", "outer"])
    assert selected["test_nll"].dtype == float
    np.testing.assert_equal(selected.loc[("gru", 0), ["test_nll", "test_accuracy"]].tolist(), [nll, accuracy])
    assert selected.loc[("slin", 1), ["test_nll", "test_accuracy"]].tolist() == [0.5, 0.8]
    why = "the test NLL of its selected fit is inf" if n else "there is no test choice to score"
    assert f"outer fold left out of comparisons: {why}" in tables["excluded"]["reason"].tolist()


def results_of(root, folds, **changes):
    """Results of a run with these models and dims, {(model, dim): {outer: its test NLL}}."""
    counts = {"s t": {"blocks": 9, "shortest_block": 5}}
    meta = {
        "dataset": "a",
        "subjects": ["s t"],
        "counts_analysed": counts,
        "removed": [],
        "options": {"subjects": "all"},
    }
    write_json(Layout(root).meta("a"), meta)
    for (model, dim), of_each in folds.items():
        for outer, nll in of_each.items():
            where = "a", "s+20t", model, dim, outer
            own = table_of_fits(model, dim, outer, test_nll=[9.0, 9.0, nll, 9.0], **changes.get(model, {}))
            write_columns(Layout(root).fit(*where), own)
            select(Layout(root).fit(*where), Layout(root).selected(*where), root=root)
    models = {model: {"a": [dim]} for model, dim in folds}
    cv = {"protocol": "blocks", "outer": 3, "inner": 2, "n_inner": 2, "seed": 1}
    lines = aggregate(root, grid={"datasets": ["a"], "models": models, "cv": {"a": cv}, "chunks": {}})
    tables = root / "tables"
    lines += summarise(tables / "fits.parquet", tables / "selected.parquet", tables, n_outer={"a": 3})
    names = ("fits", "selected", "performance", "performance_group", "excluded")
    return lines, {name: pd.read_parquet(root / f"tables/{name}.parquet") for name in names}


def test_tables_of_a_run_are_of_common_folds_and_say_what_is_missing(tmp_path):
    cut = {"ended": ["max_epochs", "patience", "patience", "patience"]}
    folds = {("gru", 2): {0: 0.5, 1: 0.6, 2: 0.9}, ("slin", 1): {0: 0.55, 1: 0.7}}
    lines, tables = results_of(tmp_path, folds, slin=cut)
    assert len(tables["fits"]) == 20
    assert len(tables["selected"]) == 5
    performance = tables["performance"].set_index("model")
    assert performance["test_nll"].to_dict() == pytest.approx({"gru": 0.55, "slin": 0.625})
    assert performance["n_outer"].tolist() == [2, 2]
    assert performance["n_outer_missing"].tolist() == [0, 1]
    assert performance["share_max_epochs"].to_dict() == {"gru": 0, "slin": 0.25}
    assert tables["performance_group"]["test_nll"].tolist() == performance["test_nll"].tolist()
    missing = tables["excluded"]
    assert missing[["subject", "model", "dim", "outer"]].to_numpy().tolist() == [["s t", "slin", 1, 2]]
    assert performance["n_test"].tolist() == [24, 24]
    assert tables["fits"].index.tolist() == list(range(20))
    assert lines == [
        "dataset a, subject s t, model slin, dim 1, outer 2: no fit: the job failed or has not run; see its log",
        "dataset a, subject s t, model slin, dim 1: 25% of the fits ended at training.max_epochs and may be worse than "
        "they could be: raise training.max_epochs",
    ]


def test_a_fold_without_a_finite_test_loss_is_in_the_tables_and_named(tmp_path):
    lines, tables = results_of(
        tmp_path, {("gru", 2): {0: 0.5, 1: np.inf, 2: 0.9}, ("slin", 1): dict.fromkeys(range(3), 1)}
    )
    assert tables["selected"]["test_nll"].tolist() == [0.5, np.inf, 0.9, 1, 1, 1]
    assert tables["performance"]["n_outer"].tolist() == [2, 2]
    what = "outer fold left out of comparisons: the test NLL of its selected fit is inf"
    assert tables["excluded"][["model", "dim", "outer", "reason"]].to_numpy().tolist() == [["gru", 2, 1, what]]
    assert lines == [f"dataset a, subject s t, model gru, dim 2, outer 1: {what}"]
    with pytest.raises(InputError, match="no fit with a test NLL to make tables of"):
        results_of(tmp_path / "none", {("gru", 2): dict.fromkeys(range(3), np.nan)})


def test_scores_have_the_roles_of_the_kept_fit_s_inner_fold(tmp_path):
    task = {"task": "bandit", "n_actions": 2}
    section = {"source": "simulate", "task": "bandit", "n_blocks": 6, "n_trials": 4}
    options = checked(section, "test", AnyDataset).model_dump()
    prepare(tmp_path / "meta.json", name="agents", options=options, raw=tmp_path, seed=0)
    trials, fold = tmp_path / "subjects/s0.parquet", tmp_path / "outer0.parquet"
    split([trials], fold, protocol="blocks", outer=0, n_outer=3, n_inner=4, inner=4, seed=1)
    spec = checked({"family": "cognitive", "model": "MB0"}, "test", AnyModel).model_dump()
    fit([trials], fold, tmp_path / "fits.parquet", name="m", spec=spec, dim=None, training=None, **task)
    roles = read_columns(fold)
    for inner in range(4):
        choice = {"status": "ok", "inner": inner, "row": inner, "parameters": "fits.safetensors"}
        write_json(tmp_path / "selected.json", choice)
        score([trials], fold, tmp_path / "selected.json", tmp_path / "s.npz", root=tmp_path, spec=spec, dim=2, **task)
        [scored] = scores.read(tmp_path / "s.npz")
        expected = roles["role"][roles["inner"] == inner]  # one for each block of four trials
        assert scored.split.reshape(6, 4).tolist() == [[role] * 4 for role in expected]
    every_validated = {block for block, role in zip(roles["block"], roles["role"], strict=True) if role == "val"}
    assert len(every_validated) == 4, "the inner folds must differ"
