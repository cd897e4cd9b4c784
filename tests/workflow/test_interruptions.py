"""A run that is killed, runs out of disk space, loses half a file or is moved makes what it makes undisturbed."""

from __future__ import annotations

import base64
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from project import Project, small_config, small_table

KILLS = int(os.environ.get("TINYCOG_KILLS", "6"))  # `make test-kills` takes 20
pytestmark = pytest.mark.xdist_group("interruptions")


def config() -> dict:
    return small_config() | {"analyses": {"dimensionality": {"bootstrap": 100}}}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Project:
    """A run that nothing happened to."""
    folder = tmp_path_factory.mktemp("undisturbed")
    small_table(folder)
    project = Project(folder, config())
    project.run()
    return project


@pytest.fixture
def project(tmp_path) -> Project:
    small_table(tmp_path)
    return Project(tmp_path, config())


@contextmanager
def started(project: Project, *arguments: str) -> Iterator[subprocess.Popen]:
    """Snakemake in a process group of its own, which is killed in the end."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", "test.yaml", *arguments]
    options = {"cwd": project.folder, "env": project.environment(), "text": True, "start_new_session": True}
    process = subprocess.Popen(command, **options, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def logs(project: Project) -> int:
    """How many jobs have been started."""
    return len(list((project.results / "logs").rglob("*.log"))) if project.results.exists() else 0


def fitted(project: Project) -> dict[Path, int]:
    """When each fit was written that Snakemake knows to be finished."""
    marks = (project.folder / ".snakemake/incomplete").glob("*")
    unfinished = {project.folder / base64.b64decode(mark.name).decode() for mark in marks if mark.is_file()}
    files = project.results.glob("fits/**/*.parquet")
    return {file: file.stat().st_mtime_ns for file in files if file not in unfinished and "/." not in str(file)}


@pytest.mark.slow
def test_a_run_that_is_killed_again_and_again_ends_the_same(undisturbed, project):
    """All its processes at once, at moments drawn at random; no fit that was finished is made a second time."""
    draw = random.Random(1)
    moments = sorted(draw.sample(range(1, logs(undisturbed)), KILLS))
    finished: dict[Path, int] = {}
    for n, moment in enumerate(moments):
        with started(project, "--rerun-incomplete") as process:
            while logs(project) < moment and process.poll() is None:
                time.sleep(0.02)
            time.sleep(draw.uniform(0, 0.5))
            assert process.poll() is None or n, process.communicate()[0]
        assert project.snakemake("--unlock").code == 0
        now = fitted(project)
        assert {file: now.get(file) for file in finished} == finished
        finished = now
    last = project.run("--rerun-incomplete")
    now = fitted(project)
    assert {file: now[file] for file in finished} == finished
    # one may have ended when its mark was still there
    assert len(last.of("fit_model")) <= 12 - len(finished)
    assert len(finished) > 0
    assert project.files() == undisturbed.files()


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A file system of this size at the folder."""
    folder.mkdir(parents=True)
    if os.getuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]).returncode:
        pytest.skip("a small file system takes root, and a container that may mount one")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.slow
def test_a_full_disk_is_named_and_loses_nothing(undisturbed, project):
    with small_disk(project.results, "180k"):
        full = project.call("snakemake", "--cores", "2", "--configfile", "test.yaml")
        assert full.code == 1
        assert "the disk is full: make room" in full.output
        assert "Traceback" not in full.output
        finished = fitted(project)
        subprocess.run(["mount", "-o", "remount,size=50m", project.results], check=True)
        project.run("--rerun-incomplete")
        now = fitted(project)
        assert {file: now[file] for file in finished} == finished
        assert project.files() == undisturbed.files()


def test_results_that_cannot_be_written_are_told_before_any_job(project):
    with small_disk(project.results, "10m"):
        subprocess.run(["mount", "-o", "remount,ro", project.results], check=True)
        run = project.call("snakemake", "--cores", "2", "--configfile", "test.yaml")
        assert run.code == 1
        assert "results/small cannot be written: the file system is read-only" in run.output
        assert "Traceback" not in run.output
        planned = project.plan()  # which writes nothing
        assert planned.rules()["prepare_data"] == 1


@pytest.mark.slow
def test_half_a_file_is_named_and_made_anew_when_it_is_deleted(undisturbed, tmp_path):
    project = undisturbed.copied_to(tmp_path / "copy")
    place = "results/small/fits/mine/m1/gru/d2/outer"
    table, parameters = (project.folder / name for name in (f"{place}0.parquet", f"{place}1.safetensors"))
    for file in (table, parameters):
        os.truncate(file, file.stat().st_size // 2)
    told = project.call("tinycog", "status", "test.yaml").output
    for outer in (0, 1):  # what is made of these files
        (project.results / f"selected/mine/m1/gru/d2/outer{outer}.json").unlink()
    failed = project.call("snakemake", "--cores", "1", "--keep-going", "--configfile", "test.yaml")
    assert failed.code == 1
    for file in (f"{place}0.parquet", f"{place}1.safetensors"):
        assert f"{file} is damaged (" in failed.output
        assert f"{file} is damaged (" in told
    assert "Traceback" not in failed.output
    assert "gru                             6 of 8" in told
    table.unlink()
    parameters.unlink()
    mended = project.run()
    assert len(mended.of("fit_model")) == 2
    assert project.files() == undisturbed.files()


def test_a_second_run_in_the_same_folder_is_refused(project):
    slow = project.folder / "workflow/src/tinycog/steps/prepare.py"
    slow.write_text("import time\nopen('started', 'w').close()\ntime.sleep(60)\n")
    with started(project):
        for _ in range(600):
            if (project.folder / "started").exists():
                break
            time.sleep(0.1)
        second = project.call("snakemake", "--cores", "1", "--configfile", "test.yaml")
    assert second.code == 1
    assert "Directory cannot be locked" in second.output
    assert "--unlock" in second.output
    assert "Traceback" not in second.output


def test_a_finished_run_may_be_moved(undisturbed, tmp_path):
    """With the folder that Snakemake keeps, or without it."""
    copy = undisturbed.copied_to(tmp_path / "copy")
    shutil.move(copy.folder, tmp_path / "moved")
    copy.folder = tmp_path / "moved"
    assert not copy.plan().rules()
    shutil.rmtree(copy.folder / ".snakemake")
    assert not copy.plan().rules()
