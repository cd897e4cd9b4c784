"""Whole runs: the same bytes on any number of cores, failures that stay where they are, messages for people."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys

import pandas as pd
import pytest
from project import ROOT, Project, small_config, small_table

from tinycog.trials.subjects import directory


@pytest.fixture
def project(tmp_path):
    small_table(tmp_path)
    return Project(tmp_path, small_config())


@pytest.mark.slow
def test_one_core_and_two_give_the_same_bytes(project, tmp_path_factory):
    project.run()
    folder = tmp_path_factory.mktemp("one")
    small_table(folder)
    one = Project(folder, small_config())
    run = one.snakemake("--cores", "1")
    assert run.code == 0, run.output
    first, second = project.files(), one.files()
    assert len(first) > 100
    assert list(first) == list(second)
    assert [name for name in first if first[name] != second[name]] == []


@pytest.mark.slow
def test_failed_fits_are_recorded_and_the_rest_goes_on(project):
    config = copy.deepcopy(project.config)
    config["training"]["learning_rate"] = 1e308  # the step overflows: every network diverges at its second epoch
    project.configure(config)
    project.run()
    tables = project.results / "tables"
    excluded = pd.read_csv(tables / "excluded.csv")
    assert set(excluded["model"]) == {"gru"}
    assert excluded["reason"].str.fullmatch(r"2 of 2 fits failed: loss not finite at epoch 1").all()
    fits = pd.read_parquet(tables / "fits.parquet")
    failed = fits["status"] == "failed"
    assert (fits["model"].eq("gru") == failed).all()
    assert fits.loc[failed, "test_nll"].isna().all()
    performance = pd.read_csv(tables / "performance.csv")
    assert set(performance["model"]) == {"LS0"}
    chosen = json.loads((project.results / "selected/mine/m1/gru/d1/outer0.json").read_text())
    assert chosen["status"] == "failed"


@pytest.mark.slow
def test_a_failed_job_leaves_the_rest_and_tables_say_what_is_missing(project):
    folds = [f"results/small/folds/mine/{subject}/outer{outer}.parquet" for subject in ("m1", "m2") for outer in (0, 1)]
    project.run(*folds)
    bad = project.results / "folds/mine/m1/outer1.parquet"
    good = bad.read_bytes()
    table = pd.read_parquet(bad)
    table[table["block"] != 3].to_parquet(bad)  # a block is lost: the fits of this fold cannot run
    run = project.snakemake("--cores", "2", "--keep-going", "--rerun-triggers", "mtime")
    assert run.code != 0
    assert "inner fold 0 does not list each of the 6 blocks of the trials once" in run.output
    finished = sorted((project.results / "fits").rglob("*.parquet"))
    assert len(finished) == 9
    partial = project.snakemake("--cores", "2", "--config", "allow_missing=true")
    assert partial.code == 0, partial.output
    tables = project.results / "tables"
    excluded = pd.read_csv(tables / "excluded.csv")
    assert len(excluded) == 3
    assert (excluded[["subject", "outer"]] == ["m1", 1]).all(axis=None)
    assert excluded["reason"].str.startswith("no fit: the job failed or has not run").all()
    performance = pd.read_csv(tables / "performance.csv").set_index(["subject", "model"])
    assert (performance.loc["m1", "n_outer_missing"] == 1).all()
    assert (performance.loc["m2", "n_outer_missing"] == 0).all()
    bad.write_bytes(good)
    project.run()
    assert pd.read_csv(tables / "excluded.csv").empty


@pytest.mark.slow
def test_subjects_with_too_few_blocks_are_left_out(tmp_path):
    path = small_table(tmp_path)
    table = pd.read_csv(path)
    table[(table["subject"] == "m1") | (table["block"] < 2)].to_csv(path, index=False)
    project = Project(tmp_path, small_config())
    project.run("tables")
    excluded = pd.read_csv(project.results / "tables/excluded.csv")
    assert excluded["subject"].tolist() == ["m2"]
    assert "2 blocks leave 1 outside a test fold, fewer than cv.inner = 2" in excluded["reason"][0]
    assert set(pd.read_csv(project.results / "tables/performance.csv")["subject"]) == {"m1"}


@pytest.mark.slow
def test_report_is_made_offline(project):
    project.run()
    run = project.snakemake("--report", "report.html")
    assert run.code == 0, run.output
    page = (project.folder / "report.html").read_text()
    for word in ("Dimensionality", "Prediction", "Dynamics", "Tables"):
        assert word in page


@pytest.mark.slow
def test_a_codebook_beside_the_tables_names_their_columns(tmp_path):
    """Every table of the run and no other, its columns in the order of the CSV, and their types."""
    small_table(tmp_path)
    config = small_config()
    config["models"]["gru"]["dims"] = [1]
    project = Project(tmp_path, config)
    project.run("tables")
    folder = project.results / "tables"
    sections = re.split(r"^## ", (folder / "README.md").read_text(), flags=re.M)[1:-1]
    lines = {part.split("\n")[0]: re.findall(r"^\| `(.*?)` \| (.*?) \|", part, flags=re.M) for part in sections}
    assert set(lines) == {path.stem for path in folder.glob("*.csv")}
    assert "parameters" in lines
    types = {"text": "str", "JSON": "str", "number": "float64", "yes or no": "bool", "integer": "int64"}
    for name, columns in lines.items():
        table = pd.read_parquet(folder / f"{name}.parquet")
        assert [column for column, _ in columns] == list(table) == list(pd.read_csv(folder / f"{name}.csv", nrows=0))
        assert [types[kind] for _, kind in columns] == [str(dtype).replace("I", "i") for dtype in table.dtypes], name
    (folder / "README.md").unlink()
    assert project.snakemake("--dry-run", "--cores", "1", "tables").rules() == {"write_codebook": 1}


def test_an_experiment_plans_no_job_of_the_demo(tmp_path, data_folder):
    project = Project(tmp_path, small_config())
    command = ["--configfile", "config/experiments/monkeys.yaml", "--config", f"raw={data_folder}"]
    run = project.snakemake("--dry-run", "--cores", "1", *command[2:], *["--configfile", command[1]])
    assert run.code == 0, run.output
    assert run.of("prepare_data") == [{"dataset": "bartolo"}]
    assert "results/monkeys/" in run.output
    assert "demo" not in run.output


def test_a_file_that_is_not_the_published_one_is_a_warning_and_ends_a_strict_run(tmp_path):
    config = small_config()
    config["datasets"] = {"b": {"source": "bahrami"}}
    config["models"].pop("LS0")
    config["raw"] = "raw"
    project = Project(tmp_path, config)
    missing = project.snakemake("--dry-run", "--cores", "1")
    assert missing.code == 1
    assert "python -m tinycog download --source bahrami --raw raw" in missing.output
    assert not (tmp_path / "raw").exists()
    file = tmp_path / "raw/bahrami-4arm-bandit/DataAllSubjectsRewards.csv"
    file.parent.mkdir(parents=True)
    header = "id,choice,reward,rt,payoff_group,reward_c1,reward_c2,reward_c3,reward_c4"
    file.write_text("\n".join([header, *["1,1,50,700,2,50,50,50,50"] * 150]) + "\n")
    meta = "results/small/data/b/meta.json"
    lenient = project.snakemake("--cores", "1", meta)
    assert lenient.code == 0, lenient.output
    assert "warning: datasets.b: bahrami-4arm-bandit/DataAllSubjectsRewards.csv is not the published" in lenient.output
    assert "checksum_warnings" in (tmp_path / meta).read_text()
    strict = project.snakemake("--cores", "1", "--config", "strict_checksums=true", "--", meta)
    assert strict.code == 1
    assert "expected ad5acb1d" in strict.output


def edit(path, value):
    config = small_config()
    *keys, last = path.split(".")
    section = config
    for key in keys:
        section = section[key]
    section[last] = value
    return config


BAD = [
    (edit("datasets.mine.file", "nofile.csv"), "nofile.csv: no such file (the data set's table)"),
    (
        edit("datasets.mine.columns", {"action": "choise"}),
        "datasets.mine.columns.action: choices.csv has no column 'choise'",
    ),
    (
        edit("models.MBX", {"family": "cognitive"}),
        "models.MBX: task 'reversal' with 2 actions has no cognitive model 'MBX'",
    ),
    (edit("models.gru.dims", [0]), "models.gru.dims.0: found 0; must be greater than or equal to 1"),
    (edit("models.gru.l1", [-1e-5]), "models.gru.l1.0: found -1e-05; must be greater than or equal to 0"),
    (
        edit("datasets.mine", {"source": "simulate", "task": "bandit", "n_blocks": 1}),
        "datasets.mine.n_blocks: 1 blocks are fewer",
    ),
    (
        edit("datasets.mine", {"source": "simulate", "task": "bandit", "subjects": ["x"]}),
        "datasets.mine.subjects: ['x'] not among",
    ),
    (edit("trainin", {}), "trainin: unknown key; did you mean 'training'?"),
]


@pytest.mark.parametrize(("config", "message"), BAD, ids=[message[:40] for _, message in BAD])
def test_bad_input_ends_before_any_job_with_one_message(project, config, message):
    project.configure(config)
    run = project.snakemake("--cores", "1")
    assert run.code != 0
    assert message in run.output
    assert "Traceback" not in run.output
    assert "WorkflowError" not in run.output
    lines = [line for line in run.output.strip().split("\n") if not line.startswith("Config file ")]
    assert len(lines) == 1, run.output
    assert not project.results.exists()


@pytest.mark.parametrize(
    ("subjects", "message"),
    [
        (["m9"], "datasets.mine.subjects: m9 not in the data; there are: m1, m2"),
        ("all", "row 3, column 'action': found '7'; allowed: integers"),
    ],
)
def test_what_only_the_rows_show_ends_at_the_first_job(project, subjects, message):
    path = project.folder / "choices.csv"
    if subjects == "all":
        table = pd.read_csv(path)
        table.loc[1, "action"] = 7
        table.to_csv(path, index=False)
    project.configure(edit("datasets.mine.subjects", subjects))
    run = project.snakemake("--cores", "1")
    assert run.code != 0
    assert message in run.output
    assert "Traceback" not in run.output
    assert run.rules() == {"prepare_data": 1}
    assert not list(project.results.rglob("*.parquet"))


def test_plan_prints_jobs_fits_and_time(tmp_path):
    small_table(tmp_path)
    project = Project(tmp_path, small_config())
    command = [sys.executable, "-m", "tinycog", "plan", "test.yaml"]
    done = subprocess.run(command, cwd=project.folder, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    columns = done.stdout.split("\n")[2].split()
    # 2 subjects x 3 sets of fits x 2 outer folds; networks: 2 inner folds, cognitive models as well
    assert columns[:6] == ["mine", "2", "0", "96", "12", "24"]
    assert not (project.folder / "results").exists()


def test_command_line_says_errors_in_a_sentence():
    command = [
        sys.executable,
        "-m",
        "tinycog",
        "fit",
        "--trials",
        "t",
        "--fold",
        "f",
        "--task",
        "bandit",
        "--name",
        "x",
    ]
    done = subprocess.run(
        [*command, "--model", '{"family": "rnn", "unit": 1}', "--output", "o"], text=True, capture_output=True
    )
    assert done.returncode != 0
    assert "--model: unit: unknown key" in done.stderr or "--spec: unit: unknown key" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["snakefmt", "--check", "Snakefile", "workflow"],
        ["snakemake", "--lint"],
        ["snakemake", "--lint", "--snakefile", "workflow/bench/Snakefile"],
    ],
    ids=" ".join,
)
def test_style(command):
    module = [sys.executable, "-m", *command]
    done = subprocess.run(module, cwd=ROOT, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_data_sets_of_different_tasks_have_models_of_their_own_and_parameters_are_recovered(tmp_path):
    """No network competes for d*, a table of recovered parameters for the simulated data set alone."""
    config = small_config()
    agent = {"model": "MF", "parameters": {"alpha": 0.5, "beta": 3}}
    config["datasets"]["arms"] = {"source": "simulate", "task": "four_armed_bandit", "agent": agent}
    config["datasets"]["arms"] |= {"n_blocks": 6, "n_trials": 10}
    config["models"] = {
        "LS0": {"family": "cognitive", "datasets": ["mine"]},
        "MF": {"family": "cognitive", "datasets": ["arms"], "optimizer": "nelder-mead"},
        "MFDp": {"family": "cognitive", "datasets": ["arms"], "seeds": 2},
    }
    config["analyses"] = {"parameter_recovery": {"agents": 3, "ranges": {"alpha": [0.4, 0.5]}}}
    small_table(tmp_path)
    project = Project(tmp_path, config)
    run = project.run()
    assert {(job["dataset"], job["model"]) for job in run.of("fit_model")} == {
        *(("mine", "LS0"), ("arms", "MF"), ("arms", "MFDp"))
    }
    fits = pd.read_parquet(project.results / "tables/fits.parquet")
    assert fits.groupby("model")["seed"].nunique().to_dict() == {"LS0": 1, "MF": 1, "MFDp": 2}
    assert (fits["status"] == "ok").all()
    performance = pd.read_csv(project.results / "tables/performance.csv")
    assert performance.set_index("model")["n_dynamical"].to_dict() == {"LS0": 1, "MF": 4, "MFDp": 8}
    recovered = pd.read_csv(project.results / "tables/parameter_recovery.csv")
    parameters = recovered.groupby("model")["parameter"].apply(list).to_dict()
    assert parameters == {"MF": ["alpha", "beta"], "MFDp": ["alpha", "D", "alpha_X", "kappa", "beta"]}
    assert (recovered["n_agents"] == 3).all()
    alpha = recovered[recovered["parameter"] == "alpha"]
    assert (alpha["low"] >= 0.4).all()
    assert (alpha["high"] <= 0.5).all()
    assert (project.results / "figures/recovery__arms__MFDp.png").stat().st_size > 10_000
    assert project.plan().jobs == []

    config["models"]["MFDp"]["seeds"] = 3  # runs its own fits and agents, and no other
    project.configure(config)
    again = project.run()
    assert {job["model"] for job in again.of("fit_model")} == {"MFDp"}
    assert {job["model"] for job in again.of("recover_parameters")} == {"MFDp"}


@pytest.mark.slow
def test_more_than_two_arms_run_without_portraits(tmp_path):
    """Three arms: one-hot inputs, networks only, and no portrait to draw."""
    table = pd.read_csv(small_table(tmp_path))
    table["action"] = (table["action"] + table.index) % 3
    table.to_csv(tmp_path / "choices.csv", index=False)
    config = small_config()
    config["datasets"]["mine"] |= {"task": "bandit", "n_actions": 3}
    del config["models"]["LS0"]
    project = Project(tmp_path, config)
    run = project.run()
    assert not run.of("analyse_models_0")
    performance = pd.read_csv(project.results / "tables/performance.csv")
    assert (performance["n_parameters"] == performance["dim"].map({1: 27, 2: 57})).all()  # (methods: parameter counts)


ODD_IDS = ["rat 1/left", "../up", "été", "a__b"]


def odd_subjects(folder) -> dict:
    """Four subjects whose ids could not name folders, in the table of a small config with one cognitive model."""
    table = pd.read_csv(small_table(folder))
    later = table.assign(subject=table["subject"].map({"m1": "m3", "m2": "m4"}))
    table = pd.concat([table, later])
    table["subject"] = table["subject"].map(dict(zip(["m1", "m2", "m3", "m4"], ODD_IDS, strict=True)))
    table.to_csv(folder / "choices.csv", index=False)
    config = small_config()
    del config["models"]["gru"]
    return config


@pytest.mark.slow
def test_subjects_keep_ids_that_could_not_name_folders(tmp_path):
    project = Project(tmp_path, odd_subjects(tmp_path))
    project.run()
    assert pd.read_csv(project.results / "tables/performance.csv")["subject"].tolist() == ODD_IDS
    assert set(pd.read_csv(project.results / "tables/description.csv")["subject"]) == {*ODD_IDS, "all"}
    names = {directory(subject) for subject in ODD_IDS}
    assert {path.stem for path in (project.results / "data/mine/subjects").iterdir()} == names
    assert {path.name for path in (project.results / "folds/mine").iterdir()} == names


@pytest.mark.slow
def test_subjects_held_out_whole_are_fitted_as_one(tmp_path):
    config = odd_subjects(tmp_path) | {"cv": {"protocol": "cross_subject", "outer": 2, "inner": 2}}
    config["datasets"]["mine"]["augment"] = 1
    project = Project(tmp_path, config)
    run = project.run()
    assert {job["subject"] for job in run.of("fit_model")} == {"pooled"}
    assert len(run.of("pool_subjects")) == 1
    assert "<h1>pooled</h1>" in (project.results / "subjects/mine/pooled.html").read_text()
    fits = pd.read_parquet(project.results / "tables/fits.parquet")
    assert set(fits["subject"]) == {"pooled"}
    assert fits["inner"].tolist() == [0, 0]  # the first of the inner folds alone
    # 4 subjects x 6 blocks x 8 trials: a half tests; of the other half one subject validates; copies are not counted
    assert fits["n_test"].tolist() == [96, 96]
    assert fits["n_val"].tolist() == [48, 48]
    assert fits["n_train"].tolist() == [48, 48]
    assert not project.plan().rules()
