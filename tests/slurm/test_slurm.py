"""A small experiment by a real SLURM: results of one machine, submissions of several jobs, and one that is killed."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import local_slurm
import pytest
from project import Project, small_config, small_table

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("slurm")]
TARGETS = ["results/small/tables/fits.csv"]
QUICK = ["--latency-wait", "5"]
# of this cluster, which has no accounting: how to ask for states, and how soon
SLURM = [
    "--slurm-keep-successful-logs",
    "--slurm-status-command",
    "squeue",
    "--slurm-no-account",
    "--slurm-init-seconds-before-status-checks",
    "1",
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[dict[str, str]]:
    if why := local_slurm.lacking():
        pytest.skip(f"no SLURM can be started: {why}")
    with local_slurm.running(tmp_path_factory.mktemp("cluster") / "slurm") as env:
        yield env


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> Project:
    """The same without a cluster."""
    project = small(tmp_path_factory.mktemp("here"))
    project.run("--", *TARGETS)
    return project


def small(folder: Path) -> Project:
    """One subject, two models, two outer folds."""
    small_table(folder)
    config = small_config() | {"analyses": {}}
    config["models"]["gru"]["dims"] = [1]
    config["datasets"]["mine"]["subjects"] = ["m1"]
    return Project(folder, config)


def jobs(env: dict[str, str]) -> list[dict[str, str]]:
    """What SLURM knows of each job since it was started."""
    said = subprocess.run(["scontrol", "show", "jobs", "--oneliner"], env=env, capture_output=True, text=True).stdout
    return [dict(re.findall(r"(\w+)=(\S+)", line)) for line in said.splitlines() if "JobId=" in line]


def test_a_cluster_makes_what_one_machine_makes_though_a_job_is_killed(cluster, here, tmp_path):
    project = small(tmp_path)
    command = [sys.executable, "-m", "snakemake", "--workflow-profile", "workflow/profiles/slurm", *SLURM, *QUICK]
    command += ["--configfile", "test.yaml", "--", *TARGETS]
    env = {**cluster, **project.environment(), "PATH": f"{Path(sys.executable).parent}:{cluster['PATH']}"}
    before = len(jobs(cluster))
    process = subprocess.Popen(
        command, cwd=project.folder, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        killed = kill_the_fits(cluster, project)
        output, _ = process.communicate(timeout=1200)
    finally:
        process.kill()
    assert process.returncode == 0, output
    assert "jobs that were submitted together" in output  # which failed, and were submitted again
    done = jobs(cluster)[before:]
    assert {job["JobId"] for job in done if job["JobState"] != "COMPLETED"} == {killed}
    # of the 12 jobs: data, folds, fits and scores (twice: one was killed), the table
    assert len(done) == 5
    fits = [job for job in done if "fit_model" in job["Comment"]]
    assert len(fits) == 2
    assert all(job["NumCPUs"] == "1" for job in done)
    first, second = (minutes(job["TimeLimit"]) for job in fits)
    assert first == 4 * (2 + 3)  # 4 fits of seconds, and their scores, one after the other
    assert second == 4 * (2 * 2 + 3 * 4)
    ours, theirs = project.files(), here.files()
    assert {name for name in theirs if not name.startswith("logs")} <= set(ours)
    assert {name: ours[name] for name in theirs} == theirs
    # each submission starts Snakemake twice, however many jobs it has, and uses the cores that it asked for
    log = (
        project.folder / f"results/logs/slurm/group_brief_fits_fit_model_score_model/{fits[1]['JobId']}.log"
    ).read_text()
    assert log.count("\nSNAKEMAKE\n") == 2
    assert log.count("Provided cores: 1 ") == 1
    assert log.count("localrule fit_model:") == 4
    progress = (project.results / "logs/progress.log").read_text()
    assert "FAILED: 8 jobs that were submitted together" in progress
    assert " 100 %" in progress


def kill_the_fits(env: dict[str, str], project: Project) -> str:
    """Cancel the job that fits as soon as it has fitted something, and say which it was."""
    end = time.monotonic() + 600
    while time.monotonic() < end:
        running = [job for job in jobs(env) if job["JobState"] == "RUNNING" and "fit_model" in job["Comment"]]
        if running and list(project.results.glob("fits/**/outer*.parquet")):
            subprocess.run(["scancel", running[0]["JobId"]], env=env, check=True)
            return running[0]["JobId"]
        time.sleep(0.2)
    raise AssertionError("no job that fits was running within ten minutes")


def minutes(limit: str) -> int:
    """Of a time limit as SLURM writes it, hours:minutes:seconds."""
    hours, of_hour, _ = map(int, limit.split(":"))
    return 60 * hours + of_hour


def test_the_generic_profile_submits_by_any_command(cluster, tmp_path):
    pytest.importorskip(
        "snakemake_executor_plugin_cluster_generic", reason="the plugin for other schedulers is missing"
    )
    project = small(tmp_path)
    submit = "sbatch --parsable --output=/dev/null --time={resources.runtime} --mem={resources.mem_mb} -c {threads}"
    options = ["--workflow-profile", "workflow/profiles/generic", "--cluster-generic-submit-cmd", submit, *QUICK]
    options += [
        "--cluster-generic-cancel-cmd",
        "scancel",
        "--configfile",
        "test.yaml",
        "--",
        "results/small/folds/mine/m1/outer0.parquet",
    ]
    before = len(jobs(cluster))
    env = {**cluster, "PATH": f"{Path(sys.executable).parent}:{cluster['PATH']}"}
    run = project.call("snakemake", *options, env=env)
    assert run.code == 0, run.output
    assert [minutes(job["TimeLimit"]) for job in jobs(cluster)[before:]] == [30, 3]
