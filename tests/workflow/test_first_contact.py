"""What a person sees: the first lines, progress, what failed, what was found, and the end after Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
from project import Project, Run, small_config, small_table


@pytest.fixture
def project(tmp_path):
    small_table(tmp_path)
    return Project(tmp_path, small_config())


def plain(project: Project, *arguments: str, **options) -> Run:
    """Snakemake without an option that asks for more or less output."""
    return project.call("snakemake", *arguments, **options)


@pytest.mark.slow
def test_a_run_says_little_and_ends_with_what_was_found(project):
    run = plain(project, "--cores", "2", "--configfile", "test.yaml", "--config", "seed=1")
    assert run.code == 0, run.output
    lines = run.output.splitlines()
    assert lines[0] == "tinycog: run 'small' of test.yaml; results go to results/small"
    assert len(lines) <= 36  # 57 jobs, a line of them for the page; Snakemake alone prints 900
    performance = pd.read_csv(project.results / "tables/performance.csv")
    best = performance.loc[performance[performance["subject"] == "m1"]["test_nll"].idxmin()]
    d_star = pd.read_csv(project.results / "tables/dimensionality.csv").set_index(["subject", "rule"])["d_star"]
    found = next(line for line in lines if line.startswith("  mine  m1"))
    assert f"{best['model']}, d = {best['dim']}  NLL {best['test_nll']:.4f}" in found
    assert found.endswith(f"d* = {d_star['m1', 'reference']}")
    places = {"Page:    ": "index.html", "Tables:  ": "tables", "Figures: ": "figures"}
    assert lines[-4:-1] == [f"{name}results/small/{place}" for name, place in places.items()]
    assert all((project.results / place).exists() for place in places.values())
    assert lines[-1] == "Report:  snakemake --configfile test.yaml --report results/small/report.html --config seed=1"
    # the command makes the report of this run
    made = plain(project, *lines[-1].split()[2:])
    assert made.code == 0, made.output
    assert (project.results / "report.html").stat().st_size > 1e5
    # Snakemake's own log has every job
    full = max((project.folder / ".snakemake/log").glob("*.log"), key=lambda path: path.stat().st_size).read_text()
    assert full.count("rule fit_model:") == 12
    # asked again, there is nothing to do, and it was still found
    again = plain(project, "--cores", "2", "--configfile", "test.yaml", "--config", "seed=1")
    assert again.output.splitlines()[1] == "Nothing to do: everything is up to date."
    assert found in again.output
    # a failure, here by a fold file that lost a block
    for outer in (0, 1):
        bad = project.results / f"folds/mine/m1/outer{outer}.parquet"
        table = pd.read_parquet(bad)
        table[table["block"] != 3].to_parquet(bad)
    failed = plain(
        project, "--cores", "1", "--configfile", "test.yaml", "--config", "seed=1", "--rerun-triggers", "mtime"
    )
    assert failed.code == 1
    assert "FAILED: fit_model (dataset=mine, subject=m1, model=" in failed.output
    assert failed.output.count("does not list each of the 6 blocks of the trials once") == 1
    assert "  its log: results/small/logs/fit_model/mine/m1/" in failed.output
    assert failed.output.splitlines()[-1].endswith(
        ":  snakemake --configfile test.yaml --cores 1 --config seed=1 allow_missing=true"
    )
    assert "--rerun-triggers mtime --keep-going" in failed.output
    assert len(failed.output.splitlines()) < 12
    assert "RuleException" not in failed.output


@pytest.mark.parametrize("whole_group", [True, False], ids=["terminal", "kill"])
def test_ctrl_c_ends_at_once_with_how_to_go_on(project, whole_group):
    """A terminal interrupts Snakemake and its jobs; another program may interrupt Snakemake alone."""
    slow = project.folder / "workflow/src/tinycog/steps/prepare.py"
    slow.write_text("import time\nopen('started', 'w').close()\ntime.sleep(60)\n")
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", "test.yaml"]
    process = subprocess.Popen(
        command,
        cwd=project.folder,
        env=project.environment(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    for _ in range(600):
        if (project.folder / "started").exists():
            break
        time.sleep(0.1)
    start = time.monotonic()
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert time.monotonic() - start < 5  # one or two seconds where nothing else runs
    assert process.returncode == 130
    assert output.splitlines()[-1] == (
        f"stopped; finished work is kept; go on with: snakemake {' '.join(command[3:])} --rerun-incomplete"
    )
    assert "Exception" not in output
    assert "Traceback" not in output
    assert not list((project.folder / ".snakemake/locks").glob("*"))


@pytest.mark.parametrize("option", ["--cores", "--jobs"])
def test_no_cores_are_refused(project, option):
    run = plain(project, option, "0", "--configfile", "test.yaml", timeout=120)
    assert run.code == 1
    assert "--cores 0 (or --jobs 0) runs nothing, ever; give a number from 1 on, or: --cores all" in run.output
    assert "Traceback" not in run.output


def test_the_demo_says_that_it_is_and_names_the_experiment_here(project):
    run = plain(project, "--cores", "1", "--dry-run")
    first, second = run.output.splitlines()[:2]
    assert first.startswith("tinycog: run 'demo' of config/config.yaml, the default config")
    assert second.endswith(": snakemake --cores 1 --dry-run --configfile test.yaml")
    assert run.rules()["prepare_data"] == 2  # a dry run has its jobs as ever


@pytest.mark.parametrize("asked", [["--quiet", "host"], ["--printshellcmds"], ["--verbose"]], ids=" ".join)
def test_what_the_user_asks_for_wins(project, asked):
    meta = "results/small/data/mine/meta.json"
    run = plain(project, "--cores", "1", "--configfile", "test.yaml", *asked, "--", meta)
    assert run.code == 0, run.output
    assert run.rules() == {"prepare_data": 1}


def test_run_works_from_any_folder(project, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    experiment = os.path.relpath(project.folder / "test.yaml", elsewhere)
    meta = "results/small/data/mine/meta.json"
    command = ["run", experiment, "--cores", "1", "--config", "seed=3"]
    run = project.call("tinycog", *command, "--", meta, folder=elsewhere)
    assert run.code == 0, run.output
    assert (elsewhere / meta).is_file()  # results lie where one stands; the table was found beside the experiment
    assert not project.results.exists()
    again = project.call("tinycog", *command, "--", meta, folder=elsewhere)
    assert "Nothing to do" in again.output
    demo = project.call("tinycog", "run", "--dry-run", folder=elsewhere)
    assert demo.code == 0, demo.output
    assert "tinycog: run 'demo'" in demo.output
