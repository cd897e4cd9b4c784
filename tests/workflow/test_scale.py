"""The work of planning a run grows with its jobs, and not with their square."""

from __future__ import annotations

import os
import pstats
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import yaml
from project import ROOT, Project, small_config, small_table

import raw_files
from tinycog.storage import write_json
from tinycog.trials.subjects import chunk

PROFILED = """
import cProfile, sys
from snakemake.cli import main
profile = cProfile.Profile()
try:
    profile.runcall(main, sys.argv[2:])
except SystemExit as end:
    assert not end.code
profile.dump_stats(sys.argv[1])
"""


def calls(folder: Path, n_subjects: int) -> Counter[str]:
    """How often each function of the library was called in a dry run on data that have been prepared."""
    folder.mkdir()
    table = pd.read_csv(small_table(folder))
    one = table[table["subject"] == "m1"]
    copies = [one.assign(subject=f"p{i}") for i in range(n_subjects)]
    pd.concat(copies).to_csv(folder / "choices.csv", index=False)
    project = Project(folder, small_config())
    project.run("results/small/data/mine/meta.json")
    command = [sys.executable, "-c", PROFILED, "stats", "--configfile", "test.yaml", "--dry-run", "--cores", "1", "-q"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(command, cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = pstats.Stats(str(folder / "stats")).stats
    counted = Counter()  # several generators of a module have the same name
    for (file, _, name), row in found.items():
        if "tinycog" in file:
            counted[f"{Path(file).name}:{name}"] += row[1]
    return counted


@pytest.mark.slow
def test_fits_are_listed_once_however_many_portraits_ask_for_them(tmp_path):
    few, many = calls(tmp_path / "few", 2), calls(tmp_path / "many", 6)
    assert few["subjects.py:analysed"] == many["subjects.py:analysed"] <= 2
    # three times the subjects are three times the files, and no function is called more often than that
    assert {name: (n, many[name]) for name, n in few.items() if n > 2 and many[name] > 3.5 * n} == {}


# -- the paper's grid ------------------------------------------------------------------------------------------------

MEASURED = """
import sys, time
from snakemake.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert not end.code
status = open("/proc/self/status").read().split()  # of this program alone: `resource` counts what started it, too
print("measured", time.process_time(), status[status.index("VmHWM:") + 1])
"""


def paper(folder: Path) -> Project:
    """The paper's grid on small raw files of every source, and on as many prepared subjects as the paper has."""
    config = yaml.safe_load((ROOT / "config/experiments/paper.yaml").read_text())
    project = Project(folder, config)
    raw_files.write_paper(folder / "resources/raw", 2)
    return project


def prepared(project: Project) -> dict[str, int]:
    """Write what planning reads of prepared data; subjects of each data set."""
    n_subjects = {name: n for name, (n, _, _) in raw_files.PAPER.items()}
    for name, n in n_subjects.items():
        folder = project.results / "data" / name
        subjects = [f"subject{i}" for i in range(n)]
        counts = {"sessions": 40, "blocks": 40, "shortest_block": 60, "trials": 2400, "scored": 2400}
        meta = {"dataset": name, "subjects": subjects, "counts_analysed": dict.fromkeys(subjects, counts)}
        write_json(folder / "meta.json", meta | {"removed": [], "options": {"subjects": "all"}})
        (folder / "subjects").mkdir()
        for subject in subjects:
            (folder / f"subjects/{subject}.parquet").touch()
    return n_subjects


def dry_run(project: Project) -> tuple[Counter, float, float]:
    """Jobs of each rule, seconds of processor time, and GB of memory."""
    command = [sys.executable, "-c", MEASURED, "--configfile", "test.yaml", "-n", "--cores", "1"]
    command += ["--rerun-triggers", "mtime"]
    done = subprocess.run(command, cwd=project.folder, env=project.environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    seconds, kb = re.search(r"measured ([\d.]+) (\d+)", done.stdout).groups()
    said = done.stdout + done.stderr
    stats = said[said.rindex("Job stats:") :]
    return (
        Counter({rule: int(n) for rule, n in re.findall(r"^(\w+) +(\d+)$", stats, re.M)}),
        float(seconds),
        int(kb) / 2**20,
    )


@pytest.mark.slow
def test_the_paper_s_grid_is_planned_within_a_minute_and_two_gigabytes(tmp_path):
    project = paper(tmp_path)
    jobs, seconds, gb = dry_run(project)
    assert jobs["prepare_data"] == len(raw_files.PAPER)
    assert seconds < 30
    assert gb < 1
    n_subjects = prepared(project)
    jobs, seconds, gb = dry_run(project)
    # chunks that have a subject x models and dims (docs/methods.md) x outer folds
    models = {"bartolo": 35, "akam_prl": 35, "akam_rts": 36, "akam_tr": 37, "miller": 36}
    models |= {"suthaharan": 18, "bahrami": 17, "gillan": 21}
    sizes = {
        name: (section["chunks"], 1 if "cv" in section else 10) for name, section in project.config["datasets"].items()
    }
    used = {
        name: len({chunk(f"subject{i}", n_chunks) for i in range(n_subjects[name])})
        for name, (n_chunks, _) in sizes.items()
    }
    assert jobs["fit_model"] == sum(used[name] * models[name] * sizes[name][1] for name in models)
    assert jobs["fit_model"] == jobs["score_model"] > 4000
    assert seconds < 60
    assert gb < 2
